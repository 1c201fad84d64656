#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spillway::http {

// Tells the data of server-sent events (WHATWG HTML 9.2.6) from everything else in a text/event-stream, piece by piece,
// holding nothing.
class SseData {
 public:
  enum class Kind : std::uint8_t {
    other,
    data,      // the value of a `data` field, with the space before it
    new_line,  // begins a line of data
    end,       // of the event
  };
  struct Run {
    Kind kind;
    std::size_t size;
  };
  // What the first bytes of `piece`, which is not empty, are.
  Run take(std::string_view piece) noexcept;

 private:
  enum class Place : std::uint8_t { start, name, data, rest };

  Run take_line_end(char c) noexcept;
  Run take_name(char c) noexcept;

  Place place_ = Place::start;
  std::size_t matched_ = 0;  // bytes of the byte order mark, or of `data:`
  bool after_cr_ = false;
};

}  // namespace spillway::http
