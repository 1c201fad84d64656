#include "turns.hpp"

#include <utility>

namespace spillway::pool {

Turn* Turns::find(std::string_view model) {
  const auto found = turns_.find(model);
  if (found == turns_.end()) return nullptr;
  found->second.used = ++calls_;
  return &found->second;
}

const Turn* Turns::peek(std::string_view model) const {
  const auto found = turns_.find(model);
  return found == turns_.end() ? nullptr : &found->second;
}

Turn& Turns::keep(std::string_view model, Turn turn) {
  if (!turn.lasting && model.size() > longest_learned_name) {
    shared_.serving = turn.serving;
    shared_.seats = std::move(turn.seats);
    return shared_;
  }
  if (!turn.lasting) {
    if (unnamed_ >= max_unnamed) make_place();
    ++unnamed_;
  }
  turn.used = ++calls_;
  return turns_.insert_or_assign(std::string(model), std::move(turn)).first->second;
}

void Turns::confirm(std::string_view model) {
  const auto found = turns_.find(model);
  if (found == turns_.end() || found->second.lasting || confirmed_ >= max_unnamed / 2) return;
  found->second.lasting = true;
  ++confirmed_;
}

void Turns::make_place() {
  auto oldest = turns_.end();
  for (auto turn = turns_.begin(); turn != turns_.end(); ++turn)
    if (!turn->second.lasting && (oldest == turns_.end() || turn->second.used < oldest->second.used)) oldest = turn;
  turns_.erase(oldest);
  --unnamed_;
}

}  // namespace spillway::pool
