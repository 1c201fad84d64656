#include <gtest/gtest.h>

#include "program.hpp"
#include "tls_files.hpp"

// What `spillway check` prints, to the letter.
namespace spillway::test {
namespace {

constexpr char program[] = SPILLWAY_PROGRAM;

Finished check(const TemporaryFolder& folder, const std::string& yaml) {
  return run_program({program, "check", "--config", folder.write("c.yaml", yaml)});
}

constexpr char whole[] = R"(listeners:
  - address: 0.0.0.0:8080
  - address: "[::]:8081"
admin: {address: 127.0.0.1:9901}
clients:
  - {name: app, keys: [one-key, another-key], routes: [chat]}
  - {name: batch, keys: [third-key]}
backends:
  - {name: ptu, url: https://a.openai.azure.com, region: East US, kind: ptu, auth: {api_key: backend-key}}
  - {name: west, url: "http://127.0.0.1:8000/prefix/"}
pools:
  - name: openai
    members: [{backend: ptu, priority: 1}, {backend: west, priority: 2, weight: 0}]
routes:
  - {name: chat, match: {path: /openai, models: ["gpt-4o*"], clients: [app]}, pool: openai}
  - {name: seed, match: {path: /routing}, rewrite_path: /openai, pool: openai}
  - {name: gated, deny: {status: 451}}
)";

TEST(CheckOutput, SummarisesListenersRoutesAndPoolsAndNoSecret) {
  const TemporaryFolder folder;
  const Finished done = check(folder, whole);
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.err, "");
  EXPECT_EQ(done.out, R"(listeners
  0.0.0.0:8080  plain HTTP
  [::]:8081  plain HTTP
admin
  127.0.0.1:9901
clients
  app  2 keys, routes chat
  batch  1 key, all routes
routes
  chat  path /openai, models gpt-4o*, clients app -> pool openai
  seed  path /routing, path becomes /openai -> pool openai
  gated  any path -> denied with 451
pools
  openai  round_robin, 2 members
    priority 1, weight 1  ptu  https://a.openai.azure.com  East US  ptu
    priority 2, weight 0  west  http://127.0.0.1:8000/prefix  drained
)");
}

TEST(CheckOutput, SummarisesStrategyAffinityAndDialect) {
  const TemporaryFolder folder;
  const Finished done = check(folder, R"(listeners: [{address: 127.0.0.1:8080}]
allow_anonymous: true
backends: [{name: vllm, url: "http://127.0.0.1:8000", api: openai}]
pools:
  - name: one
    strategy: least_latency
    affinity: {cookie: {}, header: x-session-id, prompt_cache: true}
    members: [{backend: vllm}]
  - {name: two, affinity: {response_ids: false}, members: [{backend: vllm}]}
routes: [{name: first, match: {path: /one}, pool: one}, {name: second, pool: two}]
)");
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.out.find(R"(pools
  one  least_latency, 1 member, affinity by cookie SessionId and header x-session-id and prompt
    priority 1, weight 1  vllm  http://127.0.0.1:8000  api openai
  two  round_robin, 1 member, ids pass as they are
)"),
            std::string::npos)
      << done.out;
}

TEST(CheckOutput, NamesTheFileLineColumnPathProblemAndRemedyOfEachProblem) {
  const TemporaryFolder folder;
  const Finished done = check(folder, "listners: []\nclients:\n  - {name: app, keys: [k], keys: [l]}\nworkers: 0\n");
  const std::string file = folder.path() + "/c.yaml";
  EXPECT_EQ(done.code, 1);
  EXPECT_EQ(done.out, "");
  std::size_t lines = 0;
  for (std::size_t at = 0; at < done.err.size(); at = done.err.find('\n', at) + 1, ++lines)
    EXPECT_EQ(done.err.compare(at, file.size() + 1, file + ":"), 0) << done.err;
  EXPECT_GE(lines, 4U) << done.err;
  EXPECT_NE(done.err.find(file + ":1:1: listners: unknown key (did you mean \"listeners\"?)\n"), std::string::npos)
      << done.err;
  EXPECT_NE(done.err.find(file + ":3:"), std::string::npos) << done.err;
  EXPECT_NE(done.err.find(file + ":4:10: workers: "), std::string::npos) << done.err;
}

TEST(CheckOutput, RefusesWhatThisReleaseDoesNotDoWithAMessageThatSaysSo) {
  const TemporaryFolder folder;
  const Finished done = check(folder,
                              "listeners: [{address: \"127.0.0.1:0\"}]\nallow_anonymous: true\n"
                              "backends: [{name: a, url: \"http://127.0.0.1:1\", auth: {entra: {}}}]\n"
                              "pools: [{name: p, members: [{backend: a}]}]\n");
  EXPECT_EQ(done.code, 1);
  EXPECT_NE(done.err.find("not supported"), std::string::npos) << done.err;
}

TEST(CheckOutput, AsksNoVault) {
  const TemporaryFolder folder;
  const Finished done = check(folder,
                              "listeners: [{address: \"127.0.0.1:0\"}]\n"
                              "clients: [{name: app, keys: [\"${keyvault:https://v.vault.azure.net/secrets/app}\"]}]\n"
                              "backends: [{name: a, url: \"http://127.0.0.1:1\"}]\n"
                              "pools: [{name: p, members: [{backend: a}]}]\n");
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.out.find("key vault\n  https://v.vault.azure.net/secrets/app  clients[0].keys[0]\n"),
            std::string::npos)
      << done.out;
}

TEST(CheckOutput, LooksIntoCertificatesAndKeys) {
  const TemporaryFolder folder;
  const CertificateFiles one = make_certificate();
  const CertificateFiles two = make_certificate();
  const auto with_tls = [&](const std::string& certificate, const std::string& key) {
    return check(folder, "listeners: [{address: \"127.0.0.1:0\", tls: {certificate: \"" + certificate +
                             "\", private_key: \"" + key +
                             "\"}}]\nallow_anonymous: true\nbackends: [{name: a, url: \"http://127.0.0.1:1\"}]\n"
                             "pools: [{name: p, members: [{backend: a}]}]\n");
  };
  EXPECT_EQ(with_tls(one.certificate, one.private_key).code, 0);
  const Finished other = with_tls(one.certificate, two.private_key);
  EXPECT_EQ(other.code, 1);
  EXPECT_NE(other.err.find("listeners[0].tls"), std::string::npos) << other.err;
  const Finished missing = with_tls(one.certificate, folder.path() + "/no.key");
  EXPECT_EQ(missing.code, 1);
  EXPECT_NE(missing.err.find("/no.key"), std::string::npos) << missing.err;
}

TEST(CheckOutput, ACommittedConfigurationForComposeIsValid) {
  const Finished done = run_program({program, "check", "--config", SPILLWAY_SOURCE_DIR "/docker/spillway.yaml"});
  EXPECT_EQ(done.code, 0) << done.err;
}

}  // namespace
}  // namespace spillway::test
