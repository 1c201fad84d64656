#pragma once

#include "answer.hpp"
#include "call.hpp"
#include "form.hpp"
#include "prompt.hpp"
#include "serving.hpp"

// Pictures and sound: tiny, but of the right shape.
namespace spillway::lab {

// `n` pictures of one pixel, always as b64_json.
Answer images(std::string_view prompt_text, std::int64_t n, const Prompt& prompt, const Serving& serving, Usage& usage);

// Says how long the file was and what it was called, in the `response_format` asked for: json, text, srt, vtt or
// verbose_json.
Answer transcription(Operation operation, const Form& form, const Serving& serving, Usage& usage);

// Bytes that depend on the text, 256 a token, sent chunked with the type of the `response_format`.
Answer speech(const Json& body, const Prompt& prompt, const Serving& serving, Usage& usage);

}  // namespace spillway::lab
