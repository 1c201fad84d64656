#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json.hpp"
#include "spillway/base/time.hpp"

namespace spillway::lab {

class Dialogue;

// A request as the simulator's logic sees it, body and all. Views into memory of the caller.
struct Request {
  std::string_view method;
  std::string_view path;
  std::string_view query;
  std::vector<std::pair<std::string_view, std::string_view>> fields;
  std::string_view body;

  // The first field of that name, case ignored; empty when there is none.
  std::string_view field(std::string_view name) const noexcept;
  // What `Authorization: Bearer` carries; empty when there is none.
  std::string_view bearer() const noexcept;
};

// When a request is looked at: the monotonic clock for limits and waits, the calendar for `created`.
struct Moment {
  TimePoint now{};
  std::int64_t unix_seconds = 0;
};

struct Header {
  std::string name;
  std::string value;
};
// The value of the first of that name, case ignored; empty when there is none.
std::string_view field_of(const std::vector<Header>& fields, std::string_view name) noexcept;

// A part of a body, sent after a pause.
struct Piece {
  std::string bytes;
  Milliseconds pause{0};
};

enum class Ending {
  whole,  // an ordinary answer
  cut,    // the pieces go out, then the connection is reset
  reset,  // nothing goes out: the connection is reset
  stall,  // nothing goes out until the client leaves
};

// What a provisioned deployment must be told when the answer has gone out.
struct Settlement {
  std::size_t deployment = 0;
  std::int64_t estimate = 0;
  std::int64_t actual = 0;
};

// An answer with its timing, before it meets a socket.
struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<Header> fields;
  Milliseconds delay{0};  // before the head
  std::vector<Piece> pieces;
  std::optional<std::uint64_t> length;  // of the body as announced; none = chunked
  Ending ending = Ending::whole;
  std::optional<Settlement> settlement;
  std::shared_ptr<Dialogue> dialogue;  // of a 101: what follows it

  // All pieces joined.
  std::string body() const;
  std::string_view field(std::string_view name) const noexcept;
  // The body becomes this one text, with a Content-Length.
  void set_body(std::string text);
};

// What became of a request, for counters: the status, `cut`, `reset` or `stall`.
std::string outcome(const Answer& answer);

Answer json_answer(int status, const Json& body);
Answer text_answer(int status, std::string content_type, std::string body);

// A body in server-sent events, sent chunked.
class EventStream {
 public:
  // `data: JSON`
  void data(const Json& value, Milliseconds pause = Milliseconds{0});
  // `event: NAME`, `data: JSON`
  void event(std::string_view name, const Json& value, Milliseconds pause = Milliseconds{0});
  // `data: [DONE]`, after `event: NAME` when there is one
  void done(std::string_view name = {});
  Answer answer() &&;

 private:
  std::vector<Piece> pieces_;
};

}  // namespace spillway::lab
