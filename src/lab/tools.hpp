#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json.hpp"

namespace spillway::lab {

// A value that a JSON schema accepts, as far as it uses the everyday keywords: the first of `enum`, `default`, `const`,
// all properties of an object, one item of an array; a string is the name of its property.
Json example_of(const Json& schema, std::string_view property = "text");

struct ToolCall {
  std::string name;
  std::string arguments;  // JSON
  bool by_name = false;   // `tool_choice` named the function
};

// Whether the simulated model calls a function, in the shape of chat completions or of Responses: when `tool_choice` is
// `required` or names one; with `auto`, when the user's last words name it. Always the same for the same request.
std::optional<ToolCall> chosen_tool(const Json& body, std::string_view last_words, bool last_is_tools);

// The text a structured answer has (`response_format`, `text.format`): JSON by its schema, `{"echo":…}` without one.
// Nothing when plain text is wanted.
std::optional<std::string> structured_text(const Json& format, std::string_view last_words);

}  // namespace spillway::lab
