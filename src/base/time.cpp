#include "spillway/base/time.hpp"

#include <chrono>

namespace spillway {
namespace {

// `value`, which must fit, ending before `end`.
void put_digits(std::string& text, std::size_t end, std::size_t digits, unsigned value) noexcept {
  for (; digits != 0; --digits, value /= 10) text[--end] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string format_time(WallTime time) {
  using namespace std::chrono;
  const auto midnight = floor<days>(time);
  const year_month_day date(midnight);
  const hh_mm_ss clock(floor<milliseconds>(time - midnight));
  std::string text = "0000-00-00T00:00:00.000Z";
  put_digits(text, 4, 4, static_cast<unsigned>(static_cast<int>(date.year())));
  put_digits(text, 7, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 10, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 13, 2, static_cast<unsigned>(clock.hours().count()));
  put_digits(text, 16, 2, static_cast<unsigned>(clock.minutes().count()));
  put_digits(text, 19, 2, static_cast<unsigned>(clock.seconds().count()));
  put_digits(text, 23, 3, static_cast<unsigned>(clock.subseconds().count()));
  return text;
}

}  // namespace spillway
