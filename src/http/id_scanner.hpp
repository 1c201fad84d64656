#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::http {

// Walks through a JSON text (RFC 8259), given whole or in pieces, and stops at each string that may be the id of an
// object, going by the keys it stands under. Looks at each byte once and holds no more than one such string. A text
// that breaks the form, or nests deeper than `max_depth`, has no further ids.
class IdScanner {
 public:
  static constexpr std::size_t max_depth = 512;

  enum class Found : std::uint8_t {
    nothing,
    reference,  // the value of a key that refers to an object
    cursor,     // the value of a key that may, or may name an item of one
    id,         // the value of `id` somewhere
    top_id,     // the value of `id` at the top
  };

  // With `events`, the object `response` at the top counts as the top as well.
  explicit IdScanner(bool events) noexcept : events_(events) {}

  // Takes `text` from `at` on, up to and with the quote that ends the next possible id, or all of it; returns the
  // position behind.
  std::size_t scan(std::string_view text, std::size_t at);
  // What the last scan ended with: without escapes, and no longer than max_object_id.
  Found found() const noexcept { return found_; }
  std::string_view id() const noexcept { return text_; }

  // A new text begins.
  void restart() noexcept;

 private:
  enum class Expect : std::uint8_t { first_key, key, colon, first_item, value, comma, end };
  enum class Token : std::uint8_t { none, string, escape, scalar };
  // What a key says about its value.
  enum class Role : std::uint8_t { other, id, reference, holder, cursor, metadata, response };
  struct Key {
    std::string_view name;
    Role role;
  };
  struct Level {
    bool object;
    Role role;  // of the key it stands under
  };

  static const std::array<Key, 29> keys;

  std::size_t take_string(std::string_view text, std::size_t at);
  void end_string();
  bool take(char c);
  bool open(bool object) noexcept;
  bool close(bool object) noexcept;
  void begin_string(bool is_key);
  bool in_object() const noexcept { return depth_ > 0 && levels_[depth_ - 1].object; }
  bool at_top() const noexcept;
  Role value_role() const noexcept;
  Found expected() const noexcept;

  std::string text_;  // of the current string, when it matters
  std::size_t limit_ = 0;
  std::size_t depth_ = 0;
  std::size_t metadata_depth_ = 0;  // of the outermost `metadata` this is in, or 0
  std::array<Level, max_depth> levels_{};
  Expect expect_ = Expect::value;
  Token token_ = Token::none;
  Role key_role_ = Role::other;
  Found wanted_ = Found::nothing;  // what the current string is, when it has the form of an id
  Found found_ = Found::nothing;
  bool events_;
  bool is_key_ = false;
  bool has_escape_ = false;
  bool broken_ = false;
};

}  // namespace spillway::http
