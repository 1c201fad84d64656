#pragma once

#include "answer.hpp"
#include "spillway/listener/exchange.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/suspension.hpp"

namespace spillway::lab {

// Sends an answer with its pauses, and what is said over the WebSocket it opens, or misbehaves as it says. Stops as
// soon as `gone` is told that the client left.
listener::awaitable<void> play(const Answer& answer, listener::Exchange& exchange, net::Loop& loop,
                               net::CancelSlot& gone);

}  // namespace spillway::lab
