#include "base/result.h"

#include <cstring>

namespace trama {

std::string errno_text(int number) {
  char buffer[128];
  return strerror_r(number, buffer, sizeof buffer);  // the GNU one: returns the text
}

}  // namespace trama
