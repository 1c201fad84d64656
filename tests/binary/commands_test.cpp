#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "checks.hpp"
#include "daemon.hpp"
#include "fake_backend.hpp"
#include "program.hpp"

// The command line of the built program: exit codes and what is printed where.
namespace spillway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char program[] = SPILLWAY_PROGRAM;

const std::map<std::string, std::string>& example_environment() {
  static const std::map<std::string, std::string> values = [] {
    std::map<std::string, std::string> all = {{"SPILLWAY_KEY", "a-client-key"},
                                              {"RESEARCH_KEY", "another-client-key"},
                                              {"AFFINITY_SECRET", std::string(32, 's')},
                                              {"AZURE_OPENAI_KEY", "k"},
                                              {"TENANT_ID", "72f988bf-86f1-41af-91ab-2d7cd011db47"},
                                              {"SPILLWAY_APP_ID", "aaaaaaaa-0000-4000-8000-00000000000a"},
                                              {"BATCH_APP_ID", "aaaaaaaa-0000-4000-8000-00000000000b"}};
    for (const char* url : {"AZURE_OPENAI_URL", "PTU_URL", "PAYGO_URL", "PAYGO_1_URL", "PAYGO_2_URL", "EMBED_URL",
                            "AZURE_URL", "OPENAI_URL", "URL_1", "URL_2", "URL_3", "URL_4"})
      all[url] = std::string("https://") + "example-" + std::to_string(all.size()) + ".openai.azure.com";
    for (const char* key : {"PTU_KEY", "PAYGO_KEY", "PAYGO_1_KEY", "PAYGO_2_KEY", "EMBED_KEY", "AZURE_KEY",
                            "OPENAI_KEY", "KEY_1", "KEY_2", "KEY_3", "KEY_4"})
      all[key] = "k";
    return all;
  }();
  return values;
}

TEST(Check, EveryExampleConfigurationIsValid) {
  int checked = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SPILLWAY_SOURCE_DIR "/config")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".yaml" || name.starts_with("lab")) continue;
    const Finished done = run_program({program, "check", "--config", entry.path().string()}, example_environment());
    EXPECT_EQ(done.code, 0) << name << ": " << done.err;
    EXPECT_THAT(done.out, HasSubstr("\npools\n")) << "the summary";
    EXPECT_EQ(done.err, "") << name;
    ++checked;
  }
  EXPECT_GE(checked, 11);
}

TEST(Check, ReportsEveryProblemWithItsPlaceAndNothingElse) {
  const TemporaryFolder folder;
  const std::string file = folder.write("bad.yaml",
                                        "listeners:\n"
                                        "  - address: 127.0.0.1:99999\n"
                                        "clients:\n"
                                        "  - name: app\n"
                                        "    keys: [\"${NOT_SET_ANYWHERE}\"]\n"
                                        "backends:\n"
                                        "  - name: a\n"
                                        "    url: https://a.openai.azure.com\n"
                                        "    regoin: East US\n"
                                        "pools:\n"
                                        "  - name: openai\n"
                                        "    strategy: fastest\n"
                                        "    members: [{backend: b}]\n");
  const Finished done = run_program({program, "check", "--config", file});
  EXPECT_EQ(done.code, 1);
  EXPECT_EQ(done.out, "");
  EXPECT_THAT(done.err, HasSubstr(file + ":2:14: listeners[0].address: "));
  EXPECT_THAT(done.err, HasSubstr(file + ":5:12: clients[0].keys[0]: "));
  EXPECT_THAT(done.err, HasSubstr("NOT_SET_ANYWHERE"));
  EXPECT_THAT(done.err, HasSubstr(file + ":9:5: backends[0].regoin: "));
  EXPECT_THAT(done.err, HasSubstr("region"));
  EXPECT_THAT(done.err, HasSubstr(file + ":12:15: pools[0].strategy: "));
  EXPECT_THAT(done.err, HasSubstr(file + ":13:25: pools[0].members[0].backend: "));
  for (std::size_t at = 0; at < done.err.size(); at = done.err.find('\n', at) + 1)
    EXPECT_EQ(done.err.compare(at, file.size(), file), 0) << "one problem a line";
}

TEST(Check, AFileThatIsNotThereIsAProblem) {
  const Finished done = run_program({program, "check", "--config", "/nowhere/spillway.yaml"});
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.err, HasSubstr("/nowhere/spillway.yaml"));
}

TEST(Check, NeverEchoesASubstitutedValue) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("spillway.yaml", "listeners: [{address: \"${MARKER}\"}]\nworkers: \"${MARKER}\"\n");
  const Finished done = run_program({program, "check", "--config", file}, {{"MARKER", "wrong-secret-value"}});
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.err, Not(HasSubstr("wrong-secret-value")));
}

TEST(Usage, MistakesPrintUsageToStandardErrorAndExitWith2) {
  const std::vector<std::vector<std::string>> mistakes = {{program},
                                                          {program, "frobnicate"},
                                                          {program, "serve"},
                                                          {program, "check", "--confg", "x"},
                                                          {program, "health", "--config", "x", "--address", "y"},
                                                          {program, "version", "now"}};
  for (const std::vector<std::string>& command : mistakes) {
    const Finished done = run_program(command);
    EXPECT_EQ(done.code, 2) << testing::PrintToString(command);
    EXPECT_EQ(done.out, "");
    EXPECT_THAT(done.err, HasSubstr("Usage"));
  }
}

TEST(Usage, HelpWorksEverywhere) {
  for (const char* subcommand : {"serve", "check", "health", "version"}) {
    const Finished done = run_program({program, subcommand, "--help"});
    EXPECT_EQ(done.code, 0) << subcommand;
    EXPECT_THAT(done.out, HasSubstr("Usage"));
    EXPECT_EQ(done.err, "");
  }
  EXPECT_EQ(run_program({program, "--help"}).code, 0);
}

TEST(Usage, VersionNamesTheProgramItsCompilerAndItsLibraries) {
  const Finished done = run_program({program, "version"});
  EXPECT_EQ(done.code, 0);
  for (const char* word : {"spillway ", "compiler: ", "boost: 1.", "openssl: OpenSSL 3"})
    EXPECT_THAT(done.out, HasSubstr(word));
}

TEST(Health, SaysWhetherTheGatewayIsReady) {
  FakeBackend backend;
  Daemon daemon(program, clients_yaml() + backends_yaml({backend.url()}) + pool_yaml("a"));
  const std::string address = "127.0.0.1:" + std::to_string(daemon.admin_port());
  EXPECT_EQ(run_program({program, "health", "--address", address}).code, 0);

  backend.always_reply(429, retry_after_ms(60'000));
  EXPECT_EQ(daemon.client().call(chat_request()).status(), 503);
  const Finished not_ready = run_program({program, "health", "--address", address});
  EXPECT_EQ(not_ready.code, 1);
  EXPECT_THAT(not_ready.err, HasSubstr("openai"));

  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(run_program({program, "health", "--address", address}).code, 1) << "nobody answers";
}

TEST(Health, WithoutAnAdminListenerThereIsNothingToAsk) {
  const TemporaryFolder folder;
  const std::string file = folder.write("spillway.yaml",
                                        "listeners: [{address: \"127.0.0.1:0\"}]\nallow_anonymous: true\n"
                                        "backends: [{name: a, url: \"http://127.0.0.1:1\"}]\n"
                                        "pools: [{name: openai, members: [{backend: a}]}]\n");
  const Finished done = run_program({program, "health", "--config", file});
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.err, HasSubstr("admin"));
}

}  // namespace
}  // namespace spillway::test
