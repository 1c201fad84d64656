#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::config {

// Whose a file is and who may use it, as stat(2) has it.
struct FileMode {
  std::uint32_t owner = 0;
  std::uint32_t bits = 0;  // the lower nine: rwxrwxrwx
};

// Why a file with a secret is open to others than root and `user`, and what to do about it; nothing when it is not. Its
// group may read it, as that of a mounted Kubernetes secret does. `file` is how to call it.
std::string exposure(std::string_view file, const FileMode& mode, std::uint32_t user);

}  // namespace spillway::config
