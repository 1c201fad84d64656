#include "config/file_modes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "fixture.hpp"

namespace spillway::config {
namespace {

TEST(FileModes, T10AreInOrderWhenOnlyRootTheUserAndTheGroupMayRead) {
  for (const std::uint32_t bits : {0600U, 0400U, 0440U, 0640U, 0700U}) {
    EXPECT_EQ(exposure("f", {0, bits}, 65532), "") << bits;
    EXPECT_EQ(exposure("f", {65532, bits}, 65532), "") << bits;
  }
}

TEST(FileModes, T10SayWhatToDo) {
  EXPECT_EQ(exposure("f", {0, 0644}, 7), "f holds a secret, but others may read it: mode 0644 (chmod 600)");
  EXPECT_EQ(exposure("f", {0, 0620}, 7), "f holds a secret, but others may change it: mode 0620 (chmod 600)");
  EXPECT_EQ(exposure("f", {0, 0602}, 7), "f holds a secret, but others may change it: mode 0602 (chmod 600)");
  EXPECT_EQ(exposure("f", {7, 0666}, 7), "f holds a secret, but others may read and change it: mode 0666 (chmod 600)");
  EXPECT_EQ(exposure("f", {8, 0600}, 7),
            "f holds a secret, but it belongs to user 8 (chown it to root or to user 7, who reads it)");
  EXPECT_EQ(
      exposure("f", {8, 0604}, 7),
      "f holds a secret, but others may read it: mode 0604 (chmod 600); it belongs to user 8 (chown it to root or "
      "to user 7, who reads it)");
}

TEST(UsedFiles, AreListedOnceAndSecretWhenAnyUseIs) {
  const std::string yaml = test::listeners + test::backends + test::pools +
                           "clients: [{name: app, keys: ['${file:/key}', 'a${file:/other}', '${file:/key}']}]\n";
  const Loaded loaded = test::load(yaml, {}, {{"/key", "one"}, {"/other", "two"}});
  ASSERT_NE(loaded.config, nullptr);
  ASSERT_EQ(loaded.files.size(), 2U);
  EXPECT_EQ(loaded.files[0].path, "/key");
  EXPECT_TRUE(loaded.files[0].secret);
  EXPECT_EQ(loaded.files[1].path, "/other");
}

TEST(UsedFiles, IncludeThoseThatCannotBeRead) {
  const Loaded loaded = test::load("clients: [{name: app, keys: ['${file:/none}']}]\n");
  EXPECT_EQ(loaded.config, nullptr);
  ASSERT_EQ(loaded.files.size(), 1U);
  EXPECT_EQ(loaded.files[0].path, "/none");
}

TEST(UsedFiles, T10AreWarnedAboutWhenOthersMayReadThem) {
  const std::string folder = testing::TempDir();
  const std::string key = folder + "spillway_used_files_key";
  const std::string config = folder + "spillway_used_files.yaml";
  std::ofstream(key) << "a-key";
  std::ofstream(config) << test::listeners << test::backends << test::pools
                        << "clients: [{name: app, keys: ['${file:" << key << "}']}]\n";
  std::filesystem::permissions(key, std::filesystem::perms(0644));
  EXPECT_THAT(test::lines(load_file(config, {}, Sources{test::environment({})}).warnings),
              testing::ElementsAre("f.yaml:4:30: clients[0].keys[0]: the file " + key +
                                   " holds a secret, but others may read it: mode 0644 (chmod 600)"));
  std::filesystem::permissions(key, std::filesystem::perms(0600));
  EXPECT_THAT(test::lines(load_file(config, {}, Sources{test::environment({})}).warnings), testing::ElementsAre());
  std::filesystem::remove(key);
  std::filesystem::remove(config);
}

}  // namespace
}  // namespace spillway::config
