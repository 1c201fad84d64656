#include "spillway/net/resolver.hpp"

#include <condition_variable>
#include <map>
#include <mutex>

#include "loop_fixture.hpp"

namespace spillway::net {
namespace {

asio::ip::tcp::endpoint at(const char* address, std::uint16_t port) {
  return {asio::ip::make_address(address), port};
}

// A name server that says what the test wants, and counts.
struct NameServer {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, std::vector<std::string>> names;  // unknown ones do not exist
  std::map<std::string, int> asked;
  bool silent = false;   // says nothing to questions for `silent`
  int kept_waiting = 0;  // questions that have no answer yet

  static NameServer& one() {
    // Never destroyed: a look-up that was not waited for may still be on its thread when the process ends.
    static NameServer* const instance = new NameServer;
    return *instance;
  }
  static Result<Addresses> lookup(const std::string& host, std::uint16_t port) {
    NameServer& server = one();
    std::unique_lock lock(server.mutex);
    ++server.asked[host];
    server.changed.notify_all();
    if (host == "silent") {
      ++server.kept_waiting;
      server.changed.wait(lock, [&] { return !server.silent; });
      --server.kept_waiting;
    }
    const auto found = server.names.find(host);
    if (found == server.names.end()) return ErrorCode(Errc::name_not_found);
    Addresses addresses;
    for (const std::string& address : found->second) addresses.push_back(at(address.c_str(), port));
    return addresses;
  }
  void set(const std::string& name, const std::vector<std::string>& addresses) {
    const std::lock_guard lock(mutex);
    names[name] = addresses;
  }
  void forget(const std::string& name) {
    const std::lock_guard lock(mutex);
    names.erase(name);
  }
  void speak(bool again) {
    const std::lock_guard lock(mutex);
    silent = !again;
    changed.notify_all();
  }
  int times(const std::string& name) {
    const std::lock_guard lock(mutex);
    return asked[name];
  }
  void wait_for(const std::string& name, int count) {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return asked[name] >= count; }));
  }
  bool keeps_waiting() {
    const std::lock_guard lock(mutex);
    return silent && kept_waiting > 0;
  }
};

class Resolving : public LoopTest {
 protected:
  struct Answer {
    bool ended = false;
    ErrorCode error;
    Addresses addresses;
  };

  Resolving() {
    NameServer& server = NameServer::one();
    const std::lock_guard lock(server.mutex);
    server.names.clear();
    server.asked.clear();
    server.silent = false;
  }
  ~Resolving() override { NameServer::one().speak(true); }

  awaitable<void> ask(Resolver& resolver, std::string host, TimePoint deadline, CancelSlot& slot, Answer& answer) {
    const Result<std::shared_ptr<const Addresses>> result = co_await resolver.resolve(loop_, host, 443, deadline, slot);
    if (result)
      answer.addresses = **result;
    else
      answer.error = result.error();
    answer.ended = true;
  }
  Answer resolve(Resolver& resolver, const std::string& host, TimePoint deadline = no_deadline) {
    Answer answer;
    CancelSlot slot;
    run(ask(resolver, host, deadline, slot, answer));
    return answer;
  }

  NameServer& server_ = NameServer::one();
};

TEST_F(Resolving, ALiteralAddressNeedsNoNameServer) {
  Resolver resolver(NameServer::lookup);
  EXPECT_EQ(resolve(resolver, "192.0.2.7").addresses, Addresses({at("192.0.2.7", 443)}));
  EXPECT_EQ(resolve(resolver, "2001:db8::1").addresses, Addresses({at("2001:db8::1", 443)}));
  EXPECT_TRUE(server_.asked.empty());
}

TEST_F(Resolving, ANameIsAskedForOnceAndRemembered) {
  server_.set("one", {"192.0.2.1", "2001:db8::1"});
  Resolver resolver(NameServer::lookup);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(resolve(resolver, "one").addresses, Addresses({at("192.0.2.1", 443), at("2001:db8::1", 443)}));
  }
  EXPECT_EQ(server_.times("one"), 1);
}

TEST_F(Resolving, APrefetchedNameIsThereForTheFirstRequest) {
  server_.set("one", {"192.0.2.1"});
  Resolver resolver(NameServer::lookup);
  resolver.prefetch("one", 443);
  EXPECT_EQ(resolve(resolver, "one").addresses.size(), 1U);
  EXPECT_EQ(server_.times("one"), 1);
}

TEST_F(Resolving, ThoseWhoWaitForTheSameNameShareOneLookup) {
  server_.set("silent", {"192.0.2.1"});
  server_.speak(false);
  Resolver resolver(NameServer::lookup);
  CancelSlot slot;
  std::vector<Answer> answers(10);
  for (Answer& answer : answers) spawn(ask(resolver, "silent", no_deadline, slot, answer), [] {});
  settle();
  server_.wait_for("silent", 1);
  server_.speak(true);
  for (const Answer& answer : answers) {
    run_until([&] { return answer.ended; });
    EXPECT_EQ(answer.addresses.size(), 1U);
  }
  EXPECT_EQ(server_.times("silent"), 1);
}

TEST_F(Resolving, U05ASilentNameServerHoldsUpNobodyElse) {
  server_.set("one", {"192.0.2.1"});
  server_.speak(false);
  Resolver resolver(NameServer::lookup);
  CancelSlot slot;
  Answer silent;
  spawn(ask(resolver, "silent", no_deadline, slot, silent), [] {});
  settle();
  server_.wait_for("silent", 1);
  EXPECT_EQ(resolve(resolver, "one").addresses.size(), 1U);
  EXPECT_FALSE(silent.ended);
  slot.cancel();
  run_until([&] { return silent.ended; });
  EXPECT_EQ(silent.error, Errc::cancelled);
}

TEST_F(Resolving, TheWaitEndsAtItsDeadline) {
  server_.speak(false);
  Resolver resolver(NameServer::lookup);
  EXPECT_EQ(resolve(resolver, "silent", in(2)).error, Errc::timeout);
}

TEST_F(Resolving, ACancelledRequestDoesNotAsk) {
  Resolver resolver(NameServer::lookup);
  CancelSlot slot;
  slot.cancel();
  Answer answer;
  run(ask(resolver, "one", no_deadline, slot, answer));
  EXPECT_EQ(answer.error, Errc::cancelled);
}

TEST_F(Resolving, U04ANameThatDoesNotExistIsNotAskedForAgainAtOnceButLater) {
  Resolver resolver(NameServer::lookup);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(resolve(resolver, "later").error, Errc::name_not_found);
  EXPECT_LE(server_.times("later"), 2);
  server_.set("later", {"192.0.2.9"});
  Answer answer;
  run_until([&] {
    answer = resolve(resolver, "later");
    return !answer.error;
  });
  EXPECT_EQ(answer.addresses, Addresses({at("192.0.2.9", 443)}));
}

TEST_F(Resolving, U06AnOldAnswerIsUsedWhileItIsRefreshed) {
  server_.set("one", {"192.0.2.1"});
  Resolver resolver(NameServer::lookup, Milliseconds(0));
  EXPECT_EQ(resolve(resolver, "one").addresses, Addresses({at("192.0.2.1", 443)}));
  server_.set("one", {"192.0.2.2"});
  run_until([&] { return resolve(resolver, "one").addresses == Addresses({at("192.0.2.2", 443)}); });
}

TEST_F(Resolving, U06AnAddressIsLeftWhenTwoAnswersInARowDoWithoutIt) {
  const auto old = at("192.0.2.1", 443);
  server_.set("one", {"192.0.2.1", "192.0.2.2"});
  Resolver resolver(NameServer::lookup, Milliseconds(0));
  EXPECT_FALSE(resolver.has_left("one", 443, old)) << "nothing is known of it";
  resolve(resolver, "one");
  server_.set("one", {"192.0.2.2"});
  // Each answer is in before the next question goes out.
  const auto answers = [&](const std::vector<std::string>& addresses) {
    server_.set("one", addresses);
    const int before = server_.times("one");
    run_until(
        [&] { return resolve(resolver, "one").addresses.size() == addresses.size() && server_.times("one") > before; });
  };
  run_until([&] {
    resolve(resolver, "one");
    return resolver.has_left("one", 443, old);
  });
  EXPECT_FALSE(resolver.has_left("one", 443, at("192.0.2.2", 443)));
  answers({"192.0.2.1", "192.0.2.2", "192.0.2.3"});
  EXPECT_FALSE(resolver.has_left("one", 443, old)) << "it has come back";
  EXPECT_FALSE(resolver.has_left("192.0.2.9", 443, at("192.0.2.9", 443)));
}

TEST_F(Resolving, U05TheLastGoodAnswerIsKeptWhileTheNameServerIsSilent) {
  server_.set("silent", {"192.0.2.1"});
  Resolver resolver(NameServer::lookup, Milliseconds(0));
  EXPECT_EQ(resolve(resolver, "silent").addresses.size(), 1U);
  server_.speak(false);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(resolve(resolver, "silent").addresses.size(), 1U);
  run_until([&] { return resolve(resolver, "silent").addresses.size() == 1 && server_.keeps_waiting(); });
  EXPECT_EQ(resolve(resolver, "silent").addresses, Addresses({at("192.0.2.1", 443)}));
  server_.speak(true);
}

TEST_F(Resolving, U05TheLastGoodAnswerIsKeptWhenTheNameServerFails) {
  server_.set("one", {"192.0.2.1"});
  Resolver resolver(NameServer::lookup, Milliseconds(0));
  EXPECT_EQ(resolve(resolver, "one").addresses.size(), 1U);
  server_.forget("one");
  const int before = server_.times("one");
  run_until([&] { return resolve(resolver, "one").addresses.size() == 1 && server_.times("one") > before; });
  EXPECT_EQ(resolve(resolver, "one").addresses, Addresses({at("192.0.2.1", 443)}));
}

TEST_F(Resolving, AResolverMayDieWhileALookupIsUnderWay) {
  server_.speak(false);
  {
    Resolver resolver(NameServer::lookup);
    resolver.prefetch("silent", 443);
    server_.wait_for("silent", 1);
  }
  server_.speak(true);
}

TEST_F(Resolving, TheSystemKnowsLocalhost) {
  Resolver resolver;
  const Answer answer = resolve(resolver, "localhost");
  EXPECT_FALSE(answer.error);
  for (const auto& address : answer.addresses) EXPECT_TRUE(address.address().is_loopback());
}

}  // namespace
}  // namespace spillway::net
