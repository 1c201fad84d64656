// Sends requests at a fixed rate or as fast as answers come, over kept-alive connections.
//
//   bench_load --port P --requests FILE [--ca PEM] [--connections N] [--seconds S | --count N] [--rate R] [--warmup S]
//
// With a rate, a request's time counts from the moment it was due, whether or not a connection was free then, so a
// gateway that stands still is charged for all requests it kept waiting. After the warm-up it prints `measure` and
// waits for a line; when the run is over it prints `done` and waits again, then prints one line of JSON.
#include <cstdio>
#include <deque>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client.hpp"
#include "request_list.hpp"

namespace bench {
namespace {

class Run;

class Caller : public Client {
 public:
  using Client::Client;
  void call(Run& run, Nanoseconds due, const std::string& request) {
    run_ = &run;
    due_ = due;
    send(request);
  }

 private:
  void on_answer(int status) override;
  void on_timer() override;

  Run* run_ = nullptr;
  Nanoseconds due_ = 0;
};

using Callers = std::vector<std::unique_ptr<Caller>>;

// One phase: the warm-up, or the measured one. It ends when every request that was due has its answer.
class Run : public Handler {
 public:
  Run(Loop& loop, double rate, double seconds, std::size_t count, RequestList& requests)
      : loop_(loop),
        rate_(rate),
        start_(now()),
        end_(start_ + static_cast<Nanoseconds>(seconds * 1e9)),
        count_(count),
        requests_(requests),
        sample_(count > 0 ? count : 200'000) {}

  void go(const Callers& callers) {
    for (const auto& caller : callers) idle_.push_back(caller.get());
    if (rate_ > 0) {
      on_timer();
    } else {
      while (!idle_.empty() && more(now())) begin(now());
    }
    loop_.run();
  }

  void answered(Nanoseconds due, int status) {
    last_answer_ = now();
    ++statuses_[status];
    if (status >= 200 && status < 300) sample_.add(last_answer_ - due);
  }

  // The caller is free for the next request.
  void next(Caller& caller) {
    --running_;
    idle_.push_back(&caller);
    if (!waiting_.empty()) {
      const Nanoseconds oldest = waiting_.front();
      waiting_.pop_front();
      dispatch(oldest);
    } else if (rate_ == 0 && more(now())) {
      begin(now());
    }
    if (running_ == 0 && !more(now())) loop_.stop();
  }

  std::string json() {
    std::size_t total = 0;
    std::string statuses;
    for (const auto& [status, count] : statuses_) {
      total += count;
      statuses += (statuses.empty() ? "\"" : ",\"") + std::to_string(status) + "\":" + std::to_string(count);
    }
    char front[200];
    std::snprintf(front, sizeof front, R"({"requests":%zu,"succeeded":%zu,"failed":%zu,"seconds":%.4f,)", total,
                  sample_.size(), total - sample_.size(), static_cast<double>(last_answer_ - start_) / 1e9);
    return front + sample_.json() + ",\"statuses\":{" + statuses + "}}";
  }

 private:
  void on_ready() override {}

  // The clock of the open loop.
  void on_timer() override {
    for (; more(due()) && due() <= now();) begin(due());
    if (more(due())) {
      loop_.at(due(), *this);
    } else if (running_ == 0) {
      loop_.stop();
    }
  }

  [[nodiscard]] Nanoseconds due() const {
    return start_ + static_cast<Nanoseconds>(static_cast<double>(begun_) * 1e9 / rate_);
  }

  // Whether a request is still to begin.
  [[nodiscard]] bool more(Nanoseconds at) const {
    return count_ > 0 ? begun_ < count_ : (rate_ > 0 ? due() : at) < end_;
  }

  void begin(Nanoseconds due) {
    ++begun_;
    if (idle_.empty()) {
      waiting_.push_back(due);
    } else {
      dispatch(due);
    }
  }

  void dispatch(Nanoseconds due) {
    Caller* caller = idle_.front();
    idle_.pop_front();
    ++running_;
    caller->call(*this, due, requests_.next());
  }

  Loop& loop_;
  double rate_;  // a second; 0: as fast as answers come
  Nanoseconds start_;
  Nanoseconds end_;
  std::size_t count_;  // 0: as many as the time allows
  RequestList& requests_;
  Nanoseconds last_answer_ = 0;
  std::size_t begun_ = 0;
  std::size_t running_ = 0;
  std::deque<Caller*> idle_;
  std::deque<Nanoseconds> waiting_;
  std::map<int, std::size_t> statuses_;
  Sample sample_;
};

void Caller::on_answer(int status) {
  run_->answered(due_, status);
  if (status == 0) {
    loop_.at(now() + a_second / 100, *this);  // who refuses connections is not asked without a pause
  } else {
    run_->next(*this);
  }
}

void Caller::on_timer() {
  run_->next(*this);
}

}  // namespace

void run(Arguments& arguments) {
  const Target target{static_cast<std::uint16_t>(arguments.count("port", 0)), client_tls(arguments.text("ca"))};
  const std::size_t connections = arguments.count("connections", 64);
  const double rate = arguments.number("rate", 0);
  const double seconds = arguments.number("seconds", 2);
  const double warmup = arguments.number("warmup", 0.5);
  const std::size_t count = arguments.count("count", 0);
  RequestList requests(arguments.text("requests"));
  arguments.check();
  allow_many_files();

  Loop loop;
  Callers callers;
  for (std::size_t i = 0; i < connections; ++i) callers.push_back(std::make_unique<Caller>(loop, target));
  // Each connection is made and used before anything is measured.
  Run(loop, 0, 0, 2 * connections, requests).go(callers);
  if (warmup > 0) Run(loop, rate, warmup, 0, requests).go(callers);
  meet_harness("measure");
  Run measured(loop, rate, seconds, count, requests);
  measured.go(callers);
  meet_harness("done");
  std::cout << measured.json() << std::endl;
}

}  // namespace bench
