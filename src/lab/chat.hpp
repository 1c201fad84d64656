#pragma once

#include <optional>
#include <string>
#include <vector>

#include "answer.hpp"
#include "prompt.hpp"
#include "serving.hpp"
#include "tools.hpp"

// Chat completions and the older completions, whole and in Azure's chunk order.
namespace spillway::lab {

// What the simulated model says to one request.
struct Said {
  std::vector<std::string> tokens;  // of the text, or of the call's arguments
  std::optional<ToolCall> call;
  bool cut = false;  // by the request's limit of tokens

  std::string text() const;
};
// `format` asks for JSON (`response_format`, or `text.format` of Responses).
Said say(const Json& body, const Json& format, const Prompt& prompt, const Serving& serving);

// Why the request is refused, or nothing.
std::optional<Answer> refuse_chat(const Json& body);

Answer chat_completion(const Json& body, const Prompt& prompt, const Serving& serving, Usage& usage);
Answer text_completion(const Json& body, const Prompt& prompt, const Serving& serving, Usage& usage);

}  // namespace spillway::lab
