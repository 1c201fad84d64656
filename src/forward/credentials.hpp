#pragma once

#include <string>
#include <string_view>

#include "spillway/config/config.hpp"
#include "spillway/http/head.hpp"
#include "spillway/routing/access.hpp"

namespace spillway::forward {

// Appends the field lines by which the gateway proves itself to the backend. With `passthrough` the caller's own
// Authorization goes on, unless it is a key of this gateway. `token`: the access token, for backends that take one.
void append_credentials(std::string& head, const config::Backend& backend, const http::RequestHead& request,
                        const routing::Access& access, std::string_view token);

}  // namespace spillway::forward
