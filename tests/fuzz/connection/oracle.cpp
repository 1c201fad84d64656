#include "oracle.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "spillway/http/reader.hpp"
#include "strict.hpp"

namespace spillway::fuzz {
namespace {

// A request as the strict reader of the client's side understands it.
struct Asked {
  std::string method;
  std::string path;
  std::string body;
  bool whole = false;     // all of it came, and it is taken
  bool streamed = false;  // so large that it is passed on before all of it has come
  bool expects_continue = false;
};

struct Answered {
  int status = 0;
  std::string body;
  bool whole = false;
};

// One request that reached a backend, and what came back.
struct Forwarded {
  Message request;
  std::uint64_t when = 0;
  std::optional<Answered> answer{};
};

// The body behind a head, as far as there is one. The bytes move.
template <class Head>
bool take_body(const Head& head, std::string& bytes, std::string& body) {
  if (head.framing == http::Framing::chunked) {
    http::ChunkDecoder decoder;
    const http::ChunkDecoder::Step step = decoder.decode(bytes);
    body = bytes.substr(0, step.payload);
    bytes.erase(0, step.consumed);
    return step.state == http::ReadState::complete;
  }
  if (head.framing == http::Framing::none) return true;
  const bool whole = head.framing == http::Framing::length && bytes.size() >= head.content_length;
  body = whole ? bytes.substr(0, static_cast<std::size_t>(head.content_length)) : bytes;
  bytes.erase(0, body.size());
  return whole;
}

// What the client asked, up to what had to be refused, and whether that was a HEAD.
struct Client {
  std::vector<Asked> asked;
  bool refused_to_head = false;
};

Client read_client(const Play& play) {
  Client client;
  std::string bytes = bytes_of(play.client);
  http::RequestReader reader({max_header_size, max_header_fields});
  while (reader.parse(bytes) == http::ReadState::complete) {
    Asked& asked = client.asked.emplace_back();
    const http::RequestHead& head = reader.head();
    asked.method = head.method;
    asked.path = head.path;
    asked.expects_continue = head.expect_continue;
    std::string rest = bytes.substr(reader.size());
    asked.whole = take_body(head, rest, asked.body) && asked.body.size() <= max_request_body;
    asked.streamed = asked.body.size() >= replay_buffer || head.content_length > replay_buffer;
    if (head.framing == http::Framing::length && head.content_length > max_request_body) asked.streamed = false;
    if (!asked.whole) return client;
    reader.reset();
    bytes = std::move(rest);
  }
  client.refused_to_head = reader.head().method == "HEAD";
  return client;
}

std::vector<Answered> read_backend(const Play& play, std::size_t which, const std::vector<Forwarded>& requests) {
  std::vector<Answered> all;
  const std::vector<Step>& steps = play.backends[which];
  std::string bytes = bytes_of(steps);
  const bool closes = steps.back().kind == Step::Kind::close;
  for (const Forwarded& one : requests) {
    Answered& answer = all.emplace_back();
    for (;;) {
      http::ResponseReader reader({60 << 10, 1000});
      if (reader.parse(bytes, one.request.method() == "HEAD") != http::ReadState::complete) return all;
      const http::ResponseHead head = reader.head();
      answer.status = head.status;
      std::string rest = bytes.substr(reader.size());
      if (head.status >= 200) {
        answer.whole = take_body(head, rest, answer.body) || (head.framing == http::Framing::until_close && closes);
      }
      bytes = std::move(rest);
      if (head.status >= 200 || head.status == 101) break;
    }
    if (!answer.whole) return all;
  }
  return all;
}

void check_fields(const Message& request) {
  for (const char* name : {"connection", "keep-alive", "proxy-connection", "te", "trailer", "authorization",
                           "ocp-apim-subscription-key", "proxy-authorization", "expect"}) {
    const bool upgrade = std::string_view(name) == "connection" && request.field("upgrade");
    if (request.count(name) != 0 && !upgrade) broken(std::string(name) + " was passed on", request.start);
  }
  if (request.field("api-key") != backend_key) broken("not the backend's key", request.start);
  const auto host = request.field("host");
  if (host != "127.0.0.1:1001" && host != "127.0.0.1:1002") broken("not the backend's host", request.start);
  const std::string query = request.query();
  for (const char* key : {"&api-key=", "&subscription-key="}) {
    if (query.find(key) != std::string::npos) broken("a key in the query", request.start);
  }
}

bool is_of(const Message& request, const Asked& asked) {
  if (request.method() != asked.method || request.path() != asked.path) return false;
  if (request.whole) return asked.whole && request.body == asked.body;
  return (asked.whole || asked.streamed) && asked.body.starts_with(request.body);
}

// All that reached backends, in order; each is what the client asked, in order, again only in place.
std::vector<Forwarded> check_forwarded(const Play& play, const Outcome& outcome, const std::vector<Asked>& asked) {
  std::vector<Forwarded> all;
  for (std::size_t i = 0; i < outcome.backends.size(); ++i) {
    const Wire& wire = *outcome.backends[i];
    std::vector<Forwarded> own;
    std::size_t place = 0;
    bool http = true;
    while (http) {
      auto request = read_request(wire.sent(), place);
      if (!request) break;
      check_fields(*request);
      const std::uint64_t when = wire.when(request->begin);
      own.push_back({std::move(*request), when});
      const std::vector<Answered> answers = read_backend(play, i, own);
      if (answers.size() == own.size()) own.back().answer = answers.back();
      const Message& last = own.back().request;
      http = last.whole && !(last.field("upgrade") && own.back().answer && own.back().answer->status == 101);
    }
    // A backend may answer when it has seen no more than a part of the head.
    if (http && place != wire.sent().size()) {
      own.push_back({Message(), wire.when(place)});
      const std::vector<Answered> answers = read_backend(play, i, own);
      if (answers.size() == own.size()) own.back().answer = answers.back();
    }
    std::move(own.begin(), own.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(), [](const Forwarded& a, const Forwarded& b) {
    return std::pair(a.when, a.request.begin) < std::pair(b.when, b.request.begin);
  });
  auto next = asked.begin();
  for (const Forwarded& one : all) {
    if (one.request.start.empty()) continue;
    next = std::find_if(next, asked.end(), [&](const Asked& each) { return is_of(one.request, each); });
    if (next == asked.end()) broken("a request nobody made", one.request.start + "\n" + one.request.body);
  }
  return all;
}

// One that was passed on is a backend's, in order. When it looks whole it is; without a body that cannot be told.
void check_relayed(const Message& answer, bool whole, const std::vector<Forwarded>& forwarded, std::size_t& next) {
  for (; next < forwarded.size(); ++next) {
    const std::optional<Answered>& made = forwarded[next].answer;
    if (!made || made->status != answer.status()) continue;
    if (whole ? !made->whole || made->body != answer.body : !made->body.starts_with(answer.body)) continue;
    ++next;
    return;
  }
  broken("an answer no backend made", answer.start + "\n" + answer.body);
}

void check_answers(const Wire& client, const Client& told, const std::vector<Forwarded>& forwarded) {
  const std::vector<Asked>& asked = told.asked;
  std::size_t place = 0;
  std::size_t next = 0;
  std::size_t answers = 0;
  for (;;) {
    const bool known = answers < asked.size();
    const bool to_head = known ? asked[answers].method == "HEAD" : told.refused_to_head;
    const auto answer = read_answer(client.sent(), place, to_head);
    if (!answer) break;
    if (answer->status() == 101) return;  // from here on it is no HTTP
    if (answer->status() < 200) {
      if (!known || !asked[answers].expects_continue || answer->status() != 100)
        broken("an interim answer nobody waits for", client.sent());
      continue;
    }
    // Behind the last request there is one refusal at most.
    if (++answers > asked.size() + 1) broken("an answer too many", client.sent());
    const bool ends = answer->field("connection") == "close";
    const bool in_order = client.ended() == Wire::Ended::in_order && !client.was_reset();
    const bool whole = answer->until_end ? in_order : answer->whole;
    if (!whole && place != client.sent().size()) broken("something behind a cut answer", client.sent());
    if (answer->until_end && !ends) broken("an answer without an end", client.sent());
    const bool relayed = answer->field("x-routed-backend").has_value();
    if (relayed && !known) broken("a backend's answer to nothing", client.sent());
    if (relayed) {
      check_relayed(*answer, whole && !to_head, forwarded, next);
    } else if (!ends && (answer->status() == 413 || answer->status() == 431)) {
      broken("a connection that stays after too much", client.sent());
    } else if (!whole && in_order) {
      broken("an answer of the gateway that is cut", client.sent());
    }
    if (ends && place != client.sent().size()) broken("something behind the last answer", client.sent());
  }
  if (place != client.sent().size() && !client.was_reset()) broken("half a head", client.sent());
}

}  // namespace

void check(const Play& play, const Outcome& outcome) {
  const Client client = read_client(play);
  const std::vector<Forwarded> forwarded = check_forwarded(play, outcome, client.asked);
  check_answers(*outcome.client, client, forwarded);
}

}  // namespace spillway::fuzz
