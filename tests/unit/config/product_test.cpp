#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fixture.hpp"

namespace spillway::config {
namespace {

using test::Lines;

const std::filesystem::path source = SPILLWAY_SOURCE_DIR;

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  return files;
}

// What the examples ask for: URLs, ids, and a different key for everything else.
std::optional<std::string> example_environment(const std::string& name) {
  if (name == "AZURE_FEDERATED_TOKEN_FILE") return std::nullopt;
  if (name.ends_with("_ID")) return "72f988bf-86f1-41af-91ab-2d7cd011db47";
  if (name.find("URL") != std::string::npos || name.ends_with("_AUTHORITY"))
    return "https://" + std::to_string(name.size()) + ".example";
  return "key-of-" + name;
}

TEST(Examples, AreValid) {
  int count = 0;
  for (const auto& path : files_in(source / "config")) {
    if (path.extension() != ".yaml" || path.filename().string().starts_with("lab")) continue;
    const Loaded loaded = load_file(path.string(), {}, Sources{example_environment});
    EXPECT_EQ(test::lines(loaded.problems), Lines{}) << path;
    EXPECT_EQ(test::lines(loaded.warnings), Lines{}) << path;
    ++count;
  }
  EXPECT_GE(count, 6);
}

TEST(Examples, TheStartingPointCanHaveItsCommentedTracing) {
  std::string text = content(source / "config" / "spillway.yaml");
  const std::size_t comment = text.find("# tracing:");
  ASSERT_NE(comment, std::string::npos);
  text.erase(comment, 2);
  const Loaded loaded = load_text(text, Sources{example_environment});
  EXPECT_EQ(test::lines(loaded.problems), Lines{});
  ASSERT_NE(loaded.config, nullptr);
  ASSERT_TRUE(loaded.config->tracing.has_value());
  EXPECT_EQ(loaded.config->tracing->sample, 0.1);
}

std::shared_ptr<const Config> example(const std::string& name) {
  const Loaded loaded = load_file((source / "config" / name).string(), {}, Sources{example_environment});
  return loaded.config ? loaded.config : std::make_shared<Config>();
}

TEST(Examples, PtuSpilloverHasOnePtuBeforeTwoEqualOthers) {
  const auto config = example("ptu-spillover.yaml");
  ASSERT_EQ(config->pools.size(), 1U);
  const auto& members = config->pools[0].members;
  ASSERT_EQ(members.size(), 3U);
  EXPECT_EQ(config->backends[members[0].backend].kind, BackendKind::ptu);
  EXPECT_EQ(members[0].priority, 1);
  EXPECT_EQ(members[1].priority, 2);
  EXPECT_EQ(members[1].weight, 50);
  EXPECT_EQ(members[2].priority, 2);
  EXPECT_EQ(members[2].weight, 50);
}

TEST(Examples, WeightedIs67To33) {
  const auto config = example("weighted.yaml");
  ASSERT_EQ(config->pools.size(), 1U);
  ASSERT_EQ(config->pools[0].members.size(), 2U);
  EXPECT_EQ(config->pools[0].members[0].weight, 67);
  EXPECT_EQ(config->pools[0].members[1].weight, 33);
}

TEST(Examples, PriorityIsOneTwoThree) {
  const auto config = example("priority.yaml");
  ASSERT_EQ(config->pools.size(), 1U);
  ASSERT_EQ(config->pools[0].members.size(), 3U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(config->pools[0].members[static_cast<std::size_t>(i)].priority, i + 1);
}

TEST(Examples, RetryAnyErrorMakesFourAttempts) {
  const auto config = example("retry-any-error.yaml");
  ASSERT_EQ(config->pools.size(), 1U);
  const Retry& retry = config->pools[0].retry;
  EXPECT_EQ(retry.max_attempts, 4);
  EXPECT_GE(config->pools[0].members.size(), 4U);
  EXPECT_EQ(retry.interval, Milliseconds(5000));
  EXPECT_TRUE(retry.first_fast_retry);
  EXPECT_THAT(retry.status_codes, testing::ElementsAre(StatusRange{400, 599}));
}

TEST(Examples, ManagedIdentityHasNoKeyOfABackend) {
  const auto config = example("managed-identity.yaml");
  ASSERT_EQ(config->backends.size(), 2U);
  for (const Backend& backend : config->backends) EXPECT_EQ(backend.auth.identity, Identity(ManagedIdentity()));
}

TEST(Reference, IsWhatTheDocumentationSays) {
  const auto path = source / "docs" / "configuration.md";
  if (std::getenv("SPILLWAY_UPDATE_DOCS") != nullptr) std::ofstream(path, std::ios::binary) << reference();
  EXPECT_EQ(content(path), reference())
      << "docs/configuration.md is out of date: run this test again with SPILLWAY_UPDATE_DOCS=1";
}

TEST(Reference, HasEverySectionAndTheDefaults) {
  const std::string text = reference();
  for (const char* line : {"## Top level",
                           "## `listeners[]`",
                           "## `listeners[].tls`",
                           "## `admin`",
                           "## `clients[]`",
                           "## `backends[]`",
                           "## `backends[].auth`",
                           "## `backends[].auth.managed_identity`",
                           "## `backends[].auth.workload_identity`",
                           "## `backends[].auth.client_secret`",
                           "## `backends[].auth.client_certificate`",
                           "## `backends[].circuit_breaker.rules[].failure_condition`",
                           "## `pools[].members[]`",
                           "## `pools[].retry`",
                           "## `pools[].timeouts`",
                           "## `routes[].match`",
                           "## `routes[].deny`",
                           "## `limits`",
                           "## `timeouts`",
                           "## `response_headers`",
                           "## `on_exhausted`",
                           "## `log`",
                           "| `priority` | whole number, 0 to 100 | `1` |",
                           "| `max_header_size` | size, 1KiB to 63KiB | `32KiB` |",
                           "| `status_codes` | list of statuses",
                           "| `[408, 429, 500, 502, 503, 504]` |",
                           "| `first_byte` | duration, 0s = none | `5m` |",
                           "  - name: throttled",
                           "`affinity`"}) {
    EXPECT_THAT(text, testing::HasSubstr(line));
  }
}

TEST(Summary, ShowsListenersRoutesAndPoolsAndNoSecret) {
  const Loaded loaded = test::load(
      "listeners: [{address: '0.0.0.0:8080'}]\n"
      "admin: {address: '127.0.0.1:9901'}\n"
      "clients: [{name: app, keys: [s3cret, s3cret2], routes: [azure]}, {name: ops, keys: [s3cret3]}]\n"
      "backends:\n"
      "- {name: eastus-ptu, url: 'https://east.example/apim', region: East US, kind: ptu, auth: {api_key: s3cret4}}\n"
      "- {name: westus, url: 'http://127.0.0.1:5001'}\n"
      "pools: [{name: openai, members: [{backend: eastus-ptu}, {backend: westus, priority: 2, weight: 0}]}]\n"
      "routes:\n"
      "- {name: azure, match: {path: /openai, models: ['gpt-4o*', o1], clients: [app]}, pool: openai}\n"
      "- {name: seed, match: {path: /routing}, rewrite_path: /openai, pool: openai}\n"
      "- {name: gated, match: {models: ['o3*']}, deny: {status: 403}}\n");
  EXPECT_EQ(test::lines(loaded.problems), Lines{});
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(summary(*loaded.config),
            "listeners\n"
            "  0.0.0.0:8080  plain HTTP\n"
            "admin\n"
            "  127.0.0.1:9901\n"
            "clients\n"
            "  app  2 keys, routes azure\n"
            "  ops  1 key, all routes\n"
            "routes\n"
            "  azure  path /openai, models gpt-4o*, o1, clients app -> pool openai\n"
            "  seed  path /routing, path becomes /openai -> pool openai\n"
            "  gated  any path, models o3* -> denied with 403\n"
            "pools\n"
            "  openai  round_robin, 2 members\n"
            "    priority 1, weight 1  eastus-ptu  https://east.example/apim  East US  ptu\n"
            "    priority 2, weight 0  westus  http://127.0.0.1:5001  drained\n");
}

// The fuzzer's inputs; what they once broke stays fixed.
TEST(Corpus, IsLoadedOrRefused) {
  int count = 0;
  for (const auto& path : files_in(source / "tests" / "fuzz" / "corpus" / "config")) {
    const Loaded loaded = test::load(content(path));
    EXPECT_EQ(loaded.config == nullptr, !loaded.problems.empty()) << path;
    ++count;
  }
  EXPECT_GT(count, 0);
}

TEST(Environment, IsThatOfTheProcess) {
  ASSERT_EQ(setenv("SPILLWAY_CONFIG_TEST", "here", 1), 0);
  EXPECT_EQ(process_environment()("SPILLWAY_CONFIG_TEST"), "here");
  ASSERT_EQ(unsetenv("SPILLWAY_CONFIG_TEST"), 0);
  EXPECT_EQ(process_environment()("SPILLWAY_CONFIG_TEST"), std::nullopt);
}

}  // namespace
}  // namespace spillway::config
