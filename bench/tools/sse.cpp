// Opens many streams at once and counts what comes.
//
//   bench_sse --port P --requests FILE --streams N [--ca PEM] [--interval-ms N] [--warmup-requests FILE] [--hold 1]
//
// The mock backend writes into each event when it sent it; the delay of an event is the time from then until it is
// here. The streams begin spread over one interval, so that events do not come in bursts. With warm-up requests, every
// connection has been used before `measure` is printed; when all streams have ended, it prints `done`. After each of
// the two it waits for a line. With `--hold 1` it prints `measure` when all streams have had their first event, and
// waits. In the end it prints one line of JSON.
#include <algorithm>
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

class Streams;

class EventStream : public Client {
 public:
  EventStream(Loop& loop, const Target& target, Streams& all) : Client(loop, target), all_(all) {}
  void begin_at(Nanoseconds due, const std::string& request) {
    request_ = &request;
    answered_ = false;
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

  void event(std::string_view text, Nanoseconds at);
  void on_answer(int status) override;
  // Something came, or never will.
  void answered();

  Streams& all_;
  const std::string* request_ = nullptr;
  std::string rest_;
  bool answered_ = false;
  bool finished_ = false;
};

// All streams, which run once a phase.
class Streams {
 public:
  Streams(Loop& loop, const Target& target, std::size_t count) : loop_(loop), delays_(count * 101) {
    for (std::size_t i = 0; i < count; ++i) streams_.push_back(std::make_unique<EventStream>(loop, target, *this));
  }

  // Until every stream has ended. They begin spread over `spread`.
  void run(RequestList& requests, Nanoseconds spread) {
    start(requests);
    const Nanoseconds begin = now();
    while (next_ < streams_.size()) {
      begin_next(begin + spread * static_cast<Nanoseconds>(next_) / static_cast<Nanoseconds>(streams_.size()));
    }
    ended_left_ = streams_.size();
    loop_.run();
  }

  // Until every stream has had its first event or has failed. So many begin at a time that no handshake waits for long.
  void open(RequestList& requests) {
    start(requests);
    answered_left_ = streams_.size();
    while (next_ < std::min<std::size_t>(streams_.size(), 32)) begin_next(now());
    loop_.run();
  }

  void on_event(Nanoseconds delay) {
    ++events_;
    delays_.add(delay);
  }
  void on_answered() {
    if (answered_left_ == 0) return;
    if (next_ < streams_.size()) begin_next(now());
    if (--answered_left_ == 0) loop_.stop();
  }
  void on_end(bool complete) {
    complete_ += complete ? 1 : 0;
    if (ended_left_ > 0 && --ended_left_ == 0) loop_.stop();
  }

  std::string json() {
    char front[200];
    std::snprintf(front, sizeof front, R"({"streams":%zu,"complete":%zu,"failed":%zu,"events":%zu,)", streams_.size(),
                  complete_, streams_.size() - complete_, events_);
    return front + delays_.json() + "}";
  }

 private:
  void start(RequestList& requests) {
    requests_ = &requests;
    next_ = 0;
    events_ = 0;
    complete_ = 0;
    delays_.clear();
  }
  void begin_next(Nanoseconds due) { streams_[next_++]->begin_at(due, requests_->next()); }

  Loop& loop_;
  Sample delays_;
  std::vector<std::unique_ptr<EventStream>> streams_;
  RequestList* requests_ = nullptr;
  std::size_t next_ = 0;
  std::size_t answered_left_ = 0;
  std::size_t ended_left_ = 0;
  std::size_t events_ = 0;
  std::size_t complete_ = 0;
};

void EventStream::event(std::string_view text, Nanoseconds at) {
  constexpr std::string_view mark = R"("sent_ns":)";
  if (text == "data: [DONE]") finished_ = true;
  const std::size_t found = text.find(mark);
  if (found == std::string_view::npos) return;
  all_.on_event(at - std::strtoll(std::string(text.substr(found + mark.size())).c_str(), nullptr, 10));
  answered();
}

void EventStream::answered() {
  if (answered_) return;
  answered_ = true;
  all_.on_answered();
}

void EventStream::on_answer(int status) {
  answered();
  all_.on_end(status == 200 && finished_);
}

}  // namespace

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
  Streams streams(loop, target, count);
  if (!warmup.empty()) {
    RequestList first(warmup);
    streams.run(first, interval);
  }
  if (hold) {
    streams.open(requests);
    meet_harness("measure");
  } else {
    meet_harness("measure");
    streams.run(requests, interval);
    meet_harness("done");
  }
  std::cout << streams.json() << std::endl;
}

}  // namespace bench
