#include "token.hpp"

#include "spillway/base/base64url.hpp"
#include "spillway/base/text.hpp"
#include "token_text.hpp"

namespace spillway::routing {
namespace {

constexpr std::size_t longest_kid = 256;

std::optional<SigningAlgorithm> algorithm_of(std::string_view name) {
  if (name == "RS256") return SigningAlgorithm::rs256;
  if (name == "ES256") return SigningAlgorithm::es256;
  return std::nullopt;
}

std::optional<nlohmann::json> object_in(std::string_view part) {
  const auto text = decode_base64url(part);
  if (!text) return std::nullopt;
  return parse_object(*text);
}

}  // namespace

std::variant<Token, TokenRefusal> read_token(std::string_view text) {
  const std::size_t header_end = text.find('.');
  const std::size_t claims_end = header_end == std::string_view::npos ? header_end : text.find('.', header_end + 1);
  if (text.size() > Token::max_size || claims_end == std::string_view::npos) return TokenRefusal::malformed;

  const auto header = object_in(text.substr(0, header_end));
  if (!header || header->contains("crit")) return TokenRefusal::malformed;
  const auto alg = string_of(*header, "alg");
  if (!alg) return TokenRefusal::malformed;
  const std::string_view signature = text.substr(claims_end + 1);
  if (iequals(*alg, "none") || signature.empty()) return TokenRefusal::not_signed;
  const auto algorithm = algorithm_of(*alg);
  if (!algorithm) return TokenRefusal::wrong_algorithm;
  const auto kid = string_of(*header, "kid");
  if (!kid || kid->empty() || kid->size() > longest_kid) return TokenRefusal::malformed;

  auto claims = object_in(text.substr(header_end + 1, claims_end - header_end - 1));
  auto signature_bytes = decode_base64url(signature);
  if (!claims || !string_of(*claims, "iss") || !signature_bytes) return TokenRefusal::malformed;

  Token token;
  token.algorithm = *algorithm;
  token.kid = *kid;
  token.signed_part = text.substr(0, claims_end);
  token.signature = std::move(*signature_bytes);
  token.claims = std::move(*claims);
  return token;
}

}  // namespace spillway::routing
