#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "affinity.hpp"
#include "backend.hpp"
#include "strategy.hpp"

namespace spillway::pool {

// One member as one model sees it.
struct Seat {
  std::string deployment;             // the model as the member's backend names it
  BackendCircuit* circuit = nullptr;  // null when the model is not served there
  std::uint32_t learned = 0;          // of the backend, when `circuit` was looked up
};

// Everything a pick for one model needs, looked up once.
struct Turn {
  Members serving = 0;
  std::vector<Seat> seats;  // by member
  Memory memory;
  PromptShares prompts;
  bool lasting = false;  // named in the configuration, or some member has answered it with 2xx
  std::uint64_t used = 0;
};

// The turns of one pool by model. Models named in the configuration have theirs for ever; of the others `max_unnamed`
// have one, of which at most half are lasting: when a new model comes, the one not asked for longest makes place. Model
// names that are too long to be remembered share one turn.
class Turns {
 public:
  // The turn of a model seen before, or null; `peek` does not count as asking for it.
  Turn* find(std::string_view model);
  const Turn* peek(std::string_view model) const;
  // Takes up a new model's turn, whose `lasting` says that it is named.
  Turn& keep(std::string_view model, Turn turn);
  // A member has answered the model with 2xx.
  void confirm(std::string_view model);

  std::size_t size() const noexcept { return turns_.size(); }
  template <class Visit>
  void each_turn(Visit visit) const {
    for (const auto& [model, turn] : turns_) visit(model, turn);
  }

  static constexpr std::size_t max_unnamed = 200;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
  };
  void make_place();

  std::unordered_map<std::string, Turn, Hash, std::equal_to<>> turns_;
  Turn shared_;
  std::size_t unnamed_ = 0;
  std::size_t confirmed_ = 0;
  std::uint64_t calls_ = 0;
};

}  // namespace spillway::pool
