#include <algorithm>

#include "rules_identity.hpp"
#include "spillway/base/text.hpp"
#include "spillway/config/client_identity.hpp"

namespace spillway::config {
namespace {

constexpr std::string_view claims_form = "map of a claim's name to a list of values, such as roles: [Chat.User]";
constexpr std::size_t most_values = 100;

bool is_visible(std::string_view text) {
  return !text.empty() && text.size() <= 512 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

Rule<std::string> text_rule(std::string type, std::optional<std::string> (*parse)(std::string_view),
                            std::string_view wrong, std::string_view right) {
  Rule<std::string> rule;
  rule.type = std::move(type);
  rule.read = [type = rule.type, parse, wrong, right](Reader& reader, const Place& place, std::string& out) {
    const auto text = reader.scalar(place, type);
    if (!text) return false;
    auto value = parse(*text);
    if (value) {
      out = std::move(*value);
    } else {
      reader.mismatch(place, text->empty() ? "is empty" : wrong, right);
    }
    return value.has_value();
  };
  rule.text = [](const std::string& value) { return value; };
  return rule;
}

}  // namespace

Rule<std::string> guid() {
  return text_rule(
      "GUID", [](std::string_view text) { return is_guid(text) ? std::optional(lower(text)) : std::nullopt; },
      "is not a GUID", "such as 72f988bf-86f1-41af-91ab-2d7cd011db47");
}

Rule<std::string> tenant() {
  Rule<std::string> rule;
  rule.type = "GUID or domain";
  rule.read = [domain = host_name(), type = rule.type](Reader& reader, const Place& place, std::string& out) {
    const auto text = reader.scalar(place, type);
    if (!text) return false;
    const std::string given = lower(*text);
    // `common` and the like stand for any tenant, which would let everybody in.
    if (is_guid(given)) {
      out = given;
      return true;
    }
    if (given.find('.') != std::string::npos) return domain.read(reader, place, out);
    reader.mismatch(place, text->empty() ? "is empty" : "is not a tenant",
                    "its GUID, or a domain such as contoso.onmicrosoft.com");
    return false;
  };
  rule.text = [](const std::string& value) { return value; };
  return rule;
}

Rule<std::string> claim_value() {
  return text_rule(
      "text", [](std::string_view text) { return is_visible(text) ? std::optional(std::string(text)) : std::nullopt; },
      "is not usable here", "1 to 512 printable ASCII characters without spaces");
}

Rule<std::string> authority() {
  Rule<std::string> rule;
  rule.type = "URL";
  rule.read = [url = backend_url()](Reader& reader, const Place& place, std::string& out) {
    BackendUrl parsed;
    if (!url.read(reader, place, parsed)) return false;
    out = (parsed.tls ? "https://" : "http://") + parsed.authority() + parsed.path_prefix;
    return true;
  };
  rule.text = [](const std::string& value) { return value; };
  return rule;
}

Rule<std::map<std::string, std::vector<std::string>>> required_claims() {
  Rule<std::map<std::string, std::vector<std::string>>> rule;
  rule.type = "map of claim to list of values";
  rule.read = [values = list(claim_value(), 1, most_values, "values")](
                  Reader& reader, const Place& place, std::map<std::string, std::vector<std::string>>& out) {
    if (!reader.is(place, Node::Kind::map, claims_form)) return false;
    const std::size_t before = reader.problem_count();
    if (place.node->entries.empty()) reader.problem(place, "is empty (name at least one claim, or leave the key out)");
    for (const Entry& entry : place.node->entries) {
      if (entry.key->broken) continue;
      const Place value{entry.value.get(),
                        place.path_of(printable(entry.key->substituted ? entry.key->literal : entry.key->text)),
                        entry.key->position};
      if (!is_visible(entry.key->text)) {
        reader.key_problem(value, "not usable as a claim (1 to 512 printable ASCII characters without spaces)");
        continue;
      }
      values.read(reader, value, out[entry.key->text]);
    }
    return reader.problem_count() == before;
  };
  rule.text = [](const std::map<std::string, std::vector<std::string>>&) { return std::string("none"); };
  return rule;
}

Rule<CertificateName> certificate_subject() {
  Rule<CertificateName> rule;
  rule.type = "name";
  rule.read = [](Reader& reader, const Place& place, CertificateName& out) {
    const auto text = reader.scalar(place, "name, such as CN=chat-app,O=Contoso");
    if (!text) return false;
    auto subject = normal_subject(*text);
    if (subject) {
      out = {CertificateName::Kind::subject, std::move(*subject)};
    } else {
      reader.mismatch(place, text->empty() ? "is empty" : "is not the subject of a certificate",
                      "such as CN=chat-app,O=Contoso; see openssl x509 -noout -subject -nameopt RFC2253");
    }
    return subject.has_value();
  };
  return rule;
}

Rule<CertificateName> certificate_alternative() {
  Rule<CertificateName> rule;
  rule.type = "DNS name, URI or mail address";
  rule.read = [type = rule.type, dns = host_name()](Reader& reader, const Place& place, CertificateName& out) {
    const auto text = reader.scalar(place, type);
    if (!text) return false;
    const bool uri = text->find("://") != std::string_view::npos;
    if (!uri && text->find('@') == std::string_view::npos) {
      out.kind = CertificateName::Kind::dns;
      return dns.read(reader, place, out.text);
    }
    if (!is_visible(*text)) {
      reader.mismatch(place, "is not usable here", type);
      return false;
    }
    out = {uri ? CertificateName::Kind::uri : CertificateName::Kind::email, std::string(*text)};
    return true;
  };
  return rule;
}

}  // namespace spillway::config
