// Live capture through libpcap. Its ring hands packets over in blocks and takes each back with the
// next read, so a batch is copied into a buffer of our own, with padding between the packets.
#include "packet/source/live.h"

#include <pcap/pcap.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/options.h"
#include "base/say.h"
#include "packet/source/source.h"

namespace trama::source {
namespace {

constexpr int patience_ms = 20;

struct Close {
  void operator()(pcap_t* capture) const { pcap_close(capture); }
};
using Pcap = std::unique_ptr<pcap_t, Close>;

// libpcap's DLT_ numbers are the LINKTYPE_ numbers of files but for these (pcap-common.c's table).
u16 link_type_of(int dlt) {
  switch (dlt) {
    case DLT_RAW:
      return 101;
    case DLT_ATM_RFC1483:
      return 100;
    case DLT_ATM_CLIP:
      return 106;
    default:
      return static_cast<u16>(dlt);
  }
}

class Live : public Source {
 public:
  Live(Pcap pcap, const LiveOptions& options)
      : pcap_(std::move(pcap)),
        fd_(pcap_get_selectable_fd(pcap_.get())),
        fraction_(pcap_get_tstamp_precision(pcap_.get()) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000) {
    Interface interface;
    interface.link_type = link_type_of(pcap_datalink(pcap_.get()));
    interface.snap_length = static_cast<u32>(pcap_snapshot(pcap_.get()));
    interface.name = options.interface;
    interface.digits = 9;
    interface.filter = options.filter;
    interfaces_.push_back(std::move(interface));
    copies_.reserve(1U << 20);
  }

  bool next(Batch& batch) override {
    batch.count = 0;
    batch.kept = 0;
    if (trouble_) return false;
    if (!dispatch(batch)) return false;
    if (batch.count > 0) return true;
    pollfd ready{fd_, POLLIN, 0};
    poll(&ready, 1, patience_ms);  // a signal just ends the wait
    return dispatch(batch);
  }

  // The kernel's packet sockets clear their counts with each question; libpcap adds them up.
  Counters counters() override {
    pcap_stat now{};
    if (pcap_stats(pcap_.get(), &now) == 0) {
      add(counters_.received, last_.ps_recv, now.ps_recv);
      add(counters_.dropped_by_kernel, last_.ps_drop, now.ps_drop);
      add(counters_.dropped_by_interface, last_.ps_ifdrop, now.ps_ifdrop);
      last_ = now;
      interfaces_[0].dropped = counters_.dropped_by_kernel + counters_.dropped_by_interface;
    }
    return counters_;
  }

 private:
  // libpcap counts in 32 bits, which wrap.
  static void add(u64& sum, u32 before, u32 now) { sum += now - before; }

  bool dispatch(Batch& batch) {
    copies_.clear();
    batch_ = &batch;
    const int result = pcap_dispatch(pcap_.get(), static_cast<int>(Batch::most), take,
                                     reinterpret_cast<u8*>(this));
    if (result < 0 && result != PCAP_ERROR_BREAK)
      trouble_ =
          Error{say("capture on {} ended: {}", interfaces_[0].name, pcap_geterr(pcap_.get())), 0,
                Exit::no};
    copies_.resize(copies_.size() + padding);
    std::size_t at = 0;
    for (unsigned i = 0; i < batch.count; ++i) {
      batch.packets[i].data = copies_.data() + at;
      at += batch.packets[i].captured;
    }
    batch.kept = Batch::mask(batch.count);
    return batch.count > 0 || !trouble_;
  }

  static void take(u8* self, const pcap_pkthdr* header, const u8* data) {
    auto& live = *reinterpret_cast<Live*>(self);
    if (live.batch_->count == Batch::most) return;  // libpcap was told that many; it keeps to it
    Packet& packet = live.batch_->packets[live.batch_->count++];
    packet = Packet{};
    packet.captured = header->caplen;
    packet.wire = header->len;
    packet.time = i64{header->ts.tv_sec} * 1'000'000'000 + i64{header->ts.tv_usec} * live.fraction_;
    packet.number = ++live.packets_;
    live.copies_.insert(live.copies_.end(), data, data + header->caplen);
  }

  Pcap pcap_;
  int fd_;
  i64 fraction_;
  std::vector<u8> copies_;  // the batch's packets, one behind the other
  Batch* batch_ = nullptr;
  u64 packets_ = 0;
  pcap_stat last_{};
  Counters counters_;
};

Error no_such(const std::string& name) {
  std::string all;
  std::vector<std::string_view> names;
  const auto devices = list_devices();
  if (devices) {
    for (const Device& device : *devices) {
      if (!device.up && device.name != "any") continue;
      all += (all.empty() ? "" : ", ") + device.name;
      names.emplace_back(device.name);
    }
  }
  const std::string near{nearest(name, names)};
  if (!near.empty())
    return {say("there is no interface \"{}\": did you mean {}? There are: {}", name, near, all), 0,
            Exit::bad_input};
  if (all.empty()) return {say("there is no interface \"{}\"", name), 0, Exit::bad_input};
  return {say("there is no interface \"{}\"; there are: {}", name, all), 0, Exit::bad_input};
}

Error not_opened(pcap_t* pcap, int status, const std::string& name) {
  switch (status) {
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
      return {say("capturing on {} needs the right to open packet sockets; grant it with: sudo "
                  "setcap cap_net_raw=ep $(command -v trama)",
                  name),
              0, Exit::no_right};
    case PCAP_ERROR_NO_SUCH_DEVICE:
      return no_such(name);
    case PCAP_ERROR_IFACE_NOT_UP:
      return {say("the interface {} is down; bring it up with: sudo ip link set {} up", name, name),
              0, Exit::no};
    default: {
      const std::string_view said = pcap_geterr(pcap);
      return {say("capturing on {} did not start: {}", name,
                  said.empty() ? pcap_statustostr(status) : said),
              0, Exit::no};
    }
  }
}

Result<void> set_filter(pcap_t* pcap, const std::string& text) {
  if (text.empty()) return {};
  bpf_program program{};
  if (pcap_compile(pcap, &program, text.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    const std::string why = pcap_geterr(pcap);
    const std::string meant = bpf_for(text);
    if (meant.empty())
      return fail(
          Exit::bad_input,
          say("the capture filter \"{}\" is wrong: {}; man pcap-filter has the words", text, why));
    return fail(Exit::bad_input,
                say("the capture filter \"{}\" is wrong ({}). It looks like a display filter, and "
                    "-f takes BPF: try -f '{}'; for display filters use -Y",
                    text, why, meant));
  }
  const int set = pcap_setfilter(pcap, &program);
  pcap_freecode(&program);
  if (set == 0) return {};
  return fail(Exit::no, say("the kernel did not take the capture filter: {}", pcap_geterr(pcap)));
}

bool exists(const std::string& name) {
  const auto devices = list_devices();
  return !devices || std::any_of(devices->begin(), devices->end(),
                                 [&](const Device& device) { return device.name == name; });
}

Address address_of(const sockaddr& socket) {
  sockaddr_storage storage{};
  std::memcpy(&storage, &socket,
              socket.sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
  return to_endpoint(storage).address;
}

}  // namespace

Result<std::unique_ptr<Source>> open_live(const LiveOptions& options) {
  const std::string& name = options.interface;
  std::array<char, PCAP_ERRBUF_SIZE> why{};
  Pcap pcap{pcap_create(name.c_str(), why.data())};
  if (!pcap) return fail(Exit::no, say("capturing on {} did not start: {}", name, why.data()));
  pcap_set_snaplen(pcap.get(), static_cast<int>(std::min(options.snap_length, 262144U)));
  pcap_set_promisc(pcap.get(), options.promiscuous && name != "any" ? 1 : 0);
  pcap_set_timeout(pcap.get(), patience_ms);
  pcap_set_buffer_size(pcap.get(), static_cast<int>(std::min(options.buffer_bytes, 1U << 30)));
  pcap_set_tstamp_precision(pcap.get(), PCAP_TSTAMP_PRECISION_NANO);  // else microseconds
  if (const int status = pcap_activate(pcap.get()); status < 0) {     // above 0: warnings
    // Without rights libpcap does not come as far as to miss the interface.
    if (status == PCAP_ERROR_PERM_DENIED && !exists(name))
      return tl::make_unexpected(no_such(name));
    return tl::make_unexpected(not_opened(pcap.get(), status, name));
  }
  if (auto set = set_filter(pcap.get(), options.filter); !set) return fail(set);
  if (pcap_setnonblock(pcap.get(), 1, why.data()) != 0)
    return fail(Exit::no, say("capturing on {} did not start: {}", name, why.data()));
  return std::make_unique<Live>(std::move(pcap), options);
}

Result<std::vector<Device>> list_devices() {
  std::array<char, PCAP_ERRBUF_SIZE> why{};
  pcap_if_t* first = nullptr;
  if (pcap_findalldevs(&first, why.data()) != 0)
    return fail(Exit::no, say("the interfaces cannot be listed: {}", why.data()));
  std::vector<Device> devices;
  for (const pcap_if_t* row = first; row != nullptr; row = row->next) {
    Device device;
    device.name = row->name;
    device.description = row->description != nullptr ? row->description : "";
    device.up = (row->flags & PCAP_IF_UP) != 0;
    device.running = (row->flags & PCAP_IF_RUNNING) != 0;
    device.loopback = (row->flags & PCAP_IF_LOOPBACK) != 0;
    device.wireless = (row->flags & PCAP_IF_WIRELESS) != 0;
    for (const pcap_addr* one = row->addresses; one != nullptr; one = one->next)
      if (one->addr != nullptr &&
          (one->addr->sa_family == AF_INET || one->addr->sa_family == AF_INET6))
        device.addresses.push_back(address_of(*one->addr));
    devices.push_back(std::move(device));
  }
  pcap_freealldevs(first);
  return devices;
}

}  // namespace trama::source
