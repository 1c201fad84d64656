#include "responses_socket.hpp"

#include <nlohmann/json.hpp>

#include "spillway/http/sse.hpp"

namespace spillway::lab {
namespace {

Piece refusal(int status, const Json& error) {
  return {dump({{"type", "error"}, {"status", status}, {"error", error}}), Milliseconds{0}};
}

}  // namespace

std::vector<Piece> ResponsesSocket::hear(std::string_view text, Moment moment) {
  Json event = parse_json(text).value_or(Json());
  const std::string type = text_of(member(event, "type"));
  if (type != "response.create") {
    return {refusal(400, {{"type", "invalid_request_error"},
                          {"code", "invalid_value"},
                          {"message", "Invalid value: '" + type + "'."},
                          {"param", "type"}})};
  }
  event.erase("type");
  event["stream"] = true;
  const Answer answer = create_(dump(event), moment);
  if (answer.status != 200) {
    const Json body = parse_json(answer.body()).value_or(Json());
    return {refusal(answer.status, member(body, "error"))};
  }
  std::vector<Piece> out;
  Milliseconds pause = answer.delay;
  for (const Piece& piece : answer.pieces) {
    http::SseSplitter splitter;
    splitter.feed(piece.bytes);
    pause += piece.pause;
    while (auto sent = splitter.next()) out.push_back({sent->data, std::exchange(pause, Milliseconds{0})});
  }
  return out;
}

}  // namespace spillway::lab
