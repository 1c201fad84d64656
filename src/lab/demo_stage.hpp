#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "child_process.hpp"
#include "http_client.hpp"
#include "simulator.hpp"

namespace spillway::lab {

// A folder for this process's eyes only, removed with what is in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const noexcept { return path_; }
  // Writes a file that only its owner may read; returns its path.
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

// The demo's scenery: three simulated resources and a real gateway with a certificate of its own in front of them.
class DemoStage {
 public:
  // `gateway` is the spillway program.
  explicit DemoStage(std::string gateway);
  ~DemoStage();

  // Starts everything and waits until the gateway is ready; false and `problem` when it does not get there.
  bool open(std::string& problem);
  // The gateway, then the resources. False when the gateway did not stop in an orderly way.
  bool close();

  Simulator& simulator() noexcept { return *simulator_; }
  const LabConfig& lab() const noexcept { return lab_; }
  // Through the gateway, over TLS.
  HttpClient::Target gateway() const;
  // Straight to a resource.
  HttpClient::Target resource(std::size_t index) const;
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
  LabConfig lab_;
  TemporaryFolder folder_;
  std::unique_ptr<Simulator> simulator_;
  std::jthread loop_;
  ChildProcess child_;
  std::string client_key_;
  std::string ca_file_;
  std::string key_file_;
  std::uint16_t port_ = 0;
  std::uint16_t admin_port_ = 0;
};

}  // namespace spillway::lab
