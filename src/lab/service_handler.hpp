#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "answer.hpp"
#include "spillway/listener/exchange.hpp"
#include "spillway/listener/handler.hpp"
#include "spillway/net/loop.hpp"

namespace spillway::lab {

// The way from a connection to what answers it and back: reads a request whole, asks for its answer and sends that.
class ServiceHandler final : public listener::Handler {
 public:
  using Respond = std::function<Answer(const Request&)>;
  using Finished = std::function<void(const Answer&)>;

  // `finished` is told when an answer has gone out, or its client has gone.
  ServiceHandler(
      net::Loop& loop, Respond respond, Finished finished = [](const Answer&) {})
      : loop_(loop), respond_(std::move(respond)), finished_(std::move(finished)) {}

  listener::awaitable<void> handle(listener::Exchange& exchange) override;
  listener::Reply refuse(const http::Rejection& rejection, const std::string& peer) override;

 private:
  net::Loop& loop_;
  Respond respond_;
  Finished finished_;
};

// Of one request's body.
inline constexpr std::uint64_t largest_body = 512ULL << 20;

}  // namespace spillway::lab
