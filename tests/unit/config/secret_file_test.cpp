#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "fixture.hpp"

namespace spillway::config {
namespace {

namespace fs = std::filesystem;

// Files with a client's key in all the states in which they are found.
class SecretFile : public testing::Test {
 protected:
  SecretFile() {
    fs::create_directories(folder_);
    std::ofstream(config_) << test::listeners << test::backends << test::pools
                           << "clients: [{name: app, keys: ['${file:" << key_ << "}']}]\n";
  }
  ~SecretFile() override { fs::remove_all(folder_); }

  static void write(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
    fs::permissions(path, fs::perms(0600));
  }
  Loaded load() const { return load_file(config_, {}, Sources{test::environment({})}); }
  // The only problem there is, which shows nothing of the file.
  std::string refusal() const {
    const Loaded loaded = load();
    EXPECT_EQ(loaded.config, nullptr);
    EXPECT_EQ(loaded.problems.size(), 1U);
    const std::string text = testing::PrintToString(test::lines(loaded.problems));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("marker-of-")));
    EXPECT_LT(text.size(), 500U);
    return text;
  }

  const std::string folder_ =
      testing::TempDir() + "spillway_" + testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string key_ = folder_ + "/key";
  const std::string config_ = folder_ + "/spillway.yaml";
};

TEST_F(SecretFile, T10ThatIsMissingIsNamed) {
  EXPECT_THAT(refusal(), testing::HasSubstr(key_ + " cannot be read: No such file or directory"));
}

TEST_F(SecretFile, T10ThatIsEmptyHoldsNoKey) {
  write(key_, "");
  EXPECT_THAT(refusal(), testing::HasSubstr("every key is empty"));
  write(key_, "\r\n");
  EXPECT_THAT(refusal(), testing::HasSubstr("every key is empty"));
}

TEST_F(SecretFile, T10ThatIsAFolderIsRefused) {
  fs::create_directory(key_);
  EXPECT_THAT(refusal(), testing::HasSubstr(key_ + " cannot be read: Is a directory"));
}

TEST_F(SecretFile, T10LosesItsLineEnd) {
  for (const char* end : {"", "\n", "\r\n"}) {
    write(key_, std::string("marker-of-key") + end);
    const Loaded loaded = load();
    ASSERT_NE(loaded.config, nullptr);
    EXPECT_EQ(loaded.config->clients.at(0).keys.at(0).digest, key_digest("marker-of-key"));
    EXPECT_TRUE(loaded.warnings.empty());
  }
}

TEST_F(SecretFile, T10WithMoreLinesOrOtherBytesIsRefusedAndNotShown) {
  for (const std::string& content : {std::string("marker-of-one\nmarker-of-two\n"), std::string("marker-of-\xC3\xA4"),
                                     std::string("marker-of-\0", 11), std::string("marker-of-a key")}) {
    write(key_, content);
    EXPECT_THAT(refusal(), testing::HasSubstr("clients[0].keys[0]"));
  }
}

TEST_F(SecretFile, T10OfMoreThanAFileMayHoldIsRefused) {
  write(key_, std::string(5 << 20, 'k'));
  EXPECT_THAT(refusal(), testing::HasSubstr(key_ + " cannot be read: File too large"));
}

TEST_F(SecretFile, T10BehindALinkIsJudgedByWhatTheLinkPointsAt) {
  const std::string real = folder_ + "/real";
  write(real, "marker-of-key");
  fs::create_symlink(real, key_);
  EXPECT_TRUE(load().warnings.empty());
  fs::permissions(real, fs::perms(0644));
  const Loaded loaded = load();
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_THAT(testing::PrintToString(test::lines(loaded.warnings)),
              testing::AllOf(testing::HasSubstr("others may read it: mode 0644 (chmod 600)"),
                             testing::Not(testing::HasSubstr("marker-of-"))));
}

}  // namespace
}  // namespace spillway::config
