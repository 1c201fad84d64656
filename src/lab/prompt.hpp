#pragma once

#include <cstdint>
#include <string>

#include "call.hpp"
#include "json.hpp"

// What the simulator needs to know of a request's body: how long it is and what was said last.
namespace spillway::lab {

struct Prompt {
  std::string last;              // the last text of the user, or of a tool
  bool last_is_tools = false;    // a tool's result came last
  std::int64_t tokens = 0;       // estimated: a fourth of the characters; a picture is 85
  std::int64_t max_tokens = 0;   // most tokens one completion may have; 0 = not limited by the request
  std::int64_t completions = 1;  // the larger of `n` and `best_of`

  // What is held against a limit when the request arrives (prompt, `max_tokens`, `best_of`).
  std::int64_t estimate(std::int64_t default_max_tokens) const;
};

// Reads chat, completions, embeddings, Responses, image and speech bodies; tolerant of anything.
Prompt read_prompt(Operation operation, const Json& body);

}  // namespace spillway::lab
