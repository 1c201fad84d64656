#include <algorithm>
#include <array>
#include <cstdio>

#include "spillway/base/text.hpp"
#include "spillway/http/retry_after.hpp"

namespace spillway::http {
namespace {

using std::chrono::seconds;

constexpr std::array<std::string_view, 7> day_names = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> long_day_names = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                            "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Takes a text apart from the left; `failed` stays set after the first mismatch.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  void literal(std::string_view expected) noexcept {
    failed_ = failed_ || !rest_.starts_with(expected);
    if (!failed_) rest_.remove_prefix(expected.size());
  }
  // Exactly `digits` digits.
  int number(std::size_t digits) noexcept {
    const auto value = rest_.size() < digits ? std::nullopt : parse_number<unsigned>(rest_.substr(0, digits));
    failed_ = failed_ || !value;
    if (failed_) return 0;
    rest_.remove_prefix(digits);
    return static_cast<int>(*value);
  }
  // The position of the name the text goes on with.
  template <std::size_t N>
  unsigned one_of(const std::array<std::string_view, N>& names) noexcept {
    const auto* found =
        std::find_if(names.begin(), names.end(), [&](std::string_view name) { return rest_.starts_with(name); });
    failed_ = failed_ || found == names.end();
    if (failed_) return 0;
    rest_.remove_prefix(found->size());
    return static_cast<unsigned>(found - names.begin());
  }
  bool skip(char c) noexcept {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool done() const noexcept { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

struct Date {
  int year = 0;
  unsigned month = 0;  // 0 to 11
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

void read_time(Cursor& cursor, Date& date) noexcept {
  date.hour = cursor.number(2);
  cursor.literal(":");
  date.minute = cursor.number(2);
  cursor.literal(":");
  date.second = cursor.number(2);
}

// `Sun, 06 Nov 1994 08:49:37 GMT`
bool read_fixdate(std::string_view text, Date& date) noexcept {
  Cursor cursor(text);
  cursor.one_of(day_names);
  cursor.literal(", ");
  date.day = cursor.number(2);
  cursor.literal(" ");
  date.month = cursor.one_of(month_names);
  cursor.literal(" ");
  date.year = cursor.number(4);
  cursor.literal(" ");
  read_time(cursor, date);
  cursor.literal(" GMT");
  return cursor.done();
}

// `Sunday, 06-Nov-94 08:49:37 GMT`
bool read_rfc850(std::string_view text, Date& date) noexcept {
  Cursor cursor(text);
  cursor.one_of(long_day_names);
  cursor.literal(", ");
  date.day = cursor.number(2);
  cursor.literal("-");
  date.month = cursor.one_of(month_names);
  cursor.literal("-");
  const int year = cursor.number(2);
  date.year = year + (year < 70 ? 2000 : 1900);
  cursor.literal(" ");
  read_time(cursor, date);
  cursor.literal(" GMT");
  return cursor.done();
}

// `Sun Nov  6 08:49:37 1994`
bool read_asctime(std::string_view text, Date& date) noexcept {
  Cursor cursor(text);
  cursor.one_of(day_names);
  cursor.literal(" ");
  date.month = cursor.one_of(month_names);
  cursor.literal(" ");
  date.day = cursor.skip(' ') ? cursor.number(1) : cursor.number(2);
  cursor.literal(" ");
  read_time(cursor, date);
  cursor.literal(" ");
  date.year = cursor.number(4);
  return cursor.done();
}

}  // namespace

std::optional<WallTime> parse_http_date(std::string_view text) noexcept {
  Date date;
  if (!read_fixdate(text, date) && !read_rfc850(text, date) && !read_asctime(text, date)) return std::nullopt;
  const std::chrono::year_month_day day(std::chrono::year(date.year), std::chrono::month(date.month + 1),
                                        std::chrono::day(static_cast<unsigned>(date.day)));
  // 60 is a leap second (RFC 9110 5.6.7).
  if (!day.ok() || date.hour > 23 || date.minute > 59 || date.second > 60) return std::nullopt;
  const std::chrono::sys_seconds moment = std::chrono::sys_days(day) + std::chrono::hours(date.hour) +
                                          std::chrono::minutes(date.minute) + seconds(date.second);
  const auto first = std::chrono::ceil<seconds>(WallTime::min());
  const auto last = std::chrono::floor<seconds>(WallTime::max());
  return WallTime(std::clamp(moment, first, last));
}

std::string format_http_date(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<seconds>(time) - std::chrono::sys_seconds(day));
  std::array<char, 64> text;
  const int size =
      std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                    day_names[std::chrono::weekday(day).c_encoding()].data(), static_cast<unsigned>(date.day()),
                    month_names[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace spillway::http
