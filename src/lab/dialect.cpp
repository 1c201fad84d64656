#include "dialect.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace spillway::lab {
namespace {

struct Translation {
  std::string_view azure;  // the code
  std::string_view code;
  std::string_view type;
  std::string_view message;
};

constexpr std::array<Translation, 5> translations = {{
    {"401", "invalid_api_key", "invalid_request_error",
     "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys."},
    {"DeploymentNotFound", "model_not_found", "invalid_request_error",
     "The model does not exist or you do not have access to it."},
    {"RateLimitReached", "rate_limit_exceeded", "requests",
     "Rate limit reached for requests. Visit https://platform.openai.com/account/rate-limits to learn more."},
    {"429", "rate_limit_exceeded", "requests",
     "Rate limit reached for requests. Visit https://platform.openai.com/account/rate-limits to learn more."},
    {"NoCapacity", "rate_limit_exceeded", "requests", "That model is currently overloaded with other requests."},
}};

Json error_of(const Translation& known) {
  return {{"message", known.message}, {"type", known.type}, {"param", nullptr}, {"code", known.code}};
}

}  // namespace

void speak_openai(Answer& answer, const Request& request) {
  if (answer.status < 400 || answer.ending != Ending::whole) return;
  const Json body = parse_json(answer.body()).value_or(Json());
  const Json& error = member(body, "error");
  if (!error.is_object() || error.contains("type")) return;
  const std::string code = text_of(member(error, "code"));
  const auto* known = std::find_if(translations.begin(), translations.end(),
                                   [&](const Translation& translation) { return translation.azure == code; });
  Json spoken;
  if (known != translations.end()) {
    spoken = error_of(*known);
  } else {
    const std::string url = "Invalid URL (" + std::string(request.method) + " " + std::string(request.path) + ")";
    spoken = {{"message", code == "404" ? Json(url) : member(error, "message")},
              {"type", answer.status < 500 ? "invalid_request_error" : "server_error"},
              {"param", nullptr},
              {"code", nullptr}};
  }
  answer.set_body(dump({{"error", spoken}}));
}

}  // namespace spillway::lab
