#include "spillway/identity/tokens.hpp"

#include <algorithm>
#include <utility>

#include "crew.hpp"
#include "keeper.hpp"

namespace spillway::identity {

namespace {

// The same principal, whatever it proves itself with: its tokens are as good.
bool same_principal(const config::Identity& a, const config::Identity& b) {
  if (a == b) return true;
  const auto* secret = std::get_if<config::ClientSecret>(&a);
  if (secret == nullptr || !std::holds_alternative<config::ClientSecret>(b)) return false;
  config::ClientSecret other = std::get<config::ClientSecret>(b);
  other.secret = secret->secret;
  return *secret == other;
}

bool uses(const config::Config& config, const config::Identity& identity) {
  if (config.key_vault && config.key_vault->identity == identity) return true;
  return std::any_of(config.backends.begin(), config.backends.end(),
                     [&](const config::Backend& backend) { return backend.auth.identity == identity; });
}

struct Describe {
  std::string operator()(const config::ManagedIdentity& i) const {
    if (!i.client_id.empty()) return "managed identity " + i.client_id;
    if (!i.object_id.empty()) return "managed identity " + i.object_id;
    if (!i.resource_id.empty()) return "managed identity " + i.resource_id;
    return "managed identity (system)";
  }
  std::string operator()(const config::WorkloadIdentity& i) const { return "workload identity " + i.client_id; }
  std::string operator()(const config::ClientSecret& i) const { return "client secret of " + i.client_id; }
  std::string operator()(const config::ClientCertificate& i) const { return "client certificate of " + i.client_id; }
};

}  // namespace

std::string describe(const config::Identity& identity) {
  return std::visit(Describe(), identity);
}

const std::string& resource_of(const config::Identity& identity) {
  return std::visit([](const auto& each) -> const std::string& { return each.resource; }, identity);
}

Tokens::Tokens(net::Loop& loop, net::Resolver& resolver, Options options)
    : loop_(loop),
      options_(std::move(options)),
      caller_(std::make_unique<Caller>(loop, resolver, options_.ca)),
      keepers_(std::make_unique<Crew<Keeper>>(loop, "keeping an access token fresh")) {}

Tokens::~Tokens() = default;

void Tokens::shut() {
  keepers_->shut();
}

std::shared_ptr<Credential> Tokens::credential(const config::Identity& identity) {
  if (const Keeper* known = keepers_->find([&](const Keeper& each) { return each.identity() == identity; }))
    return known->credential();
  const auto& all = keepers_->members();
  const auto before = std::find_if(all.begin(), all.end(),
                                   [&](const auto& keeper) { return same_principal(keeper->identity(), identity); });
  auto made = std::make_unique<Keeper>(loop_, *caller_, identity, options_);
  if (before != all.end()) made->take_over(**before);
  return keepers_->add(std::move(made)).credential();
}

Credentials Tokens::credentials(const config::Config& config) {
  Credentials all;
  for (const config::Backend& backend : config.backends) {
    all.push_back(backend.auth.identity ? credential(*backend.auth.identity) : nullptr);
  }
  return all;
}

Credentials Tokens::kept() const {
  Credentials all;
  for (const auto& keeper : keepers_->members()) {
    if (!keeper->stopped()) all.push_back(keeper->credential());
  }
  return all;
}

void Tokens::retain(const config::Config& config) {
  for (const auto& keeper : keepers_->members()) {
    if (!uses(config, keeper->identity())) keeper->stop();
  }
}

void Tokens::stop(std::function<void()> stopped) {
  keepers_->stop(std::move(stopped));
}

}  // namespace spillway::identity
