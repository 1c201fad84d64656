#pragma once

#include <optional>

#include "answer.hpp"
#include "faults.hpp"

namespace spillway::lab {

// The answer a fault makes instead of the resource's own; nothing when the fault works on that one.
std::optional<Answer> instead_of_answer(const Fault& fault);

// Does to an answer what `cut`, `slow`, `delay` and `stream_error` do.
void distort(Answer& answer, const Fault& fault);

}  // namespace spillway::lab
