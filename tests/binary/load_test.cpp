#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "http_message.hpp"
#include "program.hpp"
#include "socket.hpp"
#include "tls_files.hpp"

// The load generator as a program, against a server in the test.
namespace spillway::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char lab[] = SPILLWAY_LAB_PROGRAM;
constexpr char key[] = "a-key-nobody-may-see";

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Answers like a gateway with two members in turn; every `failing`-th request gets a 503. Sees one caller.
class Gateway {
 public:
  explicit Gateway(int failing = 0) : failing_(failing), thread_([this] { serve(); }) {}
  ~Gateway() { stop(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(listening_.port()); }
  // What its first caller sent; it serves no more.
  const std::string& first_head() {
    stop();
    return first_head_;
  }

 private:
  void stop() {
    listening_.close();
    if (thread_.joinable()) thread_.join();
  }
  void serve() {
    int number = 0;
    for (;;) {
      Socket socket = listening_.accept();
      if (!socket.open()) return;
      std::string bytes;
      for (std::string more = socket.receive(); !more.empty(); more = socket.receive()) {
        bytes += more;
        while (const auto request = take_message(bytes)) {
          if (number == 0) first_head_ = request->raw_head;
          socket.send(answer(++number));
        }
      }
    }
  }

  std::string answer(int number) const {
    if (failing_ != 0 && number % failing_ == 0) {
      const std::string body = R"({"error":{"code":"no_backend_available","message":"Nobody is there."}})";
      return "HTTP/1.1 503 x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    const std::string name = number % 2 == 0 ? "westus" : "eastus<b>";
    const std::string region = number % 2 == 0 ? "West US" : "East US";
    return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nx-routed-backend: " + name + "\r\nx-ms-region: " + region +
           "\r\nx-routing-strategy: round_robin\r\n\r\n{}";
  }

  int failing_;
  std::string first_head_;
  ListeningSocket listening_;
  std::jthread thread_;
};

Finished load(const std::string& url, std::vector<std::string> more = {}) {
  std::vector<std::string> command = {lab, "load", "--url", url, "--model", "gpt-4o-mini"};
  command.insert(command.end(), more.begin(), more.end());
  return run_program(command, {{"SPILLWAY_API_KEY", key}});
}

TEST(Load, PrintsSavesAndCompares) {
  const TemporaryFolder folder;
  const std::string json = folder.path() + "/run.json";
  const std::string page = folder.path() + "/run.html";
  {
    Gateway gateway;
    const Finished done = load(gateway.url(), {"--requests", "9", "--warmup", "1", "--json", json, "--report", page});
    EXPECT_EQ(done.code, 0) << done.out << done.err;
    EXPECT_THAT(done.out, HasSubstr("     1     200  westus                West US"));
    EXPECT_THAT(done.out, HasSubstr("9 succeeded (100.0 %)"));
    EXPECT_THAT(done.out, HasSubstr("         5   55.6 %"));
    EXPECT_THAT(done.out, HasSubstr("P99"));
    EXPECT_THAT(done.out + done.err + contents(json) + contents(page), Not(HasSubstr(key)));
    EXPECT_THAT(gateway.first_head(), HasSubstr(std::string("api-key: ") + key)) << "from the environment";
  }
  const auto saved = nlohmann::json::parse(contents(json));
  EXPECT_EQ(saved["totals"]["requests"], 9);
  EXPECT_EQ(saved["records"].size(), 9);
  EXPECT_EQ(saved["by_strategy"][0]["name"], "round_robin");
  EXPECT_THAT(contents(page), HasSubstr("eastus&lt;b&gt;"));
  EXPECT_THAT(contents(page), Not(HasSubstr("<b>")));

  const Finished compared = run_program({lab, "compare", json, json});
  EXPECT_EQ(compared.code, 0) << compared.err;
  EXPECT_THAT(compared.out, HasSubstr("round_robin   round_robin"));
  EXPECT_THAT(compared.out, HasSubstr("5   55.6 %    5   55.6 %"));
}

TEST(Load, SomeFailuresAreExitCodeOne) {
  const Gateway gateway(3);
  const Finished done = load(gateway.url(), {"--requests", "10", "--quiet", "--max-failures-shown", "1"});
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.out, HasSubstr("7 succeeded (70.0 %)"));
  EXPECT_THAT(done.out, HasSubstr("3 x  503  no_backend_available"));
  EXPECT_THAT(done.out, HasSubstr("The first 1:\n       3    503  no_backend_available: Nobody is there.\n"));
}

TEST(Load, AtAFixedRateForSomeTime) {
  Gateway gateway;
  const Finished done = load(gateway.url(), {"--rate", "100/s", "--duration", "50ms", "--concurrency", "1"});
  EXPECT_EQ(done.code, 0) << done.out << done.err;
  EXPECT_THAT(done.out, HasSubstr("5 succeeded")) << "due after 0, 10, 20, 30 and 40 ms";
  EXPECT_THAT(done.out, HasSubstr("Pace: 100 a second, at most 1 in flight"));
}

TEST(Load, NobodyThereIsAFailure) {
  std::string url;
  {
    const ListeningSocket gone;
    url = "http://127.0.0.1:" + std::to_string(gone.port());
  }
  const Finished done = load(url, {"--requests", "2"});
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.out, HasSubstr("cannot connect: Connection refused"));
}

TEST(Load, TheKeyMayBeInAFile) {
  const TemporaryFolder folder;
  Gateway gateway;
  const std::string file = folder.write("key", "from-a-file\r\n");
  EXPECT_EQ(load(gateway.url(), {"--requests", "1", "--api-key-file", file}).code, 0);
  EXPECT_THAT(gateway.first_head(), HasSubstr("api-key: from-a-file\r\n"));
}

TEST(Load, OptionsThatMakeNoSenseAreUsageErrors) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_program({lab, "load"}).code, 2);
  EXPECT_EQ(load("nowhere").code, 2);
  EXPECT_EQ(load("http://127.0.0.1:1", {"--rate", "fast"}).code, 2);
  EXPECT_EQ(load("http://127.0.0.1:1", {"--api", "images"}).code, 2);
  EXPECT_EQ(load("http://127.0.0.1:1", {"--concurrency", "0"}).code, 2);
  EXPECT_EQ(load("https://127.0.0.1:1", {"--ca", "/nothing/there"}).code, 2);
  EXPECT_EQ(load("http://127.0.0.1:1", {"--body", "/nothing/there"}).code, 2);
  const Finished unwritable = load("http://127.0.0.1:1", {"--json", "/nothing/there.json"});
  EXPECT_EQ(unwritable.code, 2) << "before anything is sent, not after";
  EXPECT_THAT(unwritable.err, HasSubstr("/nothing/there.json: No such file or directory"));
  const Finished bad_key = load("http://127.0.0.1:1", {"--api-key", "se\ncret"});
  EXPECT_EQ(bad_key.code, 2);
  EXPECT_THAT(bad_key.err, Not(HasSubstr("cret")));
}

TEST(Compare, NamesTheFileThatIsWrong) {
  const TemporaryFolder folder;
  const std::string other = folder.write("other.json", R"({"a":1})");
  const Finished done = run_program({lab, "compare", other, "/nothing/there.json"});
  EXPECT_EQ(done.code, 1);
  EXPECT_THAT(done.err, HasSubstr(other + " was not written by `spillway-lab load --json`"));
  EXPECT_THAT(done.err, HasSubstr("/nothing/there.json: No such file or directory"));
  EXPECT_EQ(run_program({lab, "compare"}).code, 2);
}

}  // namespace
}  // namespace spillway::test
