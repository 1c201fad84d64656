#include "stage.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "certificate.hpp"
#include "spillway/base/text.hpp"

namespace spillway::lab {
namespace {

constexpr Milliseconds ready_within{20'000};
constexpr Milliseconds look_again{20};
constexpr int tries = 3;
constexpr std::size_t log_lines_shown = 10;

// A port nobody listens on just now.
std::uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(descriptor, generic, size) == 0 && ::getsockname(descriptor, generic, &size) == 0;
  ::close(descriptor);
  if (!bound) throw std::runtime_error("no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

std::string last_lines(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::string out;
  for (std::size_t i = lines.size() > log_lines_shown ? lines.size() - log_lines_shown : 0; i < lines.size(); ++i) {
    out += "\n  " + lines[i];
  }
  return out;
}

std::uint16_t port_of(const std::string& address) {
  return parse_number<std::uint16_t>(std::string_view(address).substr(address.rfind(':') + 1)).value_or(0);
}

}  // namespace

std::string gateway_program(const std::string& given) {
  if (!given.empty()) return given;
  std::array<char, PATH_MAX> path{};
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  const std::string self(path.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return self.substr(0, self.rfind('/') + 1) + "spillway";
}

Stage::Stage(std::string program, StagePlan plan)
    : program_(std::move(program)), plan_(std::move(plan)), client_key_(random_key()) {
  LoadedLab loaded = load_lab_text(plan_.lab);
  if (!loaded.problems.empty()) throw std::runtime_error(format(loaded.problems.front(), "the stage"));
  lab_ = std::move(loaded.config);
  for (ResourceConfig& resource : lab_.resources) resource.keys = {random_key()};
}

Stage::~Stage() {
  close();
}

HttpClient::Target Stage::gateway() const {
  HttpClient::Target target;
  target.port = port_;
  target.ca = ca_file_;
  return target;
}

HttpClient::Target Stage::plain_gateway() const {
  HttpClient::Target target;
  target.port = plain_port_;
  return target;
}

HttpClient::Target Stage::resource(std::size_t index) const {
  HttpClient::Target target;
  target.port = port_of(simulator_->addresses().at(index));
  return target;
}

std::string Stage::gateway_config() const {
  const std::string plain = plan_.plain_too ? fmt::format("  - address: 127.0.0.1:{}\n", plain_port_) : "";
  std::string out = fmt::format(
      "listeners:\n"
      "  - address: 127.0.0.1:{}\n"
      "    tls: {{certificate: {}, private_key: {}}}\n"
      "{}"
      "admin: {{address: 127.0.0.1:{}}}\n"
      "clients:\n"
      "  - {{name: demo, keys: [{}]}}\n"
      "backends:\n",
      port_, ca_file_, key_file_, plain, admin_port_, client_key_);
  const std::vector<std::string> addresses = simulator_->addresses();
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const ResourceConfig& resource = lab_.resources[i];
    const auto more = plan_.backends.find(resource.name);
    out += fmt::format("  - {{name: {}, url: \"http://{}\", region: {}, kind: {}, api: {}, auth: {{api_key: {}}}{}}}\n",
                       resource.name, addresses[i], resource.region, name(resource.kind), name(resource.api),
                       resource.keys.front(), more == plan_.backends.end() ? std::string() : more->second);
  }
  return out + plan_.gateway;
}

bool Stage::open(std::string& problem) {
  const SelfSigned pair = self_signed_certificate();
  ca_file_ = folder_.write("ca.pem", pair.certificate);
  key_file_ = folder_.write("key.pem", pair.private_key);
  simulator_ = std::make_unique<Simulator>(lab_);
  if (!simulator_->open(problem)) return false;
  loop_ = std::jthread([this] { simulator_->run(); });
  // Another program may take the chosen port before the gateway does.
  for (int i = 0; i < tries; ++i) {
    port_ = free_port();
    plain_port_ = free_port();
    admin_port_ = free_port();
    if (start_gateway(problem)) return true;
  }
  return false;
}

bool Stage::start_gateway(std::string& problem) {
  const std::string config = folder_.write("spillway.yaml", gateway_config());
  const std::string log = folder_.path() + "/gateway.log";
  if (!child_.start({program_, "serve", "--config", config}, log, problem)) return false;
  HttpClient::Target target;
  target.port = admin_port_;
  HttpClient admin(target);
  for (const TimePoint give_up = Clock::now() + ready_within; Clock::now() < give_up;) {
    if (!child_.running()) break;
    if (admin.send("GET", "/readyz", {}, "").status == 200) return true;
    std::this_thread::sleep_for(look_again);
  }
  problem = (child_.running() ? "the gateway did not become ready:" : "the gateway did not start:") + last_lines(log);
  child_.stop();
  return false;
}

bool Stage::close() {
  const auto code = child_.stop();
  if (simulator_ && loop_.joinable()) {
    simulator_->stop();
    loop_.join();
  }
  return code == 0;
}

bool Stage::circuit_open(const std::string& backend) const {
  HttpClient::Target target;
  target.port = admin_port_;
  HttpClient admin(target);
  const auto status = parse_json(admin.send("GET", "/status", {}, "").body);
  if (!status) return false;
  for (const Json& pool : member(*status, "pools")) {
    for (const Json& one : member(pool, "members")) {
      if (text_of(member(one, "backend")) != backend) continue;
      for (const Json& circuit : member(one, "circuits")) {
        if (text_of(member(circuit, "state")) == "open") return true;
      }
    }
  }
  return false;
}

}  // namespace spillway::lab
