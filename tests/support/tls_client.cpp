#include "tls_client.hpp"

#include <openssl/x509.h>

#include <utility>

namespace spillway::test {

TlsClientSide::TlsClientSide() : context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_load_verify_locations(context(), test_ca_file().c_str(), nullptr);
  SSL_CTX_set_verify(context(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context(), keep_session);
  SSL_CTX_set_app_data(context(), this);
  // Old versions and weak ciphers are offered when a test asks for them; refusing is up to the server.
  SSL_CTX_set_security_level(context(), 0);
}

int TlsClientSide::keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* side = static_cast<TlsClientSide*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  side->session_.reset(session);
  return 1;
}

TlsClientSide& TlsClientSide::versions(int min, int max) {
  SSL_CTX_set_min_proto_version(context(), min);
  SSL_CTX_set_max_proto_version(context(), max);
  return *this;
}

TlsClientSide& TlsClientSide::ciphers_1_2(const char* list) {
  SSL_CTX_set_cipher_list(context(), list);
  return *this;
}

TlsClientSide& TlsClientSide::alpn(const std::string& protocols) {
  SSL_CTX_set_alpn_protos(context(), reinterpret_cast<const unsigned char*>(protocols.data()),
                          static_cast<unsigned>(protocols.size()));
  return *this;
}

TlsClientSide& TlsClientSide::certificate(const CertificateFiles& files) {
  SSL_CTX_use_certificate_chain_file(context(), files.certificate.c_str());
  SSL_CTX_use_PrivateKey_file(context(), files.private_key.c_str(), SSL_FILETYPE_PEM);
  return *this;
}

TlsClientSide& TlsClientSide::server_name(std::string name) {
  server_name_ = std::move(name);
  return *this;
}

std::optional<RawClient> TlsClientSide::connect(std::uint16_t port, bool resume) {
  Socket socket = Socket::connect(port);
  SSL* ssl = SSL_new(context());
  if (!server_name_.empty()) SSL_set_tlsext_host_name(ssl, server_name_.c_str());
  if (resume && session_) SSL_set_session(ssl, session_.get());
  if (!socket.start_tls_client(ssl)) return std::nullopt;
  return RawClient(std::move(socket));
}

bool TlsClientSide::is_served(std::uint16_t port) {
  std::optional<RawClient> client = connect(port);
  return client && client->call(chat_request()).status() == 200;
}

long shown_serial(RawClient& client) {
  X509* certificate = SSL_get0_peer_certificate(client.socket().ssl());
  return certificate == nullptr ? 0 : ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
}

}  // namespace spillway::test
