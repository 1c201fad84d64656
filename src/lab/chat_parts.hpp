#pragma once

#include "chat.hpp"
#include "json.hpp"
#include "serving.hpp"

// Pieces that chat completions and the older completions share.
namespace spillway::lab {

// The content filter's results for text that is fine.
Json safe_filter_results();
Json prompt_filter_results();
// Takes all of that out of an answer again: OpenAI itself does not tell.
void remove_filter_results(Json& answer);
Json usage_json(const Usage& usage);
const char* finish_reason(const Said& said);
// The caller asked for the usage chunk of a stream.
bool wants_usage(const Json& body);

}  // namespace spillway::lab
