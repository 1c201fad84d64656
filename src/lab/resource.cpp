#include "resource.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "chat.hpp"
#include "dialect.hpp"
#include "embeddings.hpp"
#include "errors.hpp"
#include "media.hpp"
#include "misbehave.hpp"

namespace spillway::lab {
namespace {

Milliseconds divided(Milliseconds wait, double speed) {
  return Milliseconds{std::llround(static_cast<double>(wait.count()) / speed)};
}

}  // namespace

Resource::Resource(ResourceConfig config, std::uint64_t seed, double speed)
    : config_(std::move(config)), seed_(seed), speed_(speed), ids_(hash(config_.name, seed)) {
  for (DeploymentConfig& deployment : config_.deployments) {
    deployment.latency.first_byte = divided(deployment.latency.first_byte, speed_);
    deployment.latency.per_token = divided(deployment.latency.per_token, speed_);
  }
  reset();
}

void Resource::reset() {
  deployments_.clear();
  for (const DeploymentConfig& config : config_.deployments) {
    deployments_.push_back({config, PaygoLimiter(config.paygo), PtuMeter(config.ptu)});
  }
  faults_ = FaultPlan();
  for (const PlannedFault& planned : config_.faults) faults_.set(planned.deployment, planned.fault);
  objects_.clear();
  responses_.clear();
  counters_.clear();
  api_versions_.clear();
  tokens_.clear();
}

Resource::Deployment* Resource::find(const std::string& name) {
  const auto found = std::find_if(deployments_.begin(), deployments_.end(),
                                  [&](const Deployment& deployment) { return deployment.config.name == name; });
  return found == deployments_.end() ? nullptr : &*found;
}

bool Resource::has_deployment(const std::string& name) const noexcept {
  return std::any_of(deployments_.begin(), deployments_.end(),
                     [&](const Deployment& deployment) { return deployment.config.name == name; });
}

Answer Resource::respond(const Request& request, Moment moment) {
  const auto refused = refuse(request, moment);
  return respond_to(request, moment, refused ? &*refused : nullptr);
}

Answer Resource::respond_to(const Request& request, Moment moment, const Answer* refused) {
  Deployment* served = nullptr;
  const Call call = read_call(request, config_.api);
  Answer answer;
  if (faults_.refuses()) {
    answer.ending = Ending::reset;
  } else if (refused != nullptr) {
    answer = *refused;
  } else {
    answer = answer_call(call, request, moment, served);
  }
  if (answer.settlement && served != nullptr) {
    answer.settlement->deployment = static_cast<std::size_t>(served - deployments_.data());
  }
  if (config_.api == Api::openai) speak_openai(answer, request);
  add_headers(answer, request, served, moment);
  ++api_versions_[call.api_version.empty() ? "-" : call.api_version];
  ++counters_[served == nullptr ? "-" : served->config.name][outcome(answer)];
  return answer;
}

Answer Resource::answer_call(const Call& call, const Request& request, Moment moment, Deployment*& served) {
  std::optional<Json> body;
  std::string name = call.deployment;
  const bool form = takes_form(call.operation);
  if (uses_deployment(call.operation) || names_model(call, request.method)) {
    if (!form) body = parse_json(request.body);
    if (!call.deployment_in_path && form) {
      const auto fields = read_form(request.field("content-type"), request.body);
      if (fields) name = fields->value("model");
    } else if (!call.deployment_in_path && body) {
      name = text_of(member(*body, "model"));
    }
    served = find(name);
  }

  const std::optional<Fault> fault = faults_.take(served == nullptr ? std::string() : name);
  if (fault) {
    if (auto instead = instead_of_answer(*fault)) return *instead;
  }
  const auto answered = [&]() -> Answer {
    if (call.operation == Operation::unknown) return errors::resource_not_found();
    switch (check_version(call, config_.api)) {
      case VersionCheck::ok: break;
      case VersionCheck::not_found: return errors::resource_not_found();
      case VersionCheck::not_supported: return errors::api_version_not_supported();
    }
    if (call.operation == Operation::realtime) return open_realtime(call, request, moment, served);
    if (call.operation == Operation::responses_socket) return open_responses(request);
    if (call.place) return object_call(call, request, moment, served, name);
    if (!uses_deployment(call.operation)) return stored_response(call, request, moment);
    if (!form && !body) return errors::invalid_json();
    if (name.empty()) return errors::model_missing();
    if (served == nullptr) return errors::deployment_not_found();
    return serve(call, request, moment, *served, body.value_or(Json::object()));
  };
  Answer answer = answered();
  if (fault) distort(answer, *fault);
  return answer;
}

Answer Resource::serve(const Call& call, const Request& request, Moment moment, Deployment& deployment,
                       const Json& body) {
  const DeploymentConfig& config = deployment.config;
  if (!supports(config.model, call.operation)) {
    return errors::operation_not_supported(azure_name(call.operation), config.model);
  }
  std::optional<Form> form;
  if (takes_form(call.operation)) {
    form = read_form(request.field("content-type"), request.body);
    if (!form) return errors::invalid_request("We could not parse the multipart body of your request.");
  }
  const Prompt prompt = read_prompt(call.operation, body);
  const bool completes = call.operation == Operation::chat_completions || call.operation == Operation::completions ||
                         call.operation == Operation::create_response;
  const std::int64_t estimate = completes ? prompt.estimate(config.default_max_tokens) : prompt.tokens;
  if (auto refused = throttle(call, deployment, estimate, moment.now)) return *refused;
  if (completes && prompt.tokens > config.context_window) {
    return errors::context_length(config.context_window, prompt.tokens);
  }

  const Serving serving{config, config.latency, seed_, moment.unix_seconds, ids_, config_.api == Api::azure};
  Usage usage;
  const auto done = [&]() -> Answer {
    switch (call.operation) {
      case Operation::chat_completions:
        if (auto refused = refuse_chat(body)) return *refused;
        return chat_completion(body, prompt, serving, usage);
      case Operation::completions: return text_completion(body, prompt, serving, usage);
      case Operation::embeddings: return embeddings(body, prompt, serving, usage);
      case Operation::image_generations:
        return images(text_of(member(body, "prompt")), prompt.completions, prompt, serving, usage);
      case Operation::image_edits: return images(form->value("prompt"), 1, prompt, serving, usage);
      case Operation::transcriptions:
      case Operation::translations: return transcription(call.operation, *form, serving, usage);
      case Operation::speech: return speech(body, prompt, serving, usage);
      default: return create_response(body, prompt, serving, moment.now, usage);
    }
  };
  Answer answer = done();
  if (config.kind == Kind::ptu) answer.settlement = Settlement{0, estimate, usage.total()};
  return answer;
}

std::optional<Answer> Resource::throttle(const Call& call, Deployment& deployment, std::int64_t tokens, TimePoint now) {
  const bool provisioned = deployment.config.kind == Kind::ptu;
  const Admission admission = provisioned ? deployment.ptu.admit(tokens, now) : deployment.paygo.admit(tokens, now);
  if (admission.admitted()) return std::nullopt;
  if (provisioned) return errors::provisioned_full(admission.retry_after);
  const bool by_tokens = admission.exceeded == Exceeded::tokens;
  if (config_.rate_limit_text == RateLimitText::old_text) {
    const std::string_view version =
        call.api_version.empty() ? std::string_view("v1") : std::string_view(call.api_version);
    return errors::rate_limit_old(azure_name(call.operation), version, by_tokens, admission.retry_after);
  }
  return errors::rate_limit_new(deployment.config.name, deployment.config.model, config_.region, by_tokens,
                                admission.retry_after);
}

void Resource::finished(const Answer& answer, TimePoint now) {
  if (!answer.settlement || answer.settlement->deployment >= deployments_.size()) return;
  const Settlement& settlement = *answer.settlement;
  deployments_[settlement.deployment].ptu.settle(settlement.estimate, settlement.actual, now);
}

}  // namespace spillway::lab
