#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "members.hpp"
#include "spillway/base/time.hpp"

namespace spillway::pool {

// 64 bits of a backend's name, the same on every machine and in every version.
std::uint64_t hash_of_name(std::string_view name) noexcept;

// What rendezvous hashing needs of a pool's members.
struct Rendezvous {
  std::span<const int> weights;
  std::span<const std::uint64_t> names;  // `hash_of_name` of each member's backend

  // The member of `among` with the highest score for the key; by weight over many keys. The score depends on the key,
  // the backend's name and the weight alone, so it does not matter who else there is or in which order: a member that
  // comes or goes moves only its own share. (Weighted rendezvous hashing: Schindelhauer and Schomaker, "Weighted
  // Distributed Hash Tables", SPAA 2005.) `among` is not empty.
  std::size_t highest(Members among, std::uint64_t key) const;
};

// How many prompts the members of one priority have had of late: counts that halve every minute.
class PromptShares {
 public:
  // Those of `group` that may take another prompt: no one gets more than 1.25 of its share by weight of what `group`
  // had, but `always` are allowed.
  Members within_bounds(Members group, std::span<const int> weights, TimePoint now);

  // The one of `among` with the fewest prompts per weight. `among` is not empty.
  std::size_t lightest(Members among, std::span<const int> weights) const;

  // A prompt goes to `member`. Those of its group that are `away` are counted as if they went on taking their share, so
  // that they are not flooded when they return to make up for it.
  void add(std::size_t member, Members group, Members away, std::span<const int> weights);

  static constexpr double above_share = 1.25;
  static constexpr double always = 16;

 private:
  std::array<double, max_members> counts_{};
  TimePoint at_{};
};

}  // namespace spillway::pool
