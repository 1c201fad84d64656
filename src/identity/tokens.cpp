#include "spillway/identity/tokens.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "keeper.hpp"
#include "spillway/base/log.hpp"

namespace spillway::identity {

namespace asio = net::asio;

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
    : loop_(loop), options_(std::move(options)), caller_(std::make_unique<Caller>(loop, resolver, options_.ca)) {}

Tokens::~Tokens() {
  shut();
}

void Tokens::shut() {
  stop({});
  while (!keepers_.empty()) loop_.poll();
}

Credentials Tokens::credentials(const config::Config& config) {
  Credentials all;
  for (const config::Backend& backend : config.backends) {
    all.push_back(backend.auth.identity ? keeper_of(*backend.auth.identity).credential() : nullptr);
  }
  return all;
}

Keeper& Tokens::keeper_of(const config::Identity& identity) {
  const auto known = std::find_if(keepers_.begin(), keepers_.end(), [&](const auto& keeper) {
    return !keeper->stopped() && keeper->identity() == identity;
  });
  if (known != keepers_.end()) return **known;
  const auto before = std::find_if(keepers_.begin(), keepers_.end(),
                                   [&](const auto& keeper) { return same_principal(keeper->identity(), identity); });
  auto made = std::make_unique<Keeper>(loop_, *caller_, identity, options_);
  if (before != keepers_.end()) made->take_over(**before);
  const auto place = keepers_.insert(keepers_.end(), std::move(made));
  asio::co_spawn(loop_.context(), (*place)->run(), [this, place](const std::exception_ptr& thrown) {
    if (thrown) log::error("keeping an access token fresh ended in an exception");
    ended(place);
  });
  return **place;
}

void Tokens::ended(std::list<std::unique_ptr<Keeper>>::iterator place) {
  keepers_.erase(place);
  if (!keepers_.empty() || !stopped_) return;
  const std::function<void()> stopped = std::exchange(stopped_, {});
  stopped();
}

void Tokens::retain(const config::Config& config) {
  for (const auto& keeper : keepers_) {
    if (!uses(config, keeper->identity())) keeper->stop();
  }
}

void Tokens::stop(std::function<void()> stopped) {
  stopped_ = std::move(stopped);
  for (const auto& keeper : keepers_) keeper->stop();
  if (!keepers_.empty() || !stopped_) return;
  loop_.post([this] {
    if (stopped_) std::exchange(stopped_, {})();
  });
}

}  // namespace spillway::identity
