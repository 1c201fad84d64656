#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace spillway::test {

// A program as a child process, its standard output and standard error in a file. Killed when it still runs at the end.
class Child {
 public:
  // `descriptors`: its limit of open files, 0 = that of the test.
  Child(const std::vector<std::string>& command, std::string output_file, unsigned descriptors = 0);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const noexcept { return pid_; }
  // What it has written so far.
  std::string output() const;
  bool running();
  void send(int signal);
  // Waits for the end; its exit code, or -1 when it does not end or a signal ended it.
  int wait();

 private:
  std::string output_file_;
  pid_t pid_ = -1;
};

}  // namespace spillway::test
