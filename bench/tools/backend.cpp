// A mock of Azure OpenAI that costs next to nothing: every answer is ready before the first request comes.
//
//   bench_backend [--listeners N] [--threads N] [--certificate PEM --key PEM] [--throttle all|DIGIT] [--retry-after-ms
//   N]
//                 [--answer json|sse|hold] [--bytes N] [--delay-ms N] [--events N]
//                 [--interval-ms N]
//
// Prints `ports P1 P2 …`, then serves until it is ended by a signal. `--throttle DIGIT`: 429 to requests whose
// `x-bench-id` ends with the digit. `hold`: head and one event, then nothing. `x-bench-events: N` in a request goes
// before `--events`.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "loop.hpp"
#include "stream.hpp"

namespace bench {
namespace {

constexpr std::string_view azure_fields =
    "x-request-id: 4e0cdd54-8f54-4f3a-8ad1-9d6f3c8c1a77\r\napim-request-id: 0bb5e3ab-3b87-4ac8-9d4e-bd0eae7ad1b5\r\n"
    "x-ms-region: East US\r\nx-ratelimit-remaining-requests: 99\r\nx-ratelimit-remaining-tokens: 99985\r\n"
    "strict-transport-security: max-age=31536000; includeSubDomains; preload\r\nx-content-type-options: nosniff\r\n";

std::string sized(std::string_view status, std::string_view more, std::string_view body) {
  std::string answer = "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: application/json\r\n";
  answer.append(azure_fields).append(more);
  return answer.append("Content-Length: " + std::to_string(body.size()) + "\r\n\r\n").append(body);
}

std::string chat_answer(std::size_t size) {
  const std::string front =
      R"({"id":"chatcmpl-bench","object":"chat.completion","created":1760000000,"model":"gpt-4o-2024-11-20","choices":)"
      R"([{"index":0,"message":{"role":"assistant","content":")";
  const std::string back = R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":312,"completion_tokens":205}})";
  const std::size_t around = front.size() + back.size();
  std::string text;
  while (text.size() + around < size) text += "a word of an answer ";
  text.resize(size > around ? size - around : 0);
  return front + text + back;
}

struct Plan {
  explicit Plan(Arguments& arguments)
      : tls(server_tls(arguments.text("certificate"), arguments.text("key"))),
        throttle(arguments.text("throttle")),
        kind(arguments.text("answer", "json")),
        delay(static_cast<Nanoseconds>(arguments.number("delay-ms", 0) * 1e6)),
        events(arguments.count("events", 100)),
        interval(static_cast<Nanoseconds>(arguments.number("interval-ms", 20) * 1e6)),
        json(sized("200 OK", "", chat_answer(arguments.count("bytes", 1024)))),
        throttled(sized("429 Too Many Requests",
                        "retry-after-ms: " + std::to_string(arguments.count("retry-after-ms", 1000)) + "\r\n",
                        R"({"error":{"code":"429","message":"Rate limit is exceeded. Try again later."}})")),
        stream_head(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n" +
            std::string(azure_fields) + "\r\n") {}
  TlsContext tls;
  std::string throttle;
  std::string kind;
  Nanoseconds delay;  // of a JSON answer
  std::size_t events;
  Nanoseconds interval;
  std::string json;
  std::string throttled;
  std::string stream_head;
};

std::string chunk(std::string_view payload) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", payload.size());
  return std::string(size).append(payload).append("\r\n");
}

class Connection : public Handler {
 public:
  Connection(Loop& loop, int fd, const Plan& plan) : loop_(loop), stream_(fd, plan.tls, true), plan_(plan) {}
  void own(std::unique_ptr<Handler> self) { self_ = std::move(self); }

 private:
  void on_ready() override {
    if (!flush()) return;
    thread_local std::vector<char> buffer(256 * 1024);
    while (self_) {
      const ssize_t count = stream_.read(buffer.data(), buffer.size());
      if (count == 0) return;
      if (count < 0) {
        end();
        return;
      }
      take({buffer.data(), static_cast<std::size_t>(count)});
    }
  }

  void take(std::string_view bytes) {
    while (self_ && !bytes.empty()) {
      if (body_left_ > 0) {
        const std::size_t size = std::min(body_left_, bytes.size());
        bytes.remove_prefix(size);
        body_left_ -= size;
      } else {
        const std::size_t had = head_.size();
        head_.append(bytes);
        const std::size_t end_of_head = head_.find("\r\n\r\n", had < 3 ? 0 : had - 3);
        if (end_of_head == std::string::npos) return;
        bytes.remove_prefix(end_of_head + 4 - had);
        head_.resize(end_of_head + 2);
        if (!field(head_, "transfer-encoding").empty()) {
          end();  // no contender does that to a sized body
          return;
        }
        body_left_ = std::strtoull(std::string(field(head_, "content-length")).c_str(), nullptr, 10);
      }
      if (body_left_ == 0) {
        answer();
        head_.clear();
      }
    }
  }

  void answer() {
    const bool all = plan_.throttle == "all";
    if (all || (!plan_.throttle.empty() && field(head_, "x-bench-id").ends_with(plan_.throttle))) {
      out_ += plan_.throttled;
    } else if (plan_.kind == "json" && plan_.delay > 0) {
      loop_.at(now() + plan_.delay, *this);
    } else if (plan_.kind == "json") {
      out_ += plan_.json;
    } else {
      const std::string_view asked = field(head_, "x-bench-events");
      events_left_ = asked.empty() ? plan_.events : std::strtoull(std::string(asked).c_str(), nullptr, 10);
      out_ += plan_.stream_head;
      due_ = now();
      event();
    }
    flush();
  }

  void on_timer() override {
    if (plan_.kind == "json") {
      out_ += plan_.json;
    } else {
      event();
    }
    flush();
  }

  void event() {
    out_ +=
        chunk(R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"gpt-4o",)"
              R"("choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}],"sent_ns":)" +
              std::to_string(now()) + "}\n\n");
    if (--events_left_ == 0) {
      out_ += chunk("data: [DONE]\n\n") + "0\r\n\r\n";
    } else if (plan_.kind != "hold") {
      due_ += plan_.interval;
      loop_.at(due_, *this);
    }
  }

  bool flush() {
    while (!out_.empty()) {
      const ssize_t count = stream_.write(out_.data() + sent_, out_.size() - sent_);
      if (count < 0) {
        end();
        return false;
      }
      if (count == 0) return true;
      sent_ += static_cast<std::size_t>(count);
      if (sent_ == out_.size()) {
        out_.clear();
        sent_ = 0;
      }
    }
    return true;
  }

  void end() {
    if (self_) loop_.retire(std::move(self_));
  }

  Loop& loop_;
  Stream stream_;
  const Plan& plan_;
  std::unique_ptr<Handler> self_;
  std::string head_;
  std::size_t body_left_ = 0;
  std::string out_;
  std::size_t sent_ = 0;
  std::size_t events_left_ = 0;
  Nanoseconds due_ = 0;
};

class Listener : public Handler {
 public:
  Listener(Loop& loop, int fd, const Plan& plan) : loop_(loop), fd_(fd), plan_(plan) { loop_.add_listener(fd, *this); }

 private:
  void on_ready() override {
    for (int fd = accept_from(fd_); fd >= 0; fd = accept_from(fd_)) {
      auto made = std::make_unique<Connection>(loop_, fd, plan_);
      Connection& connection = *made;
      connection.own(std::move(made));
      loop_.add(fd, connection);
    }
  }

  Loop& loop_;
  int fd_;
  const Plan& plan_;
};

void serve(const std::vector<int>& listeners, const Plan& plan) {
  Loop loop;
  std::vector<std::unique_ptr<Listener>> handlers;
  for (const int fd : listeners) handlers.push_back(std::make_unique<Listener>(loop, fd, plan));
  loop.run();
}

}  // namespace

void run(Arguments& arguments) {
  const Plan plan(arguments);
  const std::size_t threads = arguments.count("threads", 1);
  std::vector<int> listeners(arguments.count("listeners", 1));
  arguments.check();
  allow_many_files();
  std::cout << "ports";
  for (int& fd : listeners) {
    fd = listen_on(0);
    std::cout << ' ' << port_of(fd);
  }
  std::cout << std::endl;
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(serve, std::cref(listeners), std::cref(plan));
  serve(listeners, plan);
}

}  // namespace bench
