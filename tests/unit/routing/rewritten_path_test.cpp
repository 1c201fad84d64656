#include <gtest/gtest.h>

#include <string>

#include "spillway/routing/router.hpp"

namespace spillway::routing {
namespace {

config::Route route(std::string path) {
  config::Route made;
  made.match.path = std::move(path);
  return made;
}

TEST(RewrittenPath, ReplacesTheMatchedPrefixWithOneSlashBetween) {
  struct Case {
    const char* match;
    const char* rewrite;
    const char* path;
    const char* expected;
  };
  for (const Case& given : {
           Case{"/routing", "/openai", "/routing", "/openai"},
           Case{"/routing", "/openai", "/routing/", "/openai/"},
           Case{"/routing", "/openai", "/routing/v1/x", "/openai/v1/x"},
           Case{"/routing/", "/openai", "/routing/v1/x", "/openai/v1/x"},
           Case{"/routing", "/openai/", "/routing/v1/x", "/openai/v1/x"},
           Case{"/routing", "/openai/", "/routing", "/openai"},
           Case{"/routing", "/", "/routing/v1/x", "/v1/x"},
           Case{"/routing", "/", "/routing", "/"},
           Case{"/routing", "", "/routing", "/"},
           Case{"", "/openai", "/v1/x", "/openai/v1/x"},
           Case{"/", "/openai", "/v1/x", "/openai/v1/x"},
           Case{"", "/openai", "/", "/openai/"},
           Case{"/a/b", "/c/d/e", "/a/b/f", "/c/d/e/f"},
           Case{"/a", "/b", "/a/a/a", "/b/a/a"},
       }) {
    config::Route made = route(given.match);
    made.rewrite_path = given.rewrite;
    EXPECT_EQ(Router::rewritten_path(made, given.path), given.expected)
        << given.match << " to " << given.rewrite << " in " << given.path;
  }
}

TEST(RewrittenPath, IsThePathItselfWithoutARewrite) {
  EXPECT_EQ(Router::rewritten_path(route("/openai"), "/openai/v1"), "/openai/v1");
}

}  // namespace
}  // namespace spillway::routing
