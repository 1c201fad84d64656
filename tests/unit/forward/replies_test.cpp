#include "forward/replies.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace spillway::forward {
namespace {

using nlohmann::json;

// Every answer that the gateway makes itself but those of the reader, whose texts are constants of the same kind.
std::vector<replies::Reply> all() {
  using routing::Access;
  using routing::TokenRefusal;
  std::vector<replies::Reply> made = {
      replies::route_not_found("id"),
      replies::route_not_allowed("id"),
      replies::model_required("id"),
      replies::model_not_found("id"),
      replies::denied({}, "id"),
      replies::body_not_json("id"),
      replies::duplicate_model("id"),
      replies::several_owners("id"),
      replies::malformed_body("id"),
      replies::request_timeout("id"),
      replies::request_too_large("id"),
      replies::upgrade_not_supported("id"),
      replies::upstream_error("id"),
      replies::upstream_timeout("id"),
      replies::overloaded("id"),
      replies::exhausted(config::ExhaustedStatus::s503, true, Milliseconds(1), "id"),
      replies::exhausted(config::ExhaustedStatus::s429, true, Milliseconds(1), "id"),
      replies::owner_unavailable(Milliseconds(1), "id"),
  };
  for (const auto refusal :
       {Access::Refusal::missing_api_key, Access::Refusal::invalid_api_key, Access::Refusal::expired_api_key}) {
    made.push_back(replies::not_admitted(refusal, "id"));
  }
  for (int i = 0; i <= static_cast<int>(TokenRefusal::missing_claim); ++i)
    made.push_back(replies::token_refused(static_cast<TokenRefusal>(i), "id"));
  for (int i = 0; i <= static_cast<int>(http::HandshakeProblem::unsupported_version); ++i)
    made.push_back(replies::bad_handshake(static_cast<http::HandshakeProblem>(i), "id"));
  for (const int status : {400, 405, 408, 413, 414, 417, 431, 501, 505})
    made.push_back(replies::rejected({status, "bad_request", "The request is not valid."}, "id"));
  return made;
}

TEST(Replies, T13HaveTheShapeOfOpenAisErrorsAndTellNothingOfTheInside) {
  std::set<int> statuses;
  for (const replies::Reply& reply : all()) {
    SCOPED_TRACE(reply.body);
    statuses.insert(reply.status);
    EXPECT_EQ(reply.content_type, "application/json");
    const json body = json::parse(reply.body, nullptr, false);
    ASSERT_TRUE(body.is_object() && body.size() == 1 && body.contains("error"));
    const json& error = body["error"];
    ASSERT_EQ(error.size(), 4U);
    EXPECT_TRUE(error["code"].is_string() && !error["code"].get<std::string>().empty());
    EXPECT_TRUE(error["param"].is_null());
    const std::string message = error["message"];
    EXPECT_TRUE(message.size() > 10 && message.back() == '.');
    const std::string type = error["type"];
    const bool matches = reply.status >= 500   ? type == "server_error"
                         : reply.status == 401 ? type == "authentication_error"
                         : reply.status == 403 ? type == "permission_error"
                         : reply.status == 429 ? type == "rate_limit_error"
                                               : type == "invalid_request_error";
    EXPECT_TRUE(matches) << type;
    for (const char* inside :
         {"spillway", "Spillway", "boost", "asio", "Beast", "openssl", "OpenSSL", "nlohmann", "errno", "127.0.0.1",
          "localhost", "/usr", "/etc", ".cpp", ".hpp", "::", "std", "xception", "http://"}) {
      EXPECT_EQ(reply.body.find(inside), std::string::npos) << inside;
      EXPECT_EQ(reply.extra_fields.find(inside), std::string::npos) << inside;
    }
  }
  const std::set<int> expected = {400, 401, 403, 404, 405, 408, 413, 414, 417, 426, 429, 431, 501, 502, 503, 504, 505};
  EXPECT_EQ(statuses, expected) << "every status the gateway answers with by itself";
}

}  // namespace
}  // namespace spillway::forward
