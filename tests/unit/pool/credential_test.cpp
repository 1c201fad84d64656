#include <atomic>

#include "fixture.hpp"

namespace spillway::pool {
namespace {

struct CountingWaiter : Waiter {
  int woken = 0;
  void wake() override { ++woken; }
};

// Two members, of which the first needs a credential.
class Credentials : public testing::Test {
 protected:
  Credentials() {
    blueprint_.pool("p", {{"a", 1}, {"b", 2}});
    make();
  }
  void make(const Fleet* previous = nullptr) {
    const std::vector<HasCredential> credentials = {present_, nullptr};
    auto made = std::make_unique<Fleet>(blueprint_.share(), previous, TransitionObserver(), credentials);
    live_ = std::move(made);
  }
  Pool& pool() { return *live_->pool(0); }

  std::shared_ptr<std::atomic<bool>> present_ = std::make_shared<std::atomic<bool>>(false);
  Blueprint blueprint_;
  std::unique_ptr<Fleet> live_;
};

TEST_F(Credentials, ThatAreMissingMakeAMemberIneligible) {
  EXPECT_EQ(picked(pool(), "m", at(0s)).member, 1U);
  *present_ = true;
  EXPECT_EQ(picked(pool(), "m", at(0s)).member, 0U);
  *present_ = false;
  EXPECT_EQ(picked(pool(), "m", at(0s)).member, 1U);
}

TEST_F(Credentials, ThatAreMissingAreExplained) {
  const auto told = pool().explain("m", at(0s));
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].standing, Standing::eligible);
  EXPECT_EQ(told[1].member, 0U);
  EXPECT_EQ(told[1].standing, Standing::no_credential);
  EXPECT_EQ(name(Standing::no_credential), "no_credential");
}

TEST_F(Credentials, ThatAreMissingShowInTheStatus) {
  EXPECT_FALSE(pool().status(at(0s)).members[0].has_credential);
  EXPECT_TRUE(pool().status(at(0s)).members[1].has_credential);
}

TEST_F(Credentials, ThatAreMissingEverywhereMakeAPoolUnready) {
  EXPECT_TRUE(pool().ready(at(0s)));
  blueprint_.config.pools[0].members.pop_back();
  make();
  EXPECT_FALSE(pool().ready(at(0s)));
  *present_ = true;
  EXPECT_TRUE(pool().ready(at(0s)));
}

TEST_F(Credentials, ThatAreMissingAreNeitherThrottlingNorWantOfRoom) {
  Tried tried;
  tried.add(1);
  tried.add_throttled(1);
  const Exhausted none = exhausted(pool(), "m", at(0s), tried);
  EXPECT_FALSE(none.all_throttled);
  EXPECT_FALSE(none.full);
  EXPECT_GE(none.earliest, at(0s));
  EXPECT_LE(none.earliest, at(1s));
}

TEST_F(Credentials, ThatComeWakeWhoWaits) {
  const auto waiter = std::make_shared<CountingWaiter>();
  pool().wake_on_change(waiter);
  live_->credential_came(0);
  EXPECT_EQ(waiter->woken, 1);
}

TEST_F(Credentials, MayBeAnotherObjectAfterAReload) {
  const auto before = std::move(live_);
  present_ = std::make_shared<std::atomic<bool>>(true);
  make(before.get());
  EXPECT_EQ(picked(pool(), "m", at(0s)).member, 0U);
  EXPECT_EQ(picked(*before->pool(0), "m", at(0s)).member, 1U);
}

}  // namespace
}  // namespace spillway::pool
