#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "answer.hpp"
#include "call.hpp"
#include "form.hpp"
#include "wording.hpp"

namespace spillway::lab {

// The uploaded files of one resource, known to it alone. Keeps the newest 1000.
class FileStore {
 public:
  Answer create(const Form& form, Surface surface, std::int64_t created, Generator& ids);
  Answer list() const;
  Answer get(const std::string& id) const;
  Answer content(const std::string& id) const;
  Answer remove(const std::string& id);
  void clear() { files_.clear(); }

 private:
  struct File {
    std::string id;
    std::string name;
    std::string purpose;
    std::string content;
    std::int64_t created = 0;

    Json describe() const;
  };
  const File* find(const std::string& id) const;

  std::deque<File> files_;
};

}  // namespace spillway::lab
