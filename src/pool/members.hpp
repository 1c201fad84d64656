#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace spillway::pool {

// A set of members of one pool, by index.
using Members = std::uint32_t;
inline constexpr std::size_t max_members = 30;

inline bool contains(Members members, std::size_t member) noexcept {
  return (members >> member & 1U) != 0;
}
inline Members only(std::size_t member) noexcept {
  return Members{1} << member;
}

// Calls `visit(index)` for each member, lowest index first.
template <class Visit>
void each(Members members, Visit visit) {
  for (; members != 0; members &= members - 1) visit(static_cast<std::size_t>(std::countr_zero(members)));
}

}  // namespace spillway::pool
