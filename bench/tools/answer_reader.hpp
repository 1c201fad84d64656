// Reads one HTTP/1.1 answer after the other, as they come from a kept-alive connection without pipelining.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bench {

class AnswerReader {
 public:
  // Takes the bytes that came. The body without its framing is appended to `payload`, unless that is null. False when
  // they make no sense.
  bool take(std::string_view bytes, std::string* payload);
  // Ready for the next answer.
  void reset();

  [[nodiscard]] bool complete() const { return state_ == State::complete; }
  // Nothing of an answer has come yet.
  [[nodiscard]] bool untouched() const { return state_ == State::head && head_.empty(); }
  // Of the head; 0 before it is there.
  [[nodiscard]] int status() const { return status_; }
  // The backend or the gateway ends the connection after this answer.
  [[nodiscard]] bool closes() const { return closes_; }

 private:
  enum class State { head, sized, chunk_size, chunk, chunk_end, trailer, complete };

  bool read_head();
  std::string_view line(std::string_view& bytes);
  bool body(std::string_view bytes, std::string* payload);

  State state_ = State::head;
  std::string head_;
  std::string line_;
  std::size_t left_ = 0;
  int status_ = 0;
  bool closes_ = false;
  bool line_complete_ = false;
};

}  // namespace bench
