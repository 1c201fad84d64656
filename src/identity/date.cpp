#include <charconv>
#include <chrono>

#include "grant.hpp"

namespace spillway::identity {
namespace {

// Takes a text apart from its front.
class Scanner {
 public:
  explicit Scanner(std::string_view text) noexcept : rest_(text) {}

  bool skip(std::string_view expected) noexcept {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  // One to `digits` digits.
  bool number(std::size_t digits, int& out) noexcept {
    const std::string_view part = rest_.substr(0, digits);
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), out);
    if (error != std::errc() || out < 0 || part.starts_with('-')) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - part.data()));
    return true;
  }
  bool time(int& hour, int& minute, int& second) noexcept {
    return number(2, hour) && skip(":") && number(2, minute) && skip(":") && number(2, second);
  }
  void skip_fraction() noexcept {
    if (!skip(".")) return;
    rest_.remove_prefix(std::min(rest_.find_first_not_of("0123456789"), rest_.size()));
  }
  bool at_end() const noexcept { return rest_.empty(); }

 private:
  std::string_view rest_;
};

struct Moment {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

// All of these are UTC, however they say it.
bool take_zone(Scanner& text) {
  text.skip(" ");
  text.skip("Z") || text.skip("+00:00") || text.skip("+0000");
  return text.at_end();
}

bool take_iso(Scanner text, Moment& moment) {
  if (!text.number(4, moment.year) || !text.skip("-") || !text.number(2, moment.month) || !text.skip("-") ||
      !text.number(2, moment.day)) {
    return false;
  }
  if (!text.skip("T") && !text.skip(" ")) return false;
  if (!text.time(moment.hour, moment.minute, moment.second)) return false;
  text.skip_fraction();
  return take_zone(text);
}

bool take_american(Scanner text, Moment& moment) {
  if (!text.number(2, moment.month) || !text.skip("/") || !text.number(2, moment.day) || !text.skip("/") ||
      !text.number(4, moment.year) || !text.skip(" ") || !text.time(moment.hour, moment.minute, moment.second)) {
    return false;
  }
  text.skip_fraction();
  const bool morning = text.skip(" AM");
  const bool evening = !morning && text.skip(" PM");
  if (morning || evening) {
    if (moment.hour < 1 || moment.hour > 12) return false;
    moment.hour = moment.hour % 12 + (evening ? 12 : 0);
  }
  return take_zone(text);
}

}  // namespace

std::optional<WallTime> parse_date(std::string_view text) noexcept {
  Moment moment;
  if (!take_iso(Scanner(text), moment) && !take_american(Scanner(text), moment)) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(moment.year),
                                         std::chrono::month(static_cast<unsigned>(moment.month)),
                                         std::chrono::day(static_cast<unsigned>(moment.day))};
  if (!date.ok() || moment.hour > 23 || moment.minute > 59 || moment.second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(moment.hour) + std::chrono::minutes(moment.minute) +
         std::chrono::seconds(moment.second);
}

}  // namespace spillway::identity
