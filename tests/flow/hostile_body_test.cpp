#include <gtest/gtest.h>

#include "bytes.hpp"
#include "checks.hpp"
#include "fake_backend.hpp"
#include "test_gateway.hpp"

// Bodies made to cost the one who parses them. The gateway looks for the model and the beginning of a prompt in JSON
// and forms, and for ids in answers; it unpacks nothing.
namespace spillway::test {
namespace {

constexpr std::size_t much = 2 << 20;

std::string repeated(std::string_view piece, std::size_t size) {
  std::string text;
  text.reserve(size + piece.size());
  while (text.size() < size) text += piece;
  return text;
}

class HostileBody : public testing::Test {
 protected:
  Message ask(const std::string& body, const std::string& type = "application/json", const Headers& more = {}) {
    Headers headers = {{"api-key", "test-key"}, {"Content-Type", type}};
    headers.insert(headers.end(), more.begin(), more.end());
    return gateway_.call(request("POST", "/openai/v1/responses", headers, body));
  }
  // Everything that is looked for in bodies: models, ids, prompts.
  FakeBackend a_;
  FakeBackend b_;
  TestGateway gateway_{clients_yaml() + "backends:\n  - {name: a, url: \"" + a_.url() +
                       "\", deployments: {gpt-4o: mine}}\n  - {name: b, url: \"" + b_.url() +
                       "\", deployments: {gpt-4o: other}}\n" + pool_yaml("ab", "affinity: {prompt_cache: true}")};
};

TEST_F(HostileBody, S13NestingWithoutEndIsNoJson) {
  for (const std::string& body :
       {repeated("[", much), repeated("{\"a\":", much), "{\"model\":\"gpt-4o\",\"x\":" + repeated("[", much),
        "{\"model\":\"gpt-4o\",\"x\":" + repeated("[", much) + std::string(much, ']') + "}",
        "{\"input\":" + repeated("[{\"input\":", much), "{\"messages\":" + repeated("[", much) + "\"x\""}) {
    SCOPED_TRACE(body.substr(0, 40));
    EXPECT_TRUE(is_gateway_error(ask(body), 400, "bad_request"));
  }
  EXPECT_EQ(a_.connection_count() + b_.connection_count(), 0U);
  EXPECT_EQ(ask("{\"model\":\"gpt-4o\"}").status(), 200);
}

TEST_F(HostileBody, S13LongAndManyMembersPassAsTheyAre) {
  const std::string model = "{\"model\":\"gpt-4o\",";
  std::size_t forwarded = 0;
  for (const std::string& body :
       {model + repeated("\"a\":1,", much) + "\"b\":2}", model + "\"x\":\"" + std::string(much, 'x') + "\"}",
        model + "\"x\":\"" + repeated("\\u0041", much) + "\"}", model + "\"x\":" + std::string(much, '9') + "}",
        model + "\"x\":[" + repeated("[],", much) + "0]}", model + "\"x\":0" + std::string(much, ' ') + "}",
        model + "\"messages\":[" + repeated("{\"role\":\"user\",\"content\":\"x\"},", much) + "{}]}"}) {
    SCOPED_TRACE(body.substr(0, 40));
    EXPECT_EQ(ask(body).status(), 200);
    EXPECT_EQ(a_.request_count() + b_.request_count(), ++forwarded);
  }
}

TEST_F(HostileBody, S13APackedBodyIsNotUnpacked) {
  const std::string packed = noise(1 << 20);
  const Message refused = ask(packed, "application/json", {{"Content-Encoding", "gzip"}});
  EXPECT_TRUE(is_gateway_error(refused, 400, "model_required") || is_gateway_error(refused, 400, "bad_request"))
      << refused.body;
  const Headers headers = {{"api-key", "test-key"}, {"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}};
  EXPECT_EQ(gateway_.call(request("POST", "/openai/deployments/gpt-4o/chat/completions", headers, packed)).status(),
            200);
  const Message& seen = a_.request_count() == 1 ? a_.last_request() : b_.last_request();
  EXPECT_EQ(sha256_hex(seen.body), sha256_hex(packed));
}

TEST_F(HostileBody, S13AFormOfCountlessPartsEndsInAnAnswer) {
  const std::string part = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
  const std::string type = "multipart/form-data; boundary=x";
  std::size_t forwarded = 0;
  for (const std::string& body :
       {repeated(part, much) + "--x--\r\n", repeated(part, much), repeated("--x\r\n", much), repeated("\r\n--", much),
        "--x\r\nContent-Disposition: form-data; name=\"" + std::string(much, 'n') + "\"\r\n\r\n1\r\n--x--\r\n"}) {
    SCOPED_TRACE(body.substr(0, 40));
    const Message answer = gateway_.call(
        request("POST", "/openai/v1/audio/transcriptions", {{"api-key", "test-key"}, {"Content-Type", type}}, body));
    // Whether a form with a broken end is refused here or by the backend does not matter.
    EXPECT_TRUE(answer.status() == 400 || answer.status() == 200) << answer.status();
    forwarded += answer.status() == 200 ? 1U : 0U;
    EXPECT_EQ(a_.request_count() + b_.request_count(), forwarded);
  }
}

TEST_F(HostileBody, S13AnAnswerThatNestsWithoutEndPassesAsItIs) {
  for (const std::string& body : {repeated("[", much), repeated("{\"id\":", much), "{\"data\":" + repeated("[", much),
                                  "{\"id\":\"" + std::string(much, 'x')}) {
    SCOPED_TRACE(body.substr(0, 40));
    const auto answers = [&](FakeBackend::Turn& turn) {
      turn.reply(200, {{"Content-Type", "application/json"}}, body);
    };
    a_.always(answers);
    b_.always(answers);
    const Message answer = ask("{\"model\":\"gpt-4o\"}");
    EXPECT_EQ(answer.status(), 200);
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(sha256_hex(answer.body), sha256_hex(body));
  }
}

}  // namespace
}  // namespace spillway::test
