#include <gtest/gtest.h>

#include <set>

#include "http_cases.hpp"
#include "message_driver.hpp"

namespace spillway::test {
namespace {

MessageResult read_split(std::string_view bytes, std::size_t first, std::size_t second = std::string_view::npos) {
  RequestDriver driver;
  driver.feed(bytes.substr(0, first));
  if (second != std::string_view::npos) {
    driver.feed(bytes.substr(first, second - first));
    driver.feed(bytes.substr(second));
  } else {
    driver.feed(bytes.substr(first));
  }
  return driver.result();
}

TEST(RequestCases, AreManyAndHaveNamesOfTheirOwn) {
  EXPECT_GE(request_cases().size(), 160U);
  EXPECT_GE(central_cases().size(), 30U);
  std::set<std::string> names;
  for (const RequestCase& tried : request_cases()) {
    EXPECT_TRUE(names.insert(tried.name).second) << tried.name;
    EXPECT_EQ(tried.name.front(), 'H') << tried.name;
  }
}

TEST(RequestCases, EndAsTheProfileSays) {
  for (const RequestCase& tried : request_cases()) {
    const MessageResult result = read_whole(tried.bytes);
    EXPECT_EQ(result.status, tried.status) << tried.name << ": " << result.reason;
    if (tried.status != 0) continue;
    EXPECT_EQ(result.left, 0U) << tried.name;
    EXPECT_EQ(result.keep_alive, !tried.close) << tried.name;
  }
}

TEST(RequestCases, H21EndTheSameOneByteAtATime) {
  for (const RequestCase& tried : request_cases()) {
    RequestDriver driver;
    driver.step(tried.bytes.size() > 4096 ? 97 : 1);
    driver.feed(tried.bytes);
    EXPECT_EQ(driver.result(), read_whole(tried.bytes)) << tried.name;
  }
}

TEST(RequestCases, H21EndTheSameSplitAtEveryByte) {
  for (const RequestCase& tried : request_cases()) {
    if (tried.bytes.size() > 4096) continue;
    const MessageResult whole = read_whole(tried.bytes);
    for (std::size_t cut = 1; cut < tried.bytes.size(); ++cut) {
      ASSERT_EQ(read_split(tried.bytes, cut), whole) << tried.name << " cut at " << cut;
    }
  }
}

TEST(RequestCases, H21ChunkedRequestEndsTheSameSplitAtEveryPairOfBytes) {
  const std::string bytes =
      "POST /path?query=val HTTP/1.1\r\nHost: gateway.test\r\nTransfer-Encoding: chunked\r\nx: some values\r\n\r\n"
      "5;name=\"quo\\\"ted\"\r\nhello\r\n0000a ; b = c\r\n, chunked \r\n1\r\n!\r\n00000000;last\r\nTrailer-Field: "
      "dropped\r\nx:\r\n\r\n";
  ASSERT_GE(bytes.size(), 200U);
  const MessageResult whole = read_whole(bytes);
  ASSERT_EQ(whole.status, 0) << whole.reason;
  ASSERT_EQ(whole.body, "hello, chunked !");
  for (std::size_t first = 1; first < bytes.size(); ++first) {
    for (std::size_t second = first + 1; second < bytes.size(); ++second) {
      ASSERT_EQ(read_split(bytes, first, second), whole) << "cut at " << first << " and " << second;
    }
  }
}

TEST(RequestCases, H21AnIncompleteRequestIsNeverAccepted) {
  for (const RequestCase& tried : request_cases()) {
    if (tried.status != 0 || tried.bytes.size() > 4096) continue;
    for (std::size_t size = 0; size < tried.bytes.size(); ++size) {
      ASSERT_EQ(read_whole(std::string_view(tried.bytes).substr(0, size)).status, -1) << tried.name << " at " << size;
    }
  }
}

}  // namespace
}  // namespace spillway::test
