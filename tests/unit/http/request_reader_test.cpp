#include <gtest/gtest.h>

#include <string>

#include "spillway/http/reader.hpp"

namespace spillway::http {
namespace {

class RequestReading : public testing::Test {
 protected:
  const RequestHead& read(std::string bytes) {
    bytes_ = std::move(bytes);
    reader_.reset();
    EXPECT_EQ(reader_.parse(bytes_), ReadState::complete) << reader_.rejection().reason;
    return reader_.head();
  }
  Rejection refuse(std::string bytes) {
    bytes_ = std::move(bytes);
    reader_.reset();
    EXPECT_EQ(reader_.parse(bytes_), ReadState::rejected);
    return reader_.rejection();
  }

  std::string bytes_;
  RequestReader reader_{HeadLimits{}};
};

TEST_F(RequestReading, UnderstandsARequest) {
  const RequestHead& head = read(
      "POST /openai/responses?api-version=1&b HTTP/1.1\r\nHOST: Gateway.test:8443\r\nX-a:  b c\t\r\ncontent-length: "
      "12\r\n\r\nbody");
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path, "/openai/responses");
  EXPECT_EQ(head.query, "api-version=1&b");
  EXPECT_TRUE(head.has_query);
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.host, "Gateway.test:8443");
  EXPECT_EQ(head.framing, Framing::length);
  EXPECT_EQ(head.content_length, 12U);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.expect_continue);
  EXPECT_FALSE(head.upgrade);
  ASSERT_EQ(head.fields.size(), 3U);
  EXPECT_EQ(head.fields[0].name, "HOST");
  EXPECT_EQ(head.fields[0].id, FieldId::host);
  EXPECT_EQ(head.fields[1].name, "X-a");
  EXPECT_EQ(head.fields[1].value, "b c");
  EXPECT_EQ(head.fields[1].id, FieldId::unknown);
  EXPECT_EQ(head.find("x-A"), &head.fields[1]);
  EXPECT_EQ(head.find(FieldId::content_length), &head.fields[2]);
  EXPECT_EQ(head.find("absent"), nullptr);
  EXPECT_EQ(head.find(FieldId::age), nullptr);
  EXPECT_EQ(reader_.size(), bytes_.size() - 4);
}

TEST_F(RequestReading, TellsAnEmptyQueryFromNone) {
  EXPECT_TRUE(read("GET /x? HTTP/1.1\r\nHost: h\r\n\r\n").has_query);
  EXPECT_EQ(reader_.head().query, "");
  EXPECT_FALSE(read("GET /x HTTP/1.1\r\nHost: h\r\n\r\n").has_query);
}

TEST_F(RequestReading, TakesAnAbsoluteTargetApart) {
  EXPECT_EQ(read("GET http://h HTTP/1.1\r\nHost: H\r\n\r\n").path, "/");
  EXPECT_EQ(read("GET http://h?a=b HTTP/1.1\r\nHost: h\r\n\r\n").query, "a=b");
  EXPECT_EQ(reader_.head().path, "/");
  EXPECT_EQ(read("GET https://h:1/x/?a HTTP/1.1\r\nHost: h:1\r\n\r\n").path, "/x/");
  EXPECT_EQ(refuse("GET http://h HTTP/1.0\r\n\r\n").status, 400);
}

TEST_F(RequestReading, CarriesNothingOverToTheNextHead) {
  read("POST http://h/a?b HTTP/1.0\r\nHost: h\r\nConnection: close\r\nContent-Length: 3\r\n\r\n");
  const RequestHead& head = read("\r\nGET /c HTTP/1.1\r\nHost: i\r\n\r\n");
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.path, "/c");
  EXPECT_FALSE(head.has_query);
  EXPECT_EQ(head.query, "");
  EXPECT_EQ(head.fields.size(), 1U);
  EXPECT_EQ(head.host, "i");
  EXPECT_EQ(head.framing, Framing::none);
  EXPECT_EQ(head.content_length, 0U);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(reader_.size(), bytes_.size());
  EXPECT_EQ(refuse("x\n").status, 400);
  EXPECT_EQ(read("GET /d HTTP/1.1\r\nHost: h\r\n\r\n").path, "/d");
}

TEST_F(RequestReading, H20TellsTheMethodOfARefusedHeadAndOfNoOther) {
  for (const char* rest : {" / HTTP/3.0", " / HTTP/1.1\r\nbad line\r\n", " / HTTP/1.1\r\nHost: h\n",
                           " / HTTP/1.1\r\nx: \x01", " / HTTP/1.1\r\n\r\n", " /.. HTTP/1.1\r\nHost: h\r\n\r\n"}) {
    refuse("HEAD" + std::string(rest) + "\r\n");
    EXPECT_EQ(reader_.head().method, "HEAD") << bytes_;
  }
  read("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  for (const char* bytes : {"GET\r\n\r\n", "0\r\n\r\n", "G(T / HTTP/1.1\r\n", "\n", " / HTTP/1.1\r\n"}) {
    refuse(bytes);
    EXPECT_EQ(reader_.head().method, "") << bytes;
  }
}

TEST_F(RequestReading, LeavesBytesBehindTheHeadAlone) {
  const std::string first = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n";
  read(first + "GET /2 HTTP/1.1\n\0");
  EXPECT_EQ(reader_.size(), first.size());
}

TEST_F(RequestReading, ViewsPointIntoTheBytesGivenLast) {
  const std::string head = "GET /path?query HTTP/1.1\r\nHost: h\r\nx: y\r\n\r\n";
  for (std::size_t cut = 0; cut < head.size(); ++cut) {
    reader_.reset();
    EXPECT_EQ(reader_.parse(std::string(head.substr(0, cut))), ReadState::need_more);
    ASSERT_EQ(reader_.parse(head), ReadState::complete);
    EXPECT_EQ(reader_.head().path.data(), head.data() + 4);
    EXPECT_EQ(reader_.head().fields[1].value.data(), head.data() + head.size() - 5);
  }
}

TEST_F(RequestReading, H18ExpectsContinueOnlyForABodyOfHttp11) {
  const std::string line = "POST / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_TRUE(read(line + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n").expect_continue);
  EXPECT_TRUE(read(line + "Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n").expect_continue);
  EXPECT_TRUE(read(line + "Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").expect_continue);
  EXPECT_FALSE(read(line + "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n").expect_continue);
  EXPECT_FALSE(read(line + "Expect: 100-continue\r\n\r\n").expect_continue);
  EXPECT_FALSE(read(line + "Expect: else\r\n\r\n").expect_continue);
  EXPECT_FALSE(read("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").expect_continue);
  EXPECT_FALSE(read("POST / HTTP/1.0\r\nExpect: else\r\nContent-Length: 1\r\n\r\n").expect_continue);
}

TEST_F(RequestReading, H18RefusesAnUnknownExpectation) {
  for (const char* value : {"else", "", "100-continue, else", "100-continue,100-continue", "100"}) {
    const Rejection rejection =
        refuse("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: " + std::string(value) + "\r\n\r\n");
    EXPECT_EQ(rejection.status, 417) << value;
    EXPECT_STREQ(rejection.code, "bad_request");
  }
}

TEST_F(RequestReading, H17SeesAnUpgradeOnlyWhenConnectionNamesIt) {
  const std::string line = "GET /openai/realtime HTTP/1.1\r\nHost: h\r\n";
  EXPECT_TRUE(read(line + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n").upgrade);
  EXPECT_TRUE(read(line + "Upgrade: h2c\r\nConnection: keep-alive, upgrade\r\n\r\nPRI").upgrade);
  EXPECT_FALSE(read(line + "Upgrade: websocket\r\n\r\n").upgrade);
  EXPECT_FALSE(read(line + "Connection: Upgrade\r\n\r\n").upgrade);
  EXPECT_FALSE(read(line + "Connection: Upgrade\r\nUpgrade:\r\n\r\n").upgrade);
  EXPECT_FALSE(read("GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n").upgrade);
}

TEST_F(RequestReading, NamesTheLimitThatWasPassed) {
  EXPECT_STREQ(refuse("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 9223372036854775808\r\n\r\n").code,
               "request_too_large");
  EXPECT_STREQ(refuse("GET /" + std::string(40000, 'x')).code, "bad_request");
  EXPECT_EQ(reader_.rejection().status, 414);
  EXPECT_STREQ(refuse("GET / HTTP/1.1\r\nx: " + std::string(40000, 'x')).code, "headers_too_large");
  EXPECT_EQ(reader_.rejection().status, 431);
}

TEST_F(RequestReading, CountsEveryByteOfTheHeadAgainstItsLimit) {
  const std::string head = "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n";
  RequestReader exact(HeadLimits{head.size(), 1});
  EXPECT_EQ(exact.parse(head + "more"), ReadState::complete);
  RequestReader smaller(HeadLimits{head.size() - 1, 1});
  EXPECT_EQ(smaller.parse(head), ReadState::rejected);
  EXPECT_EQ(smaller.rejection().status, 431);
  RequestReader fewer(HeadLimits{head.size(), 0});
  EXPECT_EQ(fewer.parse(head), ReadState::rejected);
  EXPECT_EQ(fewer.rejection().status, 431);
}

TEST_F(RequestReading, ARefusedHeadHasNothingOfTheOneBefore) {
  read("HEAD /p?a=1 HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 3\r\n\r\n");
  refuse("no request\r\n\r\n");
  const RequestHead& head = reader_.head();
  EXPECT_EQ(head.method, "") << "its answer would have no body";
  EXPECT_TRUE(head.path.empty() && head.query.empty() && head.host.empty() && head.fields.empty());
  EXPECT_EQ(head.framing, Framing::none);
  EXPECT_EQ(head.content_length, 0U);
}

TEST_F(RequestReading, ARefusedHeadIsOfAMethodWhereverItBreaks) {
  for (const char* rest : {"bad\r\n", "a: \x01\r\n", "\n", "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "\r\n"}) {
    refuse(std::string("HEAD /p HTTP/1.1\r\n") + rest);
    EXPECT_EQ(reader_.head().method, "HEAD") << rest;
  }
}

TEST_F(RequestReading, GoesByTheLimitsOfTheLastReset) {
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\nx: y\r\n\r\n";
  RequestReader reader(HeadLimits{head.size(), 1});
  EXPECT_EQ(reader.parse(head), ReadState::rejected);
  reader.reset(HeadLimits{head.size(), 2});
  EXPECT_EQ(reader.parse(head), ReadState::complete);
  EXPECT_EQ(reader.head().fields.size(), 2U);
  reader.reset(HeadLimits{head.size() - 1, 2});
  EXPECT_EQ(reader.parse(head), ReadState::rejected);
}

TEST_F(RequestReading, MarksTheFieldsThatConnectionNames) {
  RequestReader reader(HeadLimits{});
  const std::string first = "GET / HTTP/1.1\r\nX-A: 1\r\nHost: h\r\nConnection: close ,x-a\r\n\r\n";
  ASSERT_EQ(reader.parse(first), ReadState::complete);
  EXPECT_TRUE(reader.head().fields[0].nominated);
  EXPECT_FALSE(reader.head().fields[1].nominated);
  EXPECT_FALSE(reader.head().keep_alive);
  reader.reset();
  const std::string second = "GET / HTTP/1.1\r\nX-A: 1\r\nHost: h\r\n\r\n";
  ASSERT_EQ(reader.parse(second), ReadState::complete);
  EXPECT_FALSE(reader.head().fields[0].nominated);
  EXPECT_TRUE(reader.head().keep_alive);
}

TEST_F(RequestReading, RefusesBeforeTheHeadIsWhole) {
  EXPECT_EQ(refuse("GET / HTTP/3.0\r\n").status, 505);
  EXPECT_EQ(refuse("TRACE / HTTP/1.1\r\n").status, 405);
  EXPECT_EQ(refuse("GET / HTTP/1.1\r\nx y: z\r\n").status, 400);
  EXPECT_EQ(refuse(std::string("\x16\x03", 2)).status, 400);
}

TEST_F(RequestReading, StaysRefused) {
  refuse("GET / HTTP/1.1\n");
  EXPECT_EQ(reader_.parse("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), ReadState::rejected);
}

TEST_F(RequestReading, EveryReasonIsASentence) {
  for (const char* bytes :
       {"\n", "GET\r\n", "GET / HTTP/1.1\r\n x\r\n", "GET / HTTP/1.1\r\n\r\n", "GET x HTTP/1.1\r\nHost: h\r\n\r\n"}) {
    const std::string reason = refuse(bytes).reason;
    EXPECT_TRUE(reason.size() > 10 && reason.back() == '.') << reason;
  }
}

// A megabyte one byte at a time: looking at everything again each time would take hours.
TEST(RequestReader, H22LooksAtEachByteOnce) {
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\nx: " + std::string(1 << 20, 'x') + "\r\n\r\n";
  RequestReader reader(HeadLimits{2 << 20, 10});
  for (std::size_t size = 0; size < head.size(); ++size) {
    ASSERT_EQ(reader.parse(std::string_view(head).substr(0, size)), ReadState::need_more);
  }
  EXPECT_EQ(reader.parse(head), ReadState::complete);
}

TEST(ResponseReader, UnderstandsAnAnswer) {
  const std::string bytes = "HTTP/1.1 429 Too Many\r\nRetry-After: 1\r\ncontent-length: 2\r\n\r\n{}";
  ResponseReader reader({});
  ASSERT_EQ(reader.parse(bytes, false), ReadState::complete);
  const ResponseHead& head = reader.head();
  EXPECT_EQ(head.status, 429);
  EXPECT_EQ(head.reason, "Too Many");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.framing, Framing::length);
  EXPECT_EQ(head.content_length, 2U);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(head.find(FieldId::retry_after)->value, "1");
  EXPECT_EQ(head.find("Content-Length")->value, "2");
  EXPECT_EQ(reader.size(), bytes.size() - 2);
}

TEST(ResponseReader, ForgetsItsFieldsAndReadsTheNextAnswer) {
  const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nx-a: b\r\n\r\n";
  ResponseReader reader({});
  ASSERT_EQ(reader.parse(answer, false), ReadState::complete);
  reader.forget_fields();
  EXPECT_EQ(reader.head().fields.capacity(), 0U);
  EXPECT_EQ(reader.head().status, 200);
  reader.reset();
  ASSERT_EQ(reader.parse(answer, false), ReadState::complete);
  EXPECT_EQ(reader.head().fields.size(), 2U);
}

TEST(ResponseReader, CarriesNothingOverToTheNextAnswer) {
  ResponseReader reader({});
  ASSERT_EQ(reader.parse("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", false), ReadState::complete);
  reader.reset();
  ASSERT_EQ(reader.parse("HTTP/1.1 503\r\nTransfer-Encoding: chunked\r\n\r\n", false), ReadState::complete);
  EXPECT_EQ(reader.head().reason, "");
  EXPECT_EQ(reader.head().content_length, 0U);
  EXPECT_EQ(reader.head().framing, Framing::chunked);
  EXPECT_TRUE(reader.head().keep_alive);
  EXPECT_EQ(reader.head().fields.size(), 1U);
}

TEST(ResponseReader, KeepsTheLengthOfAnAnswerToHead) {
  ResponseReader reader({});
  ASSERT_EQ(reader.parse("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n", true), ReadState::complete);
  EXPECT_EQ(reader.head().framing, Framing::none);
  EXPECT_EQ(reader.head().content_length, 77U);
}

TEST(ResponseReader, SaysWhatIsWrong) {
  ResponseReader reader({});
  EXPECT_EQ(reader.parse("SSH-2.0-OpenSSH\r\n", false), ReadState::rejected);
  EXPECT_STREQ(reader.reason(), "not an HTTP status line");
  EXPECT_EQ(reader.parse("HTTP/1.1 200 OK\r\n\r\n", false), ReadState::rejected);
}

}  // namespace
}  // namespace spillway::http
