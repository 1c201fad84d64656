#include "fault.hpp"

namespace spillway::test {
namespace {

using Way = Fault::Way;
using Turn = FakeBackend::Turn;

Faulty make_https(const Fault& fault, const std::string& tls, const std::function<void(SSL_CTX*)>& configure = {}) {
  FakeBackend::Options options;
  options.tls = true;
  options.certificate = fault.certificate;
  options.configure = configure;
  Faulty made;
  made.backend = std::make_unique<FakeBackend>(options);
  made.url = made.backend->url();
  made.tls = tls;
  if (fault.step) made.backend->always(fault.step);
  if (fault.on_connect) made.backend->on_connect(fault.on_connect);
  return made;
}

Faulty make_trusted(const Fault& fault) {
  return make_https(fault, "ca: \"" + test_ca_file() + "\"");
}

Faulty make_untrusted(const Fault& fault) {
  return make_https(fault, "verify: true");
}

Faulty make_old(const Fault& fault) {
  return make_https(fault, "ca: \"" + test_ca_file() + "\"", [](SSL_CTX* context) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
  });
}

Fault shows(const char* name, const CertificateOptions& certificate) {
  Fault fault{name, Way::broken, "tls", make_trusted};
  fault.certificate = certificate;
  return fault;
}

// After the client's first message of the handshake.
Fault shakes_hands(const char* name, const char* outcome, std::function<void(Socket&)> then) {
  Fault fault{name, Way::broken, outcome, make_trusted};
  fault.on_connect = [then = std::move(then)](Socket& socket) {
    socket.receive();
    then(socket);
  };
  return fault;
}

void add_certificates(std::vector<Fault>& table) {
  CertificateOptions expired;
  expired.valid_from_days = -10;
  expired.valid_to_days = -1;
  table.push_back(shows("U08 certificate expired", expired));
  CertificateOptions early;
  early.valid_from_days = 1;
  table.push_back(shows("U08 certificate not yet valid", early));
  CertificateOptions self_signed;
  self_signed.self_signed = true;
  table.push_back(shows("U08 certificate self signed", self_signed));
  CertificateOptions other;
  other.name = "other.test";
  table.push_back(shows("U08 certificate for another name", other));
  Fault unknown = shows("U08 certificate of an unknown authority", {});
  unknown.make = make_untrusted;
  table.push_back(unknown);
}

}  // namespace

void add_faults_of_tls(std::vector<Fault>& table) {
  add_certificates(table);
  table.push_back(shakes_hands("U09 handshake stalls", "timeout", hold));
  table.push_back(shakes_hands("U09 handshake stalls half way", "timeout", [](Socket& socket) {
    socket.send(std::string("\x16\x03\x03\x00\x7a\x02\x00\x00", 8));
    hold(socket);
  }));
  table.push_back(shakes_hands("U09 handshake ends", "tls", [](Socket& socket) { socket.close(); }));
  table.push_back(shakes_hands("U09 handshake is reset", "tls", [](Socket& socket) { socket.reset(); }));
  table.push_back(shakes_hands("U09 handshake is garbage", "tls", [](Socket& socket) {
    socket.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    hold(socket);
  }));
  table.push_back({"U09 only TLS 1.0", Way::broken, "tls", make_old});
  table.push_back({"U10 end without close alert before the head", Way::broken, "reset", make_trusted,
                   [](Turn& turn) { turn.cut(); }});
}

}  // namespace spillway::test
