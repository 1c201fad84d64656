#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "child.hpp"
#include "test_gateway.hpp"
#include "tls_files.hpp"

namespace spillway::test {

// The built daemon as a child process. Killed when it still runs at the end.
class Daemon {
 public:
  // `yaml` as for TestGateway: one plain listener, an admin listener and one worker are put in front, and
  // `log`. `descriptors`: its limit of open files, 0 = that of the test. Waits until it listens.
  explicit Daemon(const std::string& program, const std::string& yaml, unsigned descriptors = 0,
                  const std::string& log = "level: info, format: json, access: false");

  std::uint16_t port() const noexcept { return port_; }
  std::uint16_t admin_port() const noexcept { return admin_port_; }
  RawClient client() const { return RawClient(port_); }
  pid_t pid() const noexcept { return child_->pid(); }

  // What it has written to standard output and standard error so far.
  std::string output() const { return child_->output(); }
  std::size_t lines_with(const std::string& text) const;
  // CPU time it has used, and the memory it holds.
  std::chrono::milliseconds cpu_time() const;
  std::size_t resident_bytes() const;

  // SIGTERM; its exit code, or -1 when it does not end.
  int stop();
  void send(int signal) { child_->send(signal); }
  // Waits for the end; its exit code, or -1 when it does not end or a signal ended it.
  int wait() { return child_->wait(); }

  // Replaces what the constructor was given as `yaml`; a reload reads it.
  void write_config(const std::string& yaml);
  const std::string& config_file() const noexcept { return config_file_; }

 private:
  std::string server_;
  std::uint16_t port_of(const std::string& marker) const;

  TemporaryFolder folder_;
  std::string config_file_;
  std::optional<Child> child_;
  std::uint16_t port_ = 0;
  std::uint16_t admin_port_ = 0;
};

}  // namespace spillway::test
