#include <gmock/gmock.h>

#include "fixture.hpp"

namespace spillway::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// `tracing` stands in line 5.
Tracing tracing_of(const std::string& value, const test::Map& variables = {}) {
  const Loaded loaded = test::load(test::minimal + "tracing: " + value + "\n", variables);
  EXPECT_THAT(test::lines(loaded.problems), ElementsAre());
  return loaded.config ? loaded.config->tracing.value_or(Tracing()) : Tracing();
}

test::Lines problems(const std::string& value, const test::Map& variables = {}) {
  return test::problems(test::minimal + "tracing: " + value + "\n", variables);
}

TEST(TracingConfig, IsOffUnlessTheFileSpeaksOfIt) {
  const Loaded loaded = test::load(test::minimal, {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"}});
  ASSERT_TRUE(loaded.config);
  EXPECT_FALSE(loaded.config->tracing);
}

TEST(TracingConfig, HasADefaultForEverything) {
  const Tracing tracing = tracing_of("{}");
  EXPECT_EQ(tracing.endpoint.text(), "http://localhost:4318");
  EXPECT_EQ(tracing.service_name, "spillway");
  EXPECT_EQ(tracing.sample, 1.0);
  EXPECT_TRUE(tracing.headers.empty());
  EXPECT_TRUE(tracing.attributes.empty());
}

TEST(TracingConfig, TakesWhatTheFileLeavesOutFromTheEnvironment) {
  const test::Map variables = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example:4318/otlp/"},
                               {"OTEL_SERVICE_NAME", "edge"},
                               {"OTEL_RESOURCE_ATTRIBUTES", "service.name=other, team=a%20b%2Cc,empty="}};
  const Tracing tracing = tracing_of("{}", variables);
  EXPECT_EQ(tracing.endpoint.text(), "https://collector.example:4318/otlp");
  EXPECT_EQ(tracing.service_name, "edge");
  EXPECT_THAT(tracing.attributes, ElementsAre(std::pair("team", "a b,c"), std::pair("empty", "")));

  const Tracing written = tracing_of("{endpoint: 'http://here:1', service_name: mine}", variables);
  EXPECT_EQ(written.endpoint.text(), "http://here:1");
  EXPECT_EQ(written.service_name, "mine");
  EXPECT_EQ(tracing_of("{}", {{"OTEL_RESOURCE_ATTRIBUTES", "service.name=other"}}).service_name, "other");
}

TEST(TracingConfig, LeavesAttributesOutThatAreNotUnderstood) {
  for (const char* wrong : {"a", "a=%2", "a=%zz", "=x", "a=1,,b=2"}) {
    const Loaded loaded = test::load(test::minimal + "tracing: {}\n", {{"OTEL_RESOURCE_ATTRIBUTES", wrong}});
    ASSERT_TRUE(loaded.config) << wrong;
    EXPECT_TRUE(loaded.config->tracing->attributes.empty()) << wrong;
    EXPECT_THAT(test::lines(loaded.warnings), ElementsAre(HasSubstr("tracing: OTEL_RESOURCE_ATTRIBUTES is not")));
  }
}

TEST(TracingConfig, RefusesAnEndpointOfTheEnvironmentThatIsNoneWithoutShowingIt) {
  const test::Lines found = problems("{}", {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:pass@host"}});
  EXPECT_THAT(found, ElementsAre(HasSubstr("OTEL_EXPORTER_OTLP_ENDPOINT is no usable URL")));
  EXPECT_THAT(found, testing::Not(testing::Contains(HasSubstr("pass"))));
}

TEST(TracingConfig, SendsSecretsInHeaders) {
  const Tracing tracing = tracing_of("{headers: {Authorization: 'Bearer ${TOKEN}'}}", {{"TOKEN", "abc"}});
  EXPECT_EQ(tracing.headers.at("Authorization").reveal(), "Bearer abc");
}

TEST(TracingConfig, SaysWhatIsWrongWithAHeader) {
  EXPECT_THAT(problems("{headers: {'a b': x}}"), ElementsAre(HasSubstr("not usable as a header's name")));
  EXPECT_THAT(problems("{headers: {Content-Type: x}}"), ElementsAre(HasSubstr("is what the gateway sets itself")));
  const test::Lines found = problems("{headers: {x-key: '${KEY}'}}", {{"KEY", "one\ntwo"}});
  EXPECT_THAT(found, ElementsAre(HasSubstr("cannot be part of a header")));
  EXPECT_THAT(found, testing::Not(testing::Contains(HasSubstr("two"))));
}

TEST(TracingConfig, TakesAShareFromNoneToAll) {
  EXPECT_EQ(tracing_of("{sample: 0}").sample, 0.0);
  EXPECT_EQ(tracing_of("{sample: 0.25}").sample, 0.25);
  EXPECT_EQ(tracing_of("{sample: 1.0}").sample, 1.0);
  for (const char* wrong : {"1.1", "-0.1", "10%", "1e-1", "nan", "0,5", "."})
    EXPECT_THAT(problems(std::string("{sample: '") + wrong + "'}"), ElementsAre(HasSubstr("is not a share"))) << wrong;
}

TEST(TracingConfig, WantsRoomForABatch) {
  EXPECT_THAT(problems("{queue: 10, batch: 11}"), ElementsAre(HasSubstr("tracing.batch: is more than the queue")));
  EXPECT_THAT(problems("{queue: 10}"), ElementsAre(HasSubstr("tracing.queue: is less than a batch")));
  EXPECT_EQ(tracing_of("{queue: 10, batch: 10}").batch, 10U);
}

}  // namespace
}  // namespace spillway::config
