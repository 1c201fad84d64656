#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

// What the system does to the program under test. In a test program that uses this, connect(2), getaddrinfo(3) and
// clock_gettime(2) are ours: they do what a script says, and without one what the system does. One script of a kind for
// a port or a name at a time; thread-safe.
namespace spillway::test {

// While it lives, connecting to the port fails at once with this value of errno.
class FailingConnect {
 public:
  FailingConnect(std::uint16_t port, int error);
  ~FailingConnect();
  FailingConnect(const FailingConnect&) = delete;
  FailingConnect& operator=(const FailingConnect&) = delete;
  int times() const;

 private:
  std::uint16_t port_;
};

// What the name server says of one name while it lives. Afterwards, and to begin with, the name does not exist.
class ScriptedName {
 public:
  explicit ScriptedName(std::string name);
  ~ScriptedName();
  ScriptedName(const ScriptedName&) = delete;
  ScriptedName& operator=(const ScriptedName&) = delete;
  ScriptedName& has(std::vector<std::string> addresses);  // literal ones; none = it does not exist
  ScriptedName& silent();                                 // look-ups wait until something else is said
  int times() const;

 private:
  std::string name_;
};

// While it lives, the wall clock of this process is off by so much. What counts time only is not.
class ClockJump {
 public:
  explicit ClockJump(std::chrono::seconds by);
  ~ClockJump();
  ClockJump(const ClockJump&) = delete;
  ClockJump& operator=(const ClockJump&) = delete;
};

}  // namespace spillway::test
