#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/net/suspension.hpp"
#include "spillway/routing/token_access.hpp"

namespace spillway::identity {

// How the keys of one tenant come, as requests see it; the keys themselves go into routing::TokenAccess. Thread-safe;
// nothing here waits. Outlives whoever fetches them as long as a request holds it.
class TenantKeys {
 public:
  TenantKeys(routing::TokenAccess::Tenant tenant, Milliseconds between_wishes);

  const routing::TokenAccess::Tenant& tenant() const noexcept { return tenant_; }

  // Fetches that have ended so far, well or not.
  std::uint64_t fetches() const;

  // A token names a key that was unknown after `seen` fetches. True: a further one has ended since, is under way or
  // will begin at once, so waiting until there are more than `seen` is worth while. False: too soon after the last
  // wish, for anybody can make up a key's name; or nobody fetches any more.
  bool wish(std::uint64_t seen, TimePoint now);
  // The line is woken once, when the next fetch has ended. Register first and look again, or one is missed.
  void wake_on_fetch(std::weak_ptr<net::RemoteWake::Line> line);

  struct Status {
    std::size_t keys = 0;
    std::optional<WallTime> fetched_at;  // the last time it went well
    std::string problem;                 // of the last fetch, empty when it went well
  };
  Status status() const;

  // For the keeper, on its loop.
  void keep_with(std::weak_ptr<net::RemoteWake::Line> keeper);
  bool wished() const;
  // A fetch begins, which fulfils the wishes so far; it has ended.
  void begin();
  void end(Status status);

 private:
  const routing::TokenAccess::Tenant tenant_;
  const Milliseconds between_wishes_;
  mutable std::mutex mutex_;
  std::weak_ptr<net::RemoteWake::Line> keeper_;
  std::vector<std::weak_ptr<net::RemoteWake::Line>> waiting_;
  std::uint64_t fetches_ = 0;
  std::optional<TimePoint> wished_at_;
  bool wished_ = false;
  bool under_way_ = false;
  Status status_;
};

}  // namespace spillway::identity
