#include "handshake.hpp"

#include <algorithm>

#include "errors.hpp"
#include "spillway/base/text.hpp"
#include "websocket.hpp"

namespace spillway::lab {
namespace {

// The parts of a comma-separated field, over all its lines.
std::vector<std::string_view> list_of(const Request& request, std::string_view name) {
  std::vector<std::string_view> out;
  for (const auto& [field, value] : request.fields) {
    if (!iequals(field, name)) continue;
    for (std::string_view rest = value; !rest.empty();) {
      const std::size_t comma = rest.find(',');
      if (const std::string_view one = trim(rest.substr(0, comma)); !one.empty()) out.push_back(one);
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
  }
  return out;
}

bool lists(const Request& request, std::string_view name, std::string_view word) {
  const auto all = list_of(request, name);
  return std::any_of(all.begin(), all.end(), [&](std::string_view one) { return iequals(one, word); });
}

}  // namespace

bool wants_websocket(const Request& request) noexcept {
  return request.method == "GET" && lists(request, "upgrade", "websocket");
}

std::vector<std::string_view> offered_protocols(const Request& request) {
  return list_of(request, "sec-websocket-protocol");
}

std::string_view protocol_key(const Request& request) {
  constexpr std::string_view prefix = "openai-insecure-api-key.";
  for (const std::string_view protocol : offered_protocols(request)) {
    if (protocol.substr(0, prefix.size()) == prefix) return protocol.substr(prefix.size());
  }
  return {};
}

Answer accept_websocket(const Request& request, std::shared_ptr<Dialogue> dialogue) {
  Answer answer;
  if (!wants_websocket(request)) {
    answer = errors::invalid_request("This path is for WebSockets.");
    answer.status = 426;
    answer.fields.push_back({"Upgrade", "websocket"});
    return answer;
  }
  if (request.field("sec-websocket-version") != "13") {
    answer = errors::invalid_request("Only version 13 of the WebSocket protocol is spoken here.");
    answer.status = 426;
    answer.fields.push_back({"Sec-WebSocket-Version", "13"});
    return answer;
  }
  const std::string_view key = request.field("sec-websocket-key");
  // 16 bytes in base64.
  if (key.size() != 24 || !lists(request, "connection", "upgrade")) {
    return errors::invalid_request("The WebSocket handshake is not valid.");
  }
  answer.status = 101;
  answer.content_type.clear();
  answer.fields = {
      {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", websocket::accept_key(key)}};
  for (const std::string_view protocol : offered_protocols(request)) {
    if (protocol == "realtime") answer.fields.push_back({"Sec-WebSocket-Protocol", "realtime"});
  }
  answer.dialogue = std::move(dialogue);
  return answer;
}

}  // namespace spillway::lab
