#include "routing/token_cache.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace spillway::routing {
namespace {

constexpr WallTime now{std::chrono::seconds(1'000'000)};
constexpr WallTime later = now + std::chrono::seconds(60);

TokenCache::Digest digest(int number) {
  return TokenCache::digest("token " + std::to_string(number));
}

TEST(TokenCache, FindsWhatWasPut) {
  TokenCache cache(64);
  EXPECT_EQ(cache.find(digest(1), now), std::nullopt);
  cache.put(digest(1), 7, later, now, cache.generation());
  cache.put(digest(2), 8, later, now, cache.generation());
  EXPECT_EQ(cache.find(digest(1), now), 7U);
  EXPECT_EQ(cache.find(digest(2), now), 8U);
  EXPECT_EQ(cache.find(digest(3), now), std::nullopt);
  cache.put(digest(1), 9, later, now, cache.generation());
  EXPECT_EQ(cache.find(digest(1), now), 9U);
}

TEST(TokenCache, KnowsATokenUntilItEnds) {
  TokenCache cache(64);
  cache.put(digest(1), 7, later, now, cache.generation());
  EXPECT_EQ(cache.find(digest(1), later - WallTime::duration(1)), 7U);
  EXPECT_EQ(cache.find(digest(1), later), std::nullopt);
}

TEST(TokenCache, DigestsAreSha256) {
  const TokenCache::Digest empty = TokenCache::digest("");
  EXPECT_EQ(empty[0], 0xe3);
  EXPECT_EQ(empty[31], 0x55);
  EXPECT_NE(TokenCache::digest("a"), TokenCache::digest("b"));
}

TEST(TokenCache, IsBoundedAndKeepsWhatIsUsed) {
  TokenCache cache(8);
  cache.put(digest(0), 0, later, now, cache.generation());
  int found = 0;
  for (int i = 1; i <= 1000; ++i) {
    cache.put(digest(i), 1, later, now, cache.generation());
    EXPECT_EQ(cache.find(digest(0), now), 0U);
  }
  for (int i = 1; i <= 1000; ++i) found += cache.find(digest(i), now) ? 1 : 0;
  EXPECT_EQ(found, 7);
}

TEST(TokenCache, PutsTokensInThePlaceOfThoseThatHaveEnded) {
  TokenCache cache(8);
  for (int i = 0; i < 8; ++i)
    cache.put(digest(i), 0, i == 5 ? later : later + std::chrono::hours(1), now, cache.generation());
  EXPECT_EQ(cache.find(digest(5), now), 0U);
  cache.put(digest(8), 0, later + std::chrono::hours(1), later, cache.generation());
  for (const int i : {0, 1, 2, 3, 4, 6, 7, 8}) EXPECT_EQ(cache.find(digest(i), later), 0U) << i;
}

TEST(TokenCache, ForgetsEverythingAndWhatWasBegunBefore) {
  TokenCache cache(64);
  const std::uint64_t before = cache.generation();
  cache.put(digest(1), 7, later, now, before);
  cache.clear();
  EXPECT_EQ(cache.find(digest(1), now), std::nullopt);
  cache.put(digest(1), 7, later, now, before);
  EXPECT_EQ(cache.find(digest(1), now), std::nullopt);
  cache.put(digest(1), 7, later, now, cache.generation());
  EXPECT_EQ(cache.find(digest(1), now), 7U);
}

TEST(TokenCache, MayBeUsedByManyThreads) {
  TokenCache cache(32);
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&cache, thread] {
      for (int i = 0; i < 2000; ++i) {
        const int number = i % 64;
        cache.put(digest(number), static_cast<std::size_t>(number), later, now, cache.generation());
        const auto client = cache.find(digest(number), now);
        if (client) {
          EXPECT_EQ(*client, static_cast<std::size_t>(number));
        }
        if (thread == 0 && i % 500 == 0) cache.clear();
      }
    });
  }
}

}  // namespace
}  // namespace spillway::routing
