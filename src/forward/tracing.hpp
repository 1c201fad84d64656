#pragma once

#include <memory>

#include "spillway/http/head.hpp"
#include "spillway/observe/trace.hpp"

namespace spillway::forward {

// The trace that a request belongs to: the client's, when it says so in a usable `traceparent`, else one of its own, of
// which the share `sample` is recorded.
std::unique_ptr<observe::RequestTrace> begin_trace(const http::RequestHead& head, bool tls, double sample);

}  // namespace spillway::forward
