#include <algorithm>
#include <cstring>
#include <limits>

#include "spillway/http/reader.hpp"
#include "syntax.hpp"

namespace spillway::http {
namespace {

constexpr const char* bad_size = "The size of a chunk is not valid.";
constexpr const char* bad_extension = "A chunk extension is not valid.";
constexpr const char* bad_trailer = "A trailer field is not valid.";
constexpr const char* bad_line_end = "A line of the chunked body does not end with CR LF.";

}  // namespace

ChunkDecoder::Step ChunkDecoder::decode(std::span<char> input) {
  Step step;
  while (step.consumed < input.size() && state_ != State::done && state_ != State::failed) {
    if (state_ == State::data) {
      const std::uint64_t here = std::min<std::uint64_t>(remaining_, input.size() - step.consumed);
      const auto count = static_cast<std::size_t>(here);
      if (step.payload != step.consumed) {
        std::memmove(input.data() + step.payload, input.data() + step.consumed, count);
      }
      step.payload += count;
      step.consumed += count;
      payload_ += here;
      remaining_ -= here;
      if (remaining_ == 0) state_ = State::data_cr;
      continue;
    }
    const char* wrong = take(input[step.consumed++]);
    if (wrong == nullptr && ++overhead_ > free_overhead + 2 * payload_) {
      wrong = "The chunked body has too much framing for its size.";
    }
    if (wrong != nullptr) {
      reason_ = wrong;
      state_ = State::failed;
    }
  }
  if (state_ == State::done) step.state = ReadState::complete;
  if (state_ == State::failed) {
    step.state = ReadState::rejected;
    step.reason = reason_;
  }
  return step;
}

const char* ChunkDecoder::take(char c) noexcept {
  switch (state_) {
    case State::size:
    case State::size_digits: return take_size(c);
    case State::extension_start:
    case State::extension_name_start:
    case State::extension_name:
    case State::extension_name_end:
    case State::extension_value_start:
    case State::extension_value:
    case State::extension_quoted:
    case State::extension_escape:
    case State::extension_value_end: return take_extension(c);
    case State::size_lf:
      if (c != '\n') return bad_line_end;
      state_ = remaining_ == 0 ? State::trailer_start : State::data;
      counted_ = 0;
      return nullptr;
    case State::data_cr:
      if (c != '\r') return "The data of a chunk is longer than its size.";
      state_ = State::data_lf;
      return nullptr;
    case State::data_lf:
      if (c != '\n') return bad_line_end;
      state_ = State::size;
      return nullptr;
    case State::trailer_start:
    case State::trailer_name:
    case State::trailer_value:
    case State::trailer_lf:
    case State::end_lf: return take_trailer(c);
    case State::data:
    case State::done:
    case State::failed: break;
  }
  return bad_size;
}

const char* ChunkDecoder::take_size(char c) noexcept {
  if (state_ == State::size) {
    remaining_ = 0;
    counted_ = 0;
  }
  const int digit = syntax::hex_value(c);
  if (digit >= 0) {
    if (++counted_ > max_size_digits) return bad_size;
    remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
    state_ = State::size_digits;
    return nullptr;
  }
  if (state_ == State::size) return bad_size;
  counted_ = 0;
  if (c == '\r') return size_line_done();
  if (c != ';' && !syntax::is_blank(c)) return bad_size;
  state_ = State::extension_start;
  return take_extension(c);
}

const char* ChunkDecoder::size_line_done() noexcept {
  constexpr auto limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (remaining_ > limit - announced_) return bad_size;
  announced_ += remaining_;
  state_ = State::size_lf;
  return nullptr;
}

// chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ), RFC 9112 7.1.1
const char* ChunkDecoder::take_extension(char c) noexcept {
  if (c == '\r') {
    const bool can_end =
        state_ == State::extension_name || state_ == State::extension_value || state_ == State::extension_value_end;
    return can_end ? size_line_done() : bad_extension;
  }
  if (++counted_ > max_extension) return "A chunk extension is too long.";
  if (!syntax::is_text_byte(c)) return bad_extension;

  const bool blank = syntax::is_blank(c);
  const bool token = syntax::is_token_byte(c);
  switch (state_) {
    case State::extension_value:
      if (token) return nullptr;
      [[fallthrough]];
    case State::extension_value_end:
    case State::extension_start:
      state_ = c == ';' ? State::extension_name_start : State::extension_start;
      return c == ';' || blank ? nullptr : bad_extension;
    case State::extension_name_start:
      if (token) state_ = State::extension_name;
      return token || blank ? nullptr : bad_extension;
    case State::extension_name:
      if (token) return nullptr;
      [[fallthrough]];
    case State::extension_name_end:
      state_ = c == '='   ? State::extension_value_start
               : c == ';' ? State::extension_name_start
                          : State::extension_name_end;
      return c == '=' || c == ';' || blank ? nullptr : bad_extension;
    case State::extension_value_start:
      if (c == '"') state_ = State::extension_quoted;
      if (token) state_ = State::extension_value;
      return c == '"' || token || blank ? nullptr : bad_extension;
    case State::extension_quoted:
      if (c == '"') state_ = State::extension_value_end;
      if (c == '\\') state_ = State::extension_escape;
      return nullptr;
    case State::extension_escape: state_ = State::extension_quoted; return nullptr;
    default: return bad_extension;
  }
}

const char* ChunkDecoder::take_trailer(char c) noexcept {
  if (state_ == State::end_lf) {
    state_ = State::done;
    return c == '\n' ? nullptr : bad_line_end;
  }
  if (state_ == State::trailer_start && c == '\r') {
    state_ = State::end_lf;
    return nullptr;
  }
  if (++counted_ > max_trailers) return "The trailer fields are too large.";
  switch (state_) {
    case State::trailer_start: state_ = State::trailer_name; return syntax::is_token_byte(c) ? nullptr : bad_trailer;
    case State::trailer_name:
      if (c == ':') state_ = State::trailer_value;
      return c == ':' || syntax::is_token_byte(c) ? nullptr : bad_trailer;
    case State::trailer_value:
      if (c == '\r') state_ = State::trailer_lf;
      return c == '\r' || syntax::is_text_byte(c) ? nullptr : bad_trailer;
    case State::trailer_lf: state_ = State::trailer_start; return c == '\n' ? nullptr : bad_line_end;
    default: return bad_trailer;
  }
}

}  // namespace spillway::http
