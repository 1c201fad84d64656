#include <algorithm>
#include <map>
#include <utility>

#include "state.hpp"

namespace spillway::pool {
namespace {

bool same_members(const config::Config& a, const config::Pool& x, const config::Config& b, const config::Pool& y) {
  return std::equal(x.members.begin(), x.members.end(), y.members.begin(), y.members.end(),
                    [&](const config::Member& m, const config::Member& n) {
                      return a.backends[m.backend].name == b.backends[n.backend].name && m.priority == n.priority &&
                             m.weight == n.weight;
                    });
}

std::vector<Members> groups_of(const config::Pool& pool, bool& several) {
  std::map<int, Members> by_priority;
  for (std::size_t member = 0; member < pool.members.size(); ++member) {
    Members& group = by_priority[pool.members[member].priority];
    if (pool.members[member].weight > 0) group |= only(member);
  }
  several = by_priority.size() > 1;
  std::vector<Members> groups;
  for (const auto& [priority, members] : by_priority)
    if (members != 0) groups.push_back(members);
  return groups;
}

std::shared_ptr<Backend> find(const std::vector<std::shared_ptr<Backend>>& backends, const std::string& name) {
  const auto found = std::find_if(backends.begin(), backends.end(),
                                  [&](const std::shared_ptr<Backend>& backend) { return backend->name() == name; });
  return found == backends.end() ? nullptr : *found;
}

// The live state of a backend, from `before` when there is one.
std::shared_ptr<Backend> carried(const config::Backend& written, const std::shared_ptr<Backend>& before) {
  const std::shared_ptr<Places> places = before ? before->shared_places() : std::make_shared<Places>();
  places->limit = written.max_connections;
  std::erase_if(places->waiting, [](const std::weak_ptr<WaitList>& list) { return list.expired(); });
  return before && before->continues_as(written) ? before : std::make_shared<Backend>(written, places);
}

}  // namespace

Fleet::Fleet(std::shared_ptr<const config::Config> config, const Fleet* previous, TransitionObserver observer,
             const std::vector<HasCredential>& credentials)
    : config_(std::move(config)),
      ledger_(previous != nullptr ? previous->ledger_ : std::make_shared<Ledger>()),
      observer_(std::make_shared<const TransitionObserver>(std::move(observer))) {
  const std::lock_guard lock(ledger_->mutex);
  for (const config::Backend& written : config_->backends)
    backends_.push_back(carried(written, previous != nullptr ? find(previous->backends_, written.name) : nullptr));

  for (std::size_t number = 0; number < config_->pools.size(); ++number) {
    const config::Pool& written = config_->pools[number];
    const Pool::State* before = nullptr;
    if (previous != nullptr)
      for (const std::shared_ptr<Pool>& pool : previous->pools_)
        if (pool->config().name == written.name) before = pool->state_.get();

    auto state = std::make_unique<Pool::State>(config_, number);
    state->ledger = ledger_;
    state->observer = observer_;
    state->groups = groups_of(written, state->several_priorities);
    for (const config::Member& member : written.members) {
      Member live{backends_[member.backend], nullptr,
                  credentials.empty() ? HasCredential() : credentials[member.backend]};
      if (before != nullptr)
        for (const Member& old : before->members)
          if (old.backend->name() == live.backend->name()) live.counters = old.counters;
      if (!live.counters) live.counters = std::make_shared<Counters>();
      live.backend->places().waiting.push_back(state->waiting);
      state->weights.push_back(member.weight);
      state->names.push_back(hash_of_name(live.backend->name()));
      state->members.push_back(std::move(live));
    }
    if (before != nullptr && same_members(*config_, written, *before->config, before->pool()))
      state->take_turns(*before);
    pools_.push_back(std::shared_ptr<Pool>(new Pool(std::move(state))));
  }
}

Fleet::~Fleet() = default;

void Fleet::credential_came(std::size_t backend) const {
  Notices notices;
  {
    const std::lock_guard lock(ledger_->mutex);
    notices.wake(backends_[backend]->places());
  }
  notices.deliver(*observer_);
}

}  // namespace spillway::pool
