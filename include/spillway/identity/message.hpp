#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spillway/base/text.hpp"
#include "spillway/base/time.hpp"
#include "spillway/config/config.hpp"

namespace spillway::identity {

// A small request. Host, Content-Length and Connection are added when it is sent.
struct HttpRequest {
  std::string method = "GET";
  config::BackendUrl url;
  std::string path;   // the whole of it, `url`'s own included
  std::string query;  // without the `?`
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

// What came back: an answer with a status, or a `problem` for the log, which shows nothing of what was sent.
struct HttpAnswer {
  std::string problem;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;

  // The first of that name, empty when there is none.
  std::string_view field(std::string_view name) const noexcept {
    for (const auto& [key, value] : fields) {
      if (iequals(key, name)) return value;
    }
    return {};
  }
  // How long the server wants to be left alone, when it says so in seconds (RFC 9110 10.2.3).
  std::optional<Milliseconds> retry_after() const noexcept {
    const auto value = parse_number<std::uint32_t>(field("Retry-After"));
    if (!value) return std::nullopt;
    return std::chrono::seconds(*value);
  }
};

}  // namespace spillway::identity
