#include "lab/collections.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/json.hpp"

namespace spillway::lab {
namespace {

TEST(Collections, APathLeadsToACollectionOrAnObject) {
  const auto list = find_place("GET", "threads/thread_1/messages");
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->collection->path, "threads/*/messages");
  EXPECT_EQ(list->parent, "threads/thread_1");
  EXPECT_EQ(list->base, "threads/thread_1/messages");
  EXPECT_EQ(list->id, "");

  const auto one = find_place("DELETE", "threads/thread%5F1/messages/msg_1");
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->path(), "threads/thread_1/messages/msg_1");

  const auto deep = find_place("GET", "threads/thread_1/runs/run_1/steps/step_1");
  ASSERT_TRUE(deep.has_value());
  EXPECT_EQ(deep->parent, "threads/thread_1/runs/run_1");
}

TEST(Collections, ANameOfTwoWordsIsOneCollection) {
  EXPECT_EQ(find_place("POST", "fine_tuning/jobs")->parent, "");
  EXPECT_EQ(find_place("GET", "fine_tuning/jobs/ftjob-1/events")->parent, "fine_tuning/jobs/ftjob-1");
  EXPECT_EQ(find_place("POST", "threads/runs")->collection->path, "threads/runs");
}

TEST(Collections, AnActionIsTakenOnlyWithItsMethod) {
  ASSERT_TRUE(find_place("POST", "batches/batch_1/cancel").has_value());
  EXPECT_EQ(find_place("POST", "batches/batch_1/cancel")->action->name, "cancel");
  EXPECT_FALSE(find_place("GET", "batches/batch_1/cancel").has_value());
  EXPECT_EQ(find_place("GET", "vector_stores/vs_1/files")->action, nullptr) << "a collection before it is an action";
}

TEST(Collections, EverythingElseLeadsNowhere) {
  for (const char* path :
       {"", "nothing", "files/", "/files", "files//x", "files/a/b/c", "threads/x/y/z", "files/%zz"}) {
    EXPECT_FALSE(find_place("GET", path).has_value()) << path;
  }
  EXPECT_FALSE(find_place("PUT", "files").has_value());
  EXPECT_FALSE(find_place("DELETE", "files").has_value());
}

TEST(Collections, EveryReferenceNamesACollectionAtTheTop) {
  const auto check = [](const std::vector<Reference>& references) {
    for (const Reference& reference : references) {
      EXPECT_EQ(collection(reference.collection).path.find('*'), std::string_view::npos) << reference.field;
      EXPECT_FALSE(collection(reference.collection).missing.empty()) << reference.collection;
    }
  };
  check(response_references());
  for (const Collection& one : collections()) {
    check(one.references);
    EXPECT_TRUE(one.members.empty() || parse_json(one.members)) << one.path;
  }
}

TEST(Collections, IdsAreFoundWhereverTheyStand) {
  const Json body = *parse_json(R"({"file_id":"a","file_ids":["b","c",7],"tools":[{"container":"d"},
      {"container":{"file_ids":["e"]}},null],"conversation":{"id":"f"},"deep":{"er":{"ids":["g"]}}})");
  using Names = std::vector<std::string>;
  EXPECT_EQ(named_in(body, "file_id"), Names{"a"});
  EXPECT_EQ(named_in(body, "file_ids[]"), (Names{"b", "c"}));
  EXPECT_EQ(named_in(body, "tools[].container"), Names{"d"});
  EXPECT_EQ(named_in(body, "tools[].container.file_ids[]"), Names{"e"});
  EXPECT_EQ(named_in(body, "conversation.id"), Names{"f"});
  EXPECT_EQ(named_in(body, "conversation"), Names{});
  EXPECT_EQ(named_in(body, "deep.er.ids[]"), Names{"g"});
  EXPECT_EQ(named_in(body, "file_id[]"), Names{});
  EXPECT_EQ(named_in(Json(), "file_id"), Names{});
}

}  // namespace
}  // namespace spillway::lab
