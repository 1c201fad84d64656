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

std::string text_line(const AccessRecord& record, bool colours = false) {
  std::string line;
  append_text(line, record, colours);
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

TEST(AccessLog, T15HostileBytesStayOneLineOfValidJsonInEveryField) {
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

TEST(AccessLog, T15EveryByteValueGivesValidJson) {
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

TEST(AccessLog, ALineThatStandsForOthersSaysForHowMany) {
  AccessRecord record = spilled_request();
  record.stands_for = 10;
  EXPECT_TRUE(json_line(record).ends_with(R"("aborted_by":"none","stands_for":10})"));
  EXPECT_TRUE(text_line(record).ends_with("  stands for 10"));
}

TEST(AccessLog, TextLineIsWrittenToTheLetter) {
  EXPECT_EQ(text_line(spilled_request()),
            "2026-01-31T12:00:00.123Z 200   1800ms    222ms  POST /openai/deployments/gpt-4o-mini/chat/completions"
            "  chat-app  gpt-4o-mini  eastus-ptu 429 > westus 200  stream");
}

TEST(AccessLog, TextLineOfAFailureSaysWhatToLookFor) {
  AccessRecord record = spilled_request();
  record.stream = false;
  record.attempts = {{"eastus-ptu", "gpt-4o-mini-ptu", 0, "connect", 2ms}, {"westus", "gpt-4o-mini", 500, {}, 31ms}};
  record.status = 500;
  record.ttfb.reset();
  record.duration = 34'560us;
  EXPECT_EQ(text_line(record),
            "2026-01-31T12:00:00.123Z 500   34.5ms        -  POST /openai/deployments/gpt-4o-mini/chat/completions"
            "  chat-app  gpt-4o-mini  eastus-ptu connect > westus 500  id=6f9619ff  upstream_id=apim-1");
}

TEST(AccessLog, TextLineOfARefusedRequestHasDashes) {
  AccessRecord record;
  record.time = spilled_request().time;
  record.request_id = "6f9619ff";
  record.status = 431;
  record.duration = 1ms;
  EXPECT_EQ(text_line(record), "2026-01-31T12:00:00.123Z 431      1ms        -  - -  -  -  -  id=6f9619ff");
}

TEST(AccessLog, ColoursAreThoseOfStatusAndAttemptsOnly) {
  AccessRecord record = spilled_request();
  record.attempts.insert(record.attempts.begin(), {"north", "m", 0, "timeout", 1ms});
  const std::string plain = text_line(record);
  std::string line = text_line(record, true);
  EXPECT_NE(line.find("Z \x1b[32m200\x1b[0m "), std::string::npos) << line;
  EXPECT_NE(line.find("north \x1b[31mtimeout\x1b[0m > eastus-ptu \x1b[33m429\x1b[0m > westus \x1b[32m200\x1b[0m"),
            std::string::npos)
      << line;
  for (std::size_t at = line.find('\x1b'); at != std::string::npos; at = line.find('\x1b'))
    line.erase(at, line.find('m', at) - at + 1);
  EXPECT_EQ(line, plain);
}

TEST(AccessLog, T15TextLineShowsNoControlCharacterAndNothingOutsideAscii) {
  AccessRecord record;
  record.method = "GET\n";
  record.path =
      "/\x1b[2J\xc2\x9b"
      "31m";
  record.client = record.model = record.request_id = record.upstream_request_id = record.path;
  record.attempts = {{record.path, "m", 200, {}, 1ms}};
  record.aborted_by = AbortedBy::upstream;
  const std::string line = text_line(record);
  for (const char c : line) {
    EXPECT_GE(static_cast<unsigned char>(c), 0x20);
    EXPECT_LT(static_cast<unsigned char>(c), 0x7F);
  }
  EXPECT_NE(line.find(" ---      0ms        -  GET\\x0a /\\x1b[2J\\xc2\\x9b31m  "), std::string::npos) << line;
  EXPECT_NE(line.find("  aborted by upstream  id="), std::string::npos) << line;
}

AccessRecord good_request(int number) {
  AccessRecord record;
  record.request_id = "request-" + std::to_string(number);
  record.attempts = {{"westus", "m", 200, {}, 1ms}};
  record.status = 200;
  record.duration = 100ms;
  return record;
}
constexpr AccessSampling one_in_ten{10, 30s};

TEST(AccessSampling, OfRequestsThatWentWellOneInSoManyIsWrittenAndStandsForThem) {
  std::uint32_t written = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint32_t weight = stands_for(good_request(i), one_in_ten);
    EXPECT_EQ(weight, stands_for(good_request(i), one_in_ten)) << "the id alone decides";
    if (weight == 0) continue;
    EXPECT_EQ(weight, 10U);
    ++written;
  }
  EXPECT_GT(written, 900U);
  EXPECT_LT(written, 1100U);
}

TEST(AccessSampling, WithoutItEveryRequestIsWritten) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(stands_for(good_request(i), {1, 30s}), 1U);
}

TEST(AccessSampling, WhatDidNotGoWellIsAlwaysWritten) {
  for (int i = 0; i < 100; ++i) {
    for (const int status : {0, 400, 401, 429, 499, 500, 503}) {
      AccessRecord record = good_request(i);
      record.status = status;
      EXPECT_EQ(stands_for(record, one_in_ten), 1U) << status;
    }
    AccessRecord retried = good_request(i);
    retried.attempts.insert(retried.attempts.begin(), {"eastus", "m", 429, {}, 1ms});
    EXPECT_EQ(stands_for(retried, one_in_ten), 1U);
    AccessRecord broken = good_request(i);
    broken.aborted_by = AbortedBy::upstream;
    EXPECT_EQ(stands_for(broken, one_in_ten), 1U);
    AccessRecord slow = good_request(i);
    slow.duration = 30s;
    EXPECT_EQ(stands_for(slow, one_in_ten), 1U);
  }
}

TEST(AccessLog, AttemptsHeaderListsStatusOrKindInOrder) {
  EXPECT_EQ(attempts_header({}), "");
  EXPECT_EQ(attempts_header(
                {{"eastus-ptu", "m", 429, {}, 1ms}, {"north", "m", 0, "connect", 1ms}, {"westus", "m", 200, {}, 1ms}}),
            "eastus-ptu;429, north;connect, westus;200");
}

TEST(AccessLog, NamesTheTraceOnlyWhenThereIsOne) {
  AccessRecord record = spilled_request();
  EXPECT_EQ(json_line(record).find("trace"), std::string::npos);
  EXPECT_EQ(text_line(record).find("trace"), std::string::npos);
  record.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  EXPECT_EQ(ordered_json::parse(json_line(record))["trace_id"], record.trace_id);
  EXPECT_EQ(text_line(record).find("trace"), std::string::npos) << "all went well";
  record.status = 503;
  EXPECT_NE(text_line(record).find("  trace=4bf92f3577b34da6a3ce929d0e0e4736"), std::string::npos);
}

}  // namespace
}  // namespace spillway::observe
