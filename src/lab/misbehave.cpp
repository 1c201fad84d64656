#include "misbehave.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "errors.hpp"

namespace spillway::lab {
namespace {

Answer broken(Ending ending) {
  Answer answer;
  answer.ending = ending;
  return answer;
}

void drip(Answer& answer, const Fault& fault) {
  const std::string body = answer.body();
  answer.pieces.clear();
  for (std::size_t at = 0; at < body.size(); at += fault.bytes) {
    answer.pieces.push_back({body.substr(at, fault.bytes), at == 0 ? Milliseconds{0} : fault.every});
  }
}

void cut(Answer& answer, std::size_t after) {
  answer.ending = Ending::cut;
  if (answer.pieces.size() > after) answer.pieces.resize(after);
  // A body in one piece is cut in the middle.
  if (answer.length && !answer.pieces.empty()) {
    std::string& bytes = answer.pieces.front().bytes;
    bytes.resize(bytes.size() / 2);
    answer.pieces.resize(1);
  }
}

void fail_stream(Answer& answer, std::size_t after) {
  if (answer.length) return;
  answer.pieces.resize(std::min(answer.pieces.size(), after));
  const Json error = {{"error",
                       {{"message", "The server had an error while processing your request. Sorry about that!"},
                        {"type", "server_error"},
                        {"param", nullptr},
                        {"code", "server_error"}}}};
  answer.pieces.push_back({"data: " + dump(error) + "\n\n", Milliseconds{0}});
}

}  // namespace

std::optional<Answer> instead_of_answer(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::status: {
      Answer answer = errors::outage(fault.status);
      if (fault.retry_after) errors::add_retry_after(answer, *fault.retry_after);
      return answer;
    }
    case FaultKind::content_filter: return errors::content_filter();
    case FaultKind::reset:
    case FaultKind::refuse: return broken(Ending::reset);
    case FaultKind::stall: return broken(Ending::stall);
    case FaultKind::cut:
    case FaultKind::stream_error:
    case FaultKind::slow:
    case FaultKind::delay: break;
  }
  return std::nullopt;
}

void distort(Answer& answer, const Fault& fault) {
  if (fault.kind == FaultKind::delay) answer.delay += fault.delay;
  if (fault.kind == FaultKind::slow) drip(answer, fault);
  if (fault.kind == FaultKind::cut) cut(answer, fault.after);
  if (fault.kind == FaultKind::stream_error) fail_stream(answer, fault.after);
}

}  // namespace spillway::lab
