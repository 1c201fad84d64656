#include "system_faults.hpp"

#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <ctime>
#include <map>
#include <mutex>
#include <utility>

namespace spillway::test {
namespace {

struct Name {
  std::vector<std::string> addresses;
  bool silent = false;
  int times = 0;
};

struct Scripts {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::uint16_t, std::pair<int, int>> connects;  // errno and how often
  std::map<std::string, Name> names;
};

// Never destroyed: a look-up that nobody waits for may still be on its thread when the process ends.
Scripts& scripts() {
  static auto* const instance = new Scripts;
  return *instance;
}

std::atomic<std::int64_t> clock_is_off{0};

// 0 = no script.
int scripted_error(const sockaddr* address) {
  in_port_t port = 0;
  if (address->sa_family == AF_INET) port = reinterpret_cast<const sockaddr_in*>(address)->sin_port;
  if (address->sa_family == AF_INET6) port = reinterpret_cast<const sockaddr_in6*>(address)->sin6_port;
  const std::lock_guard lock(scripts().mutex);
  const auto found = scripts().connects.find(ntohs(port));
  if (found == scripts().connects.end()) return 0;
  ++found->second.second;
  return found->second.first;
}

// False = no script.
bool scripted_name(const std::string& name, std::vector<std::string>& addresses) {
  Scripts& all = scripts();
  std::unique_lock lock(all.mutex);
  const auto is_silent = [&] { return all.names.contains(name) && all.names.at(name).silent; };
  if (!all.names.contains(name)) return false;
  ++all.names.at(name).times;
  all.changed.wait(lock, [&] { return !is_silent(); });
  if (all.names.contains(name)) addresses = all.names.at(name).addresses;
  return true;
}

using Lookup = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

}  // namespace

FailingConnect::FailingConnect(std::uint16_t port, int error) : port_(port) {
  const std::lock_guard lock(scripts().mutex);
  scripts().connects[port] = {error, 0};
}

FailingConnect::~FailingConnect() {
  const std::lock_guard lock(scripts().mutex);
  scripts().connects.erase(port_);
}

int FailingConnect::times() const {
  const std::lock_guard lock(scripts().mutex);
  return scripts().connects.at(port_).second;
}

ScriptedName::ScriptedName(std::string name) : name_(std::move(name)) {
  has({});
}

ScriptedName::~ScriptedName() {
  const std::lock_guard lock(scripts().mutex);
  scripts().names.erase(name_);
  scripts().changed.notify_all();
}

ScriptedName& ScriptedName::has(std::vector<std::string> addresses) {
  const std::lock_guard lock(scripts().mutex);
  Name& name = scripts().names[name_];
  name.addresses = std::move(addresses);
  name.silent = false;
  scripts().changed.notify_all();
  return *this;
}

ScriptedName& ScriptedName::silent() {
  const std::lock_guard lock(scripts().mutex);
  scripts().names[name_].silent = true;
  return *this;
}

int ScriptedName::times() const {
  const std::lock_guard lock(scripts().mutex);
  return scripts().names.at(name_).times;
}

ClockJump::ClockJump(std::chrono::seconds by) {
  clock_is_off = by.count();
}

ClockJump::~ClockJump() {
  clock_is_off = 0;
}

}  // namespace spillway::test

extern "C" {

int connect(int descriptor, const sockaddr* address, socklen_t size) {
  if (const int error = spillway::test::scripted_error(address)) {
    errno = error;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_connect, descriptor, address, size));
}

int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** list) {
  static const auto system = reinterpret_cast<spillway::test::Lookup>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  std::vector<std::string> addresses;
  if (node == nullptr || !spillway::test::scripted_name(node, addresses)) return system(node, service, hints, list);
  addrinfo** end = list;
  for (const std::string& address : addresses) {
    if (const int failed = system(address.c_str(), service, hints, end)) return failed;
    while (*end != nullptr) end = &(*end)->ai_next;
  }
  return addresses.empty() ? EAI_NONAME : 0;
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  if (clock == CLOCK_REALTIME) time->tv_sec += spillway::test::clock_is_off.load(std::memory_order_relaxed);
  return result;
}

}  // extern "C"
