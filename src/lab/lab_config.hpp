#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "endpoint.hpp"
#include "faults.hpp"
#include "identity_config.hpp"
#include "limits.hpp"
#include "spillway/base/time.hpp"

// What the simulator's file says, checked and completed.
namespace spillway::lab {

enum class Kind { paygo, ptu };
std::string_view name(Kind kind) noexcept;

// Whose surface a resource has: Azure OpenAI's below `/openai`, or OpenAI's own below `/v1`.
enum class Api { azure, openai };
std::string_view name(Api api) noexcept;

// Which of Azure's two wordings a throttled pay-as-you-go deployment answers with.
enum class RateLimitText { old_text, new_text };

// How long an answer takes: its head after `first_byte`, then `per_token` for each token of the completion.
struct Latency {
  Milliseconds first_byte{0};
  Milliseconds per_token{0};
};

struct DeploymentConfig {
  std::string name;
  std::string model;    // what it is a deployment of
  std::string version;  // of the model; answers name `model-version`
  Kind kind = Kind::paygo;
  PaygoLimits paygo;
  PtuLimits ptu;
  Latency latency;
  std::int64_t default_max_tokens = 256;  // what the estimate takes for a request that names no limit
  std::int64_t completion_tokens = 0;     // answers are filled up with words to this length
  std::int64_t context_window = 128'000;  // longer prompts are 400 context_length_exceeded

  std::string served_model() const { return version.empty() ? model : model + "-" + version; }
};

struct ResourceConfig {
  std::string name;
  Api api = Api::azure;
  std::string region;
  Endpoint address;
  std::vector<std::string> keys;
  bool tokens = false;                  // access tokens of the simulated tenant are taken, too
  std::vector<std::string> principals;  // whose: client ids; none = everyone's
  std::vector<std::string> audiences = {"https://cognitiveservices.azure.com", "https://ai.azure.com"};
  Kind kind = Kind::paygo;
  RateLimitText rate_limit_text = RateLimitText::new_text;
  std::vector<DeploymentConfig> deployments;
  std::vector<PlannedFault> faults;
};

struct LabConfig {
  std::uint64_t seed = 1;
  double speed = 1.0;  // every latency is divided by it
  std::optional<Endpoint> control;
  std::vector<ResourceConfig> resources;
  std::optional<IdentityConfig> identity;
};

// One thing wrong with the file; line and column count from 1.
struct LabProblem {
  int line = 0;
  int column = 0;
  std::string path;
  std::string message;
};

// `FILE:LINE:COLUMN: path: what is wrong`
std::string format(const LabProblem& problem, std::string_view file);

// Either `problems` is empty, or `config` is of no use.
struct LoadedLab {
  LabConfig config;
  std::vector<LabProblem> problems;
};

// Never throws for anything a user can write.
LoadedLab load_lab_text(std::string_view yaml);
LoadedLab load_lab_file(const std::string& file);

}  // namespace spillway::lab
