#include "verdict.hpp"

#include <nlohmann/json.hpp>

#include "json.hpp"

namespace spillway::lab {
namespace {

constexpr std::size_t longest_event = 8 << 20;

// OpenAI's codes are strings or null, some services' are numbers.
std::string code_of(const Json& error) {
  const Json& code = member(error, "code");
  if (code.is_number_integer()) return dump(code);
  return code.is_string() ? text_of(code) : text_of(member(error, "type"));
}

void read_error(const Json& error, Sent& sent) {
  sent.code = code_of(error);
  sent.message = text_of(member(error, "message"));
}

}  // namespace

BodyVerdict::BodyVerdict(int status, std::string_view content_type)
    : refused_(status / 100 != 2),
      stream_(!refused_ && content_type.substr(0, 17) == "text/event-stream"),
      events_(longest_event) {}

void BodyVerdict::take(std::string_view piece) {
  if (refused_) body_.append(piece.substr(0, read_of_refusal - body_.size()));
  if (!stream_) return;
  events_.feed(piece);
  while (const auto event = events_.next()) look_at(*event);
}

// Chat ends with `[DONE]`; Responses with an event of the response's end. Errors are `{"error": …}` in chat, the event
// `error` or the `error` of a failed response in Responses.
void BodyVerdict::look_at(const http::SseEvent& event) {
  const bool responses_end =
      event.event == "response.completed" || event.event == "response.incomplete" || event.event == "response.failed";
  ended_ = ended_ || responses_end || event.data == "[DONE]";
  if (event.data.find("\"error\"") == std::string::npos) return;
  const auto data = parse_json(event.data);
  if (!data) return;
  const Json& error = member(event.event == "response.failed" ? member(*data, "response") : *data, "error");
  if (!error.is_object() && event.event != "error") return;
  failed_ = true;
  read_error(error.is_object() ? error : *data, found_);
}

void BodyVerdict::finish(Sent& sent) const {
  if (refused_) {
    if (const auto body = parse_json(body_)) {
      const Json& error = member(*body, "error");
      read_error(error.is_object() ? error : *body, sent);
    }
    return;
  }
  if (!stream_) return;
  if (failed_) {
    sent.error = "the stream held an error";
    sent.code = found_.code;
    sent.message = found_.message;
  } else if (!ended_) {
    sent.error = "the stream ended early";
  }
}

}  // namespace spillway::lab
