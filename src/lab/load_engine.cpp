#include "load_engine.hpp"

#include "spillway/base/log.hpp"

namespace spillway::lab {
namespace {

void report_escaped(const std::exception_ptr& thrown) {
  if (!thrown) return;
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    log::error("a request ended with an exception", {{"error", error.what()}});
  }
}

}  // namespace

LoadEngine::LoadEngine(LoadTarget target) : client_(loop_, std::move(target)) {}

void LoadEngine::run(const LoadPlan& plan, const Sink& sink) {
  schedule_.emplace(plan);
  start_ = loop_.now();
  loop_.spawn(drive(sink), [this](const std::exception_ptr& thrown) {
    report_escaped(thrown);
    loop_.stop();
  });
  loop_.restart();
  loop_.run();
}

net::awaitable<void> LoadEngine::drive(const Sink& sink) {
  for (;;) {
    const Schedule::Step step = schedule_->next(now());
    publish();
    if (step.todo == Schedule::Todo::over) break;
    if (step.todo == Schedule::Todo::send) {
      loop_.spawn(send(schedule_->sent(), step.at, sink), report_escaped);
      continue;
    }
    const bool timed = step.todo == Schedule::Todo::wait;
    const TimePoint until = timed ? start_ + step.at : no_deadline;
    due_.set(until);
    co_await wake_.until(no_deadline);
  }
  while (schedule_->in_flight() > 0) co_await wake_.until(no_deadline);
  publish();
}

net::awaitable<void> LoadEngine::send(std::uint64_t number, Duration due, const Sink& sink) {
  Sent sent;
  sent.number = number;
  sent.at = std::chrono::duration<double>(due).count();
  net::CancelSlot slot;
  flying_.insert(&slot);
  const bool answered = co_await client_.ask(start_ + due, slot, sent);
  flying_.erase(&slot);
  schedule_->answered(now());
  publish();
  if (answered) sink(std::move(sent));
  wake_.cancel();
}

void LoadEngine::finish() {
  loop_.post([this] { end(false); });
}

void LoadEngine::abandon() {
  loop_.post([this] { end(true); });
}

void LoadEngine::end(bool give_up) {
  if (!schedule_) return;
  schedule_->stop();
  if (give_up) {
    for (net::CancelSlot* slot : flying_) slot->cancel();
  }
  wake_.cancel();
}

void LoadEngine::publish() {
  sent_ = schedule_->sent();
  in_flight_ = schedule_->in_flight();
  held_back_ = schedule_->held_back();
}

}  // namespace spillway::lab
