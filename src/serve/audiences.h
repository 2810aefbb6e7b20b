// Several audiences that hear the same.
#pragma once
#include <vector>

#include "serve/events.h"

namespace trama::serve {

class Audiences : public Audience {
 public:
  void add(Audience& audience) { all_.push_back(&audience); }

  void listening(const Place& place) override {
    for (auto* one : all_) one->listening(place);
  }
  void metrics_at(const Endpoint& place) override {
    for (auto* one : all_) one->metrics_at(place);
  }
  void certificate(std::string_view fingerprint) override {
    for (auto* one : all_) one->certificate(fingerprint);
  }
  void connected(const Client& client) override {
    for (auto* one : all_) one->connected(client);
  }
  void refused(const Client& client, Refusal why) override {
    for (auto* one : all_) one->refused(client, why);
  }
  void message(const Client& client, Bytes text) override {
    for (auto* one : all_) one->message(client, text);
  }
  void falls_behind(const Client& client) override {
    for (auto* one : all_) one->falls_behind(client);
  }
  void caught_up(const Client& client, u64 dropped) override {
    for (auto* one : all_) one->caught_up(client, dropped);
  }
  void disconnected(const Client& client, Ending ending, int error, const Traffic& traffic,
                    std::chrono::nanoseconds time) override {
    for (auto* one : all_) one->disconnected(client, ending, error, traffic, time);
  }
  void left_open(const Client& client, const Traffic& traffic,
                 std::chrono::nanoseconds time) override {
    for (auto* one : all_) one->left_open(client, traffic, time);
  }
  void program_ended(const Client& client, int pid, int status) override {
    for (auto* one : all_) one->program_ended(client, pid, status);
  }
  void request(const Client& client, const Request& request) override {
    for (auto* one : all_) one->request(client, request);
  }
  void joined(const Client& client, std::string_view name, const Endpoint& at) override {
    for (auto* one : all_) one->joined(client, name, at);
  }
  void talk_failed(const Client& client, std::string_view why) override {
    for (auto* one : all_) one->talk_failed(client, why);
  }
  void descriptors_ran_out(u64 open_connections) override {
    for (auto* one : all_) one->descriptors_ran_out(open_connections);
  }
  void draining(u64 open_connections, std::chrono::nanoseconds most) override {
    for (auto* one : all_) one->draining(open_connections, most);
  }
  void ended(const Summary& summary) override {
    for (auto* one : all_) one->ended(summary);
  }
  void round_over() override {
    for (auto* one : all_) one->round_over();
  }

 private:
  std::vector<Audience*> all_;
};

}  // namespace trama::serve
