#include <algorithm>

#include "plain_run.hpp"
#include "spillway/http/reader.hpp"

namespace spillway::http::detail {

HeadLines::Next HeadLines::next(std::string_view bytes, std::size_t max_size) noexcept {
  const std::size_t end = std::min(bytes.size(), max_size);
  const std::string_view limited = bytes.substr(0, end);
  std::size_t at = skip_plain<'\x7F', '\x7F'>(limited, scanned_);
  while (at < end && bytes[at] == '\t') at = skip_plain<'\x7F', '\x7F'>(limited, at + 1);
  scanned_ = at;
  if (at < end && bytes[at] == '\r') {
    if (at + 1 < end) {
      if (bytes[at + 1] != '\n') return Next::bad_line_end;
      line_ = {line_begin_, at - line_begin_};
      line_begin_ = scanned_ = at + 2;
      return Next::line;
    }
  } else if (at < end) {
    return bytes[at] == '\n' ? Next::bad_line_end : Next::bad_byte;
  }
  return end == max_size ? Next::too_large : Next::need_more;
}

}  // namespace spillway::http::detail
