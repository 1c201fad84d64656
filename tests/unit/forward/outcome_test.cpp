#include "forward/outcome.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace spillway::forward {
namespace {

using pool::Verdict;

constexpr ErrorKind every_kind[] = {ErrorKind::connect, ErrorKind::tls, ErrorKind::timeout, ErrorKind::reset,
                                    ErrorKind::invalid_response};

Failure failure(Stage stage, Errc error, Blame blame) {
  Failure made;
  made.stage = stage;
  made.error = error;
  made.blame = blame;
  return made;
}

http::ResponseHead answer(int status, std::string_view name = {}, std::string_view value = {}) {
  http::ResponseHead head;
  head.status = status;
  if (!name.empty()) head.fields.push_back({http::field_id(name), name, value});
  return head;
}

TEST(Classify, AnAnswerIsItsStatusAndTheWaitItAsksFor) {
  const WallTime now = WallTime() + std::chrono::seconds(784'111'777);  // Sun, 06 Nov 1994 08:49:37 GMT
  const Verdict ok = classify(answer(200), now);
  EXPECT_EQ(ok.kind, Verdict::Kind::answered);
  EXPECT_EQ(ok.status, 200);
  EXPECT_EQ(ok.retry_after, std::nullopt);
  EXPECT_EQ(classify(answer(429, "retry-after-ms", "250"), now).retry_after, Milliseconds(250));
  EXPECT_EQ(classify(answer(503, "Retry-After", "7"), now).retry_after, Milliseconds(7'000));
  EXPECT_EQ(classify(answer(503, "Retry-After", "Sun, 06 Nov 1994 08:49:40 GMT"), now).retry_after,
            Milliseconds(3'000));
  EXPECT_EQ(classify(answer(429, "Retry-After", "soon"), now).retry_after, std::nullopt);
}

TEST(Classify, AFailureCountsOnlyWhenTheBackendIsToBlame) {
  EXPECT_EQ(classify(failure(Stage::connect, Errc::timeout, Blame::client)).kind, Verdict::Kind::abandoned);
  EXPECT_EQ(classify(failure(Stage::connect, Errc::timeout, Blame::gateway)).kind, Verdict::Kind::abandoned);
  const Verdict verdict = classify(failure(Stage::connect, Errc::timeout, Blame::backend));
  EXPECT_EQ(verdict.kind, Verdict::Kind::failed);
  EXPECT_EQ(verdict.error, ErrorKind::timeout);
  EXPECT_EQ(classify(failure(Stage::handshake, Errc::tls_handshake, Blame::backend)).error, ErrorKind::tls);
  EXPECT_EQ(classify(failure(Stage::read_head, Errc::end_of_stream, Blame::backend)).error, ErrorKind::reset);
}

TEST(AttemptOutcome, HasTheNameOfTheFailure) {
  for (const ErrorKind kind : every_kind) EXPECT_EQ(observe::name(outcome(Verdict::failed(kind))), name(kind));
  EXPECT_EQ(outcome(Verdict::abandoned()), observe::Outcome::cancelled);
}

TEST(AttemptOutcome, IsThatOfTheAnswersClass) {
  using observe::Outcome;
  for (const int status : {101, 200, 204, 304, 399})
    EXPECT_EQ(outcome(Verdict::answered(status)), Outcome::success) << status;
  for (const int status : {400, 401, 404, 408, 428, 430, 499})
    EXPECT_EQ(outcome(Verdict::answered(status)), Outcome::client_error) << status;
  EXPECT_EQ(outcome(Verdict::answered(429)), Outcome::throttled);
  for (const int status : {500, 503, 599})
    EXPECT_EQ(outcome(Verdict::answered(status)), Outcome::server_error) << status;
}

TEST(Retryable, AreTheUsualStatusCodesAndEveryFailure) {
  const config::Retry rules = config::Retry::defaults();
  for (const int status : {408, 429, 500, 502, 503, 504})
    EXPECT_TRUE(retryable(rules, Verdict::answered(status))) << status;
  for (const int status : {200, 400, 401, 404, 409, 428, 430, 501, 505})
    EXPECT_FALSE(retryable(rules, Verdict::answered(status))) << status;
  for (const ErrorKind kind : every_kind) EXPECT_TRUE(retryable(rules, Verdict::failed(kind))) << name(kind);
}

TEST(Retryable, IsNothingThatWasAbandoned) {
  config::Retry rules = config::Retry::defaults();
  rules.status_codes = {{200, 599}};
  EXPECT_FALSE(retryable(rules, Verdict::abandoned()));
}

TEST(Retryable, RangesIncludeBothEnds) {
  config::Retry rules;
  rules.status_codes = {{404, 404}, {500, 502}};
  for (const int status : {404, 500, 501, 502}) EXPECT_TRUE(retryable(rules, Verdict::answered(status))) << status;
  for (const int status : {403, 405, 499, 503}) EXPECT_FALSE(retryable(rules, Verdict::answered(status))) << status;
}

TEST(Retryable, OfTheFailuresAreThoseListed) {
  for (const ErrorKind listed : every_kind) {
    config::Retry rules;
    rules.on_errors[static_cast<std::size_t>(listed)] = true;
    for (const ErrorKind kind : every_kind)
      EXPECT_EQ(retryable(rules, Verdict::failed(kind)), kind == listed) << name(listed) << " " << name(kind);
  }
}

}  // namespace
}  // namespace spillway::forward
