// Writes the lab's frames to a capture file, each with the side of the wire where it was caught.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "lab/lab.h"
#include "packet/source/writer.h"

namespace trama::lab {

class Recorder final : public FrameSink {
 public:
  // Errors: as source::Writer::open.
  static Result<std::unique_ptr<Recorder>> open(const std::string& path);

  void on_frame(i64 time_ns, Host caught_at, Bytes frame) override;
  // Ends the file. Errors: what could not be written, told once.
  Result<void> close();

 private:
  explicit Recorder(std::unique_ptr<source::Writer> writer);

  std::unique_ptr<source::Writer> writer_;
  std::deque<source::Interface> interfaces_;
  std::vector<u8> bytes_;  // the frame, with the padding that a packet promises
  Result<void> written_;
};

}  // namespace trama::lab
