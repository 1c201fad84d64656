#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "spillway/base/time.hpp"

namespace spillway::lab {

// A program started by us. It is stopped when the object dies, and by the kernel should we die first.
class ChildProcess {
 public:
  ChildProcess() = default;
  ~ChildProcess() { stop(); }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // `arguments[0]` is the program's path; both outputs go to the file `output`, which is emptied first. False:
  // `problem`.
  bool start(const std::vector<std::string>& arguments, const std::string& output, std::string& problem);

  bool running();
  // SIGTERM, and SIGKILL when it has not ended after `patience`. The exit code, 128 and the signal when it was killed
  // by one; nothing when there was no process.
  std::optional<int> stop(Milliseconds patience = Milliseconds{10'000});

 private:
  bool reap(int options);

  pid_t pid_ = -1;
  int exit_code_ = 0;
};

}  // namespace spillway::lab
