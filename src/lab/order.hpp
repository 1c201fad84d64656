#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "answer.hpp"

namespace spillway::lab {

// What a control request orders: a JSON object read key by key. The first thing wrong with it is kept, and what could
// not be read is empty; so an order is read to its end, then asked whether it is `good`, then obeyed.
class Order {
 public:
  // An empty body is an empty object. Keys that are not in the list are wrong.
  Order(std::string_view body, std::initializer_list<std::string_view> keys);

  bool has(std::string_view key) const { return value_.contains(std::string(key)); }
  const Json& value(std::string_view key) const { return member(value_, key); }
  // A text that is not empty; absent and null are the empty text.
  std::string text(std::string_view key);
  std::optional<std::int64_t> whole(std::string_view key, std::int64_t min, std::int64_t max);

  void refuse(int status, std::string message);
  bool good() const noexcept { return status_ == 0; }
  // `{"error": …}`
  Answer refusal() const;

 private:
  Json value_;
  int status_ = 0;
  std::string message_;
};

}  // namespace spillway::lab
