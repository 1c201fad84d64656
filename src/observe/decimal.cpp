#include "decimal.hpp"

namespace spillway::observe {

void append_decimal(std::string& out, std::int64_t units, int decimals) {
  if (units <= 0) {
    out.push_back('0');
    return;
  }
  std::int64_t scale = 1;
  for (int i = 0; i < decimals; ++i) scale *= 10;
  out.append(std::to_string(units / scale));
  std::int64_t rest = units % scale;
  if (rest == 0) return;
  out.push_back('.');
  while (rest != 0) {
    scale /= 10;
    out.push_back(static_cast<char>('0' + rest / scale));
    rest %= scale;
  }
}

}  // namespace spillway::observe
