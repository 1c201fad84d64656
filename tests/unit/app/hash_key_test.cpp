#include "app/hash_key.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "spillway/base/text.hpp"
#include "spillway/config/client_key.hpp"

namespace spillway::app {
namespace {

struct Said {
  int code = 0;
  std::string out;
  std::string err;
};

Said hashed(const std::string& input, bool more_may_follow = false) {
  std::istringstream in(input);
  std::ostringstream out, err;
  const int code = hash_key(in, more_may_follow, out, err);
  return {code, out.str(), err.str()};
}

TEST(HashKey, PrintsTheHashOfOneLine) {
  for (const char* input : {"abc\n", "abc", "abc\r\n"}) {
    const Said said = hashed(input);
    EXPECT_EQ(said.code, 0);
    EXPECT_EQ(said.out, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n") << input;
    EXPECT_EQ(said.err, "");
  }
}

TEST(HashKey, RefusesWhatIsNoKeyWithoutShowingIt) {
  for (const char* input : {"", "\n", "\r\n", "ab c\n", "abc\ndef\n", "abc\n\n", "abc\x03\n", "abc\xc3\xa4\n"}) {
    const Said said = hashed(input);
    EXPECT_EQ(said.code, 1) << input;
    EXPECT_EQ(said.out, "");
    EXPECT_NE(said.err, "");
    EXPECT_EQ(said.err.find("abc"), std::string::npos);
  }
}

TEST(HashKey, DoesNotWaitForMoreOnATerminal) {
  EXPECT_EQ(hashed("abc\nlater\n", true).code, 0);
}

TEST(HashKey, MakesARandomKeyAndItsHash) {
  std::ostringstream out, again, err;
  ASSERT_EQ(generate_key(out, err), 0);
  ASSERT_EQ(generate_key(again, err), 0);
  EXPECT_NE(out.str(), again.str());
  const std::string text = out.str();
  ASSERT_EQ(text.substr(0, 5), "key: ");
  const std::string key = text.substr(5, text.find('\n') - 5);
  EXPECT_EQ(key.size(), 43U);
  EXPECT_EQ(key.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_EQ(text.substr(text.find('\n') + 1), "hash: sha256:" + to_hex(config::key_digest(key)) + "\n");
}

}  // namespace
}  // namespace spillway::app
