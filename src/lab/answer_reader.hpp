#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "answer.hpp"
#include "spillway/http/reader.hpp"

namespace spillway::lab {

// Puts an HTTP/1.1 answer together from the pieces that come, interim ones (1xx) left out.
class AnswerReader {
 public:
  // Gets the body, piece by piece, after status and fields are known.
  using Body = std::function<void(std::string_view)>;
  // `to_head`: the request was a HEAD.
  AnswerReader(bool to_head, Body body) : to_head_(to_head), body_(std::move(body)) {}

  // `complete` when there is nothing more to come, `rejected` when it is no answer.
  http::ReadState take(std::string_view piece);
  // The peer has closed: whether that makes it whole.
  bool end() const noexcept { return in_body_ && framing_ == http::Framing::until_close; }

  bool begun() const noexcept { return begun_; }
  // 0 until the head is whole.
  int status() const noexcept { return status_; }
  const std::vector<Header>& fields() const noexcept { return fields_; }
  std::string_view field(std::string_view name) const noexcept;
  // The connection may be used again after the answer.
  bool keep_alive() const noexcept { return keep_alive_; }

 private:
  http::ReadState take_head();
  http::ReadState take_body();

  bool to_head_;
  Body body_;
  http::ResponseReader reader_{http::HeadLimits{}};
  http::ChunkDecoder chunks_;
  std::string input_;  // not used up yet
  std::vector<Header> fields_;
  http::Framing framing_ = http::Framing::none;
  std::uint64_t left_ = 0;  // of a body of known length
  int status_ = 0;
  bool begun_ = false;
  bool in_body_ = false;
  bool keep_alive_ = false;
};

}  // namespace spillway::lab
