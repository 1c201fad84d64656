#include "config/substitute.hpp"

#include <gtest/gtest.h>

#include "fixture.hpp"

namespace spillway::config {
namespace {

Substitution put(std::string_view text) {
  Sources sources =
      test::sources({{"A", "alpha"}, {"EMPTY", ""}, {"DOLLAR", "${A}"}, {"_X9", "x"}},
                    {{"/f", "content\n"}, {"/crlf", "content\r\n"}, {"/two", "content\n\n"}, {"/bare", "content"}});
  sources.vault = [](const VaultSecret& secret) { return "value of " + secret.name + "/" + secret.version; };
  return substitute(text, sources);
}

TEST(Substitute, ReplacesVariablesAnywhereAndSeveralTimes) {
  EXPECT_EQ(put("${A}").value, "alpha");
  EXPECT_EQ(put("<${A}-${_X9}>").value, "<alpha-x>");
  EXPECT_TRUE(put("${A}").substituted);
  EXPECT_EQ(put("plain").value, "plain");
  EXPECT_FALSE(put("plain").substituted);
}

TEST(Substitute, UsesTheDefaultWhenTheVariableIsNotSetOrEmpty) {
  EXPECT_EQ(put("${NONE:-d}").value, "d");
  EXPECT_EQ(put("${EMPTY:-d}").value, "d");
  EXPECT_EQ(put("${A:-d}").value, "alpha");
  EXPECT_EQ(put("${NONE:-}").value, "");
  EXPECT_EQ(put("${NONE:-a:-b}").value, "a:-b");
  EXPECT_EQ(put("${EMPTY}").value, "");
  EXPECT_TRUE(put("${EMPTY}").problem.empty());
}

TEST(Substitute, DoesNotLookAtWhatItPutIn) {
  EXPECT_EQ(put("${DOLLAR}").value, "${A}");
}

TEST(Substitute, T10StripsOneLineEndFromAFile) {
  EXPECT_EQ(put("${file:/f}").value, "content");
  EXPECT_EQ(put("${file:/crlf}").value, "content");
  EXPECT_EQ(put("${file:/two}").value, "content\n");
  EXPECT_EQ(put("a ${file:/bare} b").value, "a content b");
}

TEST(Substitute, TakesADoubledDollarForALiteralOne) {
  EXPECT_EQ(put("$${A}").value, "${A}");
  EXPECT_FALSE(put("$${A}").substituted);
  EXPECT_EQ(put("$$${A}").value, "$${A}");
  EXPECT_EQ(put("$5 and $$ and $").value, "$5 and $$ and $");
}

TEST(Substitute, T10NamesWhatIsMissing) {
  EXPECT_EQ(put("${NONE}").problem, "the variable NONE is not set (set it, or give a default: ${NONE:-default})");
  EXPECT_EQ(put("${file:/none}").problem, "the file /none cannot be read: No such file or directory");
}

TEST(Substitute, TakesSecretsOfKeyVault) {
  const Substitution current = put("${keyvault:https://contoso.vault.azure.net/secrets/chat-key}");
  EXPECT_EQ(current.value, "value of chat-key/");
  EXPECT_TRUE(current.substituted && current.from_vault);
  EXPECT_EQ(put("${keyvault:https://contoso.vault.azure.net/secrets/k/0123456789abcdef0123456789abcdef}").value,
            "value of k/0123456789abcdef0123456789abcdef");
  EXPECT_FALSE(put("${A}").from_vault);
}

TEST(Substitute, RefusesWhatItDoesNotUnderstand) {
  for (const char* url :
       {"", "https://v/s", "v.vault.azure.net/secrets/x", "https://v.vault.azure.net/keys/x",
        "https://v.vault.azure.net/secrets/", "https://v.vault.azure.net/secrets/x/1", "https://v/secrets/x_y",
        "https://v/secrets/x/0123456789abcdef0123456789abcdef/x", "https://v/secrets/x?version=1"}) {
    EXPECT_EQ(put("${keyvault:" + std::string(url) + "}").problem,
              "${keyvault:...} does not name a secret (write ${keyvault:https://NAME.vault.azure.net/secrets/SECRET}, "
              "with /VERSION for a certain one)")
        << url;
  }
  EXPECT_EQ(put("a ${A").problem, "${ without a closing } (write $${ for a literal ${)");
  for (const char* text : {"${}", "${1A}", "${A B}", "${env:A}", "${A-b}", "${A:=b}", "${ A}"}) {
    EXPECT_EQ(put(text).problem,
              "${...} holds no variable name (write ${NAME}, ${NAME:-default}, ${file:/path} or "
              "${keyvault:URL}; $${ for a literal ${)")
        << text;
  }
  EXPECT_EQ(put("${NONE:-${A}}").problem, "the default of ${NONE:-...} holds another ${ (they cannot be nested)");
  EXPECT_EQ(put("${file:}").problem, "${file:} names no file (write ${file:/run/secrets/NAME})");
}

}  // namespace
}  // namespace spillway::config
