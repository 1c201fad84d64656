#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "spillway/config/load.hpp"
#include "spillway/net/loop.hpp"

namespace spillway::app {

// What tells one content of a file from another without reading it.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t seconds = 0;  // of its last change of content
  std::int64_t nanoseconds = 0;

  bool operator==(const FileStamp&) const = default;
};

// Paths and what was seen there; nothing: no file, or none that may be looked at.
using Stamps = std::map<std::string, std::optional<FileStamp>>;

// Follows symbolic links, so that a swapped link is a change.
std::optional<FileStamp> stamp_of(const std::string& path);

// When the files of a configuration have changed and have come to rest. Pure: told what is seen.
class Changes {
 public:
  // The configuration in force was made from these.
  void accepted(Stamps loaded);
  // One that was refused was made from these; what the one in force needs stays watched. It is not tried again until
  // something changes.
  void refused(Stamps loaded);

  const Stamps& files() const noexcept { return known_; }
  // One look at all of `files()`. True when they differ from what was loaded, and were the same at the look before:
  // nobody is in the middle of writing them.
  bool look(Stamps seen);

 private:
  Stamps known_;
  Stamps seen_;
};

// Looks at files in turns, on the control loop.
class Watch {
 public:
  // `changed` is called, from the loop, when a changed configuration should be loaded; it ends with `accepted` or
  // `refused`.
  Watch(net::Loop& loop, Milliseconds interval, std::function<void()> changed);

  // Reads files as `process_files` does and remembers what they were just before, for the next `accepted` or `refused`.
  config::FileReader reader();

  // These files have been read, and the configuration is in force or not.
  void accepted(const config::Loaded& loaded);
  void refused(const config::Loaded& loaded);

 private:
  Stamps take(const config::Loaded& loaded);
  void look();

  net::Loop& loop_;
  Milliseconds interval_;
  std::function<void()> changed_;
  Changes changes_;
  std::shared_ptr<Stamps> read_ = std::make_shared<Stamps>();
  net::Alarm alarm_;
};

}  // namespace spillway::app
