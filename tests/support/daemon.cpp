#include "daemon.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace spillway::test {
namespace {

constexpr char server[] = "listeners: [{address: \"127.0.0.1:0\"}]\nadmin: {address: \"127.0.0.1:0\"}\nworkers: 1\n";

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Daemon::Daemon(const std::string& program, const std::string& yaml, unsigned descriptors, const std::string& log)
    : server_(server + ("log: {" + log + "}\n")) {
  write_config(yaml);
  child_.emplace(std::vector<std::string>{program, "serve", "--config", config_file_}, folder_.path() + "/output",
                 descriptors);
  if (!eventually([&] { return lines_with("serving") == 1 || !child_->running(); }) || lines_with("serving") == 0)
    throw std::runtime_error("the daemon did not start: " + output());
  port_ = port_of("tls");
  admin_port_ = port_of("admin");
}

std::size_t Daemon::lines_with(const std::string& text) const {
  std::istringstream lines(output());
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) count += line.find(text) != std::string::npos ? 1 : 0;
  return count;
}

// Of the line that says that it listens and holds `marker`.
std::uint16_t Daemon::port_of(const std::string& marker) const {
  std::istringstream lines(output());
  for (std::string line; std::getline(lines, line);) {
    const std::size_t address = line.find("127.0.0.1:");
    if (line.find("listening") == std::string::npos || line.find(marker) == std::string::npos) continue;
    if (address != std::string::npos) return static_cast<std::uint16_t>(std::atoi(line.c_str() + address + 10));
  }
  return 0;
}

std::chrono::milliseconds Daemon::cpu_time() const {
  const std::string stat = read_file("/proc/" + std::to_string(pid()) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  long user = 0;
  long system = 0;
  fields >> user >> system;
  return std::chrono::milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

std::size_t Daemon::resident_bytes() const {
  std::istringstream fields(read_file("/proc/" + std::to_string(pid()) + "/statm"));
  std::size_t pages = 0;
  fields >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

void Daemon::write_config(const std::string& yaml) {
  config_file_ = folder_.write("spillway.yaml", server_ + yaml);
}

int Daemon::stop() {
  send(SIGTERM);
  return wait();
}

}  // namespace spillway::test
