#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "spillway/config/config.hpp"
#include "spillway/http/reader.hpp"
#include "spillway/routing/owner_marks.hpp"

namespace spillway::forward {

// A request's head as the listener reads it.
class Request {
 public:
  // `line` without the version; each of `fields` is `Name: value`.
  explicit Request(const std::string& line, const std::vector<std::string>& fields = {}) {
    bytes_ = line + " HTTP/1.1\r\nHost: gateway.example\r\n";
    for (const std::string& field : fields) bytes_ += field + "\r\n";
    bytes_ += "\r\n";
    EXPECT_EQ(reader_.parse(bytes_), http::ReadState::complete) << bytes_ << reader_.rejection().reason;
  }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  const http::RequestHead& head() const noexcept { return reader_.head(); }

 private:
  std::string bytes_;
  http::RequestReader reader_{http::HeadLimits()};
};

inline constexpr std::size_t east = 0;
inline constexpr std::size_t west = 1;

// The backends `east` and `west`, both in the pools 0, `chat`, and 1, `other`.
inline config::Config two_pools() {
  config::Config config;
  config.backends.resize(2);
  config.backends[east].name = "east";
  config.backends[west].name = "west";
  config.pools.resize(2);
  config.pools[0].name = "chat";
  config.pools[1].name = "other";
  for (config::Pool& pool : config.pools) {
    pool.members.resize(2);
    pool.members[0].backend = east;
    pool.members[1].backend = west;
  }
  return config;
}

// A gateway that marks ids.
struct Marking {
  const config::Config config = two_pools();
  const routing::OwnerMarks marks{config};

  std::string marked(const std::string& id, std::size_t backend) const {
    const routing::OwnerMarks::Mark mark = marks.mark(id, backend);
    return id + std::string(mark.data(), mark.size());
  }
};

// The same text with another last character, and of the same alphabet.
inline std::string forged(std::string text) {
  text.back() = text.back() == 'A' ? 'B' : 'A';
  return text;
}

}  // namespace spillway::forward
