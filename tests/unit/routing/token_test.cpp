#include "routing/token.hpp"

#include <gtest/gtest.h>

#include "routing/token_text.hpp"
#include "token_fixture.hpp"

namespace spillway::routing {
namespace {

using test::json;

// `taken`, or the name of the refusal.
std::string_view outcome(std::string_view text) {
  const auto read = read_token(text);
  const TokenRefusal* refusal = std::get_if<TokenRefusal>(&read);
  return refusal == nullptr ? "taken" : name(*refusal);
}

std::string with_header(const json& header) {
  return test::first_signer().token(header, test::claims());
}

// Parts that are texts, not values.
std::string of_texts(std::string_view header, std::string_view claims) {
  return test::base64url(header) + "." + test::base64url(claims) + ".c2ln";
}

constexpr std::string_view good_header = R"({"alg":"RS256","kid":"k"})";
constexpr std::string_view good_claims = R"({"iss":"i"})";

TEST(ReadToken, KeepsWhatItSays) {
  const std::string text = test::second_signer().token(test::claims());
  const auto read = read_token(text);
  const Token* token = std::get_if<Token>(&read);
  ASSERT_NE(token, nullptr);
  EXPECT_EQ(token->algorithm, SigningAlgorithm::es256);
  EXPECT_EQ(token->kid, "second");
  EXPECT_EQ(token->signed_part, text.substr(0, text.rfind('.')));
  EXPECT_EQ(token->signature.size(), 64U);
  EXPECT_EQ(token->claims, test::claims());
  EXPECT_EQ(token->issuer(), test::claims()["iss"].get<std::string>());
}

TEST(ReadToken, NeedsExactlyThreeParts) {
  const std::string good = of_texts(good_header, good_claims);
  EXPECT_EQ(outcome(good), "taken");
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("a"), good + ".", good + ".c2ln", "." + good,
        good.substr(0, good.rfind('.')), good + ".c2ln.c2ln", " " + good, good + " ", good + "\n"})
    EXPECT_EQ(outcome(text), "malformed") << text;
}

TEST(ReadToken, TakesUpTo16KiB) {
  const auto of_size = [](std::size_t claims) {
    return of_texts(good_header, R"({"iss":"i","x":")" + std::string(claims, 'x') + "\"}");
  };
  const std::string fits = of_size(12'240);
  EXPECT_EQ(outcome(fits), "taken") << fits.size();
  EXPECT_EQ(fits.size(), Token::max_size);
  EXPECT_EQ(outcome(of_size(12'241)), "malformed");
  EXPECT_EQ(outcome(std::string(1 << 20, '.')), "malformed");
}

TEST(ReadToken, IsStrictAboutBase64) {
  const std::string good = of_texts(good_header, good_claims);
  for (const char wrong : {'+', '/', '=', ' ', '\n', '\0', '\xff'}) {
    for (std::size_t at = 0; at < good.size(); ++at) {
      std::string text = good;
      if (text[at] == '.') continue;
      text[at] = wrong;
      EXPECT_EQ(outcome(text), "malformed") << at;
    }
  }
  EXPECT_EQ(outcome(good + "="), "malformed");
  EXPECT_EQ(outcome(good + "A"), "malformed") << "a length that no bytes have";
}

TEST(ReadToken, WantsJsonObjectsWithoutDuplicateKeys) {
  for (const char* text : {"", "[]", "null", "7", "\"iss\"", "{", "{}{}", "{\"iss\":\"i\"} x", "{iss:\"i\"}",
                           "{\"iss\":\"i\",}", "{\"iss\":\"i\"}//", R"({"iss":"i","iss":"i"})",
                           R"({"iss":"i","a":{"b":1,"b":2}})", R"({"iss":"i","a":[{"b":1,"b":2}]})",
                           R"({"iss":"i","\u0069ss":"j"})", "{\"iss\":\"\xff\"}", R"({"iss":"i","exp":1e999})"})
    EXPECT_EQ(outcome(of_texts(good_header, text)), "malformed") << text;
  EXPECT_EQ(outcome(of_texts(good_header, R"({"iss":"i","a":{"b":1},"b":{"b":1}})")), "taken");
  EXPECT_EQ(outcome(of_texts(R"({"alg":"RS256","kid":"k","kid":"l"})", good_claims)), "malformed");
  EXPECT_EQ(outcome(of_texts(R"(["RS256"])", good_claims)), "malformed");
}

TEST(ReadToken, EndsAtAnyDepthWithoutHarm) {
  EXPECT_EQ(outcome(of_texts(good_header, std::string(12'000, '['))), "malformed");
  EXPECT_EQ(
      outcome(of_texts(good_header, R"({"iss":"i","a":)" + std::string(6'000, '[') + std::string(6'000, ']') + "}")),
      "taken");
}

TEST(ReadToken, NeedsAnIssuerInWords) {
  for (const char* text : {"{}", R"({"iss":7})", R"({"iss":null})", R"({"iss":["i"]})"})
    EXPECT_EQ(outcome(of_texts(good_header, text)), "malformed") << text;
}

TEST(ReadToken, TellsWhatIsNotSigned) {
  const std::string text = test::base64url(good_claims);
  for (const char* alg : {"none", "None", "NONE", "nOnE"}) {
    const json header{{"alg", alg}, {"kid", "first"}};
    EXPECT_EQ(outcome(with_header(header)), "not_signed") << alg;
    EXPECT_EQ(outcome(test::base64url(header.dump()) + "." + text + "."), "not_signed") << alg;
  }
  EXPECT_EQ(outcome(test::base64url(good_header) + "." + text + "."), "not_signed");
}

TEST(ReadToken, TakesNoAlgorithmButTwo) {
  for (const char* alg : {"HS256", "HS384", "HS512", "RS384", "RS512", "PS256", "ES384", "ES512", "ES256K", "EdDSA",
                          "rs256", "RS256 ", ""})
    EXPECT_EQ(outcome(with_header({{"alg", alg}, {"kid", "first"}})), "wrong_algorithm") << alg;
  for (const json& header : {json{{"kid", "first"}}, json{{"alg", nullptr}, {"kid", "first"}},
                             json{{"alg", 256}, {"kid", "first"}}, json{{"alg", {"RS256"}}, {"kid", "first"}}})
    EXPECT_EQ(outcome(with_header(header)), "malformed") << header;
}

TEST(ReadToken, NeedsTheNameOfAKey) {
  for (const json& kid : {json(nullptr), json(""), json(7), json(std::string(257, 'k'))})
    EXPECT_EQ(outcome(with_header({{"alg", "RS256"}, {"kid", kid}})), "malformed") << kid;
  EXPECT_EQ(outcome(with_header({{"alg", "RS256"}})), "malformed");
}

TEST(ReadToken, RefusesWhatMustBeUnderstoodAndIsNot) {
  json header = test::first_signer().header();
  header["crit"] = {"b64"};
  header["b64"] = false;
  EXPECT_EQ(outcome(with_header(header)), "malformed");
}

}  // namespace
}  // namespace spillway::routing
