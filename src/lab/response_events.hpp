#pragma once

#include <vector>

#include "answer.hpp"

namespace spillway::lab {

// The events of the stream that ends in `response`, a finished one, numbered from 0: created, in_progress, the output
// items with their deltas, and completed or incomplete. A delta is sent after `per_token`; events up to number `after`
// are left out.
Answer response_stream(const Json& response, Milliseconds per_token, std::int64_t after = -1);

}  // namespace spillway::lab
