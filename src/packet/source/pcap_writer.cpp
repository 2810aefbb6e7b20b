// pcap: one link type for the whole file, in its header. The header is written as soon as that is
// known: with the first interfaces, or with the first packet where they differ.
#include <algorithm>

#include "base/say.h"
#include "packet/source/writer.h"

namespace trama::source {
namespace {

class PcapWriter : public Writer {
 public:
  PcapWriter(Fd fd, std::string name, Format format)
      : Writer(std::move(fd), std::move(name)), nanoseconds_(format == Format::nsecpcap) {}

 private:
  void put_interface(const Interface& interface) override {
    if (!interface.stand_in && count_++ == 0) first_ = interface;
  }

  Result<bool> put_packet(const Packet& packet, const Interface& interface,
                          const Remark&) override {
    if (interface.stand_in) return false;
    if (!begun_) put_header(interface);
    if (interface.link_type != link_type_)
      return fail(Exit::bad_input,
                  say("{}: pcap holds one link type ({}), and packet {} has another ({}); pcapng "
                      "holds several",
                      name_, link_type_, packet.number, interface.link_type));
    const i64 time = std::max<i64>(packet.time, 0);  // a packet without a time, or before 1970
    put(static_cast<u32>(time / 1'000'000'000));
    put(static_cast<u32>(time % 1'000'000'000 / (nanoseconds_ ? 1 : 1000)));
    put(packet.captured + interface.pseudo);
    put(packet.wire + interface.pseudo);
    put({packet.data - interface.pseudo, packet.captured + std::size_t{interface.pseudo}});
    return true;
  }

  void finish() override {
    if (!begun_) put_header(first_);
  }

  void put_header(const Interface& interface) {
    begun_ = true;
    link_type_ = interface.link_type;
    put(nanoseconds_ ? u32{0xa1b23c4d} : u32{0xa1b2c3d4});
    put(u16{2});
    put(u16{4});
    put(u64{0});  // time zone and accuracy, which nobody uses
    put(interface.snap_length > 0 ? interface.snap_length : u32{262144});
    put(u32{link_type_});
  }

  Interface first_;
  unsigned count_ = 0;
  u16 link_type_ = 0;
  bool nanoseconds_;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<Writer> pcap_writer(Fd fd, std::string name, Format format) {
  return std::make_unique<PcapWriter>(std::move(fd), std::move(name), format);
}

}  // namespace trama::source
