#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace spillway::config {

// A key or password. It has no operator<<, no conversion and no formatter, so it cannot reach a log line or a message
// by accident; the bytes are wiped when it dies.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) noexcept : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  // The value itself, for the one place that sends or compares it.
  std::string_view reveal() const noexcept { return value_; }
  bool empty() const noexcept { return value_.empty(); }

  // Constant time in the contents; the lengths may show.
  friend bool operator==(const Secret& a, const Secret& b) noexcept;

 private:
  std::string value_;
};

}  // namespace spillway::config
