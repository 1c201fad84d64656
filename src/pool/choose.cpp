#include "affinity.hpp"
#include "state.hpp"

namespace spillway::pool {

Members Pool::State::eligible(Turn& turn, Members among, const Tried& tried, TimePoint now, Notices* notices) const {
  Members found = 0;
  each(among & ~tried.members, [&](std::size_t member) {
    const Circuit& circuit = this->circuit(turn, member, now, notices).circuit;
    const bool admitted = circuit.closed() || circuit.admits(now);
    const Member& asked = members[member];
    if (admitted && asked.has_credential() && !asked.backend->places().full()) found |= only(member);
  });
  return found;
}

Choice Pool::State::choose(Turn& turn, const Wish& wish, const Tried& tried, TimePoint now, Notices* notices) const {
  if (wish.owner) return choose_bound(turn, *wish.owner, tried, now, notices);
  const bool fail = pool().affinity.when_unavailable == config::WhenUnavailable::fail;
  if (wish.pinned) {
    const Choice pinned = choose_bound(turn, *wish.pinned, tried, now, notices);
    if (pinned.member || fail) return pinned;
  }
  const bool hashed = !wish.pinned && (wish.session || wish.prompt);
  for (const Members group : groups) {
    const Members serving = group & turn.serving;
    const Members able = eligible(turn, serving, tried, now, notices);
    const Members among = hashed && fail ? serving : able;
    if (among == 0) continue;
    if (!hashed) return {choose_by_strategy(turn, wish, tried, able, now), {}};
    const std::size_t first =
        wish.session ? rendezvous().highest(among, *wish.session) : first_by_prompt(turn, wish, serving, among, now);
    if (!contains(able, first)) return {{}, only(first)};
    if (!wish.session) turn.prompts.add(first, serving, serving & ~able & ~tried.members, weights);
    return {first, {}};
  }
  return {};
}

Choice Pool::State::choose_bound(Turn& turn, std::size_t member, const Tried& tried, TimePoint now,
                                 Notices* notices) const {
  const Members bound = member < members.size() ? only(member) & turn.serving & undrained() : Members{0};
  if (eligible(turn, bound, tried, now, notices) != 0) return {member, {}};
  return {{}, bound};
}

std::size_t Pool::State::choose_by_strategy(Turn& turn, const Wish& wish, const Tried& tried, Members able,
                                            TimePoint now) const {
  Candidates candidates;
  candidates.members = able;
  candidates.weights = weights;
  candidates.first_attempt = tried.members == 0;
  candidates.now = now;
  each(able, [&](std::size_t member) {
    candidates.of[member] = {members[member].backend->places().in_flight,
                             &turn.seats[member].circuit->lanes[wish.stream ? 1 : 0]};
  });
  return spillway::pool::choose(pool().strategy, candidates, turn.memory);
}

std::size_t Pool::State::first_by_prompt(Turn& turn, const Wish& wish, Members serving, Members among,
                                         TimePoint now) const {
  const Members within = turn.prompts.within_bounds(serving, weights, now) & among;
  return within != 0 ? rendezvous().highest(within, *wish.prompt) : turn.prompts.lightest(among, weights);
}

}  // namespace spillway::pool
