#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "spillway/http/head.hpp"

// The strict HTTP/1.1 profile: bytes to heads and bodies, without a socket. Every framing decision of the gateway is
// made here. Beast 1.81's parser accepts most ambiguous framings and is not used for anything from outside.
namespace spillway::http {

struct HeadLimits {
  std::size_t max_size = 32 << 10;  // bytes up to and with the empty line
  std::size_t max_fields = 100;
};

enum class ReadState { need_more, complete, rejected };

// Why a request was refused before it was understood: what the client is told. `reason` is a constant.
struct Rejection {
  int status = 400;  // 400, 405, 413, 414, 417, 431, 501, 505
  const char* code = "bad_request";
  const char* reason = "";
};

namespace detail {

// A piece of the bytes given, by position: the bytes may move between two calls. A head has less than 4 GiB.
struct Piece {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;

  Piece() = default;
  Piece(std::size_t at, std::size_t count) noexcept
      : begin(static_cast<std::uint32_t>(at)), size(static_cast<std::uint32_t>(count)) {}
  std::string_view in(std::string_view bytes) const noexcept { return bytes.substr(begin, size); }
};

// Kept small: a connection has as many as its longest head had.
struct RawField {
  FieldId id = FieldId::unknown;
  Piece name;
  Piece value;
};

// Cuts a head into lines. Each byte is looked at once, and a verdict depends on the bytes alone, not on how they
// arrived.
class HeadLines {
 public:
  enum class Next { need_more, line, bad_line_end, bad_byte, too_large };

  Next next(std::string_view bytes, std::size_t max_size) noexcept;

  const Piece& line() const noexcept { return line_; }        // after `line`, without its line end
  std::size_t position() const noexcept { return scanned_; }  // after `line`, the byte behind its line end

 private:
  Piece line_;
  std::size_t line_begin_ = 0;
  std::size_t scanned_ = 0;
};

}  // namespace detail

// Reads one request head. `parse` is called with all bytes that are there, from the first byte of the head, each time
// more have come; it does not look twice at what it has scanned. One reader serves one connection: `reset` before each
// head, which keeps the memory. One empty line before the head is ignored (RFC 9112 2.2) and counts to its size.
class RequestReader {
 public:
  explicit RequestReader(HeadLimits limits);

  ReadState parse(std::string_view bytes);

  // After `complete`: the head (views into the bytes given last) and how many bytes it took.
  const RequestHead& head() const noexcept { return head_; }
  std::size_t size() const noexcept { return size_; }
  // After `rejected`; `head().method` is known when it was told. The connection cannot be used again.
  const Rejection& rejection() const noexcept { return rejection_; }

  void reset() noexcept;
  void reset(HeadLimits limits) noexcept;  // and goes by these from now on

 private:
  ReadState reject(const Rejection& rejection) noexcept;
  ReadState finish(std::string_view bytes);
  const Rejection* take_line(std::string_view bytes);
  const Rejection* take_request_line(std::string_view bytes);

  HeadLimits limits_;
  RequestHead head_;
  std::size_t size_ = 0;
  Rejection rejection_;
  ReadState state_ = ReadState::need_more;
  detail::HeadLines lines_;
  detail::Piece method_;
  detail::Piece target_;
  std::vector<detail::RawField> fields_;
  bool have_start_line_ = false;
  bool skipped_empty_line_ = false;
  bool end_seen_ = false;
};

// The same for a backend's answer. Interim answers (1xx) are returned like others; the caller skips them. A rejected
// answer is an `invalid_response`; what is wrong is a constant text. `HTTP/1.1 200` without the space before an empty
// reason is accepted, nothing else that breaks the grammar.
class ResponseReader {
 public:
  explicit ResponseReader(HeadLimits limits);

  // `to_head`: the request was a HEAD, so there is no body whatever the fields say.
  ReadState parse(std::string_view bytes, bool to_head);

  const ResponseHead& head() const noexcept { return head_; }
  std::size_t size() const noexcept { return size_; }
  const char* reason() const noexcept { return reason_; }

  void reset() noexcept;
  // Gives the memory of the fields back, for as long as no other head is read: `head()` has none any more.
  void forget_fields() noexcept;

 private:
  ReadState reject(const char* reason) noexcept;
  ReadState finish(std::string_view bytes, bool to_head);
  const char* take_line(std::string_view bytes);
  const char* take_status_line(std::string_view line);

  HeadLimits limits_;
  ResponseHead head_;
  std::size_t size_ = 0;
  const char* reason_ = "";
  ReadState state_ = ReadState::need_more;
  detail::HeadLines lines_;
  detail::Piece phrase_;
  std::vector<detail::RawField> fields_;
  bool have_start_line_ = false;
  bool end_seen_ = false;
};

// Takes a chunked body apart, in place (RFC 9112 7.1). Extensions (at most 256 bytes a chunk) and trailers (at most 8
// KiB) are checked and dropped; framing bytes may not pass 64 KiB plus twice the payload. The result does not depend on
// where the input was cut.
class ChunkDecoder {
 public:
  static constexpr std::size_t max_size_digits = 16;
  static constexpr std::size_t max_extension = 256;
  static constexpr std::size_t max_trailers = 8 << 10;
  static constexpr std::uint64_t free_overhead = 64 << 10;

  struct Step {
    std::size_t consumed = 0;  // bytes of the input used up; the rest belongs to what follows the body
    std::size_t payload = 0;   // body bytes, moved together to the front of the input
    ReadState state = ReadState::need_more;
    const char* reason = "";  // when rejected
  };

  // Decodes as much of `input` as there is. The payload comes to lie at the start of `input`. After `rejected` every
  // further call is rejected too; after `complete` further calls consume nothing.
  Step decode(std::span<char> input);

  // Body bytes announced so far, those of the current chunk still to come included: a limit can be applied early.
  std::uint64_t announced() const noexcept { return announced_; }

  void reset() noexcept { *this = ChunkDecoder(); }

 private:
  enum class State {
    size,             // first digit of a chunk size
    size_digits,      // further digits
    extension_start,  // white space before a `;`
    extension_name_start,
    extension_name,
    extension_name_end,  // white space before `=` or `;`
    extension_value_start,
    extension_value,
    extension_quoted,
    extension_escape,
    extension_value_end,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    end_lf,
    done,
    failed,
  };

  const char* take(char c) noexcept;
  const char* take_size(char c) noexcept;
  const char* take_extension(char c) noexcept;
  const char* take_trailer(char c) noexcept;
  const char* size_line_done() noexcept;

  State state_ = State::size;
  const char* reason_ = "";
  std::uint64_t remaining_ = 0;  // of the current chunk
  std::uint64_t announced_ = 0;
  std::uint64_t payload_ = 0;
  std::uint64_t overhead_ = 0;
  std::size_t counted_ = 0;  // digits, extension bytes of this chunk, or trailer bytes
};

}  // namespace spillway::http
