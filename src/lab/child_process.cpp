#include "child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

namespace spillway::lab {
namespace {

constexpr Milliseconds look_again{10};

// Between fork and exec only what is safe in a signal handler may be called.
[[noreturn]] void become(char* const* arguments, int output, pid_t parent) {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  // A listening socket of ours must not live on in the child.
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

}  // namespace

bool ChildProcess::start(const std::vector<std::string>& arguments, const std::string& output, std::string& problem) {
  stop();
  if (::access(arguments.front().c_str(), X_OK) != 0) {
    problem = arguments.front() + " is no program that can be run";
    return false;
  }
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) {
    problem = output + ": " + std::strerror(errno);
    return false;
  }
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(pointers.data(), file, parent);
  const int reason = errno;
  ::close(file);
  if (pid_ > 0) return true;
  problem = std::string("cannot start a process: ") + std::strerror(reason);
  return false;
}

bool ChildProcess::reap(int options) {
  int status = 0;
  if (::waitpid(pid_, &status, options) != pid_) return false;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  pid_ = -1;
  return true;
}

bool ChildProcess::running() {
  return pid_ > 0 && !reap(WNOHANG);
}

std::optional<int> ChildProcess::stop(Milliseconds patience) {
  if (!running()) return std::nullopt;
  ::kill(pid_, SIGTERM);
  for (TimePoint give_up = Clock::now() + patience; Clock::now() < give_up;) {
    if (reap(WNOHANG)) return exit_code_;
    std::this_thread::sleep_for(look_again);
  }
  ::kill(pid_, SIGKILL);
  reap(0);
  return exit_code_;
}

}  // namespace spillway::lab
