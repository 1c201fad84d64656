#include "service_handler.hpp"

#include "errors.hpp"
#include "play.hpp"

namespace spillway::lab {
namespace {

using listener::awaitable;

Request request_of(const http::RequestHead& head, std::string_view body) {
  Request request;
  request.method = head.method;
  request.path = head.path;
  request.query = head.query;
  for (const http::Field& field : head.fields) request.fields.emplace_back(field.name, field.value);
  request.body = body;
  return request;
}

// Reads a whole body. False: it never came whole, and what there is to say about it has been said.
awaitable<bool> read_whole(listener::Exchange& exchange, std::string_view& bytes) {
  const listener::BodyResult body = co_await exchange.read_body(largest_body);
  bytes = body.bytes;
  if (!body.error && body.complete) co_return true;
  if (exchange.client_gone() || body.error == Errc::end_of_stream || body.error == Errc::cancelled) {
    exchange.break_off();
    co_return false;
  }
  listener::Reply reply;
  reply.status = body.error == Errc::timeout ? 408 : body.error == Errc::bad_message ? 400 : 413;
  reply.body = errors::outage(reply.status).body();
  co_await exchange.send(reply);
  co_return false;
}

}  // namespace

awaitable<void> ServiceHandler::handle(listener::Exchange& exchange) {
  std::string_view body;
  const bool whole = co_await read_whole(exchange, body);
  if (!whole) co_return;
  const Answer answer = respond_(request_of(exchange.head(), body));
  exchange.release_request();
  net::CancelSlot gone;
  exchange.on_client_gone(&gone);
  co_await play(answer, exchange, loop_, gone);
  exchange.on_client_gone(nullptr);
  finished_(answer);
}

listener::Reply ServiceHandler::refuse(const http::Rejection& rejection, const std::string&) {
  const Answer answer = errors::outage(rejection.status);
  listener::Reply reply(rejection.status, answer.content_type, answer.body());
  return reply;
}

}  // namespace spillway::lab
