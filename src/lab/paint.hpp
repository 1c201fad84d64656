#pragma once

#include <string>
#include <string_view>

namespace spillway::lab {

// Paints with ANSI colours, or leaves text as it is.
class Paint {
 public:
  explicit Paint(bool colours) : colours_(colours) {}
  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string good(std::string_view text) const { return wrap("32", text); }
  std::string bad(std::string_view text) const { return wrap("31", text); }
  std::string quiet(std::string_view text) const { return wrap("2", text); }

 private:
  std::string wrap(std::string_view code, std::string_view text) const;
  bool colours_;
};

}  // namespace spillway::lab
