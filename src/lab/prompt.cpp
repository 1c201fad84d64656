#include "prompt.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "wording.hpp"

namespace spillway::lab {
namespace {

constexpr std::int64_t picture_tokens = 85;
constexpr std::int64_t most_tokens = 10'000'000;

struct Text {
  std::string text;
  std::size_t bytes = 0;
  std::int64_t pictures = 0;
};

void add(Text& to, std::string_view more) {
  if (!to.text.empty()) to.text += ' ';
  to.text += more;
  to.bytes += more.size();
}

// A message's `content`: a string, or parts of which the texts are joined.
Text content_of(const Json& content) {
  Text text;
  if (content.is_string()) add(text, text_of(content));
  if (!content.is_array()) return text;
  for (const Json& part : content) {
    const Json& said = member(part, "text");
    if (part.is_string()) {
      add(text, text_of(part));
    } else if (said.is_string()) {
      add(text, text_of(said));
    } else if (part.is_object()) {
      ++text.pictures;
    }
  }
  return text;
}

void read_messages(const Json& messages, Prompt& prompt, std::size_t& bytes) {
  for (const Json& message : messages) {
    const std::string role = text_of(member(message, "role"));
    const bool output = text_of(member(message, "type")) == "function_call_output";
    const Text text = content_of(member(message, output ? "output" : "content"));
    bytes += text.bytes;
    prompt.tokens += text.pictures * picture_tokens;
    prompt.last_is_tools = output || role == "tool" || role == "function";
    if (role == "user" || prompt.last_is_tools) prompt.last = text.text;
  }
}

// `input` and `prompt` of embeddings and completions: strings, or tokens already.
void read_inputs(const Json& input, Prompt& prompt, std::size_t& bytes) {
  if (input.is_number()) ++prompt.tokens;
  if (input.is_string()) {
    prompt.last = text_of(input);
    bytes += prompt.last.size();
  }
  if (!input.is_array()) return;
  for (const Json& one : input) read_inputs(one, prompt, bytes);
}

std::int64_t limited(const Json& value, std::int64_t otherwise) {
  return std::clamp<std::int64_t>(number_of(value, otherwise), 0, most_tokens);
}

}  // namespace

std::int64_t Prompt::estimate(std::int64_t default_max_tokens) const {
  return tokens + (max_tokens > 0 ? max_tokens : default_max_tokens) * completions;
}

Prompt read_prompt(Operation operation, const Json& body) {
  Prompt prompt;
  std::size_t bytes = 0;
  switch (operation) {
    case Operation::chat_completions: {
      read_messages(member(body, "messages"), prompt, bytes);
      const std::int64_t newer = limited(member(body, "max_completion_tokens"), 0);
      prompt.max_tokens = newer > 0 ? newer : limited(member(body, "max_tokens"), 0);
      break;
    }
    case Operation::create_response: {
      const Json& input = member(body, "input");
      if (input.is_array()) {
        read_messages(input, prompt, bytes);
      } else {
        read_inputs(input, prompt, bytes);
      }
      bytes += text_of(member(body, "instructions")).size();
      prompt.max_tokens = limited(member(body, "max_output_tokens"), 0);
      break;
    }
    case Operation::completions:
      read_inputs(member(body, "prompt"), prompt, bytes);
      // The one operation with a published default.
      prompt.max_tokens = limited(member(body, "max_tokens"), 16);
      break;
    case Operation::embeddings:
    case Operation::speech: read_inputs(member(body, "input"), prompt, bytes); break;
    default: read_inputs(member(body, "prompt"), prompt, bytes); break;
  }
  if (const Json& tools = member(body, "tools"); tools.is_array()) bytes += dump(tools).size();
  prompt.tokens += estimate_tokens(bytes);
  const std::int64_t asked = std::max(limited(member(body, "n"), 1), limited(member(body, "best_of"), 1));
  prompt.completions = std::clamp<std::int64_t>(asked, 1, 128);
  return prompt;
}

}  // namespace spillway::lab
