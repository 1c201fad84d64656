#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <new>

#include "hub_fixture.hpp"

namespace {

// Allocations until one fails, once; below zero: none does.
thread_local int allocations_left = -1;

}  // namespace

void* operator new(std::size_t size) {
  if (allocations_left >= 0 && allocations_left-- == 0) throw std::bad_alloc();
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace spillway::listener {
namespace {

// One allocation after the other fails while a connection is taken, read from, answered and ended.
TEST_F(HubTest, Q13MemoryThatRunsOutCostsOneConnectionAndLeavesNoneHanging) {
  test::Socket bystander = connect();
  EXPECT_EQ(call(bystander, get("/")).status(), 200);
  bool failed = true;
  int refused = 0;
  for (int which = 0; failed; ++which) {
    ASSERT_LT(which, 500);
    test::Socket client = test::Socket::connect(listening_.port());
    test::Socket accepted = listening_.accept();
    const int descriptor = ::fcntl(accepted.descriptor(), F_DUPFD_CLOEXEC, 0);
    ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
    accepted.close();
    client.send(get("/", {{"Connection", "close"}}));
    limit_.enter();
    std::string said;
    said.reserve(4096);
    allocations_left = which;
    try {
      hub_.adopt_from_elsewhere({descriptor, nullptr, &limit_, false});
    } catch (const std::bad_alloc&) {
    }
    const TimePoint end = Clock::now() + std::chrono::seconds(20);
    // Until the client is told that it is over, answered or not.
    for (bool over = false; !over;) {
      try {
        loop_.turn(Clock::now() + Milliseconds(5));
      } catch (const std::bad_alloc&) {
      }
      char bytes[1024];
      for (ssize_t n = 1; n > 0;) {
        n = ::recv(client.descriptor(), bytes, sizeof bytes, MSG_DONTWAIT);
        over = n == 0 || (n < 0 && errno != EAGAIN);
        if (n > 0) said.append(bytes, static_cast<std::size_t>(n));
      }
      ASSERT_LT(Clock::now(), end) << "allocation " << which << " failed, and the client waits for ever";
    }
    failed = allocations_left < 0;
    allocations_left = -1;
    if (!said.starts_with("HTTP/1.1 200")) ++refused;
    settle();
    run_until([&] { return hub_.size() == 1; });
    EXPECT_EQ(call(bystander, get("/")).status(), 200) << which;
  }
  EXPECT_GT(refused, 3);
}

}  // namespace
}  // namespace spillway::listener
