#pragma once

#include <string>

#include "dialogue.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/stream.hpp"

namespace spillway::lab {

// Speaks over a connection that has become a WebSocket until either side closes it, or an hour passes without a byte.
// `early` is what came behind the handshake. Pings are answered, close codes returned (RFC 6455 5.5).
net::awaitable<void> talk(net::Stream& stream, std::string early, Dialogue& dialogue, net::Loop& loop);

}  // namespace spillway::lab
