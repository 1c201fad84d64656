#include <gtest/gtest.h>

#include "program.hpp"
#include "tls_files.hpp"

// What `spillway explain` prints, to the letter.
namespace spillway::test {
namespace {

constexpr char program[] = SPILLWAY_PROGRAM;

constexpr char whole[] = R"(listeners: [{address: 127.0.0.1:8080}]
clients:
  - {name: app, keys: [one-key]}
  - {name: research, keys: [another-key]}
backends:
  - {name: ptu, url: "http://127.0.0.1:8001", deployments: {gpt-4o: gpt-4o-ptu}}
  - {name: west, url: "http://127.0.0.1:8002"}
  - {name: sweden, url: "http://127.0.0.1:8003"}
pools:
  - name: openai
    members:
      - {backend: sweden, priority: 2, weight: 0}
      - {backend: west, priority: 2, weight: 5}
      - {backend: ptu, priority: 1}
routes:
  - {name: research, match: {models: ["o3*"], clients: [research]}, pool: openai}
  - {name: gated, match: {models: ["o3*"]}, deny: {status: 403}}
  - {name: chat, match: {path: /openai}, pool: openai}
)";

Finished explain(const std::vector<std::string>& options) {
  const TemporaryFolder folder;
  std::vector<std::string> command = {program, "explain", "--config", folder.write("c.yaml", whole)};
  command.insert(command.end(), options.begin(), options.end());
  return run_program(command);
}

TEST(Explain, NamesRoutePoolAndMembersInTheOrderOfTrying) {
  const Finished done =
      explain({"--path", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "--client", "app"});
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.err, "");
  EXPECT_EQ(done.out, R"(path    /openai/deployments/gpt-4o/chat/completions
model   gpt-4o (from the path)
client  app
route   chat
pool    openai, priority
tried in this order
  1  ptu     priority 1  weight 1  as gpt-4o-ptu
  2  west    priority 2  weight 5  as gpt-4o
not tried
  -  sweden  priority 2  weight 0  as gpt-4o  drained (weight 0)
)");
}

TEST(Explain, SaysWhyAMemberIsPassedOver) {
  const Finished done = explain({"--path", "/openai/v1/responses", "--model", "o3", "--client", "research"});
  EXPECT_EQ(done.code, 0);
  EXPECT_NE(done.out.find("route   research\n"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("  -  ptu     priority 1  weight 1  does not serve the model\n"), std::string::npos)
      << done.out;
}

TEST(Explain, SaysWithWhatARequestIsRefused) {
  const Finished denied = explain({"--path", "/openai/v1/responses", "--model", "o3", "--client", "app"});
  EXPECT_EQ(denied.code, 1);
  EXPECT_EQ(denied.out, R"(path    /openai/v1/responses
model   o3
client  app
route   gated
answer  403 denied
)");
  const Finished nowhere = explain({"--path", "/elsewhere"});
  EXPECT_EQ(nowhere.code, 1);
  EXPECT_NE(nowhere.out.find("answer  400 model_required\n"), std::string::npos) << nowhere.out;
}

TEST(Explain, RefusesWrongQuestions) {
  EXPECT_EQ(explain({}).code, 2);
  EXPECT_EQ(explain({"--path", "openai"}).code, 2);
  const Finished nobody = explain({"--path", "/openai", "--client", "nobody"});
  EXPECT_EQ(nobody.code, 1);
  EXPECT_NE(nobody.err.find("there is no client nobody"), std::string::npos) << nobody.err;
}

}  // namespace
}  // namespace spillway::test
