#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "spillway/config/load.hpp"
#include "tree.hpp"

namespace spillway::config {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) noexcept : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const noexcept { return value_; }

 private:
  int value_;
};

ErrorCode last_error() {
  return {errno, boost::system::system_category()};
}

Result<std::string> read_whole(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return last_error();
  std::string content;
  while (true) {
    constexpr std::size_t piece = 64U << 10;
    const std::size_t before = content.size();
    content.resize(before + piece);
    const ssize_t count = ::read(file.get(), content.data() + before, piece);
    if (count < 0 && errno == EINTR) {
      content.resize(before);
      continue;
    }
    if (count < 0) return last_error();
    content.resize(before + static_cast<std::size_t>(count));
    if (count == 0) return content;
    // A device such as /dev/zero never ends.
    if (content.size() > max_file_size) return make_error_code(boost::system::errc::file_too_large);
  }
}

}  // namespace

FileReader process_files() {
  return read_whole;
}

}  // namespace spillway::config
