#include "spillway/observe/span_queue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace spillway::observe {
namespace {

// A request with so many attempts: a span more.
TracedRequest request(const std::string& id, std::size_t attempts) {
  TracedRequest made;
  made.record.request_id = id;
  made.trace.attempts.resize(attempts);
  return made;
}

std::string ids(const std::vector<TracedRequest>& requests) {
  std::string all;
  for (const TracedRequest& each : requests) all += each.record.request_id;
  return all;
}

TEST(SpanQueue, GivesBatchesOfSpansOldestFirst) {
  SpanQueue queue({});
  queue.set_bounds(100, 4);
  queue.offer(request("a", 1));
  queue.offer(request("b", 1));
  queue.offer(request("c", 2));
  EXPECT_EQ(ids(queue.take()), "ab");
  EXPECT_EQ(ids(queue.take()), "c");
  EXPECT_TRUE(queue.take().empty());
}

TEST(SpanQueue, GivesARequestThatIsMoreThanABatchAlone) {
  SpanQueue queue({});
  queue.set_bounds(100, 2);
  queue.offer(request("a", 5));
  queue.offer(request("b", 0));
  EXPECT_EQ(ids(queue.take()), "a");
  EXPECT_EQ(ids(queue.take()), "b");
}

TEST(SpanQueue, DropsAndCountsWhatDoesNotFit) {
  SpanQueue queue({});
  queue.set_bounds(4, 4);
  queue.offer(request("a", 2));
  queue.offer(request("b", 1));
  EXPECT_EQ(queue.dropped(), 2U);
  queue.offer(request("c", 0));
  EXPECT_EQ(ids(queue.take()), "ac");
  queue.offer(request("d", 3));
  EXPECT_EQ(ids(queue.take()), "d") << "there is room again";
  EXPECT_EQ(queue.dropped(), 2U);
}

TEST(SpanQueue, TellsOnceThatThereIsABatch) {
  int told = 0;
  SpanQueue queue([&] { ++told; });
  queue.set_bounds(100, 3);
  queue.offer(request("a", 1));
  EXPECT_EQ(told, 0);
  EXPECT_FALSE(queue.has_batch());
  queue.offer(request("b", 0));
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(queue.has_batch());
  queue.offer(request("c", 0));
  EXPECT_EQ(told, 1);
  queue.take();
  queue.offer(request("d", 2));
  EXPECT_EQ(told, 2);
}

TEST(SpanQueue, LosesNothingBetweenThreads) {
  SpanQueue queue({});
  queue.set_bounds(1000, 10);
  std::size_t taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&queue] {
        for (int n = 0; n < 500; ++n) queue.offer(request("x", 1));
      });
    }
    for (int n = 0; n < 100; ++n) taken += 2 * queue.take().size();
  }
  for (auto batch = queue.take(); !batch.empty(); batch = queue.take()) taken += 2 * batch.size();
  EXPECT_EQ(taken + queue.dropped(), 4U * 500U * 2U);
}

}  // namespace
}  // namespace spillway::observe
