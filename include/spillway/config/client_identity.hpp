#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Ways for clients to show who they are, beside keys.
namespace spillway::config {

// The access tokens of Entra ID that stand for a client. Everything given must fit; of each list, one value.
struct Entra {
  std::string tenant_id;                // a GUID or a domain name, lower case
  std::vector<std::string> audiences;   // never empty; `api://` in front, or its absence, makes no difference
  std::vector<std::string> client_ids;  // of the calling application, lower case; empty = any
  // Claim -> values. `roles` and `scp` hold several in a token; one of them is enough.
  std::map<std::string, std::vector<std::string>> required_claims;
  // Who issues the tokens: `https://HOST`, perhaps with a port and a path, without a trailing slash.
  std::string authority = "https://login.microsoftonline.com";

  // The tenant at its authority: what its keys are found under.
  std::string tenant_url() const { return authority + "/" + tenant_id; }
  auto operator<=>(const Entra&) const = default;
};

// One name of a TLS certificate: its whole subject, or one of its alternative names (RFC 5280 4.2.1.6).
struct CertificateName {
  enum class Kind { subject, dns, uri, email };
  Kind kind = Kind::subject;
  std::string text;  // a subject as normal_subject() makes it; a DNS name in lower case

  auto operator<=>(const CertificateName&) const = default;
};

// `72f988bf-86f1-41af-91ab-2d7cd011db47`, in either case.
bool is_guid(std::string_view text) noexcept;

// `CN=chat-app,O=Contoso`, last part of the name first (RFC 4514): types in upper case, no spaces around `,` and `=`.
// Nothing when the text is no such name.
std::optional<std::string> normal_subject(std::string_view text);

}  // namespace spillway::config
