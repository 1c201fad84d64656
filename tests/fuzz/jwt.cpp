#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "spillway/routing/certificate_access.hpp"
#include "spillway/routing/token_access.hpp"

using namespace spillway;

namespace {

// A key set whose private keys nobody has any more, and the two tokens that were signed with them and are taken. The
// other signed ones are in the corpus; each is refused for another reason.
constexpr std::string_view jwks =
    R"({"keys":[{"kty":"RSA","use":"sig","kid":"r","n":"xOnm7zPh6EcasYtoMCC9JJe3ua_vaRjgH3UNbtcr-tYaBgC6pdJKErA)"
    R"(B_K2HOWKOfYFTbZx9M_NVzaVaU6DaF98R20HQDjMK6gr2uxYIwAqYjBUT7RE89mPUftF-FjbLcsDFe8JJr2iaTdvTG5j2LjS1GxxxQ2r)"
    R"(EGFssMCGPNrI-zMB57BvFLeuO1XSkzezmzA82cj6fMkibS04ihcjeyR9cVgBEuULwqnWHd2yRpgVd8XnPOa413b4NDiw3joxlQAHan0Q)"
    R"(Qz40Py4YyFki9vEOdy_wXJ3cm6__wlx2cEVzG3CY58KmfH1T1k7cmnpDehc18_ICI9OYzgy1GzlQQ2Q","e":"AQAB","issuer":"ht)"
    R"(tps://login.microsoftonline.com/{tenantid}/v2.0"},{"kty":"EC","crv":"P-256","use":"sig","kid":"e","x":"w)"
    R"(gMgKgqcMgKbkF3JSIvlip1fvP48iFeq3gz_h_Qtn6Q","y":"2g-RB9T2W-agRyfGGK3viWSrysYGpyVxsBrOxttPzjY"}]})";
constexpr std::string_view by_rsa =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC83MmY5ODhiZi04NmYxLTQxYWYtO"
    "TFhYi0yZDdjZDAxMWRiNDcvIiwiYXVkIjoiYXBpOi8vYSIsIm5iZiI6MTgwMDAwMDAwMCwiZXhwIjoxODAwMDAzNjAwLCJhcHBpZCI6I"
    "mFhYWFhYWFhLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwYSIsInJvbGVzIjpbIlIiXX0.nFvYtrwYcRTyu3H8Wlend0pQULikWiEy9"
    "vRwWmaiSXDApaS6JahAcbXCemSfpHDWUfLmHK2z9r8YeQv8NgldqPM31FCt-7guRbfq9f71aR6yarXgM-81zFcTfIM9SBXh0BQ3MrxLt"
    "EIeCVYAcwtf8K5S6OIFgimw-Xl1gp57fAqUGyQz2PERkxaajZzKIu3N-vI2TYo0IRt9P-Zi7JgzHl-PUqYS1KIk4ZAnWqdWag1wtP2Gn"
    "aOVLbeSl1q7WeL_VZez7GZqDZubLh0AaCl8TP7bMPzZG2mLpSUNhIV9glfAZUiUstqkrf0EW8wBr7MfbWNCvCvyF-I-NW5-dTSpuQ";
constexpr std::string_view by_ec =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUifQ.eyJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC83MmY5ODhiZi04NmYxLTQxYWYtO"
    "TFhYi0yZDdjZDAxMWRiNDcvIiwiYXVkIjoiYXBpOi8vYSIsIm5iZiI6MTgwMDAwMDAwMCwiZXhwIjoxODAwMDAzNjAwLCJhcHBpZCI6I"
    "mFhYWFhYWFhLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwYSIsInJvbGVzIjpbIlIiXX0.cKXWj66I3mcRWzzBfdPQQKp7gm9czjxOj"
    "YdTj4NTff0wcw6Fgyf2yoNU3X_DmKFN-RgfoMBceMjAXBq5W3JoVQ";
constexpr WallTime now{std::chrono::seconds(1'800'000'000)};

const routing::TokenAccess& access() {
  static routing::TokenAccess* made = [] {
    config::Entra entra;
    entra.tenant_id = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    entra.audiences = {"a"};
    entra.client_ids = {"aaaaaaaa-0000-4000-8000-00000000000a"};
    entra.required_claims = {{"roles", {"R"}}};
    config::Config config;
    config.clients.emplace_back().entra = entra;
    static routing::TokenAccess tokens(config);
    tokens.use(0, routing::TokenKeys::parse(jwks));
    for (const std::string_view token : {by_rsa, by_ec}) {
      if (tokens.admit(token, now).client != 0U) std::abort();
    }
    return &tokens;
  }();
  return *made;
}

}  // namespace

// Nothing but the two tokens is ever taken. What is refused has a name, a status and words.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const routing::TokenAccess::Decision decision = access().admit(text, now);
  if (decision.client.has_value() != (text == by_rsa || text == by_ec)) std::abort();
  if (!decision.client && (routing::name(decision.refusal).empty() || routing::answer(decision.refusal).status < 400))
    std::abort();

  const auto keys = routing::TokenKeys::parse(text);
  if (keys != nullptr && (keys->keys().empty() || !(*keys == *keys))) std::abort();
  const auto metadata = routing::parse_metadata(text);
  if (metadata && (metadata->issuer.empty() || metadata->jwks_uri.empty())) std::abort();
  for (const config::CertificateName& certificate : routing::certificate_names({data, size}, WallTime())) {
    for (const char c : certificate.text) {
      if (c < 0x20 || c > 0x7E) std::abort();
    }
  }
  return 0;
}
