#include "trails.hpp"

#include <utility>

namespace spillway::app {

observe::Tally tally(const pool::MemberStatus& member) noexcept {
  return {member.requests, member.failures, member.throttled};
}

observe::Tally tally(const observe::Metrics::Totals& totals) noexcept {
  return {totals.requests, totals.failures, 0};
}

void Trails::follow(const pool::Fleet& fleet, observe::Metrics& metrics, TimePoint now) {
  if (!total_) total_.emplace(tally(metrics.totals()), observe::Trail::Latencies(), now);
  std::map<Key, observe::Trail> followed;
  for (std::size_t pool = 0; pool < fleet.size(); ++pool) {
    const pool::PoolStatus status = fleet.pool(pool)->status(now);
    for (const pool::MemberStatus& member : status.members) {
      const Key key(status.name, member.backend);
      if (const auto known = members_.find(key); known != members_.end()) {
        followed.insert(members_.extract(known));
        continue;
      }
      const observe::MemberSeries series = metrics.member(status.name, member.backend);
      const observe::Trail::Latencies latencies{&series.first_byte->counts(), &series.duration->counts()};
      followed.emplace(key, observe::Trail(tally(member), latencies, now));
    }
  }
  members_ = std::move(followed);
}

void Trails::turn(const pool::Fleet& fleet, const observe::Metrics& metrics, TimePoint now) {
  total_->turn(tally(metrics.totals()), now);
  for (std::size_t pool = 0; pool < fleet.size(); ++pool) {
    const pool::PoolStatus status = fleet.pool(pool)->status(now);
    for (const pool::MemberStatus& member : status.members)
      members_.at(Key(status.name, member.backend)).turn(tally(member), now);
  }
}

const observe::Trail& Trails::member(std::string_view pool, std::string_view backend) const {
  return members_.at(Key(pool, backend));
}

}  // namespace spillway::app
