#include "encode.hpp"
#include "source.hpp"

namespace spillway::identity {
namespace {

constexpr std::size_t longest_key = 4 << 10;

// The file a challenge names: `Basic realm=/var/opt/azcmagent/tokens/1.key`.
std::string_view realm(std::string_view challenge) {
  constexpr std::string_view scheme = "Basic ";
  constexpr std::string_view parameter = "realm=";
  if (!iequals(challenge.substr(0, scheme.size()), scheme)) return {};
  challenge = trim(challenge.substr(scheme.size()));
  if (!iequals(challenge.substr(0, parameter.size()), parameter)) return {};
  challenge.remove_prefix(parameter.size());
  if (challenge.size() >= 2 && challenge.front() == '"' && challenge.back() == '"')
    challenge = challenge.substr(1, challenge.size() - 2);
  return challenge;
}

// Azure Arc proves that it is itself by a file only it and its users can read; who asks shows that he can.
// https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
class Arc final : public Source {
 public:
  Arc(config::ManagedIdentity identity, std::string endpoint, config::FileReader files, std::string keys)
      : identity_(std::move(identity)),
        endpoint_(std::move(endpoint)),
        files_(std::move(files)),
        keys_(std::move(keys)) {}

  Step request(WallTime) override {
    challenged_ = false;
    if (!identity_.client_id.empty() || !identity_.object_id.empty() || !identity_.resource_id.empty())
      return Step("Azure Arc knows the system's identity only (leave client_id, object_id and resource_id out)");
    return question();
  }

  std::optional<Step> after(const HttpAnswer& answer) override {
    if (answer.status != 401 || challenged_) return std::nullopt;
    challenged_ = true;
    const std::string_view path = realm(answer.field("WWW-Authenticate"));
    if (!is_key_file(path)) return Step("the challenge names no .key file in " + keys_);
    const Result<std::string> key = files_(std::string(path));
    if (!key) return Step("the key file of the challenge cannot be read: " + key.error().message());
    if (key->empty() || key->size() > longest_key) return Step("the key file of the challenge has not 1 to 4096 bytes");
    const std::string_view shown = trim(std::string_view(*key).substr(0, key->find_first_of("\r\n")));
    Step step = question();
    step.request.fields.emplace_back("Authorization", "Basic " + std::string(shown));
    secret_ = shown;
    return step;
  }

  std::vector<std::string> secrets() const override { return {secret_}; }
  std::string name() const override { return "Azure Arc"; }

 private:
  Step question() const {
    Step step = request_to("IDENTITY_ENDPOINT", endpoint_);
    append_parameter(step.request.query, "api-version", "2019-11-01");
    append_parameter(step.request.query, "resource", identity_.resource);
    step.request.fields.emplace_back("Metadata", "true");
    return step;
  }

  // Whoever answers must not be able to have another file read and sent.
  bool is_key_file(std::string_view path) const {
    if (!path.starts_with(keys_ + "/") || !path.ends_with(".key")) return false;
    const std::string_view name = path.substr(keys_.size() + 1);
    return name.size() > 4 && name.find('/') == std::string_view::npos;
  }

  config::ManagedIdentity identity_;
  std::string endpoint_;
  config::FileReader files_;
  std::string keys_;
  std::string secret_;
  bool challenged_ = false;
};

}  // namespace

std::unique_ptr<Source> make_arc(const config::ManagedIdentity& identity, const Surroundings& surroundings) {
  const auto endpoint = surroundings.environment("IDENTITY_ENDPOINT");
  const auto imds = surroundings.environment("IMDS_ENDPOINT");
  if (!endpoint || endpoint->empty() || !imds || imds->empty()) return nullptr;
  return std::make_unique<Arc>(identity, *endpoint, surroundings.files, surroundings.arc_keys);
}

}  // namespace spillway::identity
