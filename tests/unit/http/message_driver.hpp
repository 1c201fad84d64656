#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "http_cases.hpp"
#include "spillway/http/reader.hpp"

// Feeds bytes to the readers the way a connection does.
namespace spillway::test {

inline constexpr std::uint64_t body_limit = 512ULL << 20U;  // the default of limits.max_request_body

struct MessageResult {
  int status = -1;  // -1 = incomplete, 0 = accepted
  std::string reason;
  std::string body;
  std::string head;  // what was understood of it
  bool keep_alive = false;
  std::size_t left = 0;

  bool operator==(const MessageResult&) const = default;
};

class RequestDriver {
 public:
  void feed(std::string_view bytes) {
    for (; !bytes.empty() && result_.status == -1; bytes.remove_prefix(std::min<std::size_t>(bytes.size(), step_))) {
      const std::string_view piece = bytes.substr(0, step_);
      in_body_ ? feed_body(piece) : feed_head(piece);
    }
    result_.left += result_.status == 0 ? bytes.size() : 0;
  }
  // Later bytes are fed in pieces of this size.
  void step(std::size_t size) { step_ = size; }
  MessageResult result() const { return result_; }

 private:
  void fail(int status, std::string reason) {
    result_ = {};
    result_.status = status;
    result_.reason = std::move(reason);
  }

  void feed_head(std::string_view piece) {
    // A buffer of its own for each call: views into the old one must not be used.
    std::string grown = buffer_;
    grown += piece;
    buffer_.swap(grown);
    const http::ReadState state = reader_.parse(buffer_);
    if (state == http::ReadState::rejected) return fail(reader_.rejection().status, reader_.rejection().reason);
    if (state == http::ReadState::need_more) return;
    const http::RequestHead& head = reader_.head();
    result_.head.append(head.method).append(" ").append(head.path).append("?").append(head.query);
    for (const http::Field& field : head.fields) {
      result_.head.append("\n").append(field.name).append("=").append(field.value);
    }
    result_.keep_alive = head.keep_alive;
    in_body_ = true;
    chunked_ = head.framing == http::Framing::chunked;
    remaining_ = head.content_length;
    if (remaining_ > body_limit) return fail(413, "limit");
    if (!chunked_ && remaining_ == 0) result_.status = 0;
    const std::string rest = buffer_.substr(reader_.size());
    if (result_.status == 0) {
      result_.left += rest.size();
    } else if (!rest.empty()) {
      feed_body(rest);
    }
  }

  void feed_body(std::string_view piece) {
    if (!chunked_) {
      const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, piece.size()));
      result_.body.append(piece.substr(0, size));
      remaining_ -= size;
      if (remaining_ == 0) result_.status = 0;
      result_.left += piece.size() - size;
      return;
    }
    std::string data(piece);
    const http::ChunkDecoder::Step step = decoder_.decode(data);
    result_.body.append(data, 0, step.payload);
    if (step.state == http::ReadState::rejected) return fail(400, step.reason);
    if (decoder_.announced() > body_limit) return fail(413, "limit");
    if (step.state == http::ReadState::complete) {
      result_.status = 0;
      result_.left += piece.size() - step.consumed;
    }
  }

  http::RequestReader reader_{{}};
  http::ChunkDecoder decoder_;
  std::string buffer_;
  bool in_body_ = false;
  bool chunked_ = false;
  std::uint64_t remaining_ = 0;
  std::size_t step_ = std::string_view::npos;
  MessageResult result_;
};

inline MessageResult read_whole(std::string_view bytes) {
  RequestDriver driver;
  driver.feed(bytes);
  return driver.result();
}

}  // namespace spillway::test
