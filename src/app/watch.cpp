#include "watch.hpp"

#include <sys/stat.h>

#include <utility>

namespace spillway::app {

std::optional<FileStamp> stamp_of(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return FileStamp{found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

void Changes::accepted(Stamps loaded) {
  known_ = std::move(loaded);
  seen_ = known_;
}

void Changes::refused(Stamps loaded) {
  loaded.merge(seen_);
  loaded.merge(known_);
  accepted(std::move(loaded));
}

bool Changes::look(Stamps seen) {
  const bool at_rest = seen == seen_;
  seen_ = std::move(seen);
  return at_rest && seen_ != known_;
}

Watch::Watch(net::Loop& loop, Milliseconds interval, std::function<void()> changed)
    : loop_(loop),
      interval_(interval),
      changed_(std::move(changed)),
      alarm_(loop.timers(), [](void* self) { static_cast<Watch*>(self)->look(); }, this) {}

config::FileReader Watch::reader() {
  read_->clear();
  return [read = read_, files = config::process_files()](const std::string& path) {
    // Before it is read: what changes in between is seen by the next look.
    read->try_emplace(path, stamp_of(path));
    return files(path);
  };
}

Stamps Watch::take(const config::Loaded& loaded) {
  Stamps stamps;
  for (const config::UsedFile& file : loaded.files) {
    const auto read = read_->find(file.path);
    stamps.emplace(file.path, read == read_->end() ? stamp_of(file.path) : read->second);
  }
  alarm_.set(loop_.now() + interval_);
  return stamps;
}

void Watch::accepted(const config::Loaded& loaded) {
  changes_.accepted(take(loaded));
}

void Watch::refused(const config::Loaded& loaded) {
  changes_.refused(take(loaded));
}

void Watch::look() {
  alarm_.set(loop_.now() + interval_);
  Stamps seen;
  for (const auto& [path, stamp] : changes_.files()) seen.emplace(path, stamp_of(path));
  if (changes_.look(std::move(seen))) changed_();
}

}  // namespace spillway::app
