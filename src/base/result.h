// How a function that the world can fail says so: it returns a Result. The callee builds the
// sentence (already in the reader's language), callers hand it up, and only main prints it.
#pragma once
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace trama {

// What the process ends with; the same in every verb.
enum class Exit {
  yes = 0,            // it worked, and the answer is yes
  no = 1,             // it worked and the answer is no, or the network said no
  bad_input = 2,      // usage, a wrong filter, a damaged file (what could be read was shown)
  changed = 3,        // a comparison with a baseline found changes
  lost_output = 74,   // disk full, write error
  no_right = 77,      // a right is missing; the sentence names the command that grants it
  interrupted = 130,  // Ctrl-C, after the summary
};

struct Error {
  std::string sentence;  // what went wrong and what to do, one sentence or two
  int number = 0;        // the kernel's errno where there is one
  Exit exit = Exit::no;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Exit exit, std::string sentence, int number = 0) {
  return tl::make_unexpected(Error{std::move(sentence), number, exit});
}

// Hands an error of one Result up as an error of another.
template <class T>
tl::unexpected<Error> fail(const Result<T>& failed) {
  return tl::make_unexpected(failed.error());
}

// The kernel's own words for an errno ("Address already in use").
std::string errno_text(int number);

}  // namespace trama
