#include "jwt.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace spillway::lab {
namespace {

std::optional<Json> part(std::string_view text) {
  const auto bytes = decode_base64url(text);
  auto value = bytes ? parse_json(*bytes) : std::nullopt;
  if (!value || !value->is_object()) return std::nullopt;
  return value;
}

std::string_view without_slash(std::string_view uri) {
  if (!uri.empty() && uri.back() == '/') uri.remove_suffix(1);
  return uri;
}

}  // namespace

std::string signing_input(const Json& header, const Json& claims) {
  return base64url(dump(header)) + "." + base64url(dump(claims));
}

std::string make_jwt(const Json& claims, const SigningKey& key, const Json& header) {
  Json whole = {{"typ", "JWT"}, {"alg", name(key.algorithm())}, {"kid", key.kid()}};
  if (header.is_object()) whole.update(header);
  const std::string text = signing_input(whole, claims);
  return text + "." + base64url(key.sign(text));
}

std::string Jwt::algorithm() const {
  return text_of(member(header, "alg"));
}

std::string Jwt::kid() const {
  return text_of(member(header, "kid"));
}

bool has_jwt_shape(std::string_view text) noexcept {
  return std::count(text.begin(), text.end(), '.') == 2;
}

std::optional<Jwt> read_jwt(std::string_view token) {
  if (!has_jwt_shape(token)) return std::nullopt;
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  auto header = part(token.substr(0, first));
  auto claims = part(token.substr(first + 1, second - first - 1));
  auto signature = decode_base64url(token.substr(second + 1));
  if (!header || !claims || !signature) return std::nullopt;
  return Jwt{std::move(*header), std::move(*claims), std::string(token.substr(0, second)), std::move(*signature)};
}

bool has_audience(const Json& claims, std::string_view audience) {
  const auto same = [&](const Json& value) { return without_slash(text_of(value)) == without_slash(audience); };
  const Json& aud = member(claims, "aud");
  return aud.is_array() ? std::any_of(aud.begin(), aud.end(), same) : same(aud);
}

}  // namespace spillway::lab
