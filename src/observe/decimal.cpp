#include "decimal.hpp"

#include <array>
#include <charconv>
#include <string_view>

namespace spillway::observe {

void append_decimal(std::string& out, std::int64_t units, std::size_t decimals) {
  if (units <= 0) {
    out.push_back('0');
    return;
  }
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), units).ptr;
  std::string_view fraction(digits.data(), static_cast<std::size_t>(end - digits.data()));
  std::size_t zeros = 0;  // between the point and the first digit
  if (fraction.size() > decimals) {
    const std::size_t whole = fraction.size() - decimals;
    out.append(fraction.substr(0, whole));
    fraction.remove_prefix(whole);
  } else {
    out.push_back('0');
    zeros = decimals - fraction.size();
  }
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  if (fraction.empty()) return;
  out.push_back('.');
  out.append(zeros, '0').append(fraction);
}

}  // namespace spillway::observe
