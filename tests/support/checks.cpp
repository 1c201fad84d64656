#include "checks.hpp"

#include <cstdlib>

namespace spillway::test {

using nlohmann::json;

json json_of(const Message& message) {
  return json::parse(message.body, nullptr, false);
}

testing::AssertionResult is_gateway_error(const Message& answer, int status, const std::string& code) {
  const auto fail = [&](const std::string& what) {
    return testing::AssertionFailure() << what << " in\n" << answer.raw_head << answer.body;
  };
  if (answer.status() != status) return fail("status " + std::to_string(status) + " expected");
  if (!answer.complete) return fail("the answer is not whole");
  if (answer.header("content-type") != "application/json") return fail("not JSON by its type");
  const json body = json_of(answer);
  if (!body.is_object() || body.size() != 1 || !body.contains("error")) return fail("no `error` alone");
  const json& error = body["error"];
  if (!error.is_object() || error.size() != 4) return fail("not four members in `error`");
  if (error.value("code", json()) != code) return fail("code " + code + " expected");
  if (!error.value("message", json()).is_string() || error["message"].get<std::string>().empty())
    return fail("no message");
  if (!error.value("type", json()).is_string()) return fail("no type");
  if (!error.contains("param") || !error["param"].is_null()) return fail("`param` is not null");
  if (answer.count("x-request-id") != 1 || answer.header("x-request-id")->empty()) return fail("no x-request-id");
  for (const char* header : {"x-routed-backend", "x-attempts", "x-ms-region", "server", "via"})
    if (answer.header(header)) return fail(std::string(header) + " tells of the inside");
  for (const char* inside : {"127.0.0.1", "localhost", "backend", "spillway"})
    if (answer.body.find(inside) != std::string::npos && code != "no_backend_available")
      return fail(std::string("`") + inside + "` tells of the inside");
  return testing::AssertionSuccess();
}

double metric(const std::string& text, const std::string& series) {
  for (std::size_t at = text.find(series); at != std::string::npos; at = text.find(series, at + 1)) {
    const std::size_t end = at + series.size();
    const bool line_start = at == 0 || text[at - 1] == '\n';
    if (line_start && end < text.size() && text[end] == ' ') return std::strtod(text.c_str() + end, nullptr);
  }
  return 0;
}

testing::AssertionResult reaches(const TestGateway& gateway, const std::string& series, double value) {
  double seen = 0;
  const bool reached = eventually([&] {
    seen = metric(gateway.metrics(), series);
    return seen == value;
  });
  if (reached) return testing::AssertionSuccess();
  return testing::AssertionFailure() << series << " is " << seen << ", not " << value;
}

json member_of(const std::string& status, std::size_t index) {
  const json document = json::parse(status, nullptr, false);
  return document.is_discarded() ? json() : document["pools"][0]["members"].at(index);
}

}  // namespace spillway::test
