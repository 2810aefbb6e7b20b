#include "lab/recorder.h"

namespace trama::lab {

Recorder::Recorder(std::unique_ptr<source::Writer> writer) : writer_(std::move(writer)) {
  for (const Host host : {Host::client, Host::server}) {
    source::Interface& interface = interfaces_.emplace_back();
    interface.name = name_of(host);
    interface.digits = 9;
  }
}

Result<std::unique_ptr<Recorder>> Recorder::open(const std::string& path) {
  auto writer = source::Writer::open(path, {.application = "trama lab"});
  if (!writer) return fail(writer);
  return std::unique_ptr<Recorder>{new Recorder{std::move(*writer)}};
}

void Recorder::on_frame(i64 time_ns, Host caught_at, Bytes frame) {
  Packet packet;
  packet.data = frame.data();
  packet.captured = packet.wire = static_cast<u32>(frame.size());
  packet.time = time_ns;
  packet.number = ++number_;
  packet.interface = caught_at == Host::client ? 0 : 1;
  if (state_) state_ = writer_->write(packet, interfaces_);
  if (state_) state_ = writer_->flush();  // a lab is slow: every frame is safe at once
}

Result<void> Recorder::close() {
  auto closed = writer_->close();
  return state_ ? closed : state_;
}

}  // namespace trama::lab
