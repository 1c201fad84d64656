#include "spillway/routing/certificate_access.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>

#include "spillway/base/owned.hpp"
#include "spillway/base/text.hpp"

namespace spillway::routing {
namespace {

using config::CertificateName;

using Certificate = Owned<X509, X509_free>;
using Names = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using Buffer = Owned<BIO, BIO_free>;

std::optional<std::string> subject_of(const X509* certificate) {
  const Buffer buffer(BIO_new(BIO_s_mem()));
  if (!buffer || X509_NAME_print_ex(buffer.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0)
    return std::nullopt;
  char* data = nullptr;
  const long size = BIO_get_mem_data(buffer.get(), &data);
  if (size <= 0) return std::nullopt;
  return config::normal_subject(std::string_view(data, static_cast<std::size_t>(size)));
}

std::optional<CertificateName::Kind> kind_of(const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_DNS: return CertificateName::Kind::dns;
    case GEN_URI: return CertificateName::Kind::uri;
    case GEN_EMAIL: return CertificateName::Kind::email;
    default: return std::nullopt;
  }
}

void add_alternative_names(const X509* certificate, std::vector<CertificateName>& out) {
  const Names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    const auto kind = kind_of(name);
    if (!kind) continue;
    const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(name, nullptr));
    std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                     static_cast<std::size_t>(ASN1_STRING_length(value)));
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; })) continue;
    if (*kind == CertificateName::Kind::dns) text = lower(text);
    out.push_back({*kind, std::move(text)});
  }
}

bool has_expired(const X509* certificate, WallTime now) {
  std::time_t time = std::chrono::system_clock::to_time_t(now);
  return X509_cmp_time(X509_get0_notAfter(certificate), &time) <= 0;
}

}  // namespace

std::vector<CertificateName> certificate_names(std::span<const std::uint8_t> der, WallTime now) {
  std::vector<CertificateName> names;
  ERR_set_mark();
  const std::uint8_t* in = der.data();
  const Certificate certificate(d2i_X509(nullptr, &in, static_cast<long>(der.size())));
  if (certificate && in == der.data() + der.size() && !has_expired(certificate.get(), now)) {
    if (auto subject = subject_of(certificate.get()))
      names.push_back({CertificateName::Kind::subject, std::move(*subject)});
    add_alternative_names(certificate.get(), names);
  }
  ERR_pop_to_mark();
  return names;
}

CertificateAccess::CertificateAccess(const config::Config& config) {
  for (std::size_t client = 0; client < config.clients.size(); ++client) {
    if (config.clients[client].certificate) clients_.emplace(*config.clients[client].certificate, client);
  }
}

std::optional<std::size_t> CertificateAccess::client(const std::vector<CertificateName>& names) const {
  std::optional<std::size_t> first;
  for (const CertificateName& name : names) {
    const auto found = clients_.find(name);
    if (found != clients_.end() && (!first || found->second < *first)) first = found->second;
  }
  return first;
}

}  // namespace spillway::routing
