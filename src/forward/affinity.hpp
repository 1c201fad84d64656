#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "spillway/config/config.hpp"
#include "spillway/http/head.hpp"
#include "spillway/pool/pool.hpp"
#include "spillway/routing/owner_marks.hpp"

// What keeps a request with one member of its pool. Pure.
namespace spillway::forward {

// Fills in `pinned`, `session` and `prompt` of the wish, as far as the pool's affinity asks for them and the request
// says something. `body` is empty when it is not JSON.
void keep_together(pool::Wish& wish, const config::Config& config, std::size_t pool, const http::RequestHead& head,
                   std::string_view body, const routing::OwnerMarks& marks);

// The value of the first cookie of that name (RFC 6265 4.2), or nothing. Case matters.
std::optional<std::string_view> cookie_value(const http::RequestHead& head, std::string_view name);

// The value of a Cookie field without the cookies of that name, to which nobody else listens; empty when none is left.
std::string without_cookie(std::string_view field, std::string_view name);

// The value of a Set-Cookie field for a session cookie no script can read, sent with requests from the same site.
std::string session_cookie(std::string_view name, std::string_view value, bool secure);

}  // namespace spillway::forward
