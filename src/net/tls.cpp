#include "spillway/net/tls.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <string_view>

namespace spillway::net {
namespace {

constexpr char tls1_2_ciphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-"
    "SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

void set_common(SSL_CTX* context) {
  // Record buffers only while a record is under way, one read per record, and writes that may be offered again from
  // another place.
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, tls1_2_ciphers);
}

// HTTP/1.0 clients that use ALPN name their own version (curl --http1.0 does).
int choose_http1(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                 unsigned int in_size, void*) {
  static constexpr unsigned char offered[] = "\x08http/1.1\x08http/1.0";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, offered, sizeof offered - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301 3.2; talk of another protocol must not reach the HTTP reader
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

bool is_address(const std::string& name) {
  boost::system::error_code error;
  boost::asio::ip::make_address(name, error);
  return !error;
}

}  // namespace

std::string tls_error_text() {
  std::string text;
  unsigned long newest = 0;
  while (const unsigned long code = ERR_get_error()) newest = code;
  if (newest == 0) return "no detail";
  if (const char* reason = ERR_reason_error_string(newest)) return reason;
  return "error " + std::to_string(newest);
}

Result<std::shared_ptr<TlsServer>> TlsServer::make(const Options& options, std::string& problem) {
  ERR_clear_error();
  auto server = std::make_shared<TlsServer>();
  server->context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = server->context_.get();
  set_common(context);
  if (options.require_tls1_3) SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  const auto fail = [&](const std::string& what) -> ErrorCode {
    problem = what + " (" + tls_error_text() + ")";
    return Errc::tls_handshake;
  };
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1) {
    return fail("cannot use the certificate " + options.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, options.private_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail("cannot use the private key " + options.private_key);
  }
  if (SSL_CTX_check_private_key(context) != 1) return fail("the private key does not belong to the certificate");
  if (options.client_ca) {
    STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(options.client_ca->c_str());
    SSL_CTX_set_client_CA_list(context, names);
    if (names == nullptr || SSL_CTX_load_verify_locations(context, options.client_ca->c_str(), nullptr) != 1) {
      return fail("cannot use the client CA " + *options.client_ca);
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  static constexpr unsigned char session_context[] = "spillway";
  SSL_CTX_set_session_id_context(context, session_context, sizeof session_context - 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets only: nothing to share between workers
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_alpn_select_cb(context, choose_http1, nullptr);
  return server;
}

Ssl TlsServer::accept() const {
  Ssl ssl(SSL_new(context_.get()));
  SSL_set_accept_state(ssl.get());
  return ssl;
}

Result<std::shared_ptr<TlsClient>> TlsClient::make(const Options& options, std::string& problem) {
  ERR_clear_error();
  auto client = std::make_shared<TlsClient>();
  client->options_ = options;
  client->context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = client->context_.get();
  set_common(context);
  if (options.verify) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    const bool loaded = options.ca ? SSL_CTX_load_verify_locations(context, options.ca->c_str(), nullptr) == 1
                                   : SSL_CTX_set_default_verify_paths(context) == 1;
    if (!loaded) {
      problem = "cannot use the CA " + options.ca.value_or("roots of the system") + " (" + tls_error_text() + ")";
      return ErrorCode(Errc::tls_handshake);
    }
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  SSL_CTX_set_app_data(context, client.get());
  static constexpr unsigned char offered[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context, offered, sizeof offered - 1);
  return client;
}

int TlsClient::keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* client = static_cast<TlsClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const std::lock_guard lock(client->mutex_);
  client->session_.reset(session);
  return 1;  // the reference is ours now
}

Ssl TlsClient::connect() const {
  Ssl ssl(SSL_new(context_.get()));
  SSL_set_connect_state(ssl.get());
  const std::string& name = options_.server_name;
  if (is_address(name)) {
    if (options_.verify) X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), name.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl.get(), name.c_str());
    SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (options_.verify) SSL_set1_host(ssl.get(), name.c_str());
  }
  const std::lock_guard lock(mutex_);
  if (session_) SSL_set_session(ssl.get(), session_.get());
  return ssl;
}

}  // namespace spillway::net
