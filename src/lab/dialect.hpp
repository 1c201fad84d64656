#pragma once

#include "answer.hpp"

namespace spillway::lab {

// Turns an error in Azure's words into OpenAI's: its shape (message, type, param, code), its codes and its texts.
// Anything else stays as it is.
void speak_openai(Answer& answer, const Request& request);

}  // namespace spillway::lab
