#pragma once

#include <functional>

#include "dialogue.hpp"

namespace spillway::lab {

// Responses over a WebSocket: each `response.create` is a request of its own, answered with the events of its stream.
class ResponsesSocket final : public Dialogue {
 public:
  // Answers the body of a streamed `POST /responses`.
  using Create = std::function<Answer(std::string_view body, Moment moment)>;
  explicit ResponsesSocket(Create create) : create_(std::move(create)) {}

  std::vector<Piece> open() override { return {}; }
  std::vector<Piece> hear(std::string_view text, Moment moment) override;

 private:
  Create create_;
};

}  // namespace spillway::lab
