#include "paint.hpp"

#include <fmt/format.h>

namespace spillway::lab {

std::string Paint::wrap(std::string_view code, std::string_view text) const {
  return colours_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

}  // namespace spillway::lab
