#include "spillway/base/units.hpp"

#include <limits>

#include "spillway/base/text.hpp"

namespace spillway {
namespace {

constexpr std::int64_t longest = std::int64_t{10} * 366 * 24 * 3600 * 1000;  // ten years in milliseconds

struct Unit {
  std::string_view name;
  std::int64_t scale;
};
constexpr Unit time_units[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
constexpr Unit size_units[] = {{"KiB", 1LL << 10}, {"MiB", 1LL << 20},    {"GiB", 1LL << 30}, {"KB", 1000},
                               {"MB", 1'000'000},  {"GB", 1'000'000'000}, {"B", 1},           {"", 1}};

std::string_view take_digits(std::string_view& text) noexcept {
  std::size_t n = 0;
  while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
  const std::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

// value * scale, or nothing when that passes `longest`.
std::optional<std::int64_t> scaled(std::int64_t value, std::int64_t scale) noexcept {
  if (value > longest / scale) return std::nullopt;
  return value * scale;
}

// ISO 8601 durations without years, months and weeks, whose length is not fixed or never written in Bicep.
std::optional<Milliseconds> parse_iso(std::string_view text) noexcept {
  text.remove_prefix(1);  // P
  std::int64_t total = 0;
  bool in_time = false;
  bool any = false;
  int last_rank = -1;
  while (!text.empty()) {
    if (text.front() == 'T') {
      if (in_time || text.size() == 1) return std::nullopt;
      in_time = true;
      text.remove_prefix(1);
      continue;
    }
    const auto whole = parse_number<std::int64_t>(take_digits(text));
    if (!whole || text.empty()) return std::nullopt;
    std::int64_t thousandths = 0;
    bool fraction = false;
    if (text.front() == '.') {
      text.remove_prefix(1);
      const std::string_view digits = take_digits(text);
      if (digits.empty() || digits.size() > 3 || text.empty()) return std::nullopt;
      fraction = true;
      std::int64_t place = 100;
      for (const char digit : digits) {
        thousandths += (digit - '0') * place;
        place /= 10;
      }
    }
    const char designator = text.front();
    text.remove_prefix(1);
    int rank = 0;
    std::int64_t scale = 0;
    if (!in_time && designator == 'D') {
      rank = 0;
      scale = 86'400'000;
    } else if (in_time && designator == 'H') {
      rank = 1;
      scale = 3'600'000;
    } else if (in_time && designator == 'M') {
      rank = 2;
      scale = 60'000;
    } else if (in_time && designator == 'S') {
      rank = 3;
      scale = 1000;
    } else
      return std::nullopt;
    if (rank <= last_rank || (fraction && designator != 'S')) return std::nullopt;
    last_rank = rank;
    const auto part = scaled(*whole, scale);
    if (!part) return std::nullopt;
    total += *part + thousandths;
    any = true;
  }
  if (!any || total > longest) return std::nullopt;
  return Milliseconds(total);
}

}  // namespace

std::optional<Milliseconds> parse_duration(std::string_view text) noexcept {
  if (!text.empty() && text.front() == 'P') return parse_iso(text);
  const auto value = parse_number<std::int64_t>(take_digits(text));
  if (!value) return std::nullopt;
  for (const Unit& unit : time_units) {
    if (text == unit.name) {
      if (const auto total = scaled(*value, unit.scale)) return Milliseconds(*total);
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::string format_duration(Milliseconds duration) {
  const std::int64_t count = duration.count();
  if (count == 0) return "0s";
  for (std::size_t i = std::size(time_units); i-- > 0;) {
    if (count % time_units[i].scale == 0)
      return std::to_string(count / time_units[i].scale) + std::string(time_units[i].name);
  }
  return std::to_string(count) + "ms";
}

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept {
  const auto value = parse_number<std::uint64_t>(take_digits(text));
  if (!value) return std::nullopt;
  for (const Unit& unit : size_units) {
    if (text != unit.name) continue;
    const auto scale = static_cast<std::uint64_t>(unit.scale);
    if (*value > std::numeric_limits<std::uint64_t>::max() / scale) return std::nullopt;
    return *value * scale;
  }
  return std::nullopt;
}

std::string format_size(std::uint64_t bytes) {
  if (bytes != 0) {
    for (const Unit& unit : {size_units[2], size_units[1], size_units[0]}) {
      const auto scale = static_cast<std::uint64_t>(unit.scale);
      if (bytes % scale == 0) return std::to_string(bytes / scale) + std::string(unit.name);
    }
  }
  return std::to_string(bytes);
}

}  // namespace spillway
