#pragma once

#include <algorithm>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "spillway/base/log.hpp"
#include "spillway/net/loop.hpp"

namespace spillway::identity {

// Coroutines of one loop that run until they are told to stop, and end some time after. A member has `run()`, which
// ends only after `stop()`, and `stopped()`.
template <class Member>
class Crew {
 public:
  using Members = std::list<std::unique_ptr<Member>>;

  // `task`: what they do, for the log.
  Crew(net::Loop& loop, std::string task) : loop_(loop), task_(std::move(task)) {}
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() { shut(); }

  Member& add(std::unique_ptr<Member> member) {
    const auto place = members_.insert(members_.end(), std::move(member));
    loop_.spawn((*place)->run(), [this, place](const std::exception_ptr& thrown) {
      if (thrown) log::error(task_ + " ended in an exception");
      ended(place);
    });
    return **place;
  }

  // Those that have been told to stop included, while they last.
  const Members& members() const noexcept { return members_; }
  // The first that has not been told to stop, or null.
  template <class Predicate>
  Member* find(Predicate predicate) const {
    const auto found = std::find_if(members_.begin(), members_.end(),
                                    [&](const auto& each) { return !each->stopped() && predicate(*each); });
    return found == members_.end() ? nullptr : found->get();
  }

  // Ends everything; `stopped` is called from the loop.
  void stop(std::function<void()> stopped) {
    stopped_ = std::move(stopped);
    for (const auto& member : members_) member->stop();
    if (!members_.empty() || !stopped_) return;
    loop_.post([this] {
      if (stopped_) std::exchange(stopped_, {})();
    });
  }
  // The same when the loop is not running any more: runs it until everything has ended.
  void shut() {
    stop({});
    while (!members_.empty()) loop_.poll();
  }

 private:
  void ended(typename Members::iterator place) {
    members_.erase(place);
    if (!members_.empty() || !stopped_) return;
    const std::function<void()> stopped = std::exchange(stopped_, {});
    stopped();
  }

  net::Loop& loop_;
  const std::string task_;
  Members members_;
  std::function<void()> stopped_;
};

}  // namespace spillway::identity
