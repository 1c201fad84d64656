#include "test_gateway.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "app/gateway.hpp"

namespace spillway::test {
namespace {

std::uint16_t port_of(const std::string& address) {
  return static_cast<std::uint16_t>(std::atoi(address.substr(address.rfind(':') + 1).c_str()));
}

constexpr char plain_server[] =
    "listeners: [{address: \"127.0.0.1:0\"}]\nadmin: {address: \"127.0.0.1:0\"}\nworkers: 2\n"
    "log: {level: error, access: false}\n";

}  // namespace

Message RawClient::receive(bool to_head) {
  for (;;) {
    if (auto message = take_message(unread_, to_head)) return *message;
    const std::string bytes = socket_.receive();
    if (bytes.empty()) {
      auto rest = take_message(unread_, to_head, true);
      return rest ? *rest : Message();
    }
    unread_ += bytes;
  }
}

bool RawClient::receive_until(std::string_view text) {
  while (unread_.find(text) == std::string::npos) {
    const std::string bytes = socket_.receive();
    if (bytes.empty()) return false;
    unread_ += bytes;
  }
  return true;
}

TestGateway::TestGateway(const std::string& yaml) : TestGateway(yaml, Options()) {}

TestGateway::TestGateway(const std::string& yaml, const Options& options)
    : server_(options.server.empty() ? plain_server : options.server),
      file_(folder_.write("spillway.yaml", server_ + yaml)) {
  const auto environment = [values = options.environment](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
  gateway_ = std::make_unique<app::Gateway>(file_, environment, options.look_every);
  if (!gateway_->start(false)) {
    for (const auto& problem : config::load_file(file_, std::chrono::system_clock::now(), config::Sources{environment}).problems) {
      std::fprintf(stderr, "%s\n", config::format(problem, file_).c_str());
    }
    throw std::runtime_error("the test's configuration is refused");
  }
  thread_ = std::thread([this] { code_ = gateway_->run(); });
}

TestGateway::~TestGateway() {
  stop();
  wait();
}

std::uint16_t TestGateway::port(std::size_t listener) const {
  return port_of(gateway_->addresses().at(listener));
}

std::uint16_t TestGateway::admin_port() const {
  return port_of(gateway_->admin_address().value());
}

Message TestGateway::call(std::string_view bytes) const {
  RawClient one = client();
  return one.call(bytes);
}

Message TestGateway::chat(const std::string& model) const {
  return call(chat_request(model));
}

Message TestGateway::admin(std::string_view method, std::string_view path) const {
  RawClient one(admin_port());
  return one.call(request(method, path, {{"Connection", "close"}}));
}

std::string TestGateway::metrics() const {
  return admin("GET", "/metrics").body;
}

std::string TestGateway::status() const {
  return admin("GET", "/status").body;
}

Message TestGateway::reload(const std::string& yaml) {
  std::ofstream(file_, std::ios::trunc) << server_ << yaml;
  return admin("POST", "/reload");
}

void TestGateway::stop() {
  gateway_->request_stop();
}

int TestGateway::wait() {
  if (thread_.joinable()) thread_.join();
  return code_;
}

std::string chat_request(const std::string& model, const Headers& more) {
  Headers headers = {{"api-key", "test-key"}, {"Content-Type", "application/json"}};
  headers.insert(headers.end(), more.begin(), more.end());
  return request("POST", "/openai/deployments/" + model + "/chat/completions?api-version=2024-10-21", headers,
                 "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
}

std::string clients_yaml() {
  return "clients: [{name: app, keys: [test-key]}]\n";
}

std::string backends_yaml(const std::vector<std::string>& urls) {
  std::string yaml = "backends:\n";
  for (std::size_t i = 0; i < urls.size(); ++i) {
    const char letter = static_cast<char>('a' + i);
    const char capital = static_cast<char>('A' + i);
    yaml += std::string("  - {name: ") + letter + ", url: \"" + urls[i] + "\", region: Region " + capital +
            ", auth: {api_key: backend-key-" + letter + "}}\n";
  }
  return yaml;
}

std::string pool_yaml(const std::string& members, const std::string& more) {
  std::string list;
  if (members.find('{') != std::string::npos) {
    list = members;
  } else {
    for (const char letter : members) {
      if (letter >= 'a' && letter <= 'z') list += std::string(list.empty() ? "" : ", ") + "{backend: " + letter + "}";
    }
  }
  return "pools: [{name: openai, members: [" + list + "]" + (more.empty() ? "" : ", ") + more + "}]\n";
}

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace spillway::test
