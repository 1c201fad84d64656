#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <set>
#include <vector>

#include "fake_backend.hpp"
#include "http_cases.hpp"
#include "test_gateway.hpp"

// The strict HTTP profile as clients meet it: every case of the table goes through one running gateway.
namespace spillway::test {
namespace {

class StrictRequest : public testing::Test {
 protected:
  void expect_refusal(RawClient& client, const RequestCase& which) {
    const Message answer = client.receive();
    EXPECT_EQ(answer.status(), which.status);
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.header("content-type"), "application/json");
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(answer.header("x-request-id").value_or("").size(), 32U);
    const auto body = nlohmann::json::parse(answer.body, nullptr, false);
    ASSERT_TRUE(body.is_object() && body.contains("error")) << answer.body;
    const auto& error = body["error"];
    EXPECT_TRUE(error["code"].is_string() && error["message"].is_string() && error["type"].is_string());
    EXPECT_TRUE(error.contains("param") && error["param"].is_null());
    expect_end(client);
  }

  static void expect_end(RawClient& client) {
    EXPECT_TRUE(client.unread().empty()) << client.unread();
    EXPECT_EQ(client.socket().receive_all(), "") << "nothing follows an answer that closes the connection";
    EXPECT_FALSE(client.socket().timed_out());
  }

  void expect_forwarded(RawClient& client, const RequestCase& which) {
    const Message answer = client.receive(which.bytes.starts_with("HEAD"));
    ++forwarded_;
    EXPECT_EQ(answer.status(), 200) << answer.body;
    EXPECT_TRUE(answer.complete);
    ASSERT_EQ(backend_.request_count(), forwarded_) << "exactly once";
    expect_sane(backend_.last_request());
    if (which.close) return expect_end(client);
    const Message next = client.call(chat_request());
    ++forwarded_;
    EXPECT_EQ(next.status(), 200) << "the connection can be used again";
  }

  // What left for the backend has one reading only.
  void expect_sane(const Message& request) {
    EXPECT_TRUE(request.start_line.ends_with(" HTTP/1.1")) << request.start_line;
    EXPECT_TRUE(request.target().starts_with("/openai/")) << request.start_line;
    EXPECT_EQ(request.count("host"), 1U);
    EXPECT_EQ(request.header("host"), "127.0.0.1:" + std::to_string(backend_.port()));
    EXPECT_EQ(request.count("api-key"), 1U);
    EXPECT_EQ(request.header("api-key"), "backend-key-a");
    EXPECT_EQ(request.count("transfer-encoding"), 0U);
    EXPECT_LE(request.count("content-length"), 1U);
    for (const char* name : {"connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer",
                             "upgrade", "http2-settings", "authorization", "expires", "expect", "a"}) {
      EXPECT_EQ(request.count(name), 0U) << name;
    }
    EXPECT_EQ(request.raw_head.find("test-key"), std::string::npos);
    EXPECT_TRUE(request.body.empty() || request.body == R"({"messages":[]})" || request.body == "x") << request.body;
  }

  void try_case(RawClient& client, const RequestCase& which) {
    if (which.status == 0)
      expect_forwarded(client, which);
    else
      expect_refusal(client, which);
    EXPECT_EQ(backend_.request_count(), forwarded_);
  }

  FakeBackend backend_;
  TestGateway gateway_{clients_yaml() + backends_yaml({backend_.url()}) + pool_yaml("a")};
  std::size_t forwarded_ = 0;
};

// The rules of the table by their ids, which the names of its cases start with.
constexpr const char* rules[] = {"H01LengthAndTransferEncodingTogether",
                                 "H02SeveralLengths",
                                 "H03LengthsThatAreNoNumbers",
                                 "H04OtherTransferEncodings",
                                 "H05TransferEncodingOfOldOrNominated",
                                 "H06FieldNames",
                                 "H07FoldedLines",
                                 "H08LineEnds",
                                 "H09ControlBytes",
                                 "H10ChunkSizes",
                                 "H11ChunkExtensions",
                                 "H12Trailers",
                                 "H13RequestLines",
                                 "H14Targets",
                                 "H15Hosts",
                                 "H16HopByHopFields",
                                 "H17ConnectAndTrace",
                                 "H19OldClientsAndBodies",
                                 "H22LargeHeads",
                                 "H23LargeBodies"};

class StrictRule : public StrictRequest, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Each, StrictRule, testing::ValuesIn(rules),
                         [](const auto& tested) { return std::string(tested.param); });

TEST_P(StrictRule, IsForwardedOnceOrRefusedWithoutReachingABackend) {
  const std::string id = std::string(GetParam()).substr(0, 3);
  std::size_t tried = 0;
  for (const RequestCase& which : request_cases()) {
    if (!which.name.starts_with(id)) continue;
    SCOPED_TRACE(which.name);
    RawClient client = gateway_.client();
    client.send(which.bytes);
    try_case(client, which);
    if (HasFatalFailure()) return;
    ++tried;
  }
  EXPECT_GE(tried, 4U);
}

TEST(StrictRules, CoverEveryCase) {
  std::set<std::string> ids;
  for (const char* rule : rules) ids.insert(std::string(rule).substr(0, 3));
  for (const RequestCase& which : request_cases()) EXPECT_TRUE(ids.contains(which.name.substr(0, 3))) << which.name;
  EXPECT_GE(request_cases().size(), 150U);
}

TEST_F(StrictRequest, H21TheCentralCasesMeanTheSameCutInTwoAtEveryByte) {
  EXPECT_GE(central_cases().size(), 30U);
  for (const std::size_t index : central_cases()) {
    const RequestCase& which = request_cases()[index];
    for (std::size_t cut = 1; cut < which.bytes.size(); ++cut) {
      SCOPED_TRACE(which.name + ", cut at " + std::to_string(cut));
      RawClient client = gateway_.client();
      client.send(which.bytes.substr(0, cut));
      client.send(which.bytes.substr(cut));
      try_case(client, which);
      if (HasFailure()) return;
    }
  }
}

TEST_F(StrictRequest, H21LegalAndCentralCasesMeanTheSameInSegmentsOfOneByte) {
  std::vector<std::size_t> indexes = central_cases();
  for (std::size_t i = 0; i < request_cases().size(); ++i)
    if (request_cases()[i].status == 0) indexes.push_back(i);
  for (const std::size_t index : indexes) {
    const RequestCase& which = request_cases()[index];
    SCOPED_TRACE(which.name);
    RawClient client = gateway_.client();
    const std::size_t step = which.bytes.size() > 4096 ? 61 : 1;
    for (std::size_t at = 0; at < which.bytes.size(); at += step) client.send(which.bytes.substr(at, step));
    try_case(client, which);
    if (HasFatalFailure()) return;
  }
}

TEST_F(StrictRequest, H21AChunkedRequestMeansTheSameCutInThreeAtEveryPairOfBytes) {
  const std::string bytes =
      "POST /openai/deployments/gpt-4o/x HTTP/1.1\r\nHost: gateway.test\r\napi-key: test-key\r\n"
      "Transfer-Encoding: chunked\r\n\r\n"
      "00a;name=\"quo\\\"ted\"\r\n{\"messages\r\n5 ; b = c\r\n\":[]}\r\n0;last\r\nExpires: never\r\na:\r\n\r\n";
  ASSERT_GE(bytes.size(), 190U);
  RawClient client = gateway_.client();
  for (std::size_t first = 1; first < bytes.size(); ++first) {
    for (std::size_t second = first + 1; second < bytes.size(); ++second) {
      client.send(bytes.substr(0, first));
      client.send(bytes.substr(first, second - first));
      client.send(bytes.substr(second));
      ASSERT_EQ(client.receive().status(), 200) << first << " " << second;
      expect_sane(backend_.last_request());
      ASSERT_EQ(backend_.last_request().body, "{\"messages\":[]}") << first << " " << second;
      if (HasFailure()) return;
    }
  }
  EXPECT_EQ(backend_.request_count(), (bytes.size() - 1) * (bytes.size() - 2) / 2);
}

TEST_F(StrictRequest, H01AFramingErrorIsAnsweredTheSameWhetherTheKeyIsRightOrWrong) {
  const std::string fields = "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string start = "POST /openai/x HTTP/1.1\r\nHost: gateway.test\r\napi-key: ";
  const Message right = gateway_.call(start + "test-key\r\n" + fields);
  const Message wrong = gateway_.call(start + "wrong-key\r\n" + fields);
  EXPECT_EQ(right.status(), 400);
  EXPECT_EQ(wrong.status(), 400);
  EXPECT_EQ(right.body, wrong.body);
}

TEST_F(StrictRequest, H12TrailersAreNeitherMergedNorForwarded) {
  RawClient client = gateway_.client();
  const Message refused = client.call(
      "POST /openai/deployments/gpt-4o/chat/completions HTTP/1.1\r\nHost: gateway.test\r\n"
      "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\napi-key: test-key\r\n\r\n");
  EXPECT_EQ(refused.status(), 401) << "a key in a trailer is no key";
  EXPECT_EQ(backend_.request_count(), 0U);
}

}  // namespace
}  // namespace spillway::test
