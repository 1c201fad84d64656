#include "encode.hpp"

namespace spillway::identity {

void append_parameter(std::string& out, std::string_view name, std::string_view value) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  if (!out.empty()) out += '&';
  out.append(name).append("=");
  for (const char c : value) {
    const bool unreserved = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', digits[byte >> 4U], digits[byte & 0xFU]});
    }
  }
}

}  // namespace spillway::identity
