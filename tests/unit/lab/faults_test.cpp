#include "lab/faults.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/errors.hpp"
#include "lab/misbehave.hpp"

namespace spillway::lab {
namespace {

std::optional<Fault> parsed(std::string_view text, std::string& problem) {
  return parse_fault(*parse_json(text), problem);
}

Fault parsed(std::string_view text) {
  std::string problem;
  const auto fault = parsed(text, problem);
  EXPECT_TRUE(fault) << problem;
  return fault.value_or(Fault{});
}

TEST(Fault, IsReadFromAWord) {
  EXPECT_EQ(parsed(R"("reset")").kind, FaultKind::reset);
  EXPECT_EQ(parsed(R"("stall")").kind, FaultKind::stall);
  EXPECT_EQ(parsed(R"("refuse")").kind, FaultKind::refuse);
}

TEST(Fault, IsReadFromAnObjectWithAStatus) {
  const Fault fault = parsed(R"({"status":429,"retry_after_ms":500,"count":3,"percentage":50})");
  EXPECT_EQ(fault.kind, FaultKind::status);
  EXPECT_EQ(fault.status, 429);
  EXPECT_EQ(fault.retry_after, Milliseconds{500});
  EXPECT_EQ(fault.count, 3U);
  EXPECT_EQ(fault.percentage, 50);
}

TEST(Fault, IsWrittenAsItIsRead) {
  for (const char* text :
       {R"({"kind":"status","status":503,"retry_after_ms":500,"count":3})",
        R"({"kind":"slow","bytes":16,"every_ms":20})", R"({"kind":"delay","ms":300,"count":4,"percentage":50})",
        R"({"kind":"cut","after":4})", R"({"kind":"reset","percentage":10})"}) {
    EXPECT_EQ(dump(to_json(parsed(text))), text);
  }
}

TEST(Fault, NonsenseIsNamed) {
  const auto problem_of = [](std::string_view text) {
    std::string problem;
    EXPECT_FALSE(parsed(text, problem)) << text;
    return problem;
  };
  EXPECT_EQ(problem_of(R"("stal")"), "unknown fault 'stal' (did you mean 'stall'?)");
  EXPECT_EQ(problem_of(R"({"status":200})"), "status must be a whole number from 400 to 599");
  EXPECT_EQ(problem_of(R"({"status":503,"percentage":0})"), "percentage must be a whole number from 1 to 100");
  EXPECT_EQ(problem_of(R"({"status":18446744073709551615})"), "status must be a whole number from 400 to 599");
  EXPECT_EQ(problem_of(R"({"percentage":10})"), "a fault needs a kind or a status");
  EXPECT_NE(problem_of(R"({"kind":"reset","sometimes":1})").find("unknown key 'sometimes'"), std::string::npos);
  EXPECT_NE(problem_of("7").find("a fault is a word"), std::string::npos);
}

Fault status(int code) {
  Fault fault;
  fault.status = code;
  return fault;
}

TEST(FaultPlan, TheResourcesFaultGoesBeforeTheDeployments) {
  FaultPlan plan;
  plan.set("gpt", status(500));
  EXPECT_EQ(plan.take("gpt")->status, 500);
  EXPECT_FALSE(plan.take("other"));
  EXPECT_FALSE(plan.take(""));
  plan.set("", status(503));
  EXPECT_EQ(plan.take("gpt")->status, 503);
  EXPECT_EQ(plan.take("")->status, 503);
}

TEST(FaultPlan, ACountRunsOut) {
  FaultPlan plan;
  Fault fault = status(503);
  fault.count = 2;
  plan.set("", fault);
  EXPECT_TRUE(plan.take("gpt"));
  EXPECT_EQ(plan.in_force().front().fault.count, 1U);
  EXPECT_TRUE(plan.take("gpt"));
  EXPECT_FALSE(plan.take("gpt"));
  EXPECT_TRUE(plan.in_force().empty());
}

TEST(FaultPlan, APercentageIsSpreadEvenlyAndExact) {
  FaultPlan plan;
  Fault fault = status(503);
  fault.percentage = 30;
  plan.set("", fault);
  int hits = 0;
  for (int i = 0; i < 100; ++i) hits += plan.take("gpt") ? 1 : 0;
  EXPECT_EQ(hits, 30);
}

TEST(FaultPlan, IsReplacedAndCleared) {
  FaultPlan plan;
  plan.set("gpt", status(500));
  plan.set("gpt", status(502));
  EXPECT_EQ(plan.in_force().size(), 1U);
  plan.set("", status(503));
  plan.clear("gpt");
  EXPECT_EQ(plan.in_force().size(), 1U);
  plan.clear("");
  EXPECT_TRUE(plan.in_force().empty());
}

TEST(FaultPlan, RefusesOnlyAsAWhole) {
  FaultPlan plan;
  Fault refuse;
  refuse.kind = FaultKind::refuse;
  EXPECT_FALSE(plan.refuses());
  plan.set("", refuse);
  EXPECT_TRUE(plan.refuses());
}

TEST(Misbehaviour, AnOutageCarriesItsRetryAfter) {
  Fault fault = status(503);
  fault.retry_after = Milliseconds{1500};
  const auto answer = instead_of_answer(fault);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->field("retry-after"), "2");
  EXPECT_EQ(answer->field("retry-after-ms"), "1500");
}

Answer stream_of(int pieces) {
  EventStream stream;
  for (int i = 0; i < pieces; ++i) stream.data({{"n", i}});
  return std::move(stream).answer();
}

Fault distorting(FaultKind kind) {
  Fault fault;
  fault.kind = kind;
  return fault;
}

TEST(Misbehaviour, CutsAStreamAfterItsPiecesAndABodyInTheMiddle) {
  Answer stream = stream_of(5);
  distort(stream, distorting(FaultKind::cut));
  EXPECT_EQ(stream.pieces.size(), 2U);
  EXPECT_EQ(stream.ending, Ending::cut);

  Answer plain = text_answer(200, "text/plain", "0123456789");
  distort(plain, distorting(FaultKind::cut));
  EXPECT_EQ(plain.body(), "01234");
  EXPECT_EQ(plain.length, 10U);
}

TEST(Misbehaviour, DripsTheSameBytesSlowly) {
  Answer plain = text_answer(200, "text/plain", "0123456789");
  Fault fault = distorting(FaultKind::slow);
  fault.bytes = 4;
  distort(plain, fault);
  ASSERT_EQ(plain.pieces.size(), 3U);
  EXPECT_EQ(plain.body(), "0123456789");
  EXPECT_EQ(plain.pieces[0].pause, Milliseconds{0});
  EXPECT_EQ(plain.pieces[2].pause, Milliseconds{100});
  EXPECT_EQ(plain.ending, Ending::whole);
}

TEST(Misbehaviour, ADelayLeavesTheAnswerAsItIs) {
  Fault fault = distorting(FaultKind::delay);
  fault.delay = Milliseconds{300};
  Answer plain = text_answer(200, "text/plain", "as ever");
  plain.delay = Milliseconds{20};
  distort(plain, fault);
  EXPECT_EQ(plain.delay, Milliseconds{320});
  EXPECT_EQ(plain.body(), "as ever");
  EventStream events;
  events.done();
  Answer stream = std::move(events).answer();
  distort(stream, fault);
  EXPECT_EQ(stream.delay, Milliseconds{300});
  EXPECT_EQ(stream.body(), "data: [DONE]\n\n");
}

TEST(Misbehaviour, AFailedStreamEndsInAnErrorEvent) {
  Answer stream = stream_of(5);
  distort(stream, distorting(FaultKind::stream_error));
  ASSERT_EQ(stream.pieces.size(), 3U);
  EXPECT_NE(stream.pieces[2].bytes.find(R"("type":"server_error")"), std::string::npos);
  EXPECT_EQ(stream.ending, Ending::whole);
}

}  // namespace
}  // namespace spillway::lab
