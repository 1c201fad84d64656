#include "token_text.hpp"

#include <set>
#include <vector>

namespace spillway::routing {
namespace {

using nlohmann::json;

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
