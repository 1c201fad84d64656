#include "spillway/observe/access_log.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace spillway::observe {
namespace {

using namespace std::chrono_literals;
using nlohmann::ordered_json;

AccessRecord spilled_request() {
  AccessRecord record;
  record.time = WallTime(1'769'860'800'123ms);
  record.request_id = "6f9619ff";
  record.client = "chat-app";
  record.method = "POST";
  record.path = "/openai/deployments/gpt-4o-mini/chat/completions";
  record.route = "azure";
  record.pool = "openai";
  record.model = "gpt-4o-mini";
  record.stream = true;
  record.attempts = {{"eastus-ptu", "gpt-4o-mini-ptu", 429, {}, 12'345us}, {"westus", "gpt-4o-mini", 200, {}, 210ms}};
  record.status = 200;
  record.region = "West US";
  record.ttfb = 222'500us;
  record.duration = 1'800ms;
  record.overhead = 87'900ns;
  record.bytes_in = 120;
  record.bytes_out = 4096;
  record.upstream_request_id = "apim-1";
  return record;
}

std::string json_line(const AccessRecord& record) {
  std::string line;
  append_json(line, record);
  return line;
}

std::string text_line(const AccessRecord& record) {
  std::string line;
  append_text(line, record);
  return line;
}

TEST(AccessLog, JsonLineIsWrittenToTheLetter) {
  EXPECT_EQ(json_line(spilled_request()),
            R"({"time":"2026-01-31T12:00:00.123Z","request_id":"6f9619ff","client":"chat-app","method":"POST",)"
            R"("path":"/openai/deployments/gpt-4o-mini/chat/completions","route":"azure","pool":"openai",)"
            R"("model":"gpt-4o-mini","stream":true,"attempts":[)"
            R"({"backend":"eastus-ptu","deployment":"gpt-4o-mini-ptu","status":429,"ms":12.345},)"
            R"({"backend":"westus","deployment":"gpt-4o-mini","status":200,"ms":210}],)"
            R"("status":200,"region":"West US","ttfb_ms":222.5,"duration_ms":1800,"overhead_us":87,)"
            R"("bytes_in":120,"bytes_out":4096,"upstream_request_id":"apim-1","aborted_by":"none"})");
}

TEST(AccessLog, ARefusedRequestHasEveryFieldWithNullsAndNoAttempts) {
  AccessRecord record;
  record.status = 401;
  const ordered_json line = ordered_json::parse(json_line(record));
  std::vector<std::string> names;
  for (const auto& [name, value] : line.items()) names.push_back(name);
  const std::vector<std::string> expected = {
      "time",      "request_id",  "client",      "method",   "path",      "route",
      "pool",      "model",       "stream",      "attempts", "status",    "region",
      "ttfb_ms",   "duration_ms", "overhead_us", "bytes_in", "bytes_out", "upstream_request_id",
      "aborted_by"};
  EXPECT_EQ(names, expected);
  for (const char* name : {"request_id", "client", "method", "path", "route", "pool", "model", "region", "ttfb_ms",
                           "upstream_request_id"}) {
    EXPECT_TRUE(line[name].is_null()) << name;
  }
  EXPECT_TRUE(line["attempts"].is_array());
  EXPECT_TRUE(line["attempts"].empty());
  EXPECT_EQ(line["status"], 401);
  EXPECT_EQ(line["stream"], false);
  EXPECT_EQ(line["bytes_in"], 0);
}

TEST(AccessLog, AFailedAttemptSaysItsErrorInsteadOfAStatus) {
  AccessRecord record;
  record.attempts = {{"eastus", "", 0, "timeout", 3s}};
  const ordered_json attempt = ordered_json::parse(json_line(record))["attempts"][0];
  EXPECT_EQ(attempt["error"], "timeout");
  EXPECT_FALSE(attempt.contains("status"));
  EXPECT_TRUE(attempt["deployment"].is_null());
  EXPECT_EQ(attempt["ms"], 3000);
}

TEST(AccessLog, ARequestThatGotNoAnswerHasANullStatusAndSaysWhoLeft) {
  AccessRecord record;
  record.aborted_by = AbortedBy::client;
  const ordered_json line = ordered_json::parse(json_line(record));
  EXPECT_TRUE(line["status"].is_null());
  EXPECT_EQ(line["aborted_by"], "client");
  record.aborted_by = AbortedBy::upstream;
  EXPECT_EQ(ordered_json::parse(json_line(record))["aborted_by"], "upstream");
}

TEST(AccessLog, HostileBytesStayOneLineOfValidJsonInEveryField) {
  std::string hostile = "\"},\n{\"status\":200\r\t\x1b[31m\\ \x7f";
  hostile.push_back('\0');
  hostile += "\xc3\x28\xff\xed\xa0\x80 caf\xc3\xa9";
  AccessRecord record;
  for (std::string* field : {&record.request_id, &record.client, &record.method, &record.path, &record.route,
                             &record.pool, &record.model, &record.region, &record.upstream_request_id}) {
    *field = hostile;
  }
  record.attempts = {{hostile, hostile, 200, {}, 1ms}};
  const std::string line = json_line(record);
  for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  const ordered_json parsed = ordered_json::parse(line);
  EXPECT_EQ(parsed.size(), 19U);
  EXPECT_TRUE(parsed["status"].is_null());
  const auto path = parsed["path"].get<std::string>();
  EXPECT_TRUE(path.starts_with("\"},\n{\"status\":200\r\t\x1b[31m\\ \x7f"));
  EXPECT_TRUE(path.ends_with(" caf\xc3\xa9"));
}

TEST(AccessLog, EveryByteValueGivesValidJson) {
  AccessRecord record;
  for (int byte = 0; byte < 256; ++byte) {
    record.path.assign(1, static_cast<char>(byte));
    EXPECT_TRUE(ordered_json::accept(json_line(record))) << byte;
  }
}

TEST(AccessLog, TimesThatWentBackwardsAreZero) {
  AccessRecord record;
  record.duration = -1ms;
  record.ttfb = -5ms;
  record.overhead = -2us;
  const ordered_json line = ordered_json::parse(json_line(record));
  EXPECT_EQ(line["duration_ms"], 0);
  EXPECT_EQ(line["ttfb_ms"], 0);
  EXPECT_EQ(line["overhead_us"], 0);
}

TEST(AccessLog, TextLineIsWrittenToTheLetter) {
  EXPECT_EQ(text_line(spilled_request()),
            "2026-01-31T12:00:00.123Z access  200 POST /openai/deployments/gpt-4o-mini/chat/completions  1800ms"
            "  first_byte=222.5ms  client=chat-app  route=azure  pool=openai  model=gpt-4o-mini  stream"
            "  attempts=\"eastus-ptu;429, westus;200\"  region=\"West US\"  in=120  out=4096  id=6f9619ff  "
            "upstream_id=apim-1");
}

TEST(AccessLog, TextLineShowsNoControlCharacterAndNothingOutsideAscii) {
  AccessRecord record;
  record.method = "GET\n";
  record.path =
      "/\x1b[2J\xc2\x9b"
      "31m";
  record.aborted_by = AbortedBy::upstream;
  const std::string line = text_line(record);
  for (const char c : line) {
    EXPECT_GE(static_cast<unsigned char>(c), 0x20);
    EXPECT_LT(static_cast<unsigned char>(c), 0x7F);
  }
  EXPECT_NE(line.find("access  - GET\\x0a /\\x1b[2J\\xc2\\x9b31m"), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with("aborted_by=upstream"));
}

TEST(AccessLog, AttemptsHeaderListsStatusOrKindInOrder) {
  EXPECT_EQ(attempts_header({}), "");
  EXPECT_EQ(attempts_header(
                {{"eastus-ptu", "m", 429, {}, 1ms}, {"north", "m", 0, "connect", 1ms}, {"westus", "m", 200, {}, 1ms}}),
            "eastus-ptu;429, north;connect, westus;200");
}

}  // namespace
}  // namespace spillway::observe
