#include "app/restart.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

config::Config one_of_each() {
  config::Config config;
  config.listeners = {{{"127.0.0.1", 8080}, {}, {}},
                      {{"127.0.0.1", 8443}, config::ListenerTls{"a.crt", "a.key", config::TlsVersion::tls1_2, {}}, {}}};
  config.admin = config::Address{"127.0.0.1", 9901};
  return config;
}

TEST(ChangesForARestart, AreNoneWhenOnlyTheRestChanges) {
  config::Config now = one_of_each();
  now.drain_timeout = Milliseconds(1);
  EXPECT_THAT(changes_for_a_restart(one_of_each(), now), IsEmpty());
}

TEST(ChangesForARestart, NameTheListenerWhoseFilesChanged) {
  const std::string message =
      "`listeners[1].tls` changed; that takes a restart, and until then the files named before stay in use";
  config::Config now = one_of_each();
  now.listeners[1].tls->certificate = "b.crt";
  EXPECT_THAT(changes_for_a_restart(one_of_each(), now), ElementsAre(message));
  now = one_of_each();
  now.listeners[1].tls->private_key = "b.key";
  EXPECT_THAT(changes_for_a_restart(one_of_each(), now), ElementsAre(message));
  now = one_of_each();
  now.listeners[1].tls->client_ca = "ca.pem";
  EXPECT_THAT(changes_for_a_restart(one_of_each(), now), ElementsAre(message));
  now = one_of_each();
  now.listeners[1].tls->min_version = config::TlsVersion::tls1_3;
  EXPECT_THAT(changes_for_a_restart(one_of_each(), now), ElementsAre(message));
}

TEST(ChangesForARestart, AreListenersTheAdminListenerAndWorkers) {
  config::Config now = one_of_each();
  now.listeners[1].tls.reset();
  now.admin.reset();
  now.workers = 2;
  EXPECT_THAT(changes_for_a_restart(one_of_each(), now),
              ElementsAre("`listeners` changed; that takes a restart", "`admin` changed; that takes a restart",
                          "`workers` changed; that takes a restart"));
  now = one_of_each();
  now.listeners.pop_back();
  EXPECT_THAT(changes_for_a_restart(one_of_each(), now), ElementsAre("`listeners` changed; that takes a restart"));
}

}  // namespace
}  // namespace spillway::app
