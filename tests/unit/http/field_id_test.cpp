#include "spillway/http/field_id.hpp"

#include <gtest/gtest.h>

#include <string>

namespace spillway::http {
namespace {

TEST(FieldId, KnowsNamesInAnyCase) {
  EXPECT_EQ(field_id("Content-Length"), FieldId::content_length);
  EXPECT_EQ(field_id("content-length"), FieldId::content_length);
  EXPECT_EQ(field_id("TE"), FieldId::te);
  EXPECT_EQ(field_id("Ocp-Apim-Subscription-Key"), FieldId::ocp_apim_subscription_key);
  EXPECT_EQ(field_id("PROXY-AUTHENTICATION-INFO"), FieldId::proxy_authentication_info);
  EXPECT_EQ(field_id("HTTP2-Settings"), FieldId::http2_settings);
  EXPECT_EQ(field_id("x-ms-retry-after-ms"), FieldId::x_ms_retry_after_ms);
}

TEST(FieldId, KnowsNoOthers) {
  // The first ones have the size, first and last letter of a name that is known.
  for (const char* name : {"Hxst", "cxxxxxxxxxxxxh", "Content_Length", "api\rkey", "content-lengt", "content-lengthh",
                           "x", "t", "accept", "user-agent", "x-request-ie"})
    EXPECT_EQ(field_id(name), FieldId::unknown) << name;
  EXPECT_EQ(field_id(""), FieldId::unknown);
  EXPECT_EQ(field_id(std::string(70000, 'h')), FieldId::unknown);
}

}  // namespace
}  // namespace spillway::http
