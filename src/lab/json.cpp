#include "json.hpp"

#include <limits>
#include <nlohmann/json.hpp>

namespace spillway::lab {

std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Json> parse_json(std::string_view text) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

const Json& member(const Json& object, std::string_view key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(std::string(key));
  return found == object.end() ? none : *found;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t number_of(const Json& value, std::int64_t otherwise) {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value.is_number_integer()) return otherwise;
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > most) return otherwise;
  return value.get<std::int64_t>();
}

bool is_true(const Json& value) {
  return value.is_boolean() && value.get<bool>();
}

}  // namespace spillway::lab
