#include "lab_config.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <tuple>

#include "json.hpp"
#include "spillway/base/text.hpp"
#include "yaml_mapping.hpp"

namespace spillway::lab {
namespace {

constexpr std::int64_t most_per_minute = 1'000'000'000;
constexpr std::int64_t requests_per_thousand_tokens = 6;

std::string item(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

void read_kind(Mapping& map, Kind& kind) {
  if (const auto found = map.word("kind", {"paygo", "ptu"})) kind = static_cast<Kind>(*found);
}

void read_latency(Mapping& map, Latency& latency) {
  const auto node = map.take("latency");
  if (!node) return;
  Mapping inner(map.problems(), *node, map.path_of("latency"));
  inner.duration("first_byte", latency.first_byte);
  inner.duration("per_token", latency.per_token);
  inner.finish();
}

DeploymentConfig read_deployment(Mapping map, const ResourceConfig& resource, const Latency& latency) {
  DeploymentConfig out;
  out.kind = resource.kind;
  out.latency = latency;
  map.text("name", out.name, true);
  out.model = out.name;
  map.text("model", out.model);
  map.text("version", out.version);
  read_kind(map, out.kind);
  read_latency(map, out.latency);
  map.whole("tpm", out.paygo.tokens_per_minute, 1, most_per_minute);
  map.whole("rpm", out.paygo.requests_per_minute, 1, most_per_minute);
  map.whole("capacity", out.ptu.tokens_per_minute, 1, most_per_minute);
  map.duration("window", out.ptu.window, Milliseconds{1});
  map.whole("default_max_tokens", out.default_max_tokens, 0, 1'000'000);
  map.whole("completion_tokens", out.completion_tokens, 0, 100'000);
  map.whole("context_window", out.context_window, 1, 100'000'000);
  const auto belongs = [&](const char* key, Kind kind) {
    if (out.kind != kind && map.has(key)) {
      map.wrong(key, *map.take(key), "is for kind: " + std::string(name(kind)) + " only");
    }
  };
  belongs("tpm", Kind::paygo);
  belongs("rpm", Kind::paygo);
  belongs("capacity", Kind::ptu);
  belongs("window", Kind::ptu);
  if (out.paygo.tokens_per_minute && !out.paygo.requests_per_minute) {
    out.paygo.requests_per_minute =
        std::max<std::int64_t>(*out.paygo.tokens_per_minute * requests_per_thousand_tokens / 1000, 1);
  }
  map.finish();
  return out;
}

// A fault is written as the control listener takes it.
Json scalar_json(const YAML::Node& node) {
  if (!node.IsScalar()) return {};
  if (const auto number = parse_number<std::uint64_t>(node.Scalar())) return *number;
  return node.Scalar();
}

void read_fault(Mapping map, ResourceConfig& resource) {
  PlannedFault planned;
  map.text("deployment", planned.deployment);
  Json value = Json::object();
  for (const auto& entry : map.node()) {
    if (!entry.first.IsScalar()) return;
    const std::string& key = entry.first.Scalar();
    if (key != "deployment") value[key] = scalar_json(entry.second);
  }
  std::string problem;
  const auto fault = parse_fault(value, problem);
  if (!fault) {
    report(map.problems(), map.node(), map.path(), problem);
    return;
  }
  const bool known =
      std::any_of(resource.deployments.begin(), resource.deployments.end(),
                  [&](const DeploymentConfig& deployment) { return deployment.name == planned.deployment; });
  if (!planned.deployment.empty() && !known) {
    map.wrong("deployment", *map.take("deployment"), "no deployment '" + planned.deployment + "' in this resource");
  }
  if (fault->kind == FaultKind::refuse && !planned.deployment.empty()) {
    map.wrong("deployment", *map.take("deployment"), "refuse works on a whole resource");
  }
  planned.fault = *fault;
  resource.faults.push_back(std::move(planned));
}

ResourceConfig read_resource(Mapping map) {
  ResourceConfig out;
  map.text("name", out.name, true);
  if (const auto found = map.word("api", {"azure", "openai"})) out.api = static_cast<Api>(*found);
  map.text("region", out.region, out.api == Api::azure);
  map.endpoint("address", out.address);
  read_kind(map, out.kind);
  if (const auto found = map.word("rate_limit_text", {"old", "new"})) {
    out.rate_limit_text = static_cast<RateLimitText>(*found);
  }
  Latency latency;
  read_latency(map, latency);

  map.texts("keys", out.keys);
  map.flag("tokens", out.tokens);
  map.texts("principals", out.principals);
  map.texts("audiences", out.audiences);
  if (!map.has("keys") && !out.tokens) {
    map.wrong("keys", map.node(), "is missing (a list of keys the resource accepts)");
  } else if (map.has("keys") && out.keys.empty()) {
    map.wrong("keys", *map.take("keys"), "is empty (a list of keys the resource accepts)");
  }

  std::set<std::string> names;
  std::size_t index = 0;
  for (const YAML::Node& node : map.list("deployments")) {
    const std::string path = map.path_of(item("deployments", index++));
    out.deployments.push_back(read_deployment(Mapping(map.problems(), node, path), out, latency));
    if (!names.insert(out.deployments.back().name).second) report(map.problems(), node, path + ".name", "used twice");
  }
  if (out.deployments.empty()) map.wrong("deployments", map.node(), "is missing (at least one deployment)");

  index = 0;
  for (const YAML::Node& node : map.list("faults")) {
    read_fault(Mapping(map.problems(), node, map.path_of(item("faults", index++))), out);
  }
  map.finish();
  return out;
}

void read_identity_block(Mapping& map, LabConfig& config, std::set<std::string>& addresses) {
  if (const auto node = map.take("identity")) {
    config.identity = read_identity(Mapping(map.problems(), *node, "identity"));
    for (const Endpoint& address : addresses_of(*config.identity)) {
      if (address.port != 0 && !addresses.insert(address.text()).second) {
        map.wrong("identity", *node, "an address is used twice: " + address.text());
      }
    }
  }
  for (std::size_t i = 0; i < config.resources.size(); ++i) {
    if (config.resources[i].tokens && !config.identity) {
      report(map.problems(), map.node(), item("resources", i) + ".tokens", "needs an identity block");
    }
  }
}

void read_lab(const YAML::Node& root, LoadedLab& loaded) {
  Mapping map(loaded.problems, root, "");
  if (!root.IsMap()) return;
  LabConfig& config = loaded.config;
  std::int64_t seed = 1;
  map.whole("seed", seed, 0, most_per_minute);
  config.seed = static_cast<std::uint64_t>(seed);
  map.real("speed", config.speed, 0.001, 1000.0);
  if (const auto node = map.take("control")) {
    Mapping control(loaded.problems, *node, "control");
    config.control.emplace();
    control.endpoint("address", *config.control);
    control.finish();
  }
  std::set<std::string> names;
  std::set<std::string> addresses;
  if (config.control && config.control->port != 0) addresses.insert(config.control->text());
  std::size_t index = 0;
  for (const YAML::Node& node : map.list("resources")) {
    const std::string path = item("resources", index++);
    config.resources.push_back(read_resource(Mapping(loaded.problems, node, path)));
    const ResourceConfig& resource = config.resources.back();
    if (!names.insert(resource.name).second) report(loaded.problems, node, path + ".name", "used twice");
    if (resource.address.port != 0 && !addresses.insert(resource.address.text()).second) {
      report(loaded.problems, node, path + ".address", "used twice");
    }
  }
  read_identity_block(map, config, addresses);
  if (config.resources.empty()) map.wrong("resources", root, "is missing (at least one resource)");
  map.finish();
}

}  // namespace

std::string_view name(Kind kind) noexcept {
  return kind == Kind::ptu ? "ptu" : "paygo";
}

std::string_view name(Api api) noexcept {
  return api == Api::openai ? "openai" : "azure";
}

std::string format(const LabProblem& problem, std::string_view file) {
  std::string out(file);
  if (problem.line > 0) out += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
  out += ": ";
  if (!problem.path.empty()) out += problem.path + ": ";
  return out + problem.message;
}

LoadedLab load_lab_text(std::string_view yaml) {
  LoadedLab loaded;
  try {
    read_lab(YAML::Load(std::string(yaml)), loaded);
  } catch (const YAML::Exception& error) {
    loaded.problems.push_back({error.mark.line + 1, error.mark.column + 1, "", "not YAML: " + error.msg});
  }
  std::sort(loaded.problems.begin(), loaded.problems.end(), [](const LabProblem& a, const LabProblem& b) {
    return std::tie(a.line, a.column, a.path) < std::tie(b.line, b.column, b.path);
  });
  return loaded;
}

LoadedLab load_lab_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) {
    LoadedLab loaded;
    loaded.problems.push_back({0, 0, "", "cannot be read"});
    return loaded;
  }
  return load_lab_text(text.str());
}

}  // namespace spillway::lab
