#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "spillway/http/head.hpp"

// The strict HTTP/1.1 profile: bytes to heads and bodies, without a socket. Every framing decision of the gateway is made
// here. Beast 1.81's parser accepts most ambiguous framings and is not used for anything from outside.
namespace spillway::http {

struct HeadLimits {
  std::size_t max_size = 32 << 10;  // bytes up to and with the empty line
  std::size_t max_fields = 100;
};

enum class ReadState { need_more, complete, rejected };

// Why a request was refused before it was understood: what the client is told. `reason` is a constant.
struct Rejection {
  int status = 400;            // 400, 405, 413, 414, 417, 431, 501, 505
  const char* code = "bad_request";
  const char* reason = "";
};

// Reads one request head. `parse` is called with all bytes that are there, from the first byte of the head, each time more
// have come; it does not look twice at what it has scanned. One reader serves one connection: `reset` before each head.
class RequestReader {
 public:
  explicit RequestReader(HeadLimits limits) : limits_(limits) {}

  ReadState parse(std::string_view bytes);

  // After `complete`: the head (views into the bytes given last) and how many bytes it took.
  const RequestHead& head() const noexcept { return head_; }
  std::size_t size() const noexcept { return size_; }
  // After `rejected`. The connection cannot be used again.
  const Rejection& rejection() const noexcept { return rejection_; }

  void reset() noexcept;

 private:
  HeadLimits limits_;
  RequestHead head_;
  std::size_t size_ = 0;
  std::size_t scanned_ = 0;
  Rejection rejection_;
};

// The same for a backend's answer. Interim answers (1xx) are returned like others; the caller skips them. A rejected answer
// is an `invalid_response`; what is wrong is a constant text.
class ResponseReader {
 public:
  explicit ResponseReader(HeadLimits limits) : limits_(limits) {}

  // `to_head`: the request was a HEAD, so there is no body whatever the fields say.
  ReadState parse(std::string_view bytes, bool to_head);

  const ResponseHead& head() const noexcept { return head_; }
  std::size_t size() const noexcept { return size_; }
  const char* reason() const noexcept { return reason_; }

  void reset() noexcept;

 private:
  HeadLimits limits_;
  ResponseHead head_;
  std::size_t size_ = 0;
  std::size_t scanned_ = 0;
  const char* reason_ = "";
};

// Takes a chunked body apart, in place (RFC 9112 7.1). Extensions (at most 256 bytes a chunk) and trailers (at most 8 KiB)
// are checked and dropped; framing bytes may not pass 64 KiB plus twice the payload.
class ChunkDecoder {
 public:
  struct Step {
    std::size_t consumed = 0;  // bytes of the input used up; the rest belongs to what follows the body
    std::size_t payload = 0;   // body bytes, moved together to the front of the input
    ReadState state = ReadState::need_more;
    const char* reason = "";   // when rejected
  };

  // Decodes as much of `input` as there is. The payload comes to lie at the start of `input`.
  Step decode(std::span<char> input);

  // Body bytes announced so far, those of the current chunk still to come included: a limit can be applied early.
  std::uint64_t announced() const noexcept { return announced_; }

  void reset() noexcept { *this = ChunkDecoder(); }

 private:
  enum class State { size, size_digits, extension, size_lf, data, data_cr, data_lf, trailer_start, trailer, trailer_lf, end_lf, done, failed };
  State state_ = State::size;
  std::uint64_t remaining_ = 0;
  std::uint64_t announced_ = 0;
  std::uint64_t payload_ = 0;
  std::uint64_t overhead_ = 0;
  std::size_t line_ = 0;
  int digits_ = 0;
  bool quoted_ = false;
  bool escaped_ = false;
};

}  // namespace spillway::http
