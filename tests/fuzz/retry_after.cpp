#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "spillway/http/retry_after.hpp"

using namespace spillway;
using namespace spillway::http;

// A wait is positive and at most ten years, whatever the three fields (one a line) say; a date that is read can be
// written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  ResponseHead head;
  for (const std::string_view name : {"retry-after-ms", "x-ms-retry-after-ms", "Retry-After"}) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    head.fields.push_back({field_id(name), name, line});
    if (const auto date = parse_http_date(line)) {
      const auto second = std::chrono::floor<std::chrono::seconds>(*date);
      const bool extreme =
          *date <= WallTime::min() + std::chrono::seconds(1) || *date >= WallTime::max() - std::chrono::seconds(1);
      if (!extreme && parse_http_date(format_http_date(*date)) != WallTime(second)) std::abort();
    }
  }
  for (const std::int64_t now :
       {std::int64_t{0}, std::int64_t{784111777}, std::int64_t{-9000000000}, std::int64_t{9000000000}}) {
    const auto wait = retry_after(head, WallTime(std::chrono::seconds(now)));
    if (wait && (wait->wait.count() <= 0 || wait->wait > std::chrono::hours(24 * 3650))) std::abort();
  }
  return 0;
}
