#include <gmock/gmock.h>

#include "composing.hpp"

// Header fields and credentials as a backend gets them.
namespace spillway::forward {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OutgoingFields : public Composing {
 protected:
  std::vector<std::string> fields(const std::vector<std::string>& came) { return send(get, came).fields; }

  static constexpr char get[] = "GET /openai/v1/files";
};

TEST_F(OutgoingFields, KeepTheirOrderSpellingAndRepetitionsAndNothingIsAdded) {
  backend_.auth.kind = config::AuthKind::none;
  EXPECT_THAT(fields({"X-b: 2", "accept: */*", "x-A: 1", "Accept: text/plain", "X-b: ", "x-request-id: mine",
                      "X-Forwarded-For: 10.0.0.1"}),
              ElementsAre("Host: east.example", "X-b: 2", "accept: */*", "x-A: 1", "Accept: text/plain",
                          "X-b: ", "x-request-id: mine", "X-Forwarded-For: 10.0.0.1"));
}

TEST_F(OutgoingFields, NameTheBackendAsTheHost) {
  backend_.url.port = 8443;
  EXPECT_THAT(send(get).values("Host"), ElementsAre("east.example:8443"));
}

TEST_F(OutgoingFields, H16LoseWhatIsForOneConnectionOnly) {
  backend_.auth.kind = config::AuthKind::none;
  EXPECT_THAT(fields({"Connection: keep-alive, X-Mine", "Keep-Alive: timeout=5", "X-Mine: 1", "TE: trailers",
                      "Proxy-Authorization: Basic eA==", "X-Yours: 2"}),
              ElementsAre("Host: east.example", "X-Yours: 2"));
}

TEST_F(OutgoingFields, OfAHandshakeAskForTheWebSocket) {
  original_.websocket = true;
  backend_.auth.kind = config::AuthKind::none;
  const Sent sent =
      send("GET /openai/v1/realtime?model=m",
           {"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.client-key", "Sec-WebSocket-Version: 13"});
  EXPECT_THAT(sent.fields, ElementsAre("Host: east.example", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                                       "Sec-WebSocket-Protocol: realtime", "Sec-WebSocket-Version: 13",
                                       "Connection: Upgrade", "Upgrade: websocket"));
}

TEST_F(OutgoingFields, LoseAnOfferOfTheKeyAlone) {
  EXPECT_THAT(
      send(get, {"Sec-WebSocket-Protocol: openai-insecure-api-key.client-key"}).values("Sec-WebSocket-Protocol"),
      IsEmpty());
}

const std::vector<std::string> client_credentials = {"api-key: client-key", "Authorization: Bearer client-key",
                                                     "Ocp-Apim-Subscription-Key: client-key"};

TEST_F(OutgoingFields, T11CarryTheBackendsKeyInPlaceOfTheClients) {
  EXPECT_THAT(fields(client_credentials), ElementsAre("Host: east.example", "api-key: backend-key"));
}

TEST_F(OutgoingFields, T11CarryTheAccessTokenInsteadOfTheClientsCredentials) {
  backend_.auth.kind = config::AuthKind::token;
  token_ = "t0ken";
  for (const config::Api api : {config::Api::azure, config::Api::openai}) {
    backend_.api = api;
    EXPECT_THAT(fields(client_credentials), ElementsAre("Host: east.example", "Authorization: Bearer t0ken"));
  }
}

TEST_F(OutgoingFields, CarryTheKeyAsBearerForOpenai) {
  talk_openai();
  EXPECT_THAT(fields(client_credentials), ElementsAre("Host: east.example", "Authorization: Bearer backend-key"));
}

TEST_F(OutgoingFields, T11CarryNoCredentialWithoutAuth) {
  backend_.auth.kind = config::AuthKind::none;
  EXPECT_THAT(fields(client_credentials), ElementsAre("Host: east.example"));
}

TEST_F(OutgoingFields, T11PassTheCallersAuthorizationOnButNeverAKeyOfTheGateway) {
  backend_.auth.kind = config::AuthKind::passthrough;
  EXPECT_THAT(fields({"api-key: client-key", "authorization: Bearer a-token"}),
              ElementsAre("Host: east.example", "authorization: Bearer a-token"));
  for (const char* value : {"Bearer client-key", "client-key", "bearer  client-key", "Custom client-key"})
    EXPECT_THAT(fields({"Authorization: " + std::string(value)}), ElementsAre("Host: east.example")) << value;
  EXPECT_THAT(fields({"api-key: another"}), ElementsAre("Host: east.example")) << "Authorization only";
}

TEST_F(OutgoingFields, AskForAPlainAnswerOnlyWhereItsIdsWillBeMarked) {
  EXPECT_THAT(send(get, {"Accept-Encoding: gzip, br"}).values("Accept-Encoding"), ElementsAre("gzip, br"));
  original_.plain_answer = true;
  EXPECT_THAT(send(get, {"Accept-Encoding: gzip, br"}).values("Accept-Encoding"), ElementsAre("identity"));
  EXPECT_THAT(send(get, {"accept-encoding: gzip"}).values("accept-encoding"), ElementsAre("identity"));
  EXPECT_THAT(send(get, {"X-A: 1"}).fields, ElementsAre("Host: east.example", "X-A: 1", "api-key: backend-key"))
      << "never added";
}

TEST_F(OutgoingFields, T11LoseTheGatewaysOwnCookie) {
  original_.own_cookie = "SessionId";
  EXPECT_THAT(send(get, {"Cookie: a=1; SessionId=x; b=2"}).values("Cookie"), ElementsAre("a=1; b=2"));
  EXPECT_THAT(send(get, {"Cookie: SessionId=x", "Cookie: a=1"}).values("Cookie"), ElementsAre("a=1"));
  EXPECT_THAT(send(get, {"Cookie: SessionId=x"}).values("Cookie"), IsEmpty());
}

TEST_F(OutgoingFields, KeepEveryCookieOfAPoolWithoutOne) {
  EXPECT_THAT(send(get, {"Cookie: a=1;SessionId=x; ;b=2"}).values("Cookie"), ElementsAre("a=1;SessionId=x; ;b=2"));
}

TEST_F(OutgoingFields, TellTheFramingOnce) {
  const Sent sent = send("POST /openai/v1/files", {"Content-Type: application/json", "Expect: 100-continue"}, "{}");
  EXPECT_THAT(sent.fields, ElementsAre("Host: east.example", "Content-Type: application/json", "api-key: backend-key",
                                       "Content-Length: 2"));
}

TEST_F(OutgoingFields, KeepTheClientsTraceUnlessTheGatewayTraces) {
  backend_.auth.kind = config::AuthKind::none;
  EXPECT_THAT(fields({"traceparent: theirs", "tracestate: v=1"}),
              ElementsAre("Host: east.example", "traceparent: theirs", "tracestate: v=1"));
  original_.traceparent = "ours";
  EXPECT_THAT(fields({"TraceParent: theirs", "tracestate: v=1"}),
              ElementsAre("Host: east.example", "tracestate: v=1", "traceparent: ours"));
  original_.drops_tracestate = true;
  EXPECT_THAT(fields({"traceparent: theirs", "Tracestate: v=1", "tracestate: w=2"}),
              ElementsAre("Host: east.example", "traceparent: ours"));
}

}  // namespace
}  // namespace spillway::forward
