#include "spillway/net/signals.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace spillway::net {
namespace {

// The end of the pipe that handlers write to.
std::atomic<int> pipe_in{-1};

void pass_on(int number) noexcept {
  const int error = errno;
  const auto byte = static_cast<unsigned char>(number);
  [[maybe_unused]] const ssize_t written = ::write(pipe_in.load(), &byte, 1);
  errno = error;
}

void handle_with(int number, void (*handler)(int)) noexcept {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
}

}  // namespace

Signals::~Signals() {
  if (pipe_ < 0) return;
  for (const int number : numbers_) handle_with(number, SIG_DFL);
  loop_.reactor().forget(*this);
  ::close(pipe_);
  ::close(pipe_in.exchange(-1));
}

void Signals::listen(std::initializer_list<int> numbers, std::function<void(int)> on_signal) {
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  pipe_ = ends[0];
  pipe_in = ends[1];
  on_signal_ = std::move(on_signal);
  if (const ErrorCode error = loop_.reactor().add(pipe_, *this)) throw std::system_error(error);
  numbers_ = numbers;
  for (const int number : numbers_) handle_with(number, pass_on);
}

void Signals::on_events(std::uint32_t) {
  unsigned char number = 0;
  while (::read(pipe_, &number, 1) == 1) on_signal_(number);
}

}  // namespace spillway::net
