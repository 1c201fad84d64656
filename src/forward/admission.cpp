#include <string_view>
#include <utility>

#include "forwarding.hpp"
#include "replies.hpp"
#include "spillway/base/log.hpp"
#include "spillway/http/websocket.hpp"

namespace spillway::forward {
namespace {

// How long a request waits for keys to check its access token with.
constexpr Milliseconds keys_patience{5'000};

}  // namespace

awaitable<bool> Forwarding::admit() {
  const bool identified = co_await identify();
  if (!identified) co_return false;
  const bool placed = take_place();
  if (!placed) co_return co_await reply(replies::too_many_requests(record_.request_id));

  // A path nobody serves is refused before its body is read.
  const http::RequestHead& head = client_.head();
  const routing::Router::Decision by_path = snapshot_->router().route(head.path, client_index_, std::nullopt);
  if (!by_path.route && by_path.refusal == routing::Router::Refusal::route_not_found) {
    listener::Reply refusal = replies::route_not_found(record_.request_id);
    co_return co_await reply(std::move(refusal));
  }
  if (!http::asks_for_websocket(head)) co_return true;
  original_.websocket = head.method == "GET" && http::is_websocket_path(head.path);
  const http::HandshakeProblem problem = http::check_handshake(head);
  if (original_.websocket && problem == http::HandshakeProblem::none) co_return true;
  listener::Reply refusal = original_.websocket ? replies::bad_handshake(problem, record_.request_id)
                                                : replies::upgrade_not_supported(record_.request_id);
  co_return co_await reply(std::move(refusal));
}

bool Forwarding::take_place() {
  if (!client_index_) return true;
  const config::Client& client = snapshot_->config().clients[*client_index_];
  record_.client = client.name;
  return !client.max_concurrent_requests ||
         client_place_.take(snapshot_->client_load(*client_index_), *client.max_concurrent_requests);
}

// A key decides, else an access token, else a certificate; the refusal is that of the key or token.
awaitable<bool> Forwarding::identify() {
  const routing::Access::Decision who = snapshot_->access().admit(client_.head(), record_.time);
  client_index_ = who.client;
  if (who.admitted) co_return true;

  std::optional<routing::TokenRefusal> refused;
  if (!snapshot_->tokens().access->empty() && routing::TokenAccess::looks_like_token(who.other)) {
    const routing::TokenAccess::Decision judged = co_await judge(who.other);
    client_index_ = judged.client;
    if (client_index_) co_return true;
    refused = judged.refusal;
    log::debug("an access token is refused",
               {{"request_id", record_.request_id}, {"reason", routing::name(judged.refusal)}});
  }
  if (!snapshot_->certificates().empty()) {
    client_index_ = snapshot_->certificates().client(client_.certificate_names());
    if (client_index_) co_return true;
  }
  listener::Reply refusal = refused ? replies::token_refused(*refused, record_.request_id)
                                    : replies::not_admitted(who.refusal, record_.request_id);
  co_return co_await reply(std::move(refusal));
}

awaitable<routing::TokenAccess::Decision> Forwarding::judge(std::string_view token) {
  const identity::ClientTokens& tokens = snapshot_->tokens();
  routing::TokenAccess::Decision decision = tokens.access->admit(token, record_.time);
  if (!decision.tenant) co_return decision;
  identity::TenantKeys& keys = *tokens.keys[*decision.tenant];
  const std::uint64_t seen = keys.fetches();
  // Judged again by what those fetches brought: one may just have ended.
  decision = tokens.access->admit(token, record_.time);
  if (!decision.tenant) co_return decision;
  const TimePoint begun = services_.loop.now();
  const bool worth_while = keys.wish(seen, begun);
  if (!worth_while) co_return decision;
  client_.on_client_gone(&slot_);
  co_await await_keys(keys, seen);
  client_.on_client_gone(nullptr);
  waited_ += services_.loop.now() - begun;
  co_return tokens.access->admit(token, record_.time);
}

awaitable<void> Forwarding::await_keys(identity::TenantKeys& keys, std::uint64_t seen) {
  net::Suspension suspension(services_.loop);
  const net::RemoteWake remote(services_.loop, suspension);
  const net::CancelSlot::Guard guard(slot_, suspension);
  const TimePoint until = services_.loop.now() + keys_patience;
  for (;;) {
    keys.wake_on_fetch(remote.line());
    // Looked at after the line stands, so that none is missed.
    if (keys.fetches() != seen || slot_.cancelled() || services_.loop.now() >= until) co_return;
    co_await suspension.until(until);
  }
}

}  // namespace spillway::forward
