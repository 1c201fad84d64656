#include "id_scanner.hpp"

#include <algorithm>

#include "json_text.hpp"
#include "plain_run.hpp"
#include "spillway/http/object_ids.hpp"

namespace spillway::http {
namespace {

// The longest key of the table with every letter written as an escape.
constexpr std::size_t longest_key = 20 * 6;

constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

constexpr bool is_scalar_byte(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
}

}  // namespace

// A key that refers to an object has its id as a string, in an object with an `id`, or a list of those.
constexpr std::array<IdScanner::Key, 29> IdScanner::keys = {{
    {"id", Role::id},
    {"metadata", Role::metadata},
    {"response", Role::response},
    {"previous_response_id", Role::reference},
    {"response_id", Role::reference},
    {"conversation", Role::reference},
    {"conversation_id", Role::reference},
    {"thread_id", Role::reference},
    {"assistant_id", Role::reference},
    {"file", Role::holder},
    {"file_id", Role::reference},
    {"file_ids", Role::reference},
    {"input_file_id", Role::reference},
    {"output_file_id", Role::reference},
    {"error_file_id", Role::reference},
    {"training_file", Role::reference},
    {"validation_file", Role::reference},
    {"result_files", Role::reference},
    {"vector_store_id", Role::reference},
    {"vector_store_ids", Role::reference},
    {"container", Role::reference},
    {"container_id", Role::reference},
    {"batch_id", Role::reference},
    {"upload_id", Role::reference},
    {"fine_tuning_job_id", Role::reference},
    {"eval_id", Role::reference},
    {"video_id", Role::reference},
    {"first_id", Role::cursor},
    {"last_id", Role::cursor},
}};

void IdScanner::restart() noexcept {
  depth_ = metadata_depth_ = 0;
  expect_ = Expect::value;
  token_ = Token::none;
  found_ = Found::nothing;
  broken_ = false;
}

std::size_t IdScanner::scan(std::string_view text, std::size_t at) {
  found_ = Found::nothing;
  while (at < text.size() && !broken_) {
    if (token_ == Token::string || token_ == Token::escape) {
      at = take_string(text, at);
      if (found_ != Found::nothing) return at;
    } else {
      broken_ = !take(text[at++]);
    }
  }
  return text.size();
}

std::size_t IdScanner::take_string(std::string_view text, std::size_t at) {
  if (token_ == Token::escape) {
    token_ = Token::string;
    broken_ = static_cast<unsigned char>(text[at]) < 0x20;
    if (limit_ > 0) text_ += text[at];
    return at + 1;
  }
  const std::size_t end = skip_plain<'"', '\\'>(text, at);
  if (limit_ > 0) {
    text_ += text.substr(at, std::min(end - at, limit_ + 1));
    if (text_.size() > limit_) limit_ = 0;
  }
  if (end == text.size()) return end;
  if (text[end] == '"') {
    end_string();
  } else if (text[end] == '\\') {
    token_ = Token::escape;
    has_escape_ = true;
    if (limit_ > 0) text_ += '\\';
  } else {
    broken_ = true;
  }
  return end + 1;
}

// `limit_` is 0 for a string that does not matter, also because it got too long.
void IdScanner::begin_string(bool is_key) {
  token_ = Token::string;
  is_key_ = is_key;
  has_escape_ = false;
  text_.clear();
  wanted_ = is_key ? Found::nothing : expected();
  if (is_key) {
    limit_ = longest_key;
  } else {
    limit_ = wanted_ == Found::nothing ? 0 : max_object_id;
  }
}

void IdScanner::end_string() {
  token_ = Token::none;
  if (!is_key_) {
    expect_ = depth_ == 0 ? Expect::end : Expect::comma;
    if (limit_ > 0 && !has_escape_) found_ = wanted_;
    return;
  }
  expect_ = Expect::colon;
  key_role_ = Role::other;
  if (limit_ == 0) return;
  if (has_escape_) text_ = json_unescape(text_).value_or(std::string());
  const auto known = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == text_; });
  if (known != keys.end()) key_role_ = known->role;
}

bool IdScanner::take(char c) {
  if (token_ == Token::scalar) {
    if (is_scalar_byte(c)) return true;
    token_ = Token::none;
    expect_ = depth_ == 0 ? Expect::end : Expect::comma;
  }
  if (is_space(c)) return true;
  const bool wants_key = expect_ == Expect::key || expect_ == Expect::first_key;
  const bool wants_value = expect_ == Expect::value || expect_ == Expect::first_item;
  switch (c) {
    case '{': return wants_value && open(true);
    case '[': return wants_value && open(false);
    case '}': return (expect_ == Expect::comma || expect_ == Expect::first_key) && close(true);
    case ']': return (expect_ == Expect::comma || expect_ == Expect::first_item) && close(false);
    case ':':
      if (expect_ != Expect::colon) return false;
      expect_ = Expect::value;
      return true;
    case ',':
      if (expect_ != Expect::comma) return false;
      expect_ = in_object() ? Expect::key : Expect::value;
      return true;
    case '"': begin_string(wants_key); return wants_key || wants_value;
    default: token_ = Token::scalar; return wants_value && is_scalar_byte(c);
  }
}

bool IdScanner::open(bool object) noexcept {
  if (depth_ == max_depth) return false;
  // The lists in a list say nothing; the objects in it are what its key refers to.
  const Role role = object || in_object() ? value_role() : Role::other;
  levels_[depth_++] = {object, role};
  if (role == Role::metadata && metadata_depth_ == 0) metadata_depth_ = depth_;
  expect_ = object ? Expect::first_key : Expect::first_item;
  return true;
}

bool IdScanner::close(bool object) noexcept {
  if (depth_ == 0 || in_object() != object) return false;
  if (metadata_depth_ == depth_) metadata_depth_ = 0;
  --depth_;
  expect_ = depth_ == 0 ? Expect::end : Expect::comma;
  return true;
}

bool IdScanner::at_top() const noexcept {
  return depth_ == 1 || (events_ && depth_ == 2 && levels_[1].role == Role::response);
}

IdScanner::Role IdScanner::value_role() const noexcept {
  if (depth_ == 0) return Role::other;
  const Level& level = levels_[depth_ - 1];
  if (level.object) return key_role_;
  return level.role == Role::reference ? Role::reference : Role::other;
}

IdScanner::Found IdScanner::expected() const noexcept {
  if (metadata_depth_ != 0) return Found::nothing;
  const Role role = value_role();
  if (role == Role::reference) return Found::reference;
  if (role == Role::cursor) return Found::cursor;
  if (role != Role::id) return Found::nothing;
  const Role holder = levels_[depth_ - 1].role;
  if (holder == Role::reference || holder == Role::holder) return Found::reference;
  return at_top() ? Found::top_id : Found::id;
}

}  // namespace spillway::http
