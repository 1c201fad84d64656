#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Finds the top-level `model` of a JSON body without building a document.
namespace spillway::http {

enum class ModelState {
  need_more,  // the bytes end before it is certain
  found,      // `value` is the model
  absent,     // the body is complete and has none, or one that is not a string or longer than `max_model_size`
  duplicate,  // two top-level `model` keys
  not_json,   // not a JSON object, or broken on the way
};

// Bytes of a model as written. No model has a name that long.
inline constexpr std::size_t max_model_size = 1024;

// Where the model's text stands in the body: `[offset, offset + size)` covers the string without its quotes, as written
// (escapes not resolved).
struct ModelSpan {
  std::size_t offset = 0;
  std::size_t size = 0;
};

// Fed the body as it grows; looks at each byte once. Nested `model` keys do not count; a key written with escapes
// (`"mod\u0065l"`) does. To refuse duplicates the scan goes to the end of the body; `found_at_least_once` tells
// earlier. The whole body must be JSON (RFC 8259) nested at most `max_depth` deep; only the UTF-8 inside strings is not
// checked.
class ModelScan {
 public:
  static constexpr std::size_t max_depth = 512;

  // `body` is everything so far, from its first byte; `last` says that no more will come. Every result but `need_more`
  // is final.
  ModelState scan(std::string_view body, bool last);

  bool found_at_least_once() const noexcept { return found_; }
  // Top-level `"stream": true` has been seen.
  bool stream() const noexcept { return stream_; }
  // Where a first member may be inserted: behind the `{`; and whether others follow it. Valid unless `not_json`.
  std::size_t first_member() const noexcept { return first_member_; }
  bool has_members() const noexcept { return has_members_; }
  // Both are valid once it was found: where it stands, and what it is with its escapes resolved.
  const ModelSpan& span() const noexcept { return span_; }
  const std::string& value() const noexcept { return value_; }

 private:
  // What may come next, outside of strings and scalars.
  enum class Expect : std::uint8_t {
    start,
    first_key,  // or the end of an empty object
    key,
    colon,
    first_item,  // or the end of an empty array
    value,
    comma,  // or the end of the object or array
    end,
  };
  enum class Token : std::uint8_t { none, string, escape, unicode, scalar };
  enum class Key : std::uint8_t { other, model, stream };  // at the top

  ModelState take(std::string_view body);
  ModelState take_structure(std::string_view body);
  ModelState take_string(std::string_view body);
  bool take_escape(char c) noexcept;
  ModelState take_string_end(std::string_view body);
  ModelState take_key(std::string_view raw);
  ModelState take_model(std::string_view raw);
  bool take_scalar(std::string_view body) noexcept;
  bool open(bool object) noexcept;
  bool close(bool object) noexcept;
  bool in_object() const noexcept;

  ModelSpan span_;
  std::string value_;
  std::size_t position_ = 0;
  std::size_t token_begin_ = 0;
  std::size_t depth_ = 0;
  std::array<std::uint64_t, max_depth / 64> objects_{};  // a bit a level: object or array
  ModelState state_ = ModelState::need_more;
  Expect expect_ = Expect::start;
  Token token_ = Token::none;
  int escape_digits_ = 0;
  bool token_is_key_ = false;
  bool token_has_escape_ = false;
  bool model_seen_ = false;  // the key
  Key key_ = Key::other;     // of the next value
  bool found_ = false;
  bool stream_ = false;
  std::size_t first_member_ = 0;
  bool has_members_ = false;
};

// `model` as the inside of a JSON string, escaped where needed.
std::string json_string_contents(std::string_view model);

}  // namespace spillway::http
