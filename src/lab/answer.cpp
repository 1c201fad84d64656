#include "answer.hpp"

#include <nlohmann/json.hpp>

#include "spillway/base/text.hpp"

namespace spillway::lab {

std::string_view Request::field(std::string_view name) const noexcept {
  for (const auto& [field, value] : fields) {
    if (iequals(field, name)) return value;
  }
  return {};
}

std::string_view Request::bearer() const noexcept {
  constexpr std::string_view scheme = "bearer ";
  const std::string_view authorization = field("authorization");
  if (!iequals(authorization.substr(0, scheme.size()), scheme)) return {};
  return trim(authorization.substr(scheme.size()));
}

std::string_view field_of(const std::vector<Header>& fields, std::string_view name) noexcept {
  for (const Header& header : fields) {
    if (iequals(header.name, name)) return header.value;
  }
  return {};
}

std::string Answer::body() const {
  std::string all;
  for (const Piece& piece : pieces) all += piece.bytes;
  return all;
}

std::string_view Answer::field(std::string_view name) const noexcept {
  return field_of(fields, name);
}

void Answer::set_body(std::string text) {
  length = text.size();
  pieces.clear();
  pieces.push_back({std::move(text), Milliseconds{0}});
}

std::string outcome(const Answer& answer) {
  switch (answer.ending) {
    case Ending::whole: return std::to_string(answer.status);
    case Ending::cut: return "cut";
    case Ending::reset: return "reset";
    case Ending::stall: return "stall";
  }
  return "-";
}

Answer json_answer(int status, const Json& body) {
  return text_answer(status, "application/json", dump(body));
}

Answer text_answer(int status, std::string content_type, std::string body) {
  Answer answer;
  answer.status = status;
  answer.content_type = std::move(content_type);
  answer.set_body(std::move(body));
  return answer;
}

void EventStream::data(const Json& value, Milliseconds pause) {
  pieces_.push_back({"data: " + dump(value) + "\n\n", pause});
}

void EventStream::event(std::string_view name, const Json& value, Milliseconds pause) {
  pieces_.push_back({"event: " + std::string(name) + "\ndata: " + dump(value) + "\n\n", pause});
}

void EventStream::done(std::string_view name) {
  const std::string event = name.empty() ? std::string() : "event: " + std::string(name) + "\n";
  pieces_.push_back({event + "data: [DONE]\n\n", Milliseconds{0}});
}

Answer EventStream::answer() && {
  Answer answer;
  answer.content_type = "text/event-stream; charset=utf-8";
  answer.pieces = std::move(pieces_);
  return answer;
}

}  // namespace spillway::lab
