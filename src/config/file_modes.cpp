#include "file_modes.hpp"

namespace spillway::config {
namespace {

std::string octal(std::uint32_t bits) {
  std::string text = "0000";
  for (std::size_t at = text.size(); at-- > 1; bits >>= 3U) text[at] = static_cast<char>('0' + (bits & 7U));
  return text;
}

}  // namespace

std::string exposure(std::string_view file, const FileMode& mode, std::uint32_t user) {
  constexpr std::uint32_t others_read = 0004;
  constexpr std::uint32_t strangers_write = 0022;
  std::string wrong;
  const auto add = [&](const std::string& text) { wrong += (wrong.empty() ? "" : "; ") + text; };
  const bool readable = (mode.bits & others_read) != 0;
  const bool writable = (mode.bits & strangers_write) != 0;
  if (readable || writable) {
    add(std::string("others may ") +
        (readable && writable ? "read and change it"
         : readable           ? "read it"
                              : "change it") +
        ": mode " + octal(mode.bits) + " (chmod 600)");
  }
  if (mode.owner != 0 && mode.owner != user) {
    add("it belongs to user " + std::to_string(mode.owner) + " (chown it to root or to user " + std::to_string(user) +
        ", who reads it)");
  }
  return wrong.empty() ? wrong : std::string(file) + " holds a secret, but " + wrong;
}

}  // namespace spillway::config
