#include "sse_data.hpp"

#include "plain_run.hpp"

namespace spillway::http {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view data_field = "data:";

constexpr bool is_line_end(char c) noexcept {
  return c == '\r' || c == '\n';
}

std::size_t line_rest(std::string_view text) noexcept {
  std::size_t at = skip_plain<'\r', '\n'>(text, 0);
  while (at < text.size() && !is_line_end(text[at])) at = skip_plain<'\r', '\n'>(text, at + 1);
  return at;
}

}  // namespace

SseData::Run SseData::take(std::string_view piece) noexcept {
  const char c = piece.front();
  if (after_cr_) {
    after_cr_ = false;
    if (c == '\n') return {Kind::other, 1};
  }
  if (place_ == Place::start) {
    if (c == byte_order_mark[matched_]) {
      if (++matched_ < byte_order_mark.size()) return {Kind::other, 1};
      place_ = Place::name;
      matched_ = 0;
      return {Kind::other, 1};
    }
    place_ = matched_ == 0 ? Place::name : Place::rest;
  }
  if (is_line_end(c)) return take_line_end(c);
  if (place_ == Place::name) return take_name(c);
  return {place_ == Place::data ? Kind::data : Kind::other, line_rest(piece)};
}

SseData::Run SseData::take_line_end(char c) noexcept {
  const bool empty = place_ == Place::name && matched_ == 0;
  place_ = Place::name;
  matched_ = 0;
  after_cr_ = c == '\r';
  return {empty ? Kind::end : Kind::other, 1};
}

SseData::Run SseData::take_name(char c) noexcept {
  if (c != data_field[matched_]) {
    place_ = Place::rest;
    return {Kind::other, 1};
  }
  if (++matched_ < data_field.size()) return {Kind::other, 1};
  place_ = Place::data;
  return {Kind::new_line, 1};
}

}  // namespace spillway::http
