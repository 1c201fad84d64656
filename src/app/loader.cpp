#include "loader.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "spillway/base/units.hpp"

namespace spillway::app {
namespace {

std::vector<config::VaultSecret> names_of(const std::vector<config::UsedVaultSecret>& used) {
  std::vector<config::VaultSecret> names;
  for (const config::UsedVaultSecret& each : used) names.push_back(each.secret);
  return names;
}

config::Loaded refusal(config::Loaded loaded, std::string why) {
  loaded.config = nullptr;
  loaded.problems.push_back({0, 0, {}, std::move(why)});
  return loaded;
}

}  // namespace

Loader::Loader(net::Loop& loop, net::Resolver& resolver, identity::Tokens& tokens, Options options)
    : loop_(loop),
      options_(std::move(options)),
      watch_(loop, options_.look_every, [this] { options_.changed("files of the configuration have changed"); }),
      vault_(loop, resolver, tokens,
             {std::nullopt,
              {},
              [this](const config::VaultSecret& secret) { secret_changed(secret); },
              options_.secret_fetched}) {}

config::FileReader Loader::files(What what) {
  if (what == What::file) return watch_.reader();
  return [this, others = watch_.reader()](const std::string& path) -> Result<std::string> {
    if (path == options_.path) return std::string(text_.reveal());
    return others(path);
  };
}

config::Loaded Loader::read(What what, std::vector<config::UsedVaultSecret>& missing) {
  const config::VaultReader vault = [this](const config::VaultSecret& secret) {
    const auto value = vault_.value(secret);
    return value ? std::string(value->reveal()) : config::stand_in(secret);
  };
  const config::Sources sources{options_.environment, files(what), vault};
  config::Loaded loaded = config::load_file(options_.path, std::chrono::system_clock::now(), sources);
  missing = loaded.secrets;
  std::erase_if(missing, [this](const auto& used) { return vault_.value(used.secret).has_value(); });
  return loaded;
}

net::awaitable<config::Loaded> Loader::load(What what) {
  const std::uint64_t turn = ++turn_;
  ++loads_;
  wake();
  std::vector<config::UsedVaultSecret> missing;
  config::Loaded loaded = read(what, missing);
  const TimePoint began = loop_.now();
  while (loaded.config && !missing.empty()) {
    const config::KeyVault& settings = *loaded.config->key_vault;
    vault_.want(settings, names_of(loaded.secrets));
    co_await arrival(missing, began + settings.wait);
    if (abandoned_) co_return refusal(std::move(loaded), "the gateway is stopping");
    if (turn != turn_) co_return refusal(std::move(loaded), "a later reload has begun");
    if (!all_there(missing)) {
      report(loaded, missing, settings.wait);
      break;
    }
    loaded = read(what, missing);
  }
  co_return loaded;
}

bool Loader::all_there(const std::vector<config::UsedVaultSecret>& missing) const {
  return std::all_of(missing.begin(), missing.end(),
                     [this](const auto& used) { return vault_.value(used.secret).has_value(); });
}

// Until all are there, the time is over, or somebody else's turn has come.
net::awaitable<void> Loader::arrival(const std::vector<config::UsedVaultSecret>& missing, TimePoint deadline) {
  const std::uint64_t turn = turn_;
  net::Suspension suspension(loop_);
  while (!abandoned_ && turn == turn_ && !all_there(missing) && loop_.now() < deadline) {
    waiting_ = &suspension;
    co_await suspension.until(deadline);
    if (waiting_ == &suspension) waiting_ = nullptr;
  }
}

void Loader::report(config::Loaded& loaded, const std::vector<config::UsedVaultSecret>& missing,
                    Milliseconds waited) const {
  loaded.config = nullptr;
  for (const config::UsedVaultSecret& used : missing) {
    if (vault_.value(used.secret)) continue;
    const std::string why = vault_.problem(used.secret);
    config::Problem problem = used.where;
    problem.message = "the secret " + used.secret.text() + " could not be fetched within " + format_duration(waited) +
                      ": " + (why.empty() ? "no answer yet" : why);
    loaded.problems.push_back(std::move(problem));
  }
}

void Loader::accepted(const config::Loaded& loaded) {
  --loads_;
  watch_.accepted(loaded);
  text_ = loaded.text;
  settings_ = loaded.config->key_vault;
  secrets_ = names_of(loaded.secrets);
  stale_ = false;
  forget();
}

void Loader::refused(const config::Loaded& loaded) {
  --loads_;
  watch_.refused(loaded);
  forget();
  if (std::exchange(stale_, false)) loop_.post([this] { options_.changed("a secret in Key Vault has changed"); });
}

// A load that waits needs its own secrets, too.
void Loader::forget() {
  if (loads_ == 0) vault_.retain(settings_, secrets_);
}

void Loader::secret_changed(const config::VaultSecret& secret) {
  const bool in_force = std::find(secrets_.begin(), secrets_.end(), secret) != secrets_.end();
  if (loads_ > 0) {
    stale_ = stale_ || in_force;
    wake();
  } else if (in_force) {
    options_.changed("a secret in Key Vault has changed");
  }
}

void Loader::wake() {
  if (waiting_ != nullptr) std::exchange(waiting_, nullptr)->cancel();
}

void Loader::abandon() {
  abandoned_ = true;
  wake();
}

void Loader::stop(std::function<void()> stopped) {
  abandon();
  vault_.stop(std::move(stopped));
}

}  // namespace spillway::app
