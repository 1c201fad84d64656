#include "grant.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "spillway/base/text.hpp"

namespace spillway::identity {
namespace {

using nlohmann::json;

constexpr std::size_t most_shown = 250;
constexpr std::int64_t longest_seconds = 366LL * 24 * 3600;

const json* find(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

// A number or a string of digits, with a fraction or without.
std::optional<double> number(const json* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return value->get<double>();
  if (!value->is_string()) return std::nullopt;
  const std::string_view text = value->get_ref<const std::string&>();
  const auto whole = parse_number<std::int64_t>(text.substr(0, text.find('.')));
  if (!whole) return std::nullopt;
  return static_cast<double>(*whole);
}

std::optional<Milliseconds> seconds(std::optional<double> value) {
  if (!value || !std::isfinite(*value) || *value <= 0) return std::nullopt;
  const double bounded = std::min(*value, static_cast<double>(longest_seconds));
  return Milliseconds(static_cast<std::int64_t>(bounded * 1000));
}

std::optional<Milliseconds> until(const json* expires_on, WallTime now) {
  if (expires_on == nullptr) return std::nullopt;
  if (const auto epoch = number(expires_on)) {
    const auto since_epoch = std::chrono::duration<double>(now.time_since_epoch()).count();
    return seconds(*epoch - since_epoch);
  }
  if (!expires_on->is_string()) return std::nullopt;
  const auto date = parse_date(expires_on->get_ref<const std::string&>());
  if (!date) return std::nullopt;
  return seconds(std::chrono::duration<double>(*date - now).count());
}

bool may_stand_in_a_header(std::string_view token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// On one line and not too long; what follows the sentence meant for people is left out.
std::string shown(std::string_view text) {
  text = text.substr(0, std::min(text.find_first_of("\r\n"), text.find(" Trace ID:")));
  std::string out;
  for (const char c : text.substr(0, most_shown)) out += c >= 0x20 && c < 0x7F ? c : '?';
  return out;
}

std::string text_of(const json& object, const char* key) {
  const json* value = find(object, key);
  return value != nullptr && value->is_string() ? shown(value->get_ref<const std::string&>()) : std::string();
}

}  // namespace

std::variant<Grant, std::string> parse_grant(std::string_view text, WallTime now) {
  const json answer = json::parse(text, nullptr, false);
  if (!answer.is_object()) return "the answer is no JSON object";
  const json* token = find(answer, "access_token");
  if (token == nullptr || !token->is_string()) return "the answer holds no access_token";
  if (!may_stand_in_a_header(token->get_ref<const std::string&>())) return "the access_token cannot stand in a header";
  if (const json* type = find(answer, "token_type");
      type != nullptr && (!type->is_string() || !iequals(type->get_ref<const std::string&>(), "Bearer"))) {
    return "the token is no bearer token";
  }
  const auto relative = seconds(number(find(answer, "expires_in")));
  const auto absolute = until(find(answer, "expires_on"), now);
  if (!relative && !absolute) return "the answer does not say when the token expires, or it has expired";

  Grant grant;
  grant.token = config::Secret(token->get<std::string>());
  grant.expires_in = std::min(relative.value_or(Milliseconds::max()), absolute.value_or(Milliseconds::max()));
  const auto refresh = seconds(number(find(answer, "refresh_in")));
  if (refresh && *refresh < grant.expires_in) grant.refresh_in = refresh;
  return grant;
}

std::string describe_refusal(int status, std::string_view body, std::span<const std::string_view> secrets) {
  std::string text = "status " + std::to_string(status);
  const json answer = json::parse(body, nullptr, false);
  if (!answer.is_object()) return text;
  // IMDS and App Service put an object there sometimes.
  const json* error = find(answer, "error");
  const json& details = error != nullptr && error->is_object() ? *error : answer;
  for (const char* key : {"error", "code", "error_description", "message"}) {
    const std::string part = text_of(details, key);
    if (!part.empty()) text += ", " + part;
  }
  for (const std::string_view secret : secrets) {
    if (secret.empty()) continue;
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at))
      text.replace(at, secret.size(), "(hidden)");
  }
  return text;
}

}  // namespace spillway::identity
