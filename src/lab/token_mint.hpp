#pragma once

#include <initializer_list>
#include <string_view>

#include "order.hpp"
#include "token_issuer.hpp"

namespace spillway::lab {

// What an order for a token may say, all of it optional.
inline constexpr std::initializer_list<std::string_view> mint_keys = {"audience",   "client_id", "version", "algorithm",
                                                                      "expires_in", "claims",    "header",  "flaw"};

// Any token a test wants, good or flawed: `{"access_token", "token_type", "claims"}`, or what is wrong with the order.
Answer mint(Order order, TokenIssuer& issuer, Moment moment);

}  // namespace spillway::lab
