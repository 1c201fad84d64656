#include "spillway/identity/vault.hpp"

#include <algorithm>
#include <utility>

#include "crew.hpp"
#include "secret_keeper.hpp"

namespace spillway::identity {

Vault::Vault(net::Loop& loop, net::Resolver& resolver, Tokens& tokens, Options options)
    : loop_(loop),
      tokens_(tokens),
      options_(std::move(options)),
      caller_(std::make_unique<Caller>(loop, resolver, options_.ca)),
      keepers_(std::make_unique<Crew<SecretKeeper>>(loop, "keeping a secret up to date")) {}

Vault::~Vault() = default;

void Vault::want(const config::KeyVault& settings, const std::vector<config::VaultSecret>& secrets) {
  for (const config::VaultSecret& secret : secrets) {
    const auto same_secret = [&](const SecretKeeper& each) { return each.secret() == secret; };
    const auto same = [&](const SecretKeeper& each) { return same_secret(each) && each.settings() == settings; };
    if (keepers_->find(same) != nullptr) continue;
    auto made = std::make_unique<SecretKeeper>(loop_, *caller_, settings, secret,
                                               tokens_.credential(settings.identity.value()), options_);
    if (const SecretKeeper* before = keepers_->find(same_secret)) made->take_over(*before);
    keepers_->add(std::move(made));
  }
}

void Vault::retain(const std::optional<config::KeyVault>& settings, const std::vector<config::VaultSecret>& secrets) {
  for (const auto& keeper : keepers_->members()) {
    const bool wanted =
        settings == keeper->settings() && std::find(secrets.begin(), secrets.end(), keeper->secret()) != secrets.end();
    if (!wanted) keeper->stop();
  }
}

std::optional<config::Secret> Vault::value(const config::VaultSecret& secret) const {
  const SecretKeeper* known =
      keepers_->find([&](const SecretKeeper& each) { return each.secret() == secret && each.value(); });
  return known == nullptr ? std::nullopt : known->value();
}

std::string Vault::problem(const config::VaultSecret& secret) const {
  const SecretKeeper* known = keepers_->find([&](const SecretKeeper& each) { return each.secret() == secret; });
  return known == nullptr ? std::string() : known->problem();
}

std::vector<Vault::Kept> Vault::kept() const {
  std::vector<Kept> all;
  for (const auto& keeper : keepers_->members()) {
    if (!keeper->stopped()) all.push_back({keeper->secret(), keeper->fetched_at()});
  }
  return all;
}

void Vault::stop(std::function<void()> stopped) {
  keepers_->stop(std::move(stopped));
}

void Vault::shut() {
  keepers_->shut();
}

}  // namespace spillway::identity
