#pragma once

#include <cstddef>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fake_backend.hpp"
#include "token_fixture.hpp"

namespace spillway::test {

// A tenant of Entra ID as its metadata and keys show it, and the tokens it gives.
class FakeTenant {
 public:
  using Signers = std::vector<const routing::test::Signer*>;

  FakeTenant();

  const std::string& id() const { return routing::test::tenant; }
  std::string authority() const { return server_.url(); }
  FakeBackend& server() { return server_; }

  // What signs from now on.
  void roll_over(const Signers& signers);
  // While it is out of order every request is answered with 503.
  void out_of_order(bool yes);
  // Metadata with this in it instead.
  void say(const std::string& key, const std::string& value);
  // Each request for keys waits for `server().release()`.
  void hold();
  // Requests for the keys so far.
  std::size_t key_fetches() const;

  // What a token of it says that never expires, for `api://spillway`.
  nlohmann::json claims() const;

 private:
  void serve(FakeBackend::Turn& turn);

  mutable std::mutex mutex_;
  Signers signers_;
  bool out_of_order_ = false;
  bool held_ = false;
  std::size_t key_fetches_ = 0;
  nlohmann::json metadata_;
  FakeBackend server_;  // dies first: its threads use the others
};

}  // namespace spillway::test
