#include "play.hpp"

#include <chrono>

#include "spillway/http/writer.hpp"
#include "talk.hpp"

namespace spillway::lab {
namespace {

using listener::awaitable;

constexpr auto for_ever = std::chrono::hours(24 * 365);

std::string head_of(const Answer& answer) {
  std::string head;
  http::append_status_line(head, answer.status);
  if (!answer.content_type.empty()) http::append_field(head, "Content-Type", answer.content_type);
  for (const Header& header : answer.fields) http::append_field(head, header.name, header.value);
  return head;
}

awaitable<bool> pause(Milliseconds wait, net::Loop& loop, net::CancelSlot& gone) {
  if (wait.count() == 0) co_return !gone.cancelled();
  const ErrorCode error = co_await net::pause_for(loop, wait, gone);
  co_return !error;
}

awaitable<void> hold_dialogue(const Answer& answer, listener::Exchange& exchange, net::Loop& loop) {
  std::string head = head_of(answer);
  const std::string_view nothing_behind_it;
  const ErrorCode error = co_await exchange.switch_protocols(std::move(head), nothing_behind_it);
  if (error) co_return;
  if (answer.ending == Ending::cut) {
    exchange.stream().abort();
    co_return;
  }
  std::string early = exchange.take_early_bytes();
  co_await talk(exchange.stream(), std::move(early), *answer.dialogue, loop);
}

}  // namespace

awaitable<void> play(const Answer& answer, listener::Exchange& exchange, net::Loop& loop, net::CancelSlot& gone) {
  if (answer.ending == Ending::stall) co_await net::pause_for(loop, for_ever, gone);
  if (answer.ending == Ending::stall || answer.ending == Ending::reset) {
    exchange.break_off();
    co_return;
  }
  bool there = co_await pause(answer.delay, loop, gone);
  if (!there) {
    exchange.break_off();
    co_return;
  }
  if (answer.dialogue) {
    co_await hold_dialogue(answer, exchange, loop);
    co_return;
  }
  listener::Exchange::AnswerBody body;
  body.kind =
      answer.length ? listener::Exchange::AnswerBody::Kind::length : listener::Exchange::AnswerBody::Kind::unknown;
  body.length = answer.length.value_or(0);
  exchange.begin(answer.status, head_of(answer), body);
  const bool whole = answer.ending == Ending::whole;
  std::size_t left = answer.pieces.size();
  for (const Piece& piece : answer.pieces) {
    there = co_await pause(piece.pause, loop, gone);
    if (!there) {
      exchange.break_off();
      co_return;
    }
    if (--left == 0 && whole) {
      co_await exchange.finish(piece.bytes);
      co_return;
    }
    const ErrorCode error = co_await exchange.write(piece.bytes);
    if (error) co_return;
  }
  if (whole) {
    co_await exchange.finish();
  } else {
    exchange.break_off();
  }
}

}  // namespace spillway::lab
