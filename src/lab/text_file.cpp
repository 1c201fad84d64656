#include "text_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace spillway::lab {
namespace {

struct Close {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

File open(const std::string& path, const char* mode, std::string& problem) {
  File file(std::fopen(path.c_str(), mode));
  if (!file) problem = path + ": " + std::strerror(errno);
  return file;
}

}  // namespace

std::optional<std::string> read_text_file(const std::string& path, std::string& problem) {
  const File file = open(path, "rbe", problem);
  if (!file) return std::nullopt;
  std::string out;
  char block[65536];
  while (const std::size_t got = std::fread(block, 1, sizeof block, file.get())) out.append(block, got);
  if (std::ferror(file.get()) == 0) return out;
  problem = path + ": " + std::strerror(errno);
  return std::nullopt;
}

bool write_text_file(const std::string& path, std::string_view text, std::string& problem) {
  File file = open(path, "wbe", problem);
  if (!file) return false;
  const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
  if (std::fclose(file.release()) == 0 && written) return true;
  problem = path + ": " + std::strerror(errno);
  return false;
}

bool can_write_file(const std::string& path, std::string& problem) {
  return open(path, "abe", problem) != nullptr;
}

}  // namespace spillway::lab
