// Conversations made byte by byte for the tests of the parsers: each segment or datagram goes
// through flow table and parse step, and what they found of it can be asked for.
#pragma once
#include <memory>
#include <string>

#include "kit/frames.h"
#include "packet/dissect/dissect.h"
#include "packet/dissect/value.h"
#include "packet/flow/table.h"
#include "packet/parse/engine.h"
#include "packet/parse/words.h"

namespace trama::parse::tests {

// What was found of the newest packet.
class Heard {
 public:
  // All values of a field, with commas; columns; frame.protocols behind TCP.
  [[nodiscard]] std::string value(std::string_view word) const {
    std::string text;
    const Word* meant = find_word(word);
    if (meant == nullptr) return "no such word";
    for (const auto& row : tree_->rows())
      for (const auto& meaning : meant->meanings)
        if (meaning.field == row.field) {
          if (!text.empty()) text += ',';
          dissect::append_value(text, row);
        }
    return text;
  }
  [[nodiscard]] std::string path() const {
    const auto all = value("frame.protocols");
    const auto tcp = all.find(":tcp");
    return tcp == all.npos ? all : all.substr(tcp + 1);
  }
  [[nodiscard]] const Told& told() const { return told_; }
  [[nodiscard]] std::string info() const { return std::string{told_.ahead} + told_.info; }
  [[nodiscard]] std::string protocol() const { return std::string{told_.protocol}; }
  [[nodiscard]] u64 waiting() const { return engine_.waiting(); }

 protected:
  explicit Heard(bool rows) : rows_(rows) {}

  void take(std::vector<u8> frame, u32 cut) {
    ++number_;
    const auto wire = static_cast<u32>(frame.size());
    frame.resize(wire - cut);
    kept_ = std::make_unique<trama::tests::Kept>(std::move(frame), number_,
                                                 static_cast<i64>(number_) * 10'000'000);
    Packet& packet = kept_->packet();
    packet.wire = wire;
    source::Interface interface;
    interface.link_type = 1;
    dissect::mark(packet, interface.link_type);
    tree_->dissect(packet, interface);
    flows_.forget_ended();
    const auto step = flows_.follow(packet, packet.deep ? tree_.get() : nullptr);
    if (step) flow::annotate(*tree_, *step);
    engine_.read(packet, step ? &*step : nullptr, rows_ ? tree_.get() : nullptr, told_);
  }

 private:
  bool rows_;
  u64 number_ = 0;
  std::unique_ptr<trama::tests::Kept> kept_;
  Engine engine_{{}, &flows_};
  flow::Table flows_;
  std::unique_ptr<dissect::Tree> tree_ = std::make_unique<dissect::Tree>();
  Told told_;
};

class Reading : public Heard {
 public:
  explicit Reading(u16 server_port, bool rows = true) : Heard(rows), port_(server_port) {
    namespace f = trama::flow;
    segment(false, {}, f::TcpFlag::syn, 1000, 0);
    segment(true, {}, f::TcpFlag::syn | f::TcpFlag::ack, 5000, 1001);
    segment(false, {}, f::TcpFlag::ack, 1001, 5001);
  }

  // What the client or the server sends next; `cut`: so many bytes were not captured.
  Reading& client(const std::string& bytes, u32 cut = 0) { return send(false, bytes, cut); }
  Reading& server(const std::string& bytes, u32 cut = 0) { return send(true, bytes, cut); }
  // The end of a direction.
  Reading& finish(bool back, const std::string& bytes = {}) {
    return send(back, bytes, 0, flow::TcpFlag::fin);
  }
  // Any segment; `seq` counts from the connection's first byte.
  Reading& at(bool back, u32 seq, const std::string& bytes) {
    segment(back, bytes, flow::TcpFlag::psh | flow::TcpFlag::ack, (back ? 5001 : 1001) + seq,
            back ? 1001 + sent_[0] : 5001 + sent_[1]);
    return *this;
  }

 private:
  Reading& send(bool back, const std::string& bytes, u32 cut, u16 flags = 0) {
    u32& sent = sent_[back ? 1 : 0];
    const u32 seq = (back ? 5001 : 1001) + sent;
    sent += static_cast<u32>(bytes.size());
    segment(back, bytes, flags | flow::TcpFlag::psh | flow::TcpFlag::ack, seq,
            back ? 1001 + sent_[0] : 5001 + sent_[1], cut);
    return *this;
  }
  void segment(bool back, const std::string& bytes, unsigned flags, u32 seq, u32 ack, u32 cut = 0) {
    using namespace trama::tests;
    TcpParts parts;
    parts.from = back ? port_ : 40000;
    parts.to = back ? 40000 : port_;
    parts.seq = seq;
    parts.ack = ack;
    parts.flags = static_cast<u16>(flags);
    parts.payload = bytes;
    take(ethernet(0x0800, ipv4(6, tcp(parts), back), back), cut);
  }

  u16 port_;
  u32 sent_[2] = {0, 0};
};

// Datagrams between two ports.
class Datagrams : public Heard {
 public:
  explicit Datagrams(u16 server_port, bool rows = true) : Heard(rows), port_(server_port) {}

  Datagrams& client(const std::string& bytes, u32 cut = 0) { return send(false, bytes, cut); }
  Datagrams& server(const std::string& bytes, u32 cut = 0) { return send(true, bytes, cut); }
  // From now on the server's port is another one.
  Datagrams& talk_on(u16 server_port) {
    port_ = server_port;
    return *this;
  }
  // From now on another client speaks.
  Datagrams& next_client() {
    ++client_port_;
    return *this;
  }

 private:
  Datagrams& send(bool back, const std::string& bytes, u32 cut) {
    using namespace trama::tests;
    const auto datagram = udp(back ? port_ : client_port_, back ? client_port_ : port_, bytes);
    take(ethernet(0x0800, ipv4(17, datagram, back), back), cut);
    return *this;
  }

  u16 port_, client_port_ = 40000;
};

}  // namespace trama::parse::tests
