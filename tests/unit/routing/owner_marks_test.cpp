#include "spillway/routing/owner_marks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "spillway/config/load.hpp"

namespace spillway::routing {
namespace {

const std::string base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const std::string current = "current-secret-0123456789";
const std::string former = "former-secret-0123456789";

std::shared_ptr<const config::Config> load(const std::string& backends, const std::string& secrets = "") {
  std::string yaml = "listeners: [{address: '127.0.0.1:0'}]\nallow_anonymous: true\nbackends: [";
  std::string members;
  for (std::size_t at = 0; at < backends.size(); at = std::min(backends.find(',', at), backends.size()) + 1) {
    const std::string name = backends.substr(at, std::min(backends.find(',', at), backends.size()) - at);
    yaml += "{name: " + name + ", url: 'https://" + name + ".example'}, ";
    members += "{backend: " + name + "}, ";
  }
  yaml += "]\npools: [{name: chat, members: [" + members + "]}, {name: other, members: [" + members +
          "]}]\nroutes: [{name: all, pool: chat}]\n";
  if (!secrets.empty()) yaml += "affinity_secrets: [" + secrets + "]\n";
  config::Sources nothing;
  nothing.environment = [](const std::string&) { return std::optional<std::string>(); };
  nothing.files = [](const std::string&) -> Result<std::string> {
    return make_error_code(boost::system::errc::no_such_file_or_directory);
  };
  const config::Loaded loaded = config::load_text(yaml, nothing);
  EXPECT_NE(loaded.config, nullptr);
  return loaded.config;
}

// What a gateway with this configuration does.
struct Gateway {
  std::shared_ptr<const config::Config> config;
  OwnerMarks marks;

  explicit Gateway(const std::string& backends, const std::string& secrets = "")
      : config(load(backends, secrets)), marks(*config) {}

  std::size_t backend(const std::string& name) const {
    for (std::size_t at = 0; at < config->backends.size(); ++at)
      if (config->backends[at].name == name) return at;
    ADD_FAILURE() << name;
    return 0;
  }
  std::string marked(const std::string& id, const std::string& name) const {
    const OwnerMarks::Mark mark = marks.mark(id, backend(name));
    return id + std::string(mark.data(), mark.size());
  }
  // The backend's name and the id, or nothing.
  std::string opened(const std::string& text) const {
    const auto owned = marks.open(text);
    return owned ? config->backends.at(owned->backend).name + " " + std::string(owned->id) : "";
  }
};

TEST(OwnerMarks, LeadBackToTheBackendThatMadeTheId) {
  const Gateway gateway("east,west,north");
  for (const char* name : {"east", "west", "north"})
    EXPECT_EQ(gateway.opened(gateway.marked("resp_123", name)), std::string(name) + " resp_123");
}

TEST(OwnerMarks, AreTheSameOnEveryGatewayWithTheSameSecretsAndNames) {
  for (const std::string& secrets : {std::string(), current}) {
    const Gateway one("east,west,north", secrets);
    const Gateway two("north,south,west,east", secrets);
    for (const char* name : {"east", "west", "north"}) {
      EXPECT_EQ(one.marked("conv_9", name), two.marked("conv_9", name));
      EXPECT_EQ(two.opened(one.marked("conv_9", name)), std::string(name) + " conv_9");
    }
    EXPECT_EQ(one.opened(two.marked("conv_9", "south")), "");
  }
}

// Ids handed out by one release must open in the next.
TEST(OwnerMarks, NeverChange) {
  EXPECT_EQ(Gateway("east").marked("resp_123", "east"), "resp_123_spwEO4wAkOMjnzrK4ka");
  EXPECT_EQ(Gateway("east", current).marked("resp_123", "east"), "resp_123_spw4mIwg8w4AnwwkJRe");
}

TEST(OwnerMarks, AreTheIdTheSignAndSixteenCharactersThatNeedNoEscape) {
  const Gateway gateway("east,west");
  const std::string marked = gateway.marked("file-1", "east");
  ASSERT_EQ(marked.size(), 6 + OwnerMarks::mark_size);
  EXPECT_EQ(marked.substr(0, 10), "file-1_spw");
  EXPECT_EQ(marked.substr(10).find_first_not_of(base64url), std::string::npos);
  EXPECT_NE(gateway.marked("file-1", "west"), marked);
  EXPECT_NE(gateway.marked("file-2", "east").substr(10), marked.substr(10));
}

TEST(OwnerMarks, OpenWithAFormerSecretToo) {
  const Gateway before("east,west", former);
  const Gateway after("east,west", current + ", " + former);
  const Gateway later("east,west", current);
  const std::string old = before.marked("resp_1", "west");
  EXPECT_EQ(after.opened(old), "west resp_1");
  EXPECT_EQ(later.opened(old), "");
  EXPECT_EQ(later.opened(after.marked("resp_1", "west")), "west resp_1");
}

TEST(OwnerMarks, DoNotOpenWithAnotherSecret) {
  EXPECT_EQ(Gateway("east", current).opened(Gateway("east").marked("resp_1", "east")), "");
  EXPECT_EQ(Gateway("east").opened(Gateway("east", current).marked("resp_1", "east")), "");
}

TEST(OwnerMarks, DoNotOpenForAnotherId) {
  const Gateway gateway("east,west");
  const std::string mark = gateway.marked("resp_1", "east").substr(6);
  for (const char* id : {"resp_2", "resp_11", "resp_", "esp_1", "Resp_1"}) EXPECT_EQ(gateway.opened(id + mark), "");
}

// Where the name ends and the id begins matters.
TEST(OwnerMarks, KeepTheNameAndTheIdApart) {
  const Gateway gateway("ab,a");
  const std::string mark = gateway.marked("c", "ab").substr(1);
  EXPECT_EQ(gateway.opened("bc" + mark), "");
}

TEST(OwnerMarks, DoNotOpenWhenAnyCharacterIsAnother) {
  const Gateway gateway("east,west");
  const std::string marked = gateway.marked("resp_1", "east");
  for (std::size_t at = 0; at < marked.size(); ++at) {
    std::string forged = marked;
    forged[at] = forged[at] == 'x' ? 'y' : 'x';
    EXPECT_EQ(gateway.opened(forged), "") << at;
    EXPECT_EQ(gateway.opened(marked.substr(0, at)), "") << at;
  }
  EXPECT_EQ(gateway.opened(marked + "A"), "");
  EXPECT_EQ(gateway.opened(marked + marked.substr(6)), "");
  EXPECT_EQ(gateway.opened(""), "");
  EXPECT_EQ(gateway.opened(marked.substr(6)), "");  // no id
}

TEST(OwnerMarks, ExistForIdsOfABoundedSize) {
  const Gateway gateway("east");
  const std::string longest(OwnerMarks::max_id_size, 'i');
  EXPECT_EQ(gateway.opened(gateway.marked(longest, "east")), "east " + longest);
  EXPECT_EQ(gateway.opened(gateway.marked(longest + "i", "east")), "");
  EXPECT_FALSE(OwnerMarks::looks_marked(gateway.marked(longest + "i", "east")));
}

// A gateway behind a gateway: each takes off its own.
TEST(OwnerMarks, StandBehindMarksOfOthers) {
  const Gateway inner("a,b", former);
  const Gateway outer("inner", current);
  const std::string both = outer.marked(inner.marked("resp_1", "b"), "inner");
  const auto owned = outer.marks.open(both);
  ASSERT_TRUE(owned);
  EXPECT_EQ(inner.opened(std::string(owned->id)), "b resp_1");
}

TEST(OwnerMarks, AreToldByTheirForm) {
  EXPECT_TRUE(OwnerMarks::looks_marked("x_spwABCDEFGHabcdef-_"));
  EXPECT_FALSE(OwnerMarks::looks_marked("_spwABCDEFGHabcdef-_"));
  EXPECT_FALSE(OwnerMarks::looks_marked("x_spwABCDEFGHabcdef-="));
  EXPECT_FALSE(OwnerMarks::looks_marked("x_spvABCDEFGHabcdef-_"));
  EXPECT_FALSE(OwnerMarks::looks_marked("resp_0123456789abcdef0123456789"));
}

TEST(SessionCookie, NamesItsMember) {
  const Gateway gateway("east,west,north");
  for (std::size_t member = 0; member < 3; ++member)
    for (const std::uint64_t nonce : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}})
      EXPECT_EQ(gateway.marks.open_cookie(gateway.marks.cookie(0, member, nonce), 0), member);
}

TEST(SessionCookie, OpensOnEveryGatewayWithTheSameSecretsAndNames) {
  const Gateway one("east,west,north", former);
  const Gateway two("north,east", current + ", " + former);
  EXPECT_EQ(two.marks.open_cookie(one.marks.cookie(0, 0, 7), 0), 1U);
  EXPECT_EQ(two.marks.open_cookie(one.marks.cookie(0, 2, 7), 0), 0U);
  EXPECT_EQ(two.marks.open_cookie(one.marks.cookie(0, 1, 7), 0), std::nullopt);
  EXPECT_EQ(Gateway("north,east", current).marks.open_cookie(one.marks.cookie(0, 0, 7), 0), std::nullopt);
}

TEST(SessionCookie, IsOfItsPoolOnly) {
  const Gateway gateway("east,west");
  const std::string cookie = gateway.marks.cookie(0, 1, 5);
  EXPECT_EQ(gateway.marks.open_cookie(cookie, 1), std::nullopt);
  EXPECT_EQ(gateway.marks.open_cookie(gateway.marks.cookie(1, 1, 5), 1), 1U);
}

TEST(SessionCookie, IsThirtyTwoCharactersAndDifferentForEachNonce) {
  const Gateway gateway("east,west");
  std::set<std::string> seen;
  std::set<std::string> proofs;
  for (std::uint64_t nonce = 0; nonce < 50; ++nonce) {
    const std::string cookie = gateway.marks.cookie(0, 0, nonce << 48U | nonce);
    EXPECT_EQ(cookie.size(), 32U);
    EXPECT_EQ(cookie.find_first_not_of(base64url), std::string::npos);
    seen.insert(cookie);
    proofs.insert(cookie.substr(12));
  }
  EXPECT_EQ(seen.size(), 50U);
  EXPECT_EQ(proofs.size(), 50U);
}

TEST(SessionCookie, DoesNotOpenWhenAnyCharacterIsAnother) {
  const Gateway gateway("east,west");
  const std::string cookie = gateway.marks.cookie(0, 1, 5);
  for (std::size_t at = 0; at < cookie.size(); ++at) {
    std::string forged = cookie;
    forged[at] = forged[at] == 'x' ? 'y' : 'x';
    EXPECT_EQ(gateway.marks.open_cookie(forged, 0), std::nullopt) << at;
    EXPECT_EQ(gateway.marks.open_cookie(cookie.substr(0, at), 0), std::nullopt) << at;
  }
  EXPECT_EQ(gateway.marks.open_cookie(cookie + "A", 0), std::nullopt);
  EXPECT_EQ(gateway.marks.open_cookie(std::string(32, '='), 0), std::nullopt);
}

TEST(SessionCookie, IsNoMarkAndNoMarkIsACookie) {
  const Gateway gateway("east");
  EXPECT_EQ(gateway.opened("x_spw" + gateway.marks.cookie(0, 0, 1).substr(16)), "");
  EXPECT_EQ(gateway.marks.open_cookie(gateway.marked("resp_1234567", "east"), 0), std::nullopt);
}

TEST(OwnerMarks, RevealNoName) {
  const Gateway gateway("eastus-ptu");
  EXPECT_THAT(gateway.marked("resp_1", "eastus-ptu"), testing::Not(testing::HasSubstr("eastus")));
  EXPECT_THAT(gateway.marks.cookie(0, 0, 1), testing::Not(testing::HasSubstr("eastus")));
}

}  // namespace
}  // namespace spillway::routing
