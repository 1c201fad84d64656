#include "servers.hpp"

namespace spillway::test {

TestGateway::Options with_listeners(const std::string& listeners, int workers) {
  TestGateway::Options options;
  options.server = "listeners: [" + listeners +
                   "]\nadmin: {address: \"127.0.0.1:0\"}\nworkers: " + std::to_string(workers) +
                   "\nlog: {level: \"off\", access: false}\n";
  return options;
}

TestGateway::Options one_worker() {
  return with_listeners("{address: \"127.0.0.1:0\"}", 1);
}

std::string https_listener(const CertificateFiles& files, const std::string& more) {
  return "{address: \"127.0.0.1:0\", tls: {certificate: " + files.certificate + ", private_key: " + files.private_key +
         (more.empty() ? "" : ", " + more) + "}}";
}

}  // namespace spillway::test
