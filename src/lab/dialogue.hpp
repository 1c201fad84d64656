#pragma once

#include <string_view>
#include <vector>

#include "answer.hpp"

namespace spillway::lab {

// What is said over a WebSocket once the handshake is done: JSON texts, each sent after its pause.
class Dialogue {
 public:
  virtual ~Dialogue() = default;
  // What the service says first.
  virtual std::vector<Piece> open() = 0;
  // What it answers to a text of the client.
  virtual std::vector<Piece> hear(std::string_view text, Moment moment) = 0;
};

}  // namespace spillway::lab
