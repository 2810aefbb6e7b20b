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
  source::WriterOptions about;
  about.application = "trama lab";
  auto writer = source::Writer::open(path, about);
  if (!writer) return fail(writer);
  return std::unique_ptr<Recorder>{new Recorder{std::move(*writer)}};
}

void Recorder::on_frame(i64 time_ns, Host caught_at, Bytes frame) {
  if (!written_) return;
  bytes_.assign(frame.begin(), frame.end());
  bytes_.resize(frame.size() + padding);
  Packet packet;
  packet.data = bytes_.data();
  packet.captured = packet.wire = static_cast<u32>(frame.size());
  packet.time = time_ns;
  packet.number = writer_->packets() + 1;
  packet.interface = caught_at == Host::client ? 0 : 1;
  written_ = writer_->write(packet, interfaces_);
  if (written_) written_ = writer_->flush();  // the wire is slow: each frame survives a kill
}

Result<void> Recorder::close() {
  if (written_) written_ = writer_->describe(interfaces_);
  const auto closed = writer_->close();
  return written_ ? closed : written_;
}

}  // namespace trama::lab
