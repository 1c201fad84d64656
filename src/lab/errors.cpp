#include "errors.hpp"

#include <nlohmann/json.hpp>

namespace spillway::lab::errors {
namespace {

Answer coded(int status, std::string_view code, std::string_view message) {
  return json_answer(status, {{"error", {{"code", code}, {"message", message}}}});
}

Json or_null(std::string_view text) {
  return text.empty() ? Json() : Json(text);
}

Answer typed(int status, std::string_view message, std::string_view type, std::string_view param,
             std::string_view code) {
  return json_answer(
      status, {{"error", {{"message", message}, {"type", type}, {"param", or_null(param)}, {"code", or_null(code)}}}});
}

std::string seconds(Milliseconds wait) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count());
}

Json severity(bool filtered, std::string_view level) {
  return {{"filtered", filtered}, {"severity", level}};
}

}  // namespace

Answer invalid_key() {
  return coded(
      401, "401",
      "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for "
      "an active subscription and use a correct regional API endpoint for your resource.");
}

Answer invalid_token(std::string_view audience) {
  return coded(401, "401",
               "Unauthorized. Access token is missing, invalid, audience is incorrect (" + std::string(audience) +
                   "), or have expired.");
}

Answer principal_denied() {
  return coded(401, "PermissionDenied", "Principal does not have access to API/Operation.");
}

Answer resource_not_found() {
  return coded(404, "404", "Resource not found");
}

Answer api_version_not_supported() {
  return coded(400, "BadRequest", "API version not supported");
}

Answer deployment_not_found() {
  return coded(404, "DeploymentNotFound",
               "The API deployment for this resource does not exist. If you created the deployment within the last 5 "
               "minutes, please wait a moment and try again.");
}

Answer operation_not_supported(std::string_view operation, std::string_view model) {
  return coded(400, "OperationNotSupported",
               "The " + std::string(operation) + " operation does not work with the specified model, " +
                   std::string(model) + ". Please choose different model and try again.");
}

Answer invalid_json() {
  return invalid_request("We could not parse the JSON body of your request.");
}

Answer model_missing() {
  return invalid_request("you must provide a model parameter");
}

Answer invalid_request(std::string_view message, std::string_view param, std::string_view code) {
  return typed(400, message, "invalid_request_error", param, code);
}

Answer context_length(std::int64_t window, std::int64_t tokens) {
  return invalid_request("This model's maximum context length is " + std::to_string(window) +
                             " tokens. However, your messages resulted in " + std::to_string(tokens) +
                             " tokens. Please reduce the length of the messages.",
                         "messages", "context_length_exceeded");
}

Answer content_filter() {
  const Json result = {{"hate", severity(false, "safe")},
                       {"self_harm", severity(false, "safe")},
                       {"sexual", severity(false, "safe")},
                       {"violence", severity(true, "medium")},
                       {"jailbreak", {{"detected", false}, {"filtered", false}}}};
  return json_answer(
      400, {{"error",
             {{"message",
               "The response was filtered due to the prompt triggering Azure OpenAI's content management "
               "policy. Please modify your prompt and retry."},
              {"type", nullptr},
              {"param", "prompt"},
              {"code", "content_filter"},
              {"status", 400},
              {"innererror", {{"code", "ResponsibleAIPolicyViolation"}, {"content_filter_result", result}}}}}});
}

Answer previous_response_not_found(std::string_view id) {
  return invalid_request("Previous response with id '" + std::string(id) + "' not found.", "previous_response_id",
                         "previous_response_not_found");
}

Answer no_such_object(std::string_view message) {
  return typed(404, message, "invalid_request_error", "", "");
}

Answer rate_limit_old(std::string_view operation, std::string_view version, bool tokens, Milliseconds retry_after) {
  Answer answer =
      coded(429, "429",
            "Requests to the " + std::string(operation) + " Operation under Azure OpenAI API version " +
                std::string(version) + " have exceeded " + (tokens ? "token" : "call") +
                " rate limit of your current OpenAI S0 pricing tier. Please retry after " + seconds(retry_after) +
                " seconds. Please contact Azure support service if you would like to "
                "further increase the default rate limit.");
  add_retry_after(answer, retry_after);
  return answer;
}

Answer rate_limit_new(std::string_view deployment, std::string_view model, std::string_view region, bool tokens,
                      Milliseconds retry_after) {
  Answer answer =
      coded(429, "RateLimitReached",
            "Your requests to " + std::string(deployment) + " for " + std::string(model) + " in " +
                std::string(region) + " have exceeded the " + (tokens ? "token" : "call") +
                " rate limit for your current OpenAI S0 pricing tier. Please retry after " + seconds(retry_after) +
                " seconds. To increase your default rate limit, visit: "
                "https://aka.ms/oai/quotaincrease.");
  add_retry_after(answer, retry_after);
  return answer;
}

Answer provisioned_full(Milliseconds retry_after) {
  Answer answer = coded(429, "429", "Too many requests");
  add_retry_after(answer, retry_after);
  return answer;
}

Answer outage(int status) {
  switch (status) {
    case 403: return coded(403, "AccessDenied", "Access denied due to Virtual Network/Firewall rules.");
    case 404: return deployment_not_found();
    case 408: return coded(408, "Timeout", "The operation was timeout.");
    case 429:
      return coded(
          429, "NoCapacity",
          "The system is currently experiencing high demand and cannot process your request. Your request exceeds "
          "the maximum usage size allowed during peak load. For improved capacity reliability, consider switching "
          "to Provisioned Throughput.");
    case 500:
      return typed(500,
                   "The server had an error processing your request. Sorry about that! You can retry your request.",
                   "server_error", "", "");
    case 502:
    case 504:
      return text_answer(status, "text/html",
                         status == 502 ? "<html><head><title>502 Bad Gateway</title></head></html>"
                                       : "<html><head><title>504 Gateway Time-out</title></head></html>");
    case 503:
      return coded(503, "ServiceUnavailable",
                   "The service is temporarily unable to process your request. Please try again later.");
    default:
      return status < 500 ? typed(status, "The request was refused.", "invalid_request_error", "", "")
                          : coded(status, "InternalServerError", "The server had an error. Please try again later.");
  }
}

void add_retry_after(Answer& answer, Milliseconds wait) {
  answer.fields.push_back({"retry-after", seconds(wait)});
  answer.fields.push_back({"retry-after-ms", std::to_string(wait.count())});
}

}  // namespace spillway::lab::errors
