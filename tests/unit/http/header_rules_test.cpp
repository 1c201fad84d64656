#include "spillway/http/header_rules.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "spillway/http/reader.hpp"

namespace spillway::http {
namespace {

// The names that pass, in order, of a head with these field lines.
std::string to_backend(const std::string& lines) {
  const std::string bytes = "POST /x HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n";
  RequestReader reader({});
  EXPECT_EQ(reader.parse(bytes), ReadState::complete) << reader.rejection().reason;
  std::string passed;
  for (const Field& field : reader.head().fields) {
    if (passes_to_backend(field)) passed.append(field.name).append(1, ' ');
  }
  return passed;
}

std::string to_client(const std::string& lines) {
  const std::string bytes = "HTTP/1.1 200 OK\r\n" + lines + "\r\n";
  ResponseReader reader({});
  EXPECT_EQ(reader.parse(bytes, false), ReadState::complete) << reader.reason();
  std::string passed;
  for (const Field& field : reader.head().fields) {
    if (passes_to_client(field)) passed.append(field.name).append(1, ' ');
  }
  return passed;
}

TEST(HeaderRules, PassesEndToEndFieldsToTheBackendInOrderAndSpelling) {
  EXPECT_EQ(to_backend("X-b: 1\r\nACCEPT: */*\r\nx-ms-client-request-id: 7\r\nOpenAI-Beta: a\r\nCookie: c\r\n"),
            "X-b ACCEPT x-ms-client-request-id OpenAI-Beta Cookie ");
}

TEST(HeaderRules, H16KeepsHopByHopFieldsFromTheBackend) {
  EXPECT_EQ(to_backend("Connection: close\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\n"
                       "Proxy-Authenticate: Basic\r\nProxy-Authorization: Basic x\r\nProxy-Authentication-Info: a=b\r\n"
                       "TE: trailers\r\nTrailer: Expires\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nAccept: a\r\n"),
            "Accept ");
  EXPECT_EQ(to_backend("Transfer-Encoding: chunked\r\nAccept: a\r\n"), "Accept ");
}

TEST(HeaderRules, H16KeepsFieldsNamedInConnectionFromTheBackend) {
  EXPECT_EQ(to_backend("Connection: close, X-Hop\r\nx-hop: 1\r\nX-Stays: 1\r\nConnection:x-also\r\nX-Also: 2\r\n"),
            "X-Stays ");
}

TEST(HeaderRules, T11KeepsClientCredentialsFromTheBackend) {
  EXPECT_EQ(to_backend("API-Key: k\r\nAuthorization: Bearer k\r\nocp-apim-subscription-key: k\r\nAccept: a\r\n"),
            "Accept ");
}

TEST(HeaderRules, KeepsFieldsThatAreWrittenAnewFromTheBackend) {
  EXPECT_EQ(to_backend("Content-Length: 5\r\nExpect: 100-continue\r\nContent-Type: t\r\n"), "Content-Type ");
}

TEST(HeaderRules, H16NominatingFramingFieldsOrCredentialsChangesNothing) {
  EXPECT_EQ(to_backend("Connection: Host, Content-Length, api-key\r\nContent-Length: 5\r\napi-key: k\r\nAccept: a\r\n"),
            "Accept ");
}

TEST(HeaderRules, T12PassesEndToEndFieldsToTheClient) {
  EXPECT_EQ(
      to_client("Content-Type: t\r\nretry-after-ms: 5\r\nx-ms-region: East US\r\nSet-Cookie: a\r\nset-cookie: b\r\n"
                "x-request-id: r\r\nServer: s\r\n"),
      "Content-Type retry-after-ms x-ms-region Set-Cookie set-cookie x-request-id Server ");
}

TEST(HeaderRules, T12KeepsFramingAndTheGatewaysOwnFieldsFromTheClient) {
  EXPECT_EQ(to_client("Content-Length: 5\r\nX-Routed-Backend: b\r\nx-routing-strategy: s\r\nx-circuit-state: c\r\n"
                      "x-attempts: a\r\nConnection: x-gone\r\nx-gone: 1\r\nKeep-Alive: timeout=5\r\nx-kept: 1\r\n"),
            "x-kept ");
}

TEST(HeaderRules, T11KnowsTheQueryParametersThatCarryKeys) {
  EXPECT_TRUE(is_credential_parameter("api-key"));
  EXPECT_TRUE(is_credential_parameter("Subscription-Key"));
  EXPECT_TRUE(is_credential_parameter("Authorization"));
  EXPECT_FALSE(is_credential_parameter("api-version"));
  EXPECT_FALSE(is_credential_parameter(""));
}

}  // namespace
}  // namespace spillway::http
