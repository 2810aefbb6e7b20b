// One line for each connection that has ended, and for each that was refused: for statistics, not
// for eyes. As text
//   2026-11-23T14:03:07.250+00:00 tcp 127.0.0.1:4000 127.0.0.1:80 in=5 out=5 seconds=0.012 end=fin
// and one for each request of HTTP
//   2026-11-23T14:03:07.250+00:00 tcp 127.0.0.1:4000 127.0.0.1:80 "GET /a.txt" status=200 bytes=5
// (when, who, to whom, bytes, why; a Unix peer is "pid 12, uid 0", with the quotes), or as JSON
// (types serve.access and serve.request).
#pragma once
#include "net/output.h"
#include "serve/events.h"

namespace trama::serve {

class AccessLog : public Audience {
 public:
  AccessLog(net::Lines& out, bool json) : out_(out), json_(json) {}

  void request(const Client& client, const Request& request) override;
  void refused(const Client& client, Refusal why) override;
  void disconnected(const Client& client, Ending ending, int error, const Traffic& traffic,
                    std::chrono::nanoseconds time) override;
  void left_open(const Client& client, const Traffic& traffic,
                 std::chrono::nanoseconds time) override;
  void round_over() override { out_.flush(); }

 private:
  void line(const Client& client, const Traffic& traffic, std::chrono::nanoseconds time,
            std::string_view end);
  net::Lines& out_;
  bool json_;
};

}  // namespace trama::serve
