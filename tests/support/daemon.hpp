#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "test_gateway.hpp"
#include "tls_files.hpp"

namespace spillway::test {

// The built daemon as a child process. Killed when it still runs at the end.
class Daemon {
 public:
  // `yaml` as for TestGateway: one plain listener, an admin listener and one worker are put in front. `descriptors`:
  // its limit of open files, 0 = that of the test. Waits until it listens.
  explicit Daemon(const std::string& program, const std::string& yaml, unsigned descriptors = 0);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  std::uint16_t admin_port() const noexcept { return admin_port_; }
  RawClient client() const { return RawClient(port_); }

  // What it has written to standard output and standard error so far.
  std::string output() const;
  std::size_t lines_with(const std::string& text) const;
  // CPU time it has used, and the memory it holds.
  std::chrono::milliseconds cpu_time() const;
  std::size_t resident_bytes() const;

  // SIGTERM; its exit code, or -1 when it does not end.
  int stop();

 private:
  std::uint16_t port_of(const std::string& marker) const;

  TemporaryFolder folder_;
  std::string output_file_;
  pid_t child_ = -1;
  std::uint16_t port_ = 0;
  std::uint16_t admin_port_ = 0;
};

}  // namespace spillway::test
