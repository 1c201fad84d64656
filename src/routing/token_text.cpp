#include "token_text.hpp"

#include <array>
#include <cstdint>
#include <set>
#include <vector>

namespace spillway::routing {
namespace {

using nlohmann::json;

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < digits.size(); ++i)
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
  return values;
}
constexpr std::array<std::int8_t, 256> values = make_values();

// Notices keys that an object has twice.
class DuplicateKeys {
 public:
  bool found() const noexcept { return found_; }
  void see(json::parse_event_t event, const json& value) {
    if (event == json::parse_event_t::object_start) {
      open_.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      open_.pop_back();
    } else if (event == json::parse_event_t::key) {
      found_ = !open_.back().insert(value.get_ref<const std::string&>()).second || found_;
    }
  }

 private:
  std::vector<std::set<std::string>> open_;
  bool found_ = false;
};

}  // namespace

std::optional<std::string> decode_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::int8_t value = values[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>(bits >> count & 0xFFU));
    }
  }
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

std::optional<json> parse_object(std::string_view text) {
  DuplicateKeys keys;
  const auto watch = [&keys](int, json::parse_event_t event, json& value) {
    keys.see(event, value);
    return true;
  };
  json object = json::parse(text.begin(), text.end(), watch, false);
  if (!object.is_object() || keys.found()) return std::nullopt;
  return object;
}

std::optional<std::string_view> string_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get_ref<const std::string&>();
}

}  // namespace spillway::routing
