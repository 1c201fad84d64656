#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "identity.hpp"
#include "lab_config.hpp"
#include "resource.hpp"
#include "spillway/listener/listener.hpp"
#include "spillway/net/loop.hpp"

namespace spillway::lab {

// The simulated resources and identity services behind their sockets, on one event loop. `run` blocks a thread; `stop`,
// `with_resources` and `with_identity` are for others.
class Simulator {
 public:
  explicit Simulator(const LabConfig& config);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  // Binds every address; false and `problem` when one cannot be had. Before `run`.
  bool open(std::string& problem);
  void run();
  // Ends all connections, then `run` returns. Any thread, once.
  void stop();

  // Looks at the resources, or changes them, on the loop's thread; returns when it is done. While `run` runs.
  void with_resources(const std::function<void(std::vector<Resource>&)>& action);
  // The same for the identity services; the file has some.
  void with_identity(const std::function<void(Identity&)>& action);

  // Where each resource listens, in the file's order; after `open`.
  std::vector<std::string> addresses() const;
  // Null without any. For names, addresses and hints, which do not change after `open`.
  const Identity* identity() const noexcept { return identity_.get(); }
  // Empty without a control listener.
  std::string control_address() const;

 private:
  struct Station;

  // A station that is bound; null and `problem` when its address cannot be had.
  std::unique_ptr<Station> open_station(std::unique_ptr<listener::Handler> handler, const Endpoint& endpoint,
                                        std::string& problem);
  bool listen(Station& station, const Endpoint& endpoint, std::string& problem);
  void on_loop(const std::function<void()>& action);
  // Closes and opens listeners as the faults say.
  void follow_faults();

  net::Loop loop_;
  LabConfig config_;
  std::unique_ptr<Identity> identity_;
  std::vector<Resource> resources_;
  listener::ConnectionLimit limit_;
  std::vector<std::unique_ptr<Station>> stations_;
  std::unique_ptr<Station> control_;
};

}  // namespace spillway::lab
