#include <algorithm>
#include <cstdint>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "bytes.hpp"
#include "spillway/http/reader.hpp"

// Reads streams of requests as the gateway does. Each stream on standard input: its size, a line end, its bytes. Of
// each one line of JSON: the messages that are whole, whether the stream ends `complete`, `incomplete` or refused, and
// the method of the message it ends in.
namespace {

using nlohmann::json;
using namespace spillway;

const char* name_of(http::Framing framing) {
  if (framing == http::Framing::chunked) return "chunked";
  return framing == http::Framing::length ? "length" : "none";
}

// Takes the body from the front of `stream`. `incomplete`, a reason, or nothing when it is whole.
std::string take_body(const http::RequestHead& head, std::string& stream, std::string& body) {
  if (head.framing != http::Framing::chunked) {
    if (stream.size() < head.content_length) return "incomplete";
    const auto size = static_cast<std::size_t>(head.content_length);
    body = stream.substr(0, size);
    stream.erase(0, size);
    return "";
  }
  http::ChunkDecoder decoder;
  const http::ChunkDecoder::Step step = decoder.decode(stream);
  if (step.state == http::ReadState::need_more) return "incomplete";
  if (step.state == http::ReadState::rejected) return step.reason;
  body = stream.substr(0, step.payload);
  stream.erase(0, step.consumed);
  return "";
}

json read(std::string stream) {
  json messages = json::array();
  std::string end = "complete";
  std::string bytes;  // what the head points into
  http::RequestReader reader{{}};
  while (!stream.empty()) {
    reader.reset();
    bytes = stream;
    const http::ReadState state = reader.parse(bytes);
    if (state == http::ReadState::need_more) end = "incomplete";
    if (state == http::ReadState::rejected) end = reader.rejection().reason;
    if (state != http::ReadState::complete) break;
    const http::RequestHead& head = reader.head();
    stream.erase(0, reader.size());
    std::string body;
    const std::string wrong = take_body(head, stream, body);
    if (!wrong.empty()) {
      end = wrong;
      break;
    }
    std::string target(head.path);
    if (head.has_query) target.append("?").append(head.query);
    messages.push_back({{"method", head.method},
                        {"target", target},
                        {"framing", name_of(head.framing)},
                        {"size", body.size()},
                        {"sha256", test::sha256_hex(body)}});
    if (!head.keep_alive) break;
  }
  return {{"messages", messages}, {"end", end}, {"method", reader.head().method}};
}

}  // namespace

int main() {
  std::string size;
  while (std::getline(std::cin, size)) {
    std::string stream(std::stoul(size), '\0');
    if (!std::cin.read(stream.data(), static_cast<std::streamsize>(stream.size()))) return 1;
    std::cout << read(std::move(stream)).dump() << std::endl;
  }
}
