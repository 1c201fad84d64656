#include "order.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace spillway::lab {

Order::Order(std::string_view body, std::initializer_list<std::string_view> keys) : value_(Json::object()) {
  auto parsed = body.empty() ? std::optional<Json>(Json::object()) : parse_json(body);
  if (!parsed || !parsed->is_object()) {
    refuse(400, "the body must be a JSON object");
    return;
  }
  value_ = std::move(*parsed);
  std::string known;
  for (const std::string_view key : keys) known += (known.empty() ? "" : ", ") + std::string(key);
  for (const auto& [key, value] : value_.items()) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      refuse(400, "unknown key '" + key + "' (" + known + ")");
    }
  }
}

std::string Order::text(std::string_view key) {
  std::string out = text_of(value(key));
  if (out.empty() && !value(key).is_null()) refuse(400, std::string(key) + " is a text, not empty");
  return out;
}

std::optional<std::int64_t> Order::whole(std::string_view key, std::int64_t min, std::int64_t max) {
  if (value(key).is_null()) return std::nullopt;
  const std::int64_t number = number_of(value(key), min - 1);
  if (number >= min && number <= max) return number;
  refuse(400, std::string(key) + " must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

void Order::refuse(int status, std::string message) {
  if (!good()) return;
  status_ = status;
  message_ = std::move(message);
}

Answer Order::refusal() const {
  return json_answer(status_, {{"error", message_}});
}

}  // namespace spillway::lab
