#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "jose.hpp"

// JSON Web Tokens in their compact form (RFC 7519, RFC 7515 7.1).
namespace spillway::lab {

// `header.claims`, what a signature is made over.
std::string signing_input(const Json& header, const Json& claims);
// With `alg`, `typ` and `kid` in front of the header's own members.
std::string make_jwt(const Json& claims, const SigningKey& key, const Json& header = {});

// A token taken apart. Nothing in it is true before its signature is checked.
struct Jwt {
  Json header;
  Json claims;
  std::string signed_text;
  std::string signature;

  std::string algorithm() const;
  std::string kid() const;
};

// Three parts, the first two JSON objects; else nothing.
std::optional<Jwt> read_jwt(std::string_view token);
// Looks like one: three parts. A key never does.
bool has_jwt_shape(std::string_view text) noexcept;

// `aud` is a text or a list of them (RFC 7519 4.1.3). A slash at the end makes no difference.
bool has_audience(const Json& claims, std::string_view audience);

}  // namespace spillway::lab
