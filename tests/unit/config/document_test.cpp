#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "fixture.hpp"

namespace spillway::config {
namespace {

using test::Lines;
using test::problems;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Document, IsLoadedWithDefaultsWhenItSaysTheLeast) {
  const Loaded loaded = test::load(test::minimal);
  EXPECT_EQ(test::lines(loaded.problems), Lines{});
  EXPECT_EQ(test::lines(loaded.warnings), Lines{});
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->listeners.at(0).address.text(), "127.0.0.1:8080");
  EXPECT_EQ(loaded.config->drain_timeout, Milliseconds(30'000));
  EXPECT_EQ(loaded.config->workers, std::nullopt);
  EXPECT_EQ(loaded.config->admin, std::nullopt);
}

TEST(Document, HasTheHashOfItsBytes) {
  EXPECT_EQ(test::load("").sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(test::load("abc").sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Document, MustNotBeEmpty) {
  const std::string empty = "f.yaml: the file is empty (a configuration needs at least listeners, backends and pools)";
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n", "~\n"})
    EXPECT_THAT(problems(text), ElementsAre(empty)) << text;
}

TEST(Document, MustBeAMap) {
  const std::string wrong = ": not a map (a configuration is a map with listeners, backends, pools and so on)";
  EXPECT_THAT(problems("- a\n- b\n"), ElementsAre("f.yaml:1:1" + wrong));
  EXPECT_THAT(problems("\n  text\n"), ElementsAre("f.yaml:2:3" + wrong));
}

TEST(Document, NamesEveryRequiredKeyThatIsMissing) {
  EXPECT_THAT(
      problems("workers: 2\n"),
      ElementsAre(
          "f.yaml:1:1: listeners: missing (list of listeners, 1 to 64)",
          "f.yaml:1:1: backends: missing (list of backends, 1 to 1000)",
          "f.yaml:1:1: pools: missing (list of pools, 1 to 1000)",
          "f.yaml:1:1: clients: nobody may call (list clients, or say allow_anonymous: true to serve everyone)"));
}

TEST(Document, SaysWhereItIsNoYaml) {
  EXPECT_THAT(problems("a: 1\n\tb: 2\n b: [1\n"), ElementsAre(HasSubstr("not valid YAML: ")));
  EXPECT_THAT(problems("a: b: c\n"), ElementsAre("f.yaml:1:5: not valid YAML: illegal map value"));
  EXPECT_THAT(problems("a: [1\nb: 2\n"), ElementsAre("f.yaml:2:2: not valid YAML: end of sequence flow not found"));
}

TEST(Document, ExplainsQuotesWhereAReferenceBreaksTheSyntax) {
  EXPECT_THAT(
      problems("a: [${X}, ${Y}]\n"),
      ElementsAre(
          "f.yaml:1:6: not valid YAML: end of sequence flow not found (put quotes around a value with ${...}, in [] "
          "and {} above all)"));
}

TEST(Document, DoesNotQuoteTheFileInSyntaxErrors) {
  for (const char* text :
       {"key: *s3cret\n", "key: @s3cret\n", "key: \"\\s3cret\"\n", "key: !s3cret x\n", "key: &s3cret\n  - *s3cret\n"}) {
    const Lines found = problems(text);
    ASSERT_EQ(found.size(), 1U) << text;
    EXPECT_THAT(found[0], testing::Not(HasSubstr("s3cret"))) << text;
  }
}

TEST(Document, IsOneDocument) {
  EXPECT_THAT(problems("a: 1\n---\nb: 2\n"),
              ElementsAre("f.yaml:2:1: a second document (a configuration is one document)"));
}

TEST(Document, IsTextWithoutControlCharacters) {
  EXPECT_THAT(problems(std::string("a: x\x04y\n")),
              ElementsAre("f.yaml:1:5: a control character (the file must be text in UTF-8)"));
  EXPECT_THAT(problems(std::string("a: 1\nb: \0\n", 10)),
              ElementsAre("f.yaml:2:4: a control character (the file must be text in UTF-8)"));
}

TEST(Document, MayBeginWithAByteOrderMarkAndEndLinesInWindowsFashion) {
  std::string text = "\xEF\xBB\xBF" + test::minimal;
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2)) text.insert(at, "\r");
  EXPECT_EQ(problems(text), Lines{});
}

TEST(Document, IsRefusedWhenNestedTooDeeply) {
  const auto nested = [](std::size_t depth) { return "a: " + std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_THAT(problems(nested(64)), ElementsAre("f.yaml:1:67: nested too deeply (at most 64 levels)"));
  EXPECT_THAT(problems(nested(63)), testing::Not(testing::Contains(HasSubstr("nested too deeply"))));
  for (const char* opening : {"[", "{", "- ", "? ", "a: [", "{a: ", "[{"}) {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += opening;
    EXPECT_THAT(problems(text), testing::SizeIs(1)) << opening;
  }
}

TEST(Document, IsRefusedWhenTooLarge) {
  EXPECT_THAT(problems(std::string((4U << 20) + 1, ' ')), ElementsAre("f.yaml: the file is too large (at most 4MiB)"));
}

TEST(Document, CannotGrowWithoutBoundThroughAliases) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j == 0 ? "*a" : ", *a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(problems(bomb), ElementsAre(HasSubstr("too many values (at most 200000, aliases included)")));
  EXPECT_THAT(problems("a: &x [*x]\n"), ElementsAre(HasSubstr("f.yaml:1:8: ")));
}

TEST(Document, MayUseAnchorsAndAliases) {
  const std::string yaml = test::listeners + test::anonymous +
                           "backends:\n"
                           "  - {name: one, url: 'https://one.example', auth: &auth {api_key: '${K}'}}\n"
                           "  - {name: two, url: 'https://two.example', auth: *auth}\n" +
                           test::pools;
  const Loaded loaded = test::load(yaml, {{"K", "key"}});
  EXPECT_EQ(test::lines(loaded.problems), Lines{});
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->backends.at(1).auth.api_key.reveal(), "key");
}

TEST(Document, CannotBeReadFromNowhere) {
  const Loaded loaded = load_file("/nonexistent/spillway.yaml", {}, Sources{test::environment({})});
  EXPECT_EQ(loaded.config, nullptr);
  EXPECT_THAT(test::lines(loaded.problems), ElementsAre("f.yaml: the file cannot be read: No such file or directory"));
  EXPECT_THAT(test::lines(load_file("/", {}, Sources{test::environment({})}).problems),
              ElementsAre("f.yaml: the file cannot be read: Is a directory"));
}

TEST(Document, IsReadFromAFile) {
  const std::string path = testing::TempDir() + "spillway_config_document_test.yaml";
  std::ofstream(path) << test::minimal;
  const Loaded loaded = load_file(path, {}, Sources{test::environment({})});
  std::remove(path.c_str());
  EXPECT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.sha256, test::load(test::minimal).sha256);
}

TEST(Files, ThatNeverEndAreRefused) {
  const Result<std::string> content = process_files()("/dev/zero");
  ASSERT_TRUE(content.has_error());
  EXPECT_EQ(content.error(), boost::system::errc::file_too_large);
}

}  // namespace
}  // namespace spillway::config
