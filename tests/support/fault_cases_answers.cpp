#include <ctime>

#include "fault.hpp"

namespace spillway::test {
namespace {

using Way = Fault::Way;
using Turn = FakeBackend::Turn;
using Step = FakeBackend::Step;

enum class End { close, reset, none };

// Sends these bytes, then ends the connection or falls silent.
Step sends(std::string bytes, End end = End::close) {
  return [bytes = std::move(bytes), end](Turn& turn) {
    turn.socket().send(bytes);
    if (end == End::close) turn.close();
    if (end == End::reset) turn.reset();
    if (end == End::none) turn.wait_for_close();
  };
}

Fault breaks(const char* name, const char* outcome, Step step) {
  return {name, Way::broken, outcome, make_plain, std::move(step)};
}

Fault breaks_at_connect(const char* name, const char* outcome, std::function<void(Socket&)> on_connect) {
  return {name, Way::broken, outcome, make_plain, nullptr, std::move(on_connect)};
}

Fault refuses(const std::string& name, int status, const Headers& headers = {}, const std::string& body = "{}") {
  return {name, Way::refused, std::to_string(status), make_plain,
          [=](Turn& turn) { turn.reply(status, headers, body); }};
}

// The connection serves one request; at the next one it turns out to be dead.
Fault goes_stale(const char* name, bool reset) {
  return {name, Way::mended, "200", make_plain, [reset](Turn& turn) {
            if (turn.ordinal() == 1) return turn.reply(200);
            reset ? turn.reset() : turn.close();
          }};
}

void add_ends(std::vector<Fault>& table) {
  table.push_back(breaks_at_connect("U11 reset inside the request", "reset", [](Socket& socket) {
    socket.receive(10);
    socket.reset();
  }));
  table.push_back(breaks("U11 reset before the head", "reset", [](Turn& turn) { turn.reset(); }));
  table.push_back(breaks_at_connect("U12 end before the request", "reset", [](Socket& socket) { socket.close(); }));
  table.push_back(breaks("U12 end before the head", "reset", [](Turn& turn) { turn.close(); }));
  table.push_back(goes_stale("U13 end on a kept connection", false));
  table.push_back(goes_stale("U13 reset on a kept connection", true));
  const std::string half = "HTTP/1.1 200 OK\r\nContent-Le";
  table.push_back(breaks("U15 reset inside the head", "reset", sends(half, End::reset)));
  table.push_back(breaks("U15 end inside the head", "reset", sends(half)));
  table.push_back(breaks("U15 end inside the status line", "reset", sends("H")));
  const std::string sized = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  table.push_back(breaks("U16 reset behind the head", "reset", sends(sized, End::reset)));
  table.push_back(breaks("U16 end behind the head", "reset", sends(sized)));
  table.push_back(breaks("U16 end behind the head of a stream", "reset", sends(chunked)));
  table.push_back(breaks("U16 end inside the first chunks size", "reset", sends(chunked + "2")));
  table.push_back(breaks("U16 first chunk without a size", "invalid_response", sends(chunked + "xyz\r\n")));
  table.push_back(breaks("U19 silence before the head", "timeout", [](Turn& turn) { turn.wait_for_close(); }));
  table.push_back(breaks("U19 silence inside the head", "timeout", sends(half, End::none)));
}

void add_malformed(std::vector<Fault>& table) {
  const auto bad = [&](const char* name, std::string bytes) {
    table.push_back(breaks(name, "invalid_response", sends(std::move(bytes))));
  };
  bad("U22 garbage", "NOT HTTP AT ALL\r\n\r\n");
  bad("U22 two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc");
  bad("U22 length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  bad("U22 unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc");
  bad("U23 unasked upgrade", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
  std::string interim;
  for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 103 Early Hints\r\n\r\n";
  bad("U23 endless interim answers", interim);
  bad("U24 head of a megabyte", "HTTP/1.1 200 OK\r\nX: " + std::string(1 << 20, 'x') + "\r\n\r\n");
  std::string fields;
  for (int i = 0; i < 1001; ++i) fields += "x: 1\r\n";
  bad("U24 too many fields", "HTTP/1.1 200 OK\r\n" + fields + "\r\n");
  table.push_back(breaks("U24 endless head", "invalid_response", [](Turn& turn) {
    turn.socket().send("HTTP/1.1 200 OK\r\n");
    while (turn.socket().send("X: " + std::string(10'000, 'x') + "\r\n")) {
    }
    turn.close();
  }));
}

std::string http_date(int seconds_from_now) {
  const std::time_t at = std::time(nullptr) + seconds_from_now;
  std::tm fields{};
  ::gmtime_r(&at, &fields);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &fields);
  return text;
}

void add_refusals(std::vector<Fault>& table) {
  // The answer comes before the body, which is read to no end.
  table.push_back({"U25 refusal before the body", Way::refused, "503", make_plain, nullptr, [](Socket& socket) {
                     socket.receive(10);
                     socket.send("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
                     socket.shutdown_send();
                     hold(socket);
                   }});
  table.push_back(refuses("U26 throttled for seconds", 429, {{"Retry-After", "1"}}));
  table.push_back(refuses("U26 throttled for milliseconds", 429, retry_after_ms(20)));
  table.push_back(refuses("U26 throttled until a date", 429, {{"Retry-After", http_date(2)}}));
  table.push_back(refuses("U26 throttled without a word", 429, {}, ""));
  table.push_back(refuses("U26 throttled with a long body", 429, {{"Retry-After", "1"}}, std::string(200'000, 'x')));
  for (const int status : {408, 500, 502, 503, 504})
    table.push_back(refuses("U27 status " + std::to_string(status), status));
}

}  // namespace

void add_faults_of_answers(std::vector<Fault>& table) {
  add_ends(table);
  add_malformed(table);
  add_refusals(table);
}

}  // namespace spillway::test
