#include <gtest/gtest.h>

#include <filesystem>

#include "checks.hpp"
#include "fake_backend.hpp"
#include "servers.hpp"
#include "tls_client.hpp"

// Files the configuration refers to change while the gateway runs; nobody tells it.
namespace spillway::test {
namespace {

class WatchedFiles : public testing::Test {
 protected:
  std::string yaml() {
    return "clients: [{name: app, keys: ['${file:" + folder_.path() + "/client-key}']}]\n" +
           backends_yaml({backend_.url()}) + pool_yaml("a");
  }
  TestGateway::Options options(const std::string& listeners = "{address: '127.0.0.1:0'}") {
    TestGateway::Options made = with_listeners(listeners);
    made.look_every = std::chrono::milliseconds(10);
    return made;
  }
  int status(const TestGateway& gateway, const std::string& key) {
    return gateway.call(request("POST", "/openai/v1/responses", {{"api-key", key}}, "{}")).status();
  }

  FakeBackend backend_;
  TemporaryFolder folder_;
};

TEST_F(WatchedFiles, ARotatedClientKeyIsInForceWithoutASignal) {
  folder_.write("client-key", "first-key");
  const TestGateway gateway(yaml(), options());
  EXPECT_EQ(status(gateway, "first-key"), 200);
  folder_.write("client-key", "second-key");
  EXPECT_TRUE(eventually([&] { return status(gateway, "second-key") == 200; }));
  EXPECT_EQ(status(gateway, "first-key"), 401);
}

TEST_F(WatchedFiles, ASwappedLinkIsSeen) {
  namespace fs = std::filesystem;
  const fs::path root = folder_.path();
  for (const char* version : {"one", "two"}) fs::create_directory(root / version);
  folder_.write("one/client-key", "first-key");
  folder_.write("two/client-key", "other-key");
  fs::create_directory_symlink("one", root / "..data");
  fs::create_symlink("..data/client-key", root / "client-key");
  const TestGateway gateway(yaml(), options());
  EXPECT_EQ(status(gateway, "first-key"), 200);
  fs::create_directory_symlink("two", root / "..next");
  fs::rename(root / "..next", root / "..data");
  EXPECT_TRUE(eventually([&] { return status(gateway, "other-key") == 200; }));
}

TEST_F(WatchedFiles, WhatCannotBeUsedKeepsTheOldInForceAndIsTriedOnce) {
  folder_.write("client-key", "first-key");
  const TestGateway gateway(yaml(), options());
  folder_.write("client-key", "");
  EXPECT_TRUE(reaches(gateway, "spillway_config_reloads_total{result=\"failure\"}", 1));
  EXPECT_EQ(status(gateway, "first-key"), 200);
  folder_.write("client-key", "third-key");
  EXPECT_TRUE(eventually([&] { return status(gateway, "third-key") == 200; }));
  EXPECT_EQ(metric(gateway.metrics(), "spillway_config_reloads_total{result=\"failure\"}"), 1);
}

TEST_F(WatchedFiles, ARenewedListenerCertificateIsShownWithoutASignal) {
  folder_.write("client-key", "test-key");
  const auto replace = [&](const CertificateFiles& with) {
    const auto overwrite = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(with.certificate, folder_.path() + "/tls.crt", overwrite);
    std::filesystem::copy_file(with.private_key, folder_.path() + "/tls.key", overwrite);
  };
  replace(make_certificate());
  const CertificateFiles files{folder_.path() + "/tls.crt", folder_.path() + "/tls.key"};
  const TestGateway gateway(yaml(), options(https_listener(files)));
  TlsClientSide side;
  auto before = side.connect(gateway.port());
  ASSERT_TRUE(before);
  const long serial = shown_serial(*before);
  replace(make_certificate());
  EXPECT_TRUE(eventually([&] {
    auto fresh = side.connect(gateway.port());
    return fresh && shown_serial(*fresh) != serial;
  }));
}

}  // namespace
}  // namespace spillway::test
