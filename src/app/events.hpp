#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spillway/base/time.hpp"
#include "spillway/pool/circuit.hpp"

namespace spillway::app {

// The last things that happened to circuits and to the configuration, for people who look. Thread-safe.
class Events {
 public:
  static constexpr std::size_t transitions_kept = 50;
  static constexpr std::size_t reloads_kept = 20;
  static constexpr std::size_t problems_kept = 5;  // of one reload

  struct Transition {
    std::uint64_t number = 0;  // counts all there have been, from 1
    WallTime time{};
    std::string backend;
    std::string deployment;  // as in CircuitStatus
    pool::CircuitState from = pool::CircuitState::closed;
    pool::CircuitState to = pool::CircuitState::closed;
    std::string rule;
    std::optional<Milliseconds> open_for;  // when `to` is open
  };
  struct Reload {
    WallTime time{};
    std::string sha256;                 // of the file
    std::size_t problem_count = 0;      // none: it is in force
    std::vector<std::string> problems;  // the first of them
  };

  void add(std::string_view backend, std::string_view deployment, const pool::Transition& change, WallTime now);
  void add_reload(std::string sha256, const std::vector<std::string>& problems, WallTime now);

  // The newest first.
  std::vector<Transition> transitions() const;
  std::vector<Reload> reloads() const;

 private:
  mutable std::mutex mutex_;
  std::uint64_t count_ = 0;
  std::deque<Transition> transitions_;
  std::deque<Reload> reloads_;
};

}  // namespace spillway::app
