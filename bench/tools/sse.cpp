// Opens many streams at once and counts what comes.
//
//   bench_sse --port P --requests FILE --streams N [--ca PEM] [--interval-ms N] [--warmup-requests FILE] [--parallel N]
//
// The mock backend writes into each event when it sent it; the delay of an event is the time from then until it is
// here. The streams begin spread over one interval, so that events do not come in bursts. With warm-up requests, every
// connection has been used before `measure` is printed. With `--hold 1` the program prints `measure` when all streams
// have had their first event, and ends when its input does. Else it prints `done`, waits for a line, then prints one
// line of JSON.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client.hpp"
#include "request_list.hpp"

namespace bench {
namespace {

// What all streams of a phase have in common.
struct Phase {
  Loop& loop;
  Sample& delays;
  bool hold;
  std::size_t left;
  std::size_t complete = 0;
  std::size_t events = 0;

  void one_less() {
    if (--left == 0) loop.stop();
  }
};

class EventStream : public Client {
 public:
  using Client::Client;
  void begin_at(Nanoseconds due, Phase& phase, const std::string& request) {
    phase_ = &phase;
    request_ = &request;
    finished_ = false;
    rest_.clear();
    loop_.at(due, *this);
  }

 private:
  void on_timer() override { send(*request_); }

  void on_payload(std::string& payload) override {
    const Nanoseconds at = now();
    rest_ += payload;
    payload.clear();
    std::size_t begin = 0;
    for (std::size_t end = rest_.find("\n\n"); end != std::string::npos; end = rest_.find("\n\n", begin)) {
      event(std::string_view(rest_).substr(begin, end - begin), at);
      begin = end + 2;
    }
    rest_.erase(0, begin);
  }

  void event(std::string_view text, Nanoseconds at) {
    constexpr std::string_view mark = R"("sent_ns":)";
    if (text == "data: [DONE]") finished_ = true;
    const std::size_t found = text.find(mark);
    if (found == std::string_view::npos) return;
    ++phase_->events;
    phase_->delays.add(at - std::strtoll(std::string(text.substr(found + mark.size())).c_str(), nullptr, 10));
    if (phase_->hold) phase_->one_less();
  }

  void on_answer(int status) override {
    if (status == 200 && finished_) ++phase_->complete;
    phase_->one_less();
  }

  Phase* phase_ = nullptr;
  const std::string* request_ = nullptr;
  std::string rest_;
  bool finished_ = false;
};

using Streams = std::vector<std::unique_ptr<EventStream>>;

// Runs all streams once; those of a phase begin spread over `spread`.
Phase run_phase(Loop& loop, const Streams& streams, RequestList& requests, Sample& delays, bool hold,
                Nanoseconds spread) {
  Phase phase{loop, delays, hold, streams.size()};
  const Nanoseconds start = now();
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const Nanoseconds after = spread * static_cast<Nanoseconds>(i) / static_cast<Nanoseconds>(streams.size());
    streams[i]->begin_at(start + after, phase, requests.next());
  }
  loop.run();
  return phase;
}

void run(Arguments& arguments) {
  const Target target{static_cast<std::uint16_t>(arguments.count("port", 0)), client_tls(arguments.text("ca"))};
  const std::size_t count = arguments.count("streams", 200);
  const auto interval = static_cast<Nanoseconds>(arguments.number("interval-ms", 20) * 1e6);
  const bool hold = arguments.count("hold", 0) > 0;
  const std::string warmup = arguments.text("warmup-requests");
  RequestList requests(arguments.text("requests"));
  arguments.check();
  allow_many_files();

  Loop loop;
  Streams streams;
  for (std::size_t i = 0; i < count; ++i) streams.push_back(std::make_unique<EventStream>(loop, target));
  if (!warmup.empty()) {
    RequestList first(warmup);
    Sample unused(0);
    run_phase(loop, streams, first, unused, false, interval);
  }
  Sample delays(count * 101);
  if (hold) {
    // Not more handshakes at once than a gateway's queue takes: 2000 streams a second.
    const Phase phase = run_phase(loop, streams, requests, delays, true, static_cast<Nanoseconds>(count) * 500'000);
    meet_harness("measure");
    std::printf("{\"streams\":%zu,\"events\":%zu}\n", count, phase.events);
    return;
  }
  meet_harness("measure");
  const Phase phase = run_phase(loop, streams, requests, delays, false, interval);
  meet_harness("done");
  std::printf("{\"streams\":%zu,\"complete\":%zu,\"failed\":%zu,\"events\":%zu,%s}\n", count, phase.complete,
              count - phase.complete, phase.events, delays.json().c_str());
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  bench::Arguments arguments(argc, argv);
  bench::run(arguments);
}
