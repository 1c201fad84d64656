#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "answer.hpp"
#include "call.hpp"
#include "faults.hpp"
#include "lab_config.hpp"
#include "object_store.hpp"
#include "response_store.hpp"
#include "wording.hpp"

namespace spillway::lab {

class TokenIssuer;

// One simulated Azure OpenAI resource: everything but the socket. Not thread-safe.
class Resource {
 public:
  Resource(ResourceConfig config, std::uint64_t seed, double speed);

  // Answers a request that has arrived whole: key, fault, path, limit, then the operation.
  Answer respond(const Request& request, Moment moment);
  // The answer has gone out, or its client has gone: a provisioned deployment learns what it really took.
  void finished(const Answer& answer, TimePoint now);

  const ResourceConfig& config() const noexcept { return config_; }
  // Where it listens in the end, for the report.
  void listens_at(const Endpoint& address) { config_.address = address; }
  // Whose access tokens it takes when its configuration says `tokens`. Outlives the resource.
  void trust(const TokenIssuer& issuer) noexcept { issuer_ = &issuer; }
  bool has_deployment(const std::string& name) const noexcept;
  FaultPlan& faults() noexcept { return faults_; }
  const FaultPlan& faults() const noexcept { return faults_; }
  // As at the start: counters, limits, stored objects, and the faults of the file.
  void reset();

  // Requests by deployment (`-`: none or unknown) and by status or transport fault (`200`, `reset`), and the limits as
  // they are now, and how often each `api-version` came (`-`: none); what was
  // found wrong with access tokens, where they are taken.
  Json report(TimePoint now) const;
  // Requests answered with `outcome` by all deployments.
  std::uint64_t count(const std::string& outcome) const;

 private:
  struct Deployment {
    DeploymentConfig config;
    PaygoLimiter paygo;
    PtuMeter ptu;
  };

  // `refused`: what is said to a caller without a right to anything; null: it has one.
  Answer respond_to(const Request& request, Moment moment, const Answer* refused);
  std::optional<Answer> refuse(const Request& request, Moment moment);
  std::optional<Answer> refuse_token(std::string_view token, Moment moment);
  bool knows_key(const Request& request) const;
  Deployment* find(const std::string& name);
  Answer answer_call(const Call& call, const Request& request, Moment moment, Deployment*& served);
  Answer serve(const Call& call, const Request& request, Moment moment, Deployment& deployment, const Json& body);
  Answer create_response(const Json& body, const Prompt& prompt, const Serving& serving, TimePoint now, Usage& usage);
  Answer open_realtime(const Call& call, const Request& request, Moment moment, Deployment* served);
  Answer open_responses(const Request& request);
  Answer stored_response(const Call& call, const Request& request, Moment moment);
  Answer object_call(const Call& call, const Request& request, Moment moment, const Deployment* served,
                     const std::string& model);
  std::optional<Answer> throttle(const Call& call, Deployment& deployment, std::int64_t tokens, TimePoint now);
  void add_headers(Answer& answer, const Request& request, const Deployment* deployment, Moment moment);
  void add_openai_headers(Answer& answer, const Deployment* deployment, Moment moment);
  Answer models(const std::string& id, Moment moment) const;

  ResourceConfig config_;
  std::uint64_t seed_;
  double speed_;
  Generator ids_;
  std::vector<Deployment> deployments_;
  const TokenIssuer* issuer_ = nullptr;
  FaultPlan faults_;
  ObjectStore objects_;
  ResponseStore responses_;
  std::map<std::string, std::map<std::string, std::uint64_t>> counters_;
  std::map<std::string, std::uint64_t> api_versions_;
  std::map<std::string, std::uint64_t> tokens_;  // by what was wrong with them
};

}  // namespace spillway::lab
