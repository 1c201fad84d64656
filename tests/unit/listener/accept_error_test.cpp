#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <vector>

#include "hub_fixture.hpp"

namespace {

// What the next accepts of a listener say instead of giving a connection, and when they were asked.
struct Accepts {
  int error = 0;
  int failures_left = 0;
  std::vector<std::chrono::steady_clock::time_point> failed_at;
};
Accepts accepts;

}  // namespace

// In place of the C library's, for this program: there is no other way to have a kernel without memory. Only
// listeners accept non-blocking sockets.
extern "C" int accept4(int descriptor, sockaddr* address, socklen_t* size, int flags) {
  if ((flags & SOCK_NONBLOCK) != 0 && accepts.failures_left > 0) {
    --accepts.failures_left;
    accepts.failed_at.push_back(std::chrono::steady_clock::now());
    errno = accepts.error;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_accept4, descriptor, address, size, flags));
}

namespace spillway::listener {
namespace {

class AcceptErrors : public HubTest, public testing::WithParamInterface<int> {
 protected:
  AcceptErrors() {
    std::string problem;
    listener_ = Listener::open(loop_, "127.0.0.1", 0, nullptr, {&hub_}, limit_, problem).value();
    listener_->start();
  }
  ~AcceptErrors() override { accepts = {}; }

  static void fail(int error, int times) { accepts = {error, times, {}}; }
  // A client that is answered although the accepts before it fail.
  void expect_service() {
    test::Socket client = test::Socket::connect(listener_->port());
    EXPECT_EQ(call(client, get("/")).status(), 200);
    EXPECT_EQ(accepts.failures_left, 0);
  }

  std::unique_ptr<Listener> listener_;
};

class PassingAcceptErrors : public AcceptErrors {};
INSTANTIATE_TEST_SUITE_P(Each, PassingAcceptErrors, testing::Values(ECONNABORTED, EPROTO, EINTR, EPERM, ENETDOWN));

TEST_P(PassingAcceptErrors, S09ConcernOneConnectionOnly) {
  fail(GetParam(), 200);
  expect_service();
  EXPECT_TRUE(handler_.refused.empty());
}

class LastingAcceptErrors : public AcceptErrors {};
INSTANTIATE_TEST_SUITE_P(Each, LastingAcceptErrors, testing::Values(EMFILE, ENFILE, ENOBUFS, ENOMEM));

TEST_P(LastingAcceptErrors, S09PauseTheAcceptingAndDoNotEndIt) {
  constexpr int times = 3;
  fail(GetParam(), times);
  expect_service();
  ASSERT_EQ(accepts.failed_at.size(), std::size_t(times));
  for (std::size_t i = 1; i < accepts.failed_at.size(); ++i)
    EXPECT_GE(accepts.failed_at[i] - accepts.failed_at[i - 1], Milliseconds(50));
}

TEST_P(LastingAcceptErrors, S09TakeNoPlaceOfAConnection) {
  limit_.set_max(1);
  fail(GetParam(), 1);
  expect_service();
}

TEST_F(AcceptErrors, S09ThoseWhoAreConnectedAreServedMeanwhile) {
  test::Socket old = test::Socket::connect(listener_->port());
  ASSERT_EQ(call(old, get("/")).status(), 200);
  fail(EMFILE, 1'000'000);
  const test::Socket waiting = test::Socket::connect(listener_->port());
  run_until([] { return accepts.failed_at.size() >= 2; });
  EXPECT_EQ(call(old, get("/")).status(), 200);
}

}  // namespace
}  // namespace spillway::listener
