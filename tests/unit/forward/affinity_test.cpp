#include "forward/affinity.hpp"

#include "fixture.hpp"
#include "spillway/http/prompt.hpp"

namespace spillway::forward {
namespace {

const std::string chat = "POST /openai/v1/chat/completions";

std::string cookie_of(const std::vector<std::string>& fields, std::string_view name = "SessionId") {
  const Request request(chat, fields);
  return std::string(cookie_value(request.head(), name).value_or("none"));
}

TEST(CookieValue, IsThatOfTheFirstCookieOfTheName) {
  EXPECT_EQ(cookie_of({"Cookie: SessionId=abc"}), "abc");
  EXPECT_EQ(cookie_of({"Cookie: a=1; SessionId=abc; b=2"}), "abc");
  EXPECT_EQ(cookie_of({"Cookie: SessionId=abc; SessionId=def"}), "abc");
  EXPECT_EQ(cookie_of({"Cookie: a=1", "Accept: */*", "cookie: SessionId=abc"}), "abc");
  EXPECT_EQ(cookie_of({"Cookie: SessionId=a=b=="}), "a=b==");
  EXPECT_EQ(cookie_of({"Cookie: SessionId="}), "");
  EXPECT_EQ(cookie_of({"Cookie:  a=1;SessionId=abc ;b=2"}), "abc");
}

TEST(CookieValue, IsNotThatOfASimilarName) {
  EXPECT_EQ(cookie_of({}), "none");
  EXPECT_EQ(cookie_of({"Cookie: "}), "none");
  EXPECT_EQ(cookie_of({"Cookie: SessionId"}), "none");
  EXPECT_EQ(cookie_of({"Cookie: sessionid=abc"}), "none");
  EXPECT_EQ(cookie_of({"Cookie: SessionId2=abc; XSessionId=abc"}), "none");
  EXPECT_EQ(cookie_of({"Cookie: a=SessionId=abc"}), "none");
  EXPECT_EQ(cookie_of({"X-Cookie: SessionId=abc"}), "none");
}

TEST(WithoutCookie, LeavesTheOthersInOrder) {
  EXPECT_EQ(without_cookie("SessionId=abc", "SessionId"), "");
  EXPECT_EQ(without_cookie("a=1; SessionId=abc; b=2", "SessionId"), "a=1; b=2");
  EXPECT_EQ(without_cookie("SessionId=abc;a=1;b=2", "SessionId"), "a=1; b=2");
  EXPECT_EQ(without_cookie("a=1; SessionId=abc; SessionId=def", "SessionId"), "a=1");
  EXPECT_EQ(without_cookie("a=1; sessionid=abc; SessionId2=d; SessionId", "SessionId"),
            "a=1; sessionid=abc; SessionId2=d; SessionId");
  EXPECT_EQ(without_cookie("", "SessionId"), "");
}

TEST(SessionCookie, IsForNoScriptAndOnlySecureOverTls) {
  EXPECT_EQ(session_cookie("SessionId", "abc", false), "SessionId=abc; Path=/; HttpOnly; SameSite=Lax");
  EXPECT_EQ(session_cookie("id", "x", true), "id=x; Path=/; HttpOnly; SameSite=Lax; Secure");
}

// What a pool with some affinity takes from a request.
class KeepTogether : public testing::Test {
 protected:
  pool::Wish wish(const std::vector<std::string>& fields, std::string_view body = {}, std::size_t pool = 0) const {
    const Request request(chat, fields);
    pool::Wish wish;
    keep_together(wish, config_, pool, request.head(), body, marks_);
    return wish;
  }
  config::Affinity& affinity() { return config_.pools[0].affinity; }
  std::string cookie(std::size_t pool, std::size_t member) const { return marks_.cookie(pool, member, 7); }

  config::Config config_ = two_pools();
  const routing::OwnerMarks marks_{config_};
};

constexpr char body[] = R"({"messages":[{"role":"user","content":"Hi"}]})";

TEST_F(KeepTogether, TakesNothingThatThePoolDoesNotAskFor) {
  const pool::Wish made = wish({"Cookie: SessionId=" + cookie(0, 1), "x-session-id: me"}, body);
  EXPECT_EQ(made.pinned, std::nullopt);
  EXPECT_EQ(made.session, std::nullopt);
  EXPECT_EQ(made.prompt, std::nullopt);
}

TEST_F(KeepTogether, GoesToTheMemberOfTheCookie) {
  affinity().cookie = config::CookieAffinity{"Sticky"};
  EXPECT_EQ(wish({"Cookie: a=1; Sticky=" + cookie(0, 1)}).pinned, 1U);
  EXPECT_EQ(wish({"Cookie: Sticky=" + cookie(0, 0)}).pinned, 0U);
  EXPECT_EQ(wish({"Cookie: SessionId=" + cookie(0, 0)}).pinned, std::nullopt);
  EXPECT_EQ(wish({}).pinned, std::nullopt);
}

TEST_F(KeepTogether, LooksAtTheAffinityOfItsOwnPool) {
  config_.pools[1].affinity.cookie = config::CookieAffinity{};
  const std::vector<std::string> both = {"Cookie: SessionId=" + cookie(1, 1), "x-session-id: me"};
  affinity().header = "x-session-id";
  EXPECT_EQ(wish(both, {}, 1).pinned, 1U);
  EXPECT_EQ(wish(both, {}, 1).session, std::nullopt);
  EXPECT_EQ(wish(both, {}, 0).pinned, std::nullopt);
}

TEST_F(KeepTogether, BelievesNoCookieOfAnotherPoolAndNoneThatIsForged) {
  affinity().cookie = config::CookieAffinity{};
  EXPECT_EQ(wish({"Cookie: SessionId=" + cookie(1, 1)}).pinned, std::nullopt);
  EXPECT_EQ(wish({"Cookie: SessionId=" + forged(cookie(0, 1))}).pinned, std::nullopt);
  EXPECT_EQ(wish({"Cookie: SessionId=1"}).pinned, std::nullopt);
  EXPECT_EQ(wish({"Cookie: SessionId="}).pinned, std::nullopt);
}

TEST_F(KeepTogether, HashesTheValueOfTheHeader) {
  affinity().header = "x-session-id";
  const std::optional<std::uint64_t> session = wish({"X-Session-ID: me"}).session;
  EXPECT_EQ(session, http::stable_hash("me"));
  EXPECT_NE(wish({"x-session-id: Me"}).session, session);
  EXPECT_EQ(wish({"x-session-id: me", "Cookie: x-session-id=you"}, body).session, session);
}

TEST_F(KeepTogether, TakesAnEmptyHeaderForNone) {
  affinity().header = "x-session-id";
  EXPECT_EQ(wish({"x-session-id: "}).session, std::nullopt);
  EXPECT_EQ(wish({}).session, std::nullopt);
}

TEST_F(KeepTogether, HashesThePromptOfABody) {
  affinity().prompt_cache = true;
  EXPECT_EQ(wish({}, body).prompt, http::prompt_hash(body));
  EXPECT_NE(wish({}, body).prompt, std::nullopt);
  EXPECT_EQ(wish({}, "").prompt, std::nullopt);
  EXPECT_EQ(wish({}, R"({"model":"m"})").prompt, std::nullopt);
}

TEST_F(KeepTogether, TakesAllThatThereIs) {
  affinity().cookie = config::CookieAffinity{};
  affinity().header = "x-session-id";
  affinity().prompt_cache = true;
  const pool::Wish made = wish({"Cookie: SessionId=" + cookie(0, 1), "x-session-id: me"}, body);
  EXPECT_EQ(made.pinned, 1U);
  EXPECT_TRUE(made.session);
  EXPECT_TRUE(made.prompt);
  EXPECT_EQ(made.owner, std::nullopt);
}

}  // namespace
}  // namespace spillway::forward
