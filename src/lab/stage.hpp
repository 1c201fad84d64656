#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "child_process.hpp"
#include "http_client.hpp"
#include "simulator.hpp"
#include "temporary_folder.hpp"

namespace spillway::lab {

// The program as given, else `spillway` beside this one.
std::string gateway_program(const std::string& given);

// What is to be set up.
struct StagePlan {
  std::string lab;      // the resources, as the simulator's file; their keys are replaced by random ones
  std::string gateway;  // of the gateway's file: `pools` and whatever else comes behind `backends`
  // More of a backend, `, deployments: {…}`, by its name.
  std::map<std::string, std::string> backends;
  bool plain_too = false;  // the gateway also listens for plain HTTP
};

// A scenery: simulated resources and a real gateway with a certificate of its own in front of them.
class Stage {
 public:
  // `program` is the spillway program. Throws std::runtime_error when the plan is no lab file.
  Stage(std::string program, StagePlan plan);
  ~Stage();

  // Starts everything and waits until the gateway is ready; false and `problem` when it does not get there.
  bool open(std::string& problem);
  // The gateway, then the resources. False when the gateway did not stop in an orderly way.
  bool close();

  Simulator& simulator() noexcept { return *simulator_; }
  const LabConfig& lab() const noexcept { return lab_; }
  // Through the gateway, over TLS.
  HttpClient::Target gateway() const;
  // Without TLS, when the plan says that there is such a listener.
  HttpClient::Target plain_gateway() const;
  // Straight to a resource.
  HttpClient::Target resource(std::size_t index) const;
  const std::string& resource_key(std::size_t index) const { return lab_.resources.at(index).keys.front(); }
  const std::string& client_key() const noexcept { return client_key_; }
  const std::string& ca_file() const noexcept { return ca_file_; }
  std::string admin_url() const { return "http://127.0.0.1:" + std::to_string(admin_port_); }
  // Whether the gateway's status page shows an open circuit of that backend.
  bool circuit_open(const std::string& backend) const;
  bool gateway_running() { return child_.running(); }

 private:
  bool start_gateway(std::string& problem);
  std::string gateway_config() const;

  std::string program_;
  StagePlan plan_;
  LabConfig lab_;
  TemporaryFolder folder_;
  std::unique_ptr<Simulator> simulator_;
  std::jthread loop_;
  ChildProcess child_;
  std::string client_key_;
  std::string ca_file_;
  std::string key_file_;
  std::uint16_t port_ = 0;
  std::uint16_t plain_port_ = 0;
  std::uint16_t admin_port_ = 0;
};

}  // namespace spillway::lab
