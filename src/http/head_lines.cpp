#include <algorithm>

#include "plain_run.hpp"
#include "spillway/http/reader.hpp"
#include "syntax.hpp"

namespace spillway::http::detail {

HeadLines::Next HeadLines::next(std::string_view bytes, std::size_t max_size) noexcept {
  const std::size_t end = std::min(bytes.size(), max_size);
  std::size_t at = skip_plain_words<'\x7F', '\x7F'>(bytes.substr(0, end), scanned_);
  while (at < end && syntax::is_text_byte(bytes[at])) ++at;
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
