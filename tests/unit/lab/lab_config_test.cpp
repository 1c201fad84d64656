#include "lab/lab_config.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "lab/standard_lab.hpp"

namespace spillway::lab {
namespace {

constexpr std::string_view smallest = R"(
resources:
  - name: east
    region: East US
    keys: [k]
    deployments: [{name: gpt-4o}]
)";

std::vector<std::string> problems(std::string_view yaml) {
  std::vector<std::string> lines;
  for (const LabProblem& problem : load_lab_text(yaml).problems) lines.push_back(format(problem, "f"));
  return lines;
}

TEST(LabConfig, FillsInDefaults) {
  const LoadedLab loaded = load_lab_text(smallest);
  ASSERT_TRUE(loaded.problems.empty());
  ASSERT_EQ(loaded.config.resources.size(), 1U);
  const ResourceConfig& resource = loaded.config.resources[0];
  EXPECT_EQ(resource.address.text(), "127.0.0.1:0");
  EXPECT_EQ(resource.kind, Kind::paygo);
  EXPECT_EQ(resource.deployments[0].served_model(), "gpt-4o");
  EXPECT_FALSE(resource.deployments[0].paygo.tokens_per_minute);
  EXPECT_FALSE(loaded.config.control);
}

TEST(LabConfig, SixRequestsComeWithAThousandTokens) {
  const LoadedLab loaded = load_lab_text(R"(
resources:
  - name: east
    region: East US
    keys: [k]
    deployments: [{name: a, tpm: 10000}, {name: b, tpm: 10000, rpm: 7}]
)");
  ASSERT_TRUE(loaded.problems.empty());
  EXPECT_EQ(loaded.config.resources[0].deployments[0].paygo.requests_per_minute, 60);
  EXPECT_EQ(loaded.config.resources[0].deployments[1].paygo.requests_per_minute, 7);
}

TEST(LabConfig, AResourceWithOpenaisSurfaceNeedsNoRegion) {
  const LoadedLab loaded = load_lab_text(R"(
resources:
  - {name: own, api: openai, keys: [k], deployments: [{name: a}]}
)");
  ASSERT_TRUE(loaded.problems.empty());
  EXPECT_EQ(loaded.config.resources[0].api, Api::openai);
  EXPECT_EQ(
      load_lab_text("resources:\n  - {name: own, api: other, keys: [k], deployments: [{name: a}]}\n").problems.size(),
      2U);
}

TEST(LabConfig, ReadsEveryKey) {
  const LoadedLab loaded = load_lab_text(R"(
seed: 7
speed: 2.5
control: {address: "[::1]:9700"}
resources:
  - name: east
    region: East US
    kind: ptu
    address: 127.0.0.1:9001
    keys: [a, b]
    rate_limit_text: old
    latency: {first_byte: 50ms, per_token: 2ms}
    deployments:
      - {name: d, model: gpt-4o, version: "2024-08-06", capacity: 30000, window: 10s, default_max_tokens: 10, completion_tokens: 5,
         context_window: 100, latency: {first_byte: 1s}}
      - {name: p, kind: paygo, tpm: 1000}
    faults:
      - {status: 503, percentage: 10, deployment: d}
      - {kind: stall}
)");
  for (const LabProblem& problem : loaded.problems) ADD_FAILURE() << format(problem, "f");
  EXPECT_EQ(loaded.config.seed, 7U);
  EXPECT_EQ(loaded.config.speed, 2.5);
  EXPECT_EQ(loaded.config.control->text(), "[::1]:9700");
  const ResourceConfig& resource = loaded.config.resources.at(0);
  EXPECT_EQ(resource.rate_limit_text, RateLimitText::old_text);
  const DeploymentConfig& d = resource.deployments.at(0);
  EXPECT_EQ(d.kind, Kind::ptu);
  EXPECT_EQ(d.served_model(), "gpt-4o-2024-08-06");
  EXPECT_EQ(d.ptu.tokens_per_minute, 30'000);
  EXPECT_EQ(d.ptu.window, Milliseconds{10'000});
  EXPECT_EQ(d.latency.first_byte, Milliseconds{1000});
  EXPECT_EQ(d.latency.per_token, Milliseconds{2});
  EXPECT_EQ(resource.deployments.at(1).kind, Kind::paygo);
  ASSERT_EQ(resource.faults.size(), 2U);
  EXPECT_EQ(resource.faults[0].deployment, "d");
  EXPECT_EQ(resource.faults[0].fault.percentage, 10);
  EXPECT_EQ(resource.faults[1].fault.kind, FaultKind::stall);
}

TEST(LabConfig, NamesEveryProblemWithItsPlace) {
  EXPECT_EQ(problems(R"(seeed: 1
resources:
  - name: east
    region: East US
    adress: 127.0.0.1:1
    kind: fast
    keys: []
    latency: {first_byte: 5}
    deployments:
      - {name: a, capacity: 5}
      - {name: a, tpm: 0}
    faults:
      - {status: 200}
      - {kind: reset, deployment: b}
)"),
            (std::vector<std::string>{
                "f:1:1: seeed: unknown key (did you mean 'seed'?)",
                "f:5:5: resources[0].adress: unknown key (did you mean 'address'?)",
                "f:6:11: resources[0].kind: 'fast' is not paygo or ptu",
                "f:7:11: resources[0].keys: is empty (a list of keys the resource accepts)",
                "f:8:27: resources[0].latency.first_byte: '5' is not a duration (such as 250ms, 10s or PT10S)",
                "f:10:29: resources[0].deployments[0].capacity: is for kind: ptu only",
                "f:11:9: resources[0].deployments[1].name: used twice",
                "f:11:24: resources[0].deployments[1].tpm: '0' is not a whole number from 1 to 1000000000",
                "f:13:9: resources[0].faults[0]: status must be a whole number from 400 to 599",
                "f:14:35: resources[0].faults[1].deployment: no deployment 'b' in this resource",
            }));
}

TEST(LabConfig, RefusesWhatIsMissingTwiceOrNoYaml) {
  EXPECT_EQ(problems("a: [").size(), 1U);
  EXPECT_EQ(problems(""), (std::vector<std::string>{"f: must be a mapping (key: value)"}));
  EXPECT_EQ(problems("resources: 5\n")[0], "f:1:1: resources: is missing (at least one resource)");
  const std::string twice =
      std::string(smallest) + std::string(smallest).substr(std::string(smallest).find("  - name"));
  EXPECT_EQ(problems(twice), (std::vector<std::string>{"f:7:5: resources[1].name: used twice"}));
  EXPECT_EQ(problems("speed: 1\nspeed: 2\n" + std::string(smallest)),
            (std::vector<std::string>{"f:2:1: speed: given twice"}));
}

TEST(LabConfig, TheBuiltInLabIsTheExampleFile) {
  std::ifstream in(SPILLWAY_SOURCE_DIR "/config/lab.yaml");
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), standard_lab);
  const LoadedLab loaded = load_lab_text(standard_lab);
  for (const LabProblem& problem : loaded.problems) ADD_FAILURE() << format(problem, "config/lab.yaml");
  EXPECT_EQ(loaded.config.resources.size(), 3U);
}

TEST(LabConfig, AMissingFileIsSaid) {
  const LoadedLab loaded = load_lab_file("/does/not/exist.yaml");
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(format(loaded.problems[0], "/does/not/exist.yaml"), "/does/not/exist.yaml: cannot be read");
}

}  // namespace
}  // namespace spillway::lab
