#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "answer.hpp"

// A WebSocket's opening handshake, the server's side (RFC 6455 4.2).
namespace spillway::lab {

// Asks for a WebSocket: a GET with `Upgrade: websocket`.
bool wants_websocket(const Request& request) noexcept;
// The subprotocols offered, in order.
std::vector<std::string_view> offered_protocols(const Request& request);
// The key in `openai-insecure-api-key.KEY`, as browsers send it to OpenAI; empty when there is none.
std::string_view protocol_key(const Request& request);

// 101 with `dialogue` to follow; the subprotocol `realtime` is chosen when it is offered. 400 or 426 when the handshake
// is not as the RFC has it.
Answer accept_websocket(const Request& request, std::shared_ptr<Dialogue> dialogue);

}  // namespace spillway::lab
