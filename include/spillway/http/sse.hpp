#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace spillway::http {

// One server-sent event (WHATWG HTML 9.2.6): `event` is empty for the default type; `data` lines are joined by \n.
struct SseEvent {
  std::string event;
  std::string data;
};

// Cuts a text/event-stream into events, wherever the pieces were cut. Comments are dropped. Used by tests and the load
// generator; the gateway itself relays bytes without looking.
class SseSplitter {
 public:
  // An event line longer than this fails the stream.
  explicit SseSplitter(std::size_t max_event = 64 << 20) : max_event_(max_event) {}

  void feed(std::string_view bytes);
  std::optional<SseEvent> next();
  bool failed() const noexcept { return failed_; }

 private:
  std::string buffer_;
  std::size_t position_ = 0;
  SseEvent current_;
  bool has_data_ = false;
  std::size_t max_event_;
  bool failed_ = false;
};

}  // namespace spillway::http
