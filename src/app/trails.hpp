#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "spillway/observe/metrics.hpp"
#include "spillway/observe/trail.hpp"
#include "spillway/pool/pool.hpp"

namespace spillway::app {

observe::Tally tally(const pool::MemberStatus& member) noexcept;
observe::Tally tally(const observe::Metrics::Totals& totals) noexcept;

// The last minutes of every member and of the gateway as a whole, kept by name over reloads. Lives on the control loop.
class Trails {
 public:
  static constexpr Milliseconds slice{10'000};

  // Follows the members of this configuration: new ones from now on, gone ones no more.
  void follow(const pool::Fleet& fleet, observe::Metrics& metrics, TimePoint now);
  // To be called when a slice is over.
  void turn(const pool::Fleet& fleet, const observe::Metrics& metrics, TimePoint now);

  // Of a configuration that is followed.
  const observe::Trail& total() const { return *total_; }
  const observe::Trail& member(std::string_view pool, std::string_view backend) const;

 private:
  using Key = std::pair<std::string, std::string>;  // pool, backend
  std::map<Key, observe::Trail> members_;
  std::optional<observe::Trail> total_;
};

}  // namespace spillway::app
