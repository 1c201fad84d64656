#include <algorithm>
#include <nlohmann/json.hpp>

#include "errors.hpp"
#include "resource.hpp"

// What a resource says about itself: headers, models and the control listener's report.
namespace spillway::lab {
namespace {

std::string percent(std::int64_t permille) {
  return std::to_string(permille / 10) + "." + std::to_string(permille % 10) + "%";
}

std::string seconds(Milliseconds wait) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count());
}

// As OpenAI writes it: `17ms`, `9s`, `6m0s`.
std::string duration(Milliseconds wait) {
  if (wait < std::chrono::seconds(1)) return std::to_string(wait.count()) + "ms";
  const auto whole = std::chrono::ceil<std::chrono::seconds>(wait).count();
  return (whole < 60 ? std::string() : std::to_string(whole / 60) + "m") + std::to_string(whole % 60) + "s";
}

void add_limits(Answer& answer, const PaygoLimiter& limiter, TimePoint now, std::string (*written)(Milliseconds)) {
  const PaygoLimiter::Left left = limiter.left(now);
  const auto add = [&](const std::string& what, std::int64_t limit, std::int64_t remaining, Milliseconds reset) {
    answer.fields.push_back({"x-ratelimit-limit-" + what, std::to_string(limit)});
    answer.fields.push_back({"x-ratelimit-remaining-" + what, std::to_string(remaining)});
    answer.fields.push_back({"x-ratelimit-reset-" + what, written(reset)});
  };
  if (const auto& limit = limiter.limits().requests_per_minute)
    add("requests", *limit, left.requests, left.requests_reset);
  if (const auto& limit = limiter.limits().tokens_per_minute) add("tokens", *limit, left.tokens, left.tokens_reset);
}

Json model_entry(const DeploymentConfig& deployment, std::int64_t created) {
  const auto can = [&](Operation operation) { return supports(deployment.model, operation); };
  return {{"id", deployment.name},
          {"object", "model"},
          {"status", "succeeded"},
          {"created_at", created},
          {"model", deployment.served_model()},
          {"lifecycle_status", "generally-available"},
          {"capabilities",
           {{"fine_tune", false},
            {"inference", true},
            {"completion", can(Operation::completions)},
            {"chat_completion", can(Operation::chat_completions)},
            {"embeddings", can(Operation::embeddings)}}}};
}

}  // namespace

void Resource::add_headers(Answer& answer, const Request& request, const Deployment* deployment, Moment moment) {
  if (config_.api == Api::openai) return add_openai_headers(answer, deployment, moment);
  const auto add = [&](const char* name, std::string value) { answer.fields.push_back({name, std::move(value)}); };
  const std::string id = ids_.guid();
  const std::string_view client_id = request.field("x-ms-client-request-id");
  add("apim-request-id", id);
  add("x-request-id", ids_.guid());
  add("x-ms-client-request-id", client_id.empty() ? id : std::string(client_id));
  add("x-ms-region", config_.region);
  if (deployment != nullptr) {
    add("x-ms-deployment-name", deployment->config.name);
    if (deployment->config.kind == Kind::ptu) {
      add("azure-openai-deployment-utilization", percent(deployment->ptu.utilisation_permille(moment.now)));
    } else {
      add_limits(answer, deployment->paygo, moment.now, seconds);
    }
    if (answer.status == 200) add("x-ms-rai-invoked", "true");
  }
  if (!answer.length && !answer.dialogue) add("x-accel-buffering", "no");
  add("cache-control", "no-cache, must-revalidate");
  add("access-control-allow-origin", "*");
  add("strict-transport-security", "max-age=31536000; includeSubDomains; preload");
  add("x-content-type-options", "nosniff");
}

void Resource::add_openai_headers(Answer& answer, const Deployment* deployment, Moment moment) {
  answer.fields.push_back({"x-request-id", "req_" + ids_.hex(32)});
  answer.fields.push_back({"openai-version", "2020-10-01"});
  answer.fields.push_back({"openai-processing-ms", std::to_string(answer.delay.count())});
  if (deployment != nullptr) add_limits(answer, deployment->paygo, moment.now, duration);
  answer.fields.push_back({"strict-transport-security", "max-age=31536000; includeSubDomains; preload"});
  answer.fields.push_back({"x-content-type-options", "nosniff"});
}

Answer Resource::models(const std::string& id, Moment moment) const {
  Json data = Json::array();
  for (const Deployment& deployment : deployments_) {
    Json entry = model_entry(deployment.config, moment.unix_seconds);
    if (!id.empty() && id == deployment.config.name) return json_answer(200, entry);
    data.push_back(std::move(entry));
  }
  if (!id.empty()) return errors::resource_not_found();
  return json_answer(200, {{"object", "list"}, {"data", data}});
}

std::uint64_t Resource::count(const std::string& outcome) const {
  std::uint64_t sum = 0;
  for (const auto& [name, outcomes] : counters_) {
    if (const auto found = outcomes.find(outcome); found != outcomes.end()) sum += found->second;
  }
  return sum;
}

Json Resource::report(TimePoint now) const {
  Json requests = Json::object();
  for (const auto& [name, outcomes] : counters_) {
    for (const auto& [outcome, count] : outcomes) requests[name][outcome] = count;
  }
  Json limits = Json::object();
  for (const Deployment& deployment : deployments_) {
    Json& entry = limits[deployment.config.name];
    if (deployment.config.kind == Kind::ptu) {
      entry = {{"kind", "ptu"}, {"utilization", percent(deployment.ptu.utilisation_permille(now))}};
      continue;
    }
    const PaygoLimiter::Left left = deployment.paygo.left(now);
    entry = {{"kind", "paygo"}};
    if (deployment.config.paygo.requests_per_minute) entry["remaining_requests"] = left.requests;
    if (deployment.config.paygo.tokens_per_minute) entry["remaining_tokens"] = left.tokens;
  }
  Json faults = Json::array();
  for (const PlannedFault& planned : faults_.in_force()) {
    faults.push_back({{"deployment", planned.deployment.empty() ? Json() : Json(planned.deployment)},
                      {"fault", to_json(planned.fault)}});
  }
  Json out = {{"name", config_.name},
              {"region", config_.region},
              {"kind", name(config_.kind)},
              {"api", name(config_.api)},
              {"address", config_.address.text()},
              {"requests", requests},
              {"api_versions", api_versions_},
              {"deployments", limits},
              {"faults", faults}};
  if (config_.tokens) out["tokens"] = tokens_;
  return out;
}

}  // namespace spillway::lab
