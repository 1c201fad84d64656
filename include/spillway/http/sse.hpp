#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::http {

// One server-sent event (WHATWG HTML 9.2.6): `event` is empty for the default type; `data` lines are joined by \n.
struct SseEvent {
  std::string event;
  std::string data;
};

// Cuts a text/event-stream into events, wherever the pieces were cut. Lines end with CR LF, LF or CR; a byte order mark
// is skipped; comments, `id` and `retry` are dropped; an event without data is none. What the end of the stream cuts
// off is not an event. Used by tests and the load generator; the gateway itself relays bytes without looking.
class SseSplitter {
 public:
  // A line or an event's data longer than this fails the stream.
  explicit SseSplitter(std::size_t max_event = 64 << 20) : max_event_(max_event) {}

  void feed(std::string_view bytes);
  // The next complete event, in order; nothing when more bytes are needed or the stream has failed.
  std::optional<SseEvent> next();
  bool failed() const noexcept { return failed_; }

 private:
  std::optional<std::string_view> next_line();
  void take_field(std::string_view line);

  std::string buffer_;
  std::size_t position_ = 0;  // start of the current line
  std::size_t scanned_ = 0;   // no line end before this
  SseEvent current_;
  bool started_ = false;
  bool after_cr_ = false;
  bool has_data_ = false;
  std::size_t max_event_;
  bool failed_ = false;
};

}  // namespace spillway::http
