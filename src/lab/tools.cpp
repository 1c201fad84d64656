#include "tools.hpp"

#include <nlohmann/json.hpp>

namespace spillway::lab {
namespace {

constexpr int deepest = 16;

const Json& resolved(const Json& schema, const Json& root) {
  const std::string reference = text_of(member(schema, "$ref"));
  for (const std::string_view place : {"#/$defs/", "#/definitions/"}) {
    if (reference.substr(0, place.size()) != place) continue;
    const std::string_view group = place == "#/$defs/" ? "$defs" : "definitions";
    return member(member(root, group), reference.substr(place.size()));
  }
  return schema;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by `depth`
Json example(const Json& given, const Json& root, std::string_view property, int depth) {
  if (depth > deepest) return {};
  const Json& schema = resolved(given, root);
  for (const std::string_view key : {"const", "default"}) {
    if (const Json& fixed = member(schema, key); !fixed.is_null()) return fixed;
  }
  if (const Json& allowed = member(schema, "enum"); allowed.is_array() && !allowed.empty()) return allowed.front();
  for (const std::string_view key : {"anyOf", "oneOf", "allOf"}) {
    const Json& choices = member(schema, key);
    if (choices.is_array() && !choices.empty()) return example(choices.front(), root, property, depth + 1);
  }
  const Json& named = member(schema, "type");
  const std::string type = text_of(named.is_array() && !named.empty() ? named.front() : named);
  if (type == "string") return property;
  if (type == "boolean") return true;
  if (type == "integer" || type == "number") return number_of(member(schema, "minimum"), 1);
  if (type == "null") return {};
  if (type == "array") {
    Json items = Json::array();
    items.push_back(example(member(schema, "items"), root, property, depth + 1));
    return items;
  }
  Json object = Json::object();
  const Json& properties = member(schema, "properties");
  if (!properties.is_object()) return object;
  for (const auto& [key, value] : properties.items()) object[key] = example(value, root, key, depth + 1);
  return object;
}

// A function's description: under `function` in chat completions, the tool itself in Responses.
const Json& function_of(const Json& tool) {
  const Json& inner = member(tool, "function");
  return inner.is_object() ? inner : tool;
}

}  // namespace

Json example_of(const Json& schema, std::string_view property) {
  return example(schema, schema, property, 0);
}

std::optional<ToolCall> chosen_tool(const Json& body, std::string_view last_words, bool last_is_tools) {
  const Json& tools = member(body, "tools");
  const Json& choice = member(body, "tool_choice");
  if (!tools.is_array()) return std::nullopt;
  const std::string wanted = text_of(member(function_of(choice), "name"));
  const std::string mode = choice.is_string() ? text_of(choice) : "auto";
  for (const Json& tool : tools) {
    if (text_of(member(tool, "type")) != "function") continue;
    const Json& function = function_of(tool);
    const std::string name = text_of(member(function, "name"));
    const bool named = !wanted.empty() && name == wanted;
    const bool mentioned = wanted.empty() && mode == "auto" && !last_is_tools && !name.empty() &&
                           last_words.find(name) != std::string_view::npos;
    if (named || mode == "required" || mentioned) {
      const Json& parameters = member(function, "parameters");
      return ToolCall{name, dump(parameters.is_object() ? example_of(parameters) : Json::object()), named};
    }
  }
  return std::nullopt;
}

std::optional<std::string> structured_text(const Json& format, std::string_view last_words) {
  const std::string type = text_of(member(format, "type"));
  if (type == "json_object") return dump(Json{{"echo", last_words}});
  if (type != "json_schema") return std::nullopt;
  // Chat completions wrap the schema once more.
  const Json& inner = member(format, "json_schema");
  return dump(example_of(member(inner.is_object() ? inner : format, "schema")));
}

}  // namespace spillway::lab
