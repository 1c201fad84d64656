#include "chat_parts.hpp"

#include <nlohmann/json.hpp>

namespace spillway::lab {
namespace {

Json severity_safe() {
  return {{"filtered", false}, {"severity", "safe"}};
}

}  // namespace

Json safe_filter_results() {
  return {{"hate", severity_safe()},
          {"self_harm", severity_safe()},
          {"sexual", severity_safe()},
          {"violence", severity_safe()}};
}

Json prompt_filter_results() {
  Json results = safe_filter_results();
  results["jailbreak"] = {{"filtered", false}, {"detected", false}};
  Json entry = {{"prompt_index", 0}, {"content_filter_results", results}};
  return Json::array({entry});
}

void remove_filter_results(Json& answer) {
  for (const char* key : {"prompt_filter_results", "content_filters"}) answer.erase(key);
  if (!answer.contains("choices")) return;
  for (Json& choice : answer["choices"]) choice.erase("content_filter_results");
}

Json usage_json(const Usage& usage) {
  return {{"prompt_tokens", usage.prompt},
          {"completion_tokens", usage.completion},
          {"total_tokens", usage.total()},
          {"prompt_tokens_details", {{"cached_tokens", 0}, {"audio_tokens", 0}}},
          {"completion_tokens_details", {{"reasoning_tokens", 0}, {"audio_tokens", 0}}}};
}

const char* finish_reason(const Said& said) {
  if (said.cut) return "length";
  // Azure reports `stop` when the function was forced by its name.
  return said.call && !said.call->by_name ? "tool_calls" : "stop";
}

bool wants_usage(const Json& body) {
  return is_true(member(member(body, "stream_options"), "include_usage"));
}

}  // namespace spillway::lab
