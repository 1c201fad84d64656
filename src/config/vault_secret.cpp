#include <algorithm>

#include "spillway/base/text.hpp"
#include "spillway/config/load.hpp"

namespace spillway::config {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_secret_name(std::string_view name) {
  return !name.empty() && name.size() <= 127 &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_version(std::string_view version) {
  return version.size() == 32 && std::all_of(version.begin(), version.end(), is_letter_or_digit);
}

}  // namespace

std::string VaultSecret::path() const {
  return "/secrets/" + name + (version.empty() ? "" : "/" + version);
}

std::string VaultSecret::text() const {
  return vault.text() + path();
}

std::optional<VaultSecret> parse_vault_secret(std::string_view url) {
  constexpr std::string_view below = "/secrets/";
  auto parsed = parse_url(url);
  if (!parsed || !parsed->path_prefix.starts_with(below)) return std::nullopt;
  const std::string rest = parsed->path_prefix.substr(below.size());
  const std::size_t slash = rest.find('/');
  VaultSecret secret;
  secret.name = rest.substr(0, slash);
  if (slash != std::string::npos) secret.version = rest.substr(slash + 1);
  if (!is_secret_name(secret.name) || (slash != std::string::npos && !is_version(secret.version))) return std::nullopt;
  secret.vault = std::move(*parsed);
  secret.vault.path_prefix.clear();
  return secret;
}

std::string stand_in(const VaultSecret& secret) {
  return "not-fetched:" + secret.text();
}

}  // namespace spillway::config
