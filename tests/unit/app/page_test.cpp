#include "app/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace spillway::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Page, HoldsItsStyleAndItsScript) {
  EXPECT_THAT(page().document, HasSubstr("<style>" + std::string(page_style) + "</style>"));
  EXPECT_THAT(page().document, HasSubstr("<script>" + std::string(page_script) + "</script>"));
  EXPECT_THAT(page().document, Not(HasSubstr("{{")));
}

TEST(Page, IsSmall) {
  EXPECT_LT(page().document.size(), 60U << 10U);
}

TEST(Page, LoadsNothingFromAnywhere) {
  const std::string& document = page().document;
  EXPECT_THAT(document, Not(HasSubstr("http://")));
  EXPECT_THAT(document, Not(HasSubstr("https://")));
  const std::regex load(R"((src|href|action|srcset|data)\s*=\s*["']?\s*//|url\(|@import|import\s*\()");
  EXPECT_FALSE(std::regex_search(document, load));
}

TEST(Page, NeverMakesMarkupOfData) {
  const std::string script(page_script);
  for (const char* way : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser"})
    EXPECT_THAT(script, Not(HasSubstr(way)));
}

TEST(Page, ItsPolicyAllowsItsOwnPartsOnly) {
  const std::string& policy = page().policy;
  EXPECT_THAT(policy, ::testing::StartsWith("default-src 'none'; script-src 'sha256-"));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  const std::regex hash("'sha256-[A-Za-z0-9+/]{43}='");
  EXPECT_EQ(std::distance(std::sregex_iterator(policy.begin(), policy.end(), hash), std::sregex_iterator()), 2);
}

}  // namespace
}  // namespace spillway::app
