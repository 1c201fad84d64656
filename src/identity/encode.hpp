#pragma once

#include <string>
#include <string_view>

namespace spillway::identity {

// Appends `name=value` of a query or a form, after a `&` unless it is the first; everything but the unreserved
// characters of RFC 3986 2.3 percent-encoded.
void append_parameter(std::string& out, std::string_view name, std::string_view value);

}  // namespace spillway::identity
