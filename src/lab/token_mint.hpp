#pragma once

#include <string_view>

#include "token_issuer.hpp"

namespace spillway::lab {

// Any token a test wants, good or flawed, as the order in `body` says: `{"access_token", "token_type", "claims"}`, or
// what is wrong with the order.
Answer mint(std::string_view body, TokenIssuer& issuer, Moment moment);

}  // namespace spillway::lab
