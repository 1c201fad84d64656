#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "spillway/base/error.hpp"
#include "spillway/net/loop.hpp"
#include "spillway/net/stream.hpp"
#include "spillway/net/tls.hpp"

namespace spillway::net {

// Takes over a connected, non-blocking TCP descriptor. TCP_NODELAY is set.
std::unique_ptr<Stream> adopt(Loop& loop, int descriptor);

// Takes over the same and runs the server's side of a TLS handshake. Errors: timeout, tls_handshake, cancelled,
// end_of_stream. `track` is told of the stream while the handshake runs, so that it can be cancelled.
awaitable<Result<std::unique_ptr<Stream>>> accept_tls(Loop& loop, int descriptor, std::shared_ptr<TlsServer> tls,
                                                      TimePoint deadline, Cancellable** track);

}  // namespace spillway::net
