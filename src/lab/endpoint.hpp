#pragma once

#include <cstdint>
#include <string>

namespace spillway::lab {

// Where something listens.
struct Endpoint {
  std::string host = "127.0.0.1";  // a literal address, without brackets
  std::uint16_t port = 0;          // 0: a free one

  std::string text() const;  // `127.0.0.1:9711`, `[::1]:9711`
};

}  // namespace spillway::lab
