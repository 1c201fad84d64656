#include "spillway/http/model_splice.hpp"

#include <utility>

#include "json_text.hpp"
#include "plain_run.hpp"
#include "syntax.hpp"

namespace spillway::http {
namespace {

// What may follow a backslash.
constexpr syntax::Table escaped_bytes = syntax::table("\"\\/bfnrtu", false);

constexpr bool is_scalar_byte(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
}

bool is_key(std::string_view raw, bool escaped, std::string_view key) {
  if (!escaped) return raw == key;
  const std::size_t longest = key.size() * 6;  // every letter written as an escape
  return raw.size() <= longest && json_unescape(raw) == key;
}

}  // namespace

ModelState ModelScan::scan(std::string_view body, bool last) {
  while (state_ == ModelState::need_more && position_ < body.size()) state_ = take(body);
  if (state_ == ModelState::need_more && last) {
    if (expect_ != Expect::end) return state_ = ModelState::not_json;
    state_ = found_ ? ModelState::found : ModelState::absent;
  }
  return state_;
}

ModelState ModelScan::take(std::string_view body) {
  switch (token_) {
    case Token::none: return take_structure(body);
    case Token::string: return take_string(body);
    case Token::scalar: return take_scalar(body) ? ModelState::need_more : ModelState::not_json;
    case Token::escape:
    case Token::unicode: break;
  }
  return take_escape(body[position_++]) ? ModelState::need_more : ModelState::not_json;
}

// As far as the bytes reach, or to an escape.
ModelState ModelScan::take_structure(std::string_view body) {
  while (position_ < body.size()) {
    const char c = body[position_++];
    const bool wants_value = expect_ == Expect::value || expect_ == Expect::first_item;
    bool valid = true;
    switch (c) {
      case ' ':
      case '\t':
      case '\n':
      case '\r': break;
      case '{':
        if (expect_ == Expect::start) first_member_ = position_;
        valid = (wants_value || expect_ == Expect::start) && open(true);
        break;
      case '[': valid = wants_value && open(false); break;
      case '}': valid = (expect_ == Expect::comma || expect_ == Expect::first_key) && close(true); break;
      case ']': valid = (expect_ == Expect::comma || expect_ == Expect::first_item) && close(false); break;
      case ':':
        valid = expect_ == Expect::colon;
        expect_ = Expect::value;
        break;
      case ',':
        valid = expect_ == Expect::comma;
        if (valid) expect_ = in_object() ? Expect::key : Expect::value;
        break;
      case '"':
        token_is_key_ = expect_ == Expect::key || expect_ == Expect::first_key;
        if (!token_is_key_ && !wants_value) return ModelState::not_json;
        token_ = Token::string;
        token_begin_ = position_;
        token_has_escape_ = false;
        if (const ModelState state = take_string(body); state != ModelState::need_more || token_ != Token::none)
          return state;
        break;
      default:
        if (!wants_value || !is_scalar_byte(c)) return ModelState::not_json;
        token_ = Token::scalar;
        token_begin_ = position_ - 1;
        valid = take_scalar(body);
        if (token_ == Token::scalar) return ModelState::need_more;
        break;
    }
    if (!valid) return ModelState::not_json;
  }
  return ModelState::need_more;
}

ModelState ModelScan::take_string(std::string_view body) {
  position_ = skip_plain<'"', '\\'>(body, position_);
  if (position_ == body.size()) return ModelState::need_more;
  if (body[position_] == '"') return take_string_end(body);
  if (body[position_] != '\\') return ModelState::not_json;
  ++position_;
  token_has_escape_ = true;
  token_ = Token::escape;
  return ModelState::need_more;
}

bool ModelScan::take_escape(char c) noexcept {
  if (token_ == Token::unicode) {
    if (--escape_digits_ == 0) token_ = Token::string;
    return syntax::hex_value(c) >= 0;
  }
  token_ = c == 'u' ? Token::unicode : Token::string;
  escape_digits_ = 4;
  return syntax::in(escaped_bytes, c);
}

ModelState ModelScan::take_string_end(std::string_view body) {
  const std::string_view raw = body.substr(token_begin_, position_ - token_begin_);
  ++position_;
  token_ = Token::none;
  if (token_is_key_) return take_key(raw);
  expect_ = Expect::comma;
  return std::exchange(key_, Key::other) == Key::model ? take_model(raw) : ModelState::need_more;
}

ModelState ModelScan::take_key(std::string_view raw) {
  expect_ = Expect::colon;
  key_ = Key::other;
  if (depth_ != 1) return ModelState::need_more;
  has_members_ = true;
  if (is_key(raw, token_has_escape_, "stream")) key_ = Key::stream;
  if (!is_key(raw, token_has_escape_, "model")) return ModelState::need_more;
  if (model_seen_) return ModelState::duplicate;
  model_seen_ = true;
  key_ = Key::model;
  return ModelState::need_more;
}

// False: it is none.
bool ModelScan::take_scalar(std::string_view body) noexcept {
  while (position_ < body.size() && is_scalar_byte(body[position_])) ++position_;
  if (position_ == body.size()) return true;
  const std::string_view text = body.substr(token_begin_, position_ - token_begin_);
  token_ = Token::none;
  expect_ = Expect::comma;
  if (std::exchange(key_, Key::other) == Key::stream && text == "true") stream_ = true;
  return is_json_scalar(text);
}

ModelState ModelScan::take_model(std::string_view raw) {
  if (raw.size() > max_model_size) return ModelState::need_more;
  if (token_has_escape_) {
    const std::optional<std::string> text = json_unescape(raw);
    if (!text) return ModelState::not_json;
    value_ = *text;
  } else {
    value_ = raw;
  }
  span_ = {token_begin_, raw.size()};
  found_ = true;
  return ModelState::need_more;
}

bool ModelScan::open(bool object) noexcept {
  if (depth_ == max_depth) return false;
  const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
  std::uint64_t& word = objects_[depth_ / 64];
  word = object ? word | bit : word & ~bit;
  ++depth_;
  expect_ = object ? Expect::first_key : Expect::first_item;
  key_ = Key::other;
  return true;
}

bool ModelScan::close(bool object) noexcept {
  if (in_object() != object) return false;
  --depth_;
  expect_ = depth_ == 0 ? Expect::end : Expect::comma;
  return true;
}

bool ModelScan::in_object() const noexcept {
  const std::size_t level = depth_ - 1;
  return (objects_[level / 64] >> (level % 64) & 1U) != 0;
}

}  // namespace spillway::http
