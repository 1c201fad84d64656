#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace spillway::lab {

// The whole file; nothing, and why in `problem` (`FILE: No such file or directory`), when it cannot be read.
std::optional<std::string> read_text_file(const std::string& path, std::string& problem);

// Replaces the file; false and `problem` when that cannot be done.
bool write_text_file(const std::string& path, std::string_view text, std::string& problem);

// Whether it could be written; makes an empty file where there was none.
bool can_write_file(const std::string& path, std::string& problem);

}  // namespace spillway::lab
