#include <chrono>

#include "client_keys.hpp"
#include "fields.hpp"
#include "spillway/base/text.hpp"

namespace spillway::config {
namespace {

// The digits of `text` from `at` on, `count` of them.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  const std::string_view part = text.substr(at, count);
  for (const char c : part) {
    if (c < '0' || c > '9') return std::nullopt;
  }
  return parse_number<int>(part);
}

std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!year || !month || !day || *year < 1970) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

// `T12:00:00Z`
std::optional<std::chrono::seconds> parse_time_of_day(std::string_view text) {
  if (text.size() != 10 || text[0] != 'T' || text[3] != ':' || text[6] != ':' || text[9] != 'Z') return std::nullopt;
  const auto hour = digits(text, 1, 2);
  const auto minute = digits(text, 4, 2);
  const auto second = digits(text, 7, 2);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

}  // namespace

std::optional<WallTime> parse_end(std::string_view text) {
  const auto day = parse_day(text.substr(0, 10));
  if (!day) return std::nullopt;
  std::chrono::sys_seconds end = *day + std::chrono::days(1);
  if (text.size() > 10) {
    const auto time = parse_time_of_day(text.substr(10));
    if (!time) return std::nullopt;
    end = *day + *time;
  }
  // The clock counts nanoseconds and ends in 2262.
  const auto last = std::chrono::floor<std::chrono::seconds>(WallTime::max());
  return end < last ? WallTime(end) : WallTime::max();
}

Rule<WallTime> end_time() {
  Rule<WallTime> rule;
  rule.type = "date or time in UTC";
  rule.read = [type = rule.type](Reader& reader, const Place& place, WallTime& out) {
    const auto text = reader.scalar(place, type);
    if (!text) return false;
    const auto end = parse_end(*text);
    if (!end) {
      reader.mismatch(place, text->empty() ? "is empty" : "is not a date",
                      "such as 2027-01-31, which includes that day, or 2027-01-31T12:00:00Z");
      return false;
    }
    out = *end;
    return true;
  };
  return rule;
}

Rule<std::optional<ClientKey>> client_key() {
  Rule<std::optional<ClientKey>> rule;
  rule.type = "secret or its hash";
  rule.read = [plain = secret()](Reader& reader, const Place& place, std::optional<ClientKey>& out) {
    Secret text;
    if (!plain.read(reader, place, text)) return false;
    if (text.empty()) return true;
    const auto digest = written_key_digest(text.reveal());
    if (!digest) {
      reader.problem(place,
                     "is not a hashed key (64 hexadecimal digits after sha256:, as `spillway hash-key` prints them)");
      return false;
    }
    out = ClientKey{*digest, std::nullopt};
    return true;
  };
  return rule;
}

Rule<std::optional<ClientKey>> client_key_item() {
  Rule<std::optional<ClientKey>> rule = client_key();
  rule.read = [alone = client_key(), with_date = section<ClientKeySection>()](Reader& reader, const Place& place,
                                                                              std::optional<ClientKey>& out) {
    if (place.node->kind != Node::Kind::map) return alone.read(reader, place, out);
    ClientKeySection map;
    if (!with_date.read(reader, place, map)) return false;
    out = map.key;
    if (out) out->expires = map.not_after;
    return true;
  };
  rule.section = section<ClientKeySection>().section;
  return rule;
}

std::optional<Place> key_of_item(const Place& item) {
  return item.node->kind == Node::Kind::map ? item.find("key") : item;
}

}  // namespace spillway::config
