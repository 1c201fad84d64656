#include "spillway/net/signals.hpp"

#include <csignal>
#include <thread>
#include <vector>

#include "loop_fixture.hpp"

namespace spillway::net {
namespace {

TEST_F(LoopTest, ASignalIsAnEventOfTheLoopWhicheverThreadItInterrupts) {
  std::vector<int> seen;
  Signals signals(loop_);
  signals.listen({SIGUSR1, SIGUSR2}, [&](int number) { seen.push_back(number); });
  ASSERT_EQ(std::raise(SIGUSR1), 0);
  EXPECT_TRUE(seen.empty()) << "nothing happens inside the handler";
  run_until([&] { return seen.size() == 1; });
  std::thread other([] { std::raise(SIGUSR2); });
  other.join();
  run_until([&] { return seen.size() == 2; });
  EXPECT_EQ(seen, std::vector<int>({SIGUSR1, SIGUSR2}));
}

TEST_F(LoopTest, AnObjectThatIsGoneLeavesSignalsAsTheyWere) {
  struct sigaction before{};
  ASSERT_EQ(::sigaction(SIGUSR1, nullptr, &before), 0);
  {
    Signals signals(loop_);
    signals.listen({SIGUSR1}, [](int) {});
  }
  struct sigaction after{};
  ASSERT_EQ(::sigaction(SIGUSR1, nullptr, &after), 0);
  EXPECT_EQ(after.sa_handler, before.sa_handler);
}

}  // namespace
}  // namespace spillway::net
