#include "spillway/http/prompt.hpp"

#include <cstddef>
#include <string>

#include "json_text.hpp"
#include "plain_run.hpp"
#include "spillway/http/model_splice.hpp"

namespace spillway::http {
namespace {

constexpr std::size_t longest_string_input = 4096;
constexpr std::size_t leading_items = 2;

// Walks through a text that is known to be JSON.
class Walk {
 public:
  explicit Walk(std::string_view json) noexcept : json_(json) {}

  // The next byte that is not white space.
  char peek() noexcept {
    while (is_space(json_[at_])) ++at_;
    return json_[at_];
  }
  char next() noexcept {
    const char c = peek();
    ++at_;
    return c;
  }
  // With its quotes, or brackets.
  std::string_view value() noexcept {
    const char first = next();
    const std::size_t begin = at_ - 1;
    if (first == '"') {
      skip_string();
    } else if (first == '{' || first == '[') {
      skip_nested();
    } else {
      while (at_ < json_.size() && json_[at_] != ',' && json_[at_] != '}' && json_[at_] != ']' && !is_space(json_[at_]))
        ++at_;
    }
    return json_.substr(begin, at_ - begin);
  }

 private:
  static bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  // From behind its first quote.
  void skip_string() noexcept {
    for (;; ++at_) {
      at_ = skip_plain<'"', '\\'>(json_, at_);
      if (json_[at_] == '"') break;
      if (json_[at_] == '\\') ++at_;
    }
    ++at_;
  }
  void skip_nested() noexcept {
    for (std::size_t depth = 1; depth > 0;) {
      const char c = json_[at_++];
      if (c == '"') skip_string();
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
    }
  }

  std::string_view json_;
  std::size_t at_ = 0;
};

bool is_json_object(std::string_view text) {
  const ModelState state = ModelScan().scan(text, true);
  return state == ModelState::found || state == ModelState::absent;
}

std::string_view contents(std::string_view value) noexcept {
  return value.starts_with('"') ? value.substr(1, value.size() - 2) : std::string_view();
}

// The top-level values that matter, as written; empty when missing.
struct Parts {
  std::string_view prompt_cache_key;
  std::string_view instructions;
  std::string_view messages;
  std::string_view input;

  explicit Parts(std::string_view json) {
    Walk walk(json);
    walk.next();
    if (walk.peek() == '}') return;
    do {
      std::string_view* part = named(contents(walk.value()));
      walk.next();
      const std::string_view value = walk.value();
      if (part != nullptr) *part = value;
    } while (walk.next() == ',');
  }

 private:
  std::string_view* named(std::string_view raw) {
    constexpr std::size_t longest = 16 * 6;  // `prompt_cache_key`, every letter written as an escape
    const std::string key = raw.size() > longest ? std::string() : json_unescape(raw).value_or(std::string());
    if (key == "prompt_cache_key") return &prompt_cache_key;
    if (key == "instructions") return &instructions;
    if (key == "messages") return &messages;
    return key == "input" ? &input : nullptr;
  }
};

// What was hashed so far, each part with its name, so that none stands for another.
class PromptHash {
 public:
  void add(std::string_view name, std::string_view text) noexcept {
    hash_ = stable_hash(text, stable_hash(name, hash_));
    any_ = true;
  }
  void add_leading(std::string_view name, std::string_view value) noexcept {
    if (value.starts_with('"')) add(name, contents(value).substr(0, longest_string_input));
    if (!value.starts_with('[')) return;
    Walk walk(value);
    walk.next();
    for (std::size_t item = 0; item < leading_items && walk.peek() != ']'; ++item) {
      add(name, walk.value());
      if (walk.next() == ']') break;
    }
  }
  std::optional<std::uint64_t> result() const noexcept { return any_ ? std::optional(hash_) : std::nullopt; }

 private:
  std::uint64_t hash_ = 0;
  bool any_ = false;
};

// Little-endian whatever the machine.
std::uint64_t word(std::string_view text, std::size_t at, std::size_t size) noexcept {
  std::uint64_t value = 0;
  for (std::size_t byte = 0; byte < size; ++byte)
    value |= std::uint64_t{static_cast<unsigned char>(text[at + byte])} << (8 * byte);
  return value;
}

}  // namespace

std::optional<std::uint64_t> prompt_hash(std::string_view json_body) {
  if (!is_json_object(json_body)) return std::nullopt;
  const Parts parts(json_body);
  PromptHash hash;
  if (const std::string_view key = contents(parts.prompt_cache_key); !key.empty()) {
    hash.add("prompt_cache_key", key);
    return hash.result();
  }
  if (!parts.instructions.empty() && parts.instructions != "null") hash.add("instructions", parts.instructions);
  hash.add_leading("messages", parts.messages);
  hash.add_leading("input", parts.input);
  return hash.result();
}

// MurmurHash64A (Austin Appleby, public domain).
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed) noexcept {
  constexpr std::uint64_t factor = 0xC6A4A7935BD1E995U;
  constexpr unsigned shift = 47;
  std::uint64_t hash = seed ^ (text.size() * factor);
  std::size_t at = 0;
  for (; text.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
    std::uint64_t part = word(text, at, sizeof(std::uint64_t)) * factor;
    part ^= part >> shift;
    hash = (hash ^ part * factor) * factor;
  }
  if (at < text.size()) hash = (hash ^ word(text, at, text.size() - at)) * factor;
  hash = (hash ^ hash >> shift) * factor;
  return hash ^ hash >> shift;
}

}  // namespace spillway::http
