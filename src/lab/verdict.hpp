#pragma once

#include <string>
#include <string_view>

#include "sent.hpp"
#include "spillway/http/sse.hpp"

namespace spillway::lab {

// Reads an answer's body as far as it takes to know whether it is what was asked for. Of a refusal that is its code and
// message; of a stream, that it came to its end and speaks of no error.
class BodyVerdict {
 public:
  static constexpr std::size_t read_of_refusal = 16 << 10;  // bytes

  BodyVerdict(int status, std::string_view content_type);
  void take(std::string_view piece);
  // The body is whole. Sets `error`, `code` and `message` of what went wrong.
  void finish(Sent& sent) const;

 private:
  void look_at(const http::SseEvent& event);

  bool refused_;
  bool stream_;
  std::string body_;
  http::SseSplitter events_;
  bool ended_ = false;
  bool failed_ = false;
  Sent found_;
};

}  // namespace spillway::lab
