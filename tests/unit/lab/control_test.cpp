#include "lab/control.hpp"

#include "resource_fixture.hpp"

namespace spillway::lab {
namespace {

class ControlTest : public ResourceTest {
 protected:
  ControlTest() {
    resources.emplace_back(standard(), 1, 1.0);
    ResourceConfig west = standard();
    west.name = "west";
    resources.emplace_back(west, 1, 1.0);
  }

  Answer order(std::string_view method, std::string_view path, std::string_view body = {}) {
    Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    return control(resources, nullptr, request, {now, 0});
  }
  std::string problem(std::string_view body) {
    const Answer answer = order("POST", "/faults", body);
    EXPECT_GE(answer.status, 400) << body;
    return text_of(member(parsed(answer), "error"));
  }
  std::size_t faults(std::size_t index) { return resources[index].faults().in_force().size(); }

  std::vector<Resource> resources;
};

TEST_F(ControlTest, SlowsAResourceAndLetsItRecover) {
  order("POST", "/faults", R"({"resource":"west","fault":{"kind":"delay","ms":300}})");
  Request request;
  request.method = "POST";
  request.path = "/openai/deployments/gpt-4o/chat/completions";
  request.query = "api-version=2024-10-21";
  request.fields = {{"api-key", "right-key"}};
  request.body = hello;
  EXPECT_EQ(resources[1].respond(request, {now, 0}).delay, Milliseconds{300});
  EXPECT_EQ(resources[0].respond(request, {now, 0}).delay, Milliseconds{0});
  order("POST", "/faults", R"({"resource":"west","fault":null})");
  EXPECT_EQ(resources[1].respond(request, {now, 0}).delay, Milliseconds{0});
}

TEST_F(ControlTest, SetsAndClearsAFault) {
  EXPECT_EQ(
      order("POST", "/faults", R"({"resource":"west","deployment":null,"fault":{"status":503,"retry_after_ms":500}})")
          .status,
      200);
  EXPECT_EQ(faults(0), 0U);
  EXPECT_EQ(faults(1), 1U);
  EXPECT_EQ(order("POST", "/faults", R"({"resource":"west","fault":null})").status, 200);
  EXPECT_EQ(faults(1), 0U);
}

TEST_F(ControlTest, WithoutAResourceItMeansAll) {
  order("POST", "/faults", R"({"fault":"stall"})");
  EXPECT_EQ(faults(0) + faults(1), 2U);
  order("POST", "/faults", R"({"deployment":"gpt-4o","fault":"reset"})");
  EXPECT_EQ(faults(0), 2U);
  order("POST", "/faults", R"({"deployment":"gpt-4o","fault":null})");
  EXPECT_EQ(faults(0), 1U);
}

TEST_F(ControlTest, SaysWhatIsWrongAndChangesNothing) {
  EXPECT_EQ(problem("[]"), "the body must be a JSON object");
  EXPECT_EQ(problem(R"({"resource":"west"})"), "fault is missing (null clears it)");
  EXPECT_EQ(problem(R"({"resource":"north","fault":"reset"})"), "no resource 'north' (east, west)");
  EXPECT_EQ(problem(R"({"resource":"west","deployment":"x","fault":"reset"})"), "no deployment 'x' there");
  EXPECT_EQ(problem(R"({"resource":"west","deployment":"gpt-4o","fault":"refuse"})"),
            "refuse works on a whole resource, not on a deployment");
  EXPECT_EQ(problem(R"({"resource":1,"fault":"reset"})"), "resource and deployment are names, or null");
  EXPECT_EQ(problem(R"({"resouce":"west","fault":"reset"})"), "unknown key 'resouce' (resource, deployment or fault)");
  EXPECT_EQ(faults(0) + faults(1), 0U);
}

TEST_F(ControlTest, ReportsAndResets) {
  Request request;
  request.method = "GET";
  request.path = "/openai/v1/models";
  resources[0].respond(request, Moment{now, 0});
  const Json report = parsed(order("GET", "/resources"));
  EXPECT_EQ(member(member(report, "resources")[0], "name"), "east");
  EXPECT_EQ(dump(member(member(report, "resources")[0], "requests")), R"({"-":{"401":1}})");
  EXPECT_EQ(dump(member(member(parsed(order("POST", "/reset")), "resources")[0], "requests")), "{}");
}

TEST_F(ControlTest, AnswersWrongMethodsAndPaths) {
  EXPECT_EQ(order("GET", "/healthz").status, 200);
  EXPECT_EQ(order("GET", "/reset").status, 405);
  EXPECT_EQ(order("DELETE", "/faults").status, 405);
  EXPECT_EQ(order("GET", "/x").status, 404);
}

}  // namespace
}  // namespace spillway::lab
