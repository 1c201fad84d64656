#include <atomic>
#include <thread>

#include "pair.hpp"
#include "spillway/net/connection.hpp"

namespace spillway::net {
namespace {

std::uint16_t good_port = 0;
std::uint16_t dead_port = 0;
Result<Addresses> first_dead(const std::string&, std::uint16_t) {
  const auto loopback = asio::ip::address_v4::loopback();
  Addresses addresses;
  addresses.emplace_back(loopback, dead_port);
  addresses.emplace_back(loopback, good_port);
  return addresses;
}

// A name that moves.
std::atomic<std::uint16_t> current_port = 0;
Result<Addresses> moving(const std::string&, std::uint16_t) {
  Addresses addresses;
  addresses.emplace_back(asio::ip::address_v4::loopback(), current_port);
  return addresses;
}

class Cache : public StreamTest {
 protected:
  static constexpr Milliseconds long_idle{3'600'000};

  std::shared_ptr<Endpoint> endpoint(std::uint32_t max_connections = 10) {
    return std::make_shared<Endpoint>("127.0.0.1", listening_.port(), nullptr, max_connections);
  }
  struct Dialled {
    bool ended = false;
    bool connected = false;
    Connection connection;
    DialFailure failure;
  };
  awaitable<void> dial_into(ConnectionCache& cache, std::shared_ptr<Endpoint> to, TimePoint deadline, Dialled& out) {
    const bool connected = co_await cache.dial(std::move(to), deadline, slot_, out.connection, out.failure);
    out.connected = connected;
    out.ended = true;
  }
  Connection dial(const std::shared_ptr<Endpoint>& to) { return dial(cache_, to); }
  Connection dial(ConnectionCache& cache, const std::shared_ptr<Endpoint>& to) {
    Dialled out;
    run(dial_into(cache, to, in(20'000), out));
    EXPECT_TRUE(out.connected) << out.failure.error.message();
    return std::move(out.connection);
  }

  Resolver resolver_;
  CancelSlot slot_;
  ConnectionCache cache_{loop_, resolver_, long_idle, [](const std::shared_ptr<Endpoint>&) {}};
};

TEST_F(Cache, AKeptConnectionIsTakenAgainAndTheNewestFirst) {
  const auto to = endpoint();
  Connection first = dial(to);
  Connection second = dial(to);
  EXPECT_FALSE(first.reused);
  const Stream* const newest = second.stream.get();
  cache_.put(to, std::move(first));
  cache_.put(to, std::move(second));
  EXPECT_EQ(to->idle_connections(), 2U);
  Connection taken;
  ASSERT_TRUE(cache_.take(to, taken));
  EXPECT_EQ(taken.stream.get(), newest);
  EXPECT_TRUE(taken.reused);
  EXPECT_EQ(to->idle_connections(), 1U);
  EXPECT_EQ(to->open_connections(), 2U);
}

TEST_F(Cache, ThereIsNothingToTakeForAnotherEndpoint) {
  const auto to = endpoint();
  cache_.put(to, dial(to));
  Connection taken;
  EXPECT_FALSE(cache_.take(endpoint(), taken));
}

TEST_F(Cache, AConnectionWithUnreadBytesIsNotKept) {
  const auto to = endpoint();
  Connection connection = dial(to);
  test::Socket peer = listening_.accept();
  peer.send("HTTP/1.1 200 OK\r\n");
  Notice notice;
  connection.stream->watch(notice);
  run_until([&] { return notice.times != 0; });
  cache_.put(to, std::move(connection));
  EXPECT_EQ(to->open_connections(), 0U);
}

TEST_F(Cache, AnIdleConnectionThatStirsIsClosed) {
  const auto to = endpoint();
  cache_.put(to, dial(to));
  test::Socket talking = listening_.accept();
  talking.send("x");
  run_until([&] { return to->open_connections() == 0; });
  cache_.put(to, dial(to));
  test::Socket leaving = listening_.accept();
  leaving.close();
  run_until([&] { return to->open_connections() == 0; });
}

TEST_F(Cache, BytesThatCameUnnoticedAreFoundWhenTheConnectionIsTaken) {
  const auto to = endpoint();
  ConnectionCache wary(loop_, resolver_, long_idle, [](const std::shared_ptr<Endpoint>&) {}, Milliseconds(0));
  wary.put(to, dial(to));
  test::Socket peer = listening_.accept();
  peer.send("x");
  Connection taken;
  // The loop is not run in between.
  EXPECT_FALSE(wary.take(to, taken));
  EXPECT_EQ(to->open_connections(), 0U);
}

TEST_F(Cache, IdleConnectionsAreClosedWhenTheyHaveBeenIdleLongEnough) {
  ConnectionCache brief(loop_, resolver_, Milliseconds(2), [](const std::shared_ptr<Endpoint>&) {});
  const auto to = endpoint();
  for (int round = 0; round < 3; ++round) {
    brief.put(to, dial(to));
    run_until([&] { return to->open_connections() == 0; });
  }
}

TEST_F(Cache, TheLimitIsNeverPassed) {
  const auto to = endpoint(2);
  const Connection first = dial(to);
  const Connection second = dial(to);
  Dialled third;
  run(dial_into(cache_, to, in(5), third));
  EXPECT_FALSE(third.connected);
  EXPECT_EQ(third.failure.error, Errc::no_connection_slot);
  EXPECT_EQ(to->open_connections(), 2U);
}

TEST_F(Cache, WhoWaitsForASlotGetsTheNextFreeOne) {
  const auto to = endpoint(1);
  Connection first = dial(to);
  Dialled waiting;
  Dialled behind;
  spawn(dial_into(cache_, to, no_deadline, waiting), [] {});
  spawn(dial_into(cache_, to, no_deadline, behind), [] {});
  settle();
  EXPECT_FALSE(waiting.ended);
  first = Connection();
  run_until([&] { return waiting.ended; });
  EXPECT_TRUE(waiting.connected);
  EXPECT_FALSE(behind.ended);
  waiting.connection = Connection();
  run_until([&] { return behind.ended; });
  EXPECT_TRUE(behind.connected);
}

TEST_F(Cache, AConnectionIsNotKeptWhileSomebodyWaitsForItsSlot) {
  const auto to = endpoint(1);
  Connection first = dial(to);
  Dialled waiting;
  spawn(dial_into(cache_, to, no_deadline, waiting), [] {});
  settle();
  cache_.put(to, std::move(first));
  run_until([&] { return waiting.ended; });
  EXPECT_TRUE(waiting.connected);
}

TEST_F(Cache, AWaitForASlotEndsWhenCancelled) {
  const auto to = endpoint(1);
  Connection first = dial(to);
  Dialled waiting;
  spawn(dial_into(cache_, to, no_deadline, waiting), [] {});
  settle();
  slot_.cancel();
  run_until([&] { return waiting.ended; });
  EXPECT_EQ(waiting.failure.error, Errc::cancelled);
  Dialled late;
  run(dial_into(cache_, to, no_deadline, late));
  EXPECT_EQ(late.failure.error, Errc::cancelled);
}

TEST_F(Cache, ASlotGivenBackToOneWhoJustGaveUpGoesToTheNext) {
  const auto to = endpoint(1);
  Connection first = dial(to);
  Dialled gives_up;
  CancelSlot other_slot;
  const auto dial_other = [&](Dialled& out) -> awaitable<void> {
    const bool connected = co_await cache_.dial(to, no_deadline, other_slot, out.connection, out.failure);
    out.connected = connected;
    out.ended = true;
  };
  spawn(dial_other(gives_up), [] {});
  settle();
  Dialled next;
  spawn(dial_into(cache_, to, no_deadline, next), [] {});
  settle();
  // Both in the same turn of the loop: the wake finds that its target has gone.
  other_slot.cancel();
  first = Connection();
  run_until([&] { return next.ended; });
  EXPECT_EQ(gives_up.failure.error, Errc::cancelled);
  EXPECT_TRUE(next.connected);
}

TEST_F(Cache, AnIdleConnectionOfAnotherLoopIsGivenUp) {
  const auto to = endpoint(1);
  Loop other_loop;
  ConnectionCache there(other_loop, resolver_, long_idle, [](const std::shared_ptr<Endpoint>&) {});
  ConnectionCache here(loop_, resolver_, long_idle, [&](const std::shared_ptr<Endpoint>& full) {
    other_loop.post([&, full] { there.evict_one(full); });
  });
  // The connection is made, kept and given up on the loop it belongs to.
  std::thread other([&] { other_loop.run(); });
  std::atomic<bool> kept = false;
  other_loop.post([&] {
    const auto prepare = [](ConnectionCache& cache, std::shared_ptr<Endpoint> wanted,
                            std::atomic<bool>& done) -> awaitable<void> {
      CancelSlot slot;
      Connection connection;
      DialFailure failure;
      const bool connected = co_await cache.dial(wanted, no_deadline, slot, connection, failure);
      if (connected) cache.put(wanted, std::move(connection));
      done = true;
    };
    other_loop.spawn(prepare(there, to, kept), [](const std::exception_ptr&) {});
  });
  run_until([&] { return kept.load(); });
  EXPECT_EQ(to->idle_connections(), 1U);
  const Connection taken_over = dial(here, to);
  EXPECT_EQ(to->open_connections(), 1U);
  EXPECT_EQ(to->idle_connections(), 0U);
  other_loop.stop();
  other.join();
}

TEST_F(Cache, U06AfterANameHasMovedNewConnectionsGoToTheNewAddressAndOldOnesAreDrained) {
  test::ListeningSocket elsewhere;
  current_port = listening_.port();
  Resolver resolver(moving, Milliseconds(0));
  const auto to = std::make_shared<Endpoint>("moving.test", 443, nullptr, 10);
  ConnectionCache cache(loop_, resolver, long_idle, [](const std::shared_ptr<Endpoint>&) {}, Milliseconds(100),
                        Milliseconds(1));
  Connection busy = dial(cache, to);
  cache.put(to, dial(cache, to));
  EXPECT_EQ(to->idle_connections(), 1U);
  current_port = elsewhere.port();
  const std::string there = "127.0.0.1:" + std::to_string(elsewhere.port());
  run_until([&] { return dial(cache, to).stream->peer() == there; });
  // The old address stands in the answer before the newest one, so look-ups go on until it does not.
  run_until([&] {
    resolver.prefetch("moving.test", 443);
    return to->idle_connections() == 0;
  });
  EXPECT_EQ(to->open_connections(), 1U) << "what is in use is left alone";
  cache.put(to, std::move(busy));
  run_until([&] { return to->open_connections() == 0; });
  cache.put(to, dial(cache, to));
  for (int sweeps = 0; sweeps < 20; ++sweeps) loop_.turn(Clock::now() + Milliseconds(2));
  EXPECT_EQ(to->idle_connections(), 1U) << "one to the new address stays";
}

TEST_F(Cache, U07AllAddressesAreTriedInTurn) {
  test::ListeningSocket dead;
  dead.close();
  dead_port = dead.port();
  good_port = listening_.port();
  Resolver resolver(first_dead);
  ConnectionCache cache(loop_, resolver, long_idle, [](const std::shared_ptr<Endpoint>&) {});
  const auto to = std::make_shared<Endpoint>("two.test", good_port, nullptr, 10);
  const Connection connection = dial(cache, to);
  EXPECT_EQ(connection.stream->peer(), "127.0.0.1:" + std::to_string(good_port));
}

TEST_F(Cache, AFailureNamesItsStageAndAddressAndFreesTheSlot) {
  test::ListeningSocket dead;
  dead.close();
  const auto to = std::make_shared<Endpoint>("127.0.0.1", dead.port(), nullptr, 1);
  Dialled out;
  run(dial_into(cache_, to, in(20'000), out));
  EXPECT_FALSE(out.connected);
  EXPECT_EQ(out.failure.error, boost::system::errc::connection_refused);
  EXPECT_EQ(out.failure.stage, Stage::connect);
  EXPECT_EQ(out.failure.detail, "127.0.0.1");
  EXPECT_EQ(to->open_connections(), 0U);
}

TEST_F(Cache, ConnectionsToEndpointsThatAreGoneAreClosed) {
  const auto stays = endpoint();
  const auto goes = endpoint();
  cache_.put(stays, dial(stays));
  cache_.put(goes, dial(goes));
  cache_.retain([&](const Endpoint* each) { return each == stays.get(); });
  EXPECT_EQ(stays->open_connections(), 1U);
  EXPECT_EQ(goes->open_connections(), 0U);
  cache_.clear();
  EXPECT_EQ(stays->open_connections(), 0U);
}

}  // namespace
}  // namespace spillway::net
