#include "app/watch.hpp"

#include <gtest/gtest.h>

namespace spillway::app {
namespace {

FileStamp stamp(std::int64_t second, std::int64_t nanosecond = 0) {
  return {1, 2, 3, second, nanosecond};
}

TEST(Changes, AreNoneWhileFilesStayAsTheyWereLoaded) {
  Changes changes;
  changes.accepted({{"key", stamp(1)}, {"gone", std::nullopt}});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(changes.look({{"key", stamp(1)}, {"gone", std::nullopt}}));
}

TEST(Changes, CountOnceTheyHaveBeenTheSameForTwoLooks) {
  Changes changes;
  changes.accepted({{"key", stamp(1)}});
  EXPECT_FALSE(changes.look({{"key", stamp(2)}}));
  EXPECT_FALSE(changes.look({{"key", stamp(2, 1)}})) << "still being written";
  EXPECT_TRUE(changes.look({{"key", stamp(2, 1)}}));
  changes.accepted({{"key", stamp(2, 1)}});
  EXPECT_FALSE(changes.look({{"key", stamp(2, 1)}}));
}

TEST(Changes, AreSeenInEveryPartOfAStamp) {
  for (const FileStamp& other : {FileStamp{9, 2, 3, 1, 0}, FileStamp{1, 9, 3, 1, 0}, FileStamp{1, 2, 9, 1, 0},
                                 FileStamp{1, 2, 3, 9, 0}, FileStamp{1, 2, 3, 1, 9}}) {
    Changes changes;
    changes.accepted({{"key", stamp(1)}});
    EXPECT_FALSE(changes.look({{"key", other}}));
    EXPECT_TRUE(changes.look({{"key", other}}));
  }
}

TEST(Changes, IncludeFilesThatGoAndCome) {
  Changes changes;
  changes.accepted({{"key", stamp(1)}});
  EXPECT_FALSE(changes.look({{"key", std::nullopt}}));
  EXPECT_TRUE(changes.look({{"key", std::nullopt}}));
  changes.refused({{"key", std::nullopt}});
  EXPECT_FALSE(changes.look({{"key", std::nullopt}}));
  EXPECT_FALSE(changes.look({{"key", stamp(1)}}));
  EXPECT_TRUE(changes.look({{"key", stamp(1)}}));
}

TEST(Changes, ThatComeToNothingAreForgotten) {
  Changes changes;
  changes.accepted({{"key", stamp(1)}});
  EXPECT_FALSE(changes.look({{"key", std::nullopt}}));
  EXPECT_FALSE(changes.look({{"key", stamp(1)}}));
  EXPECT_FALSE(changes.look({{"key", stamp(1)}}));
}

TEST(Changes, ThatWereRefusedAreNotTriedAgainUntilTheNext) {
  Changes changes;
  changes.accepted({{"key", stamp(1)}, {"certificate", stamp(1)}});
  const Stamps half = {{"key", stamp(1)}, {"certificate", stamp(2)}};
  EXPECT_FALSE(changes.look(half));
  EXPECT_TRUE(changes.look(half));
  changes.refused({});
  EXPECT_EQ(changes.files(), half) << "a load that got nowhere leaves everything watched";
  EXPECT_FALSE(changes.look(half));
  EXPECT_FALSE(changes.look({{"key", stamp(2)}, {"certificate", stamp(2)}}));
  EXPECT_TRUE(changes.look({{"key", stamp(2)}, {"certificate", stamp(2)}}));
}

TEST(Changes, BetweenTheReadingAndTheNextLookAreSeen) {
  Changes changes;
  changes.accepted({{"key", stamp(1)}});
  EXPECT_FALSE(changes.look({{"key", stamp(2)}}));
  EXPECT_TRUE(changes.look({{"key", stamp(2)}}));
}

}  // namespace
}  // namespace spillway::app
