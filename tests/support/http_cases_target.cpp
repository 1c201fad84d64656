#include "http_cases_table.hpp"

namespace spillway::test {

using namespace std::string_literals;

static void add_request_lines(RequestTable& table) {
  const std::string path(case_path);
  for (const std::string& line : {"GET  " + path + " HTTP/1.1",
                                  "GET " + path + "  HTTP/1.1",
                                  "GET\t" + path + " HTTP/1.1",
                                  "GET " + path + "\tHTTP/1.1",
                                  " GET " + path + " HTTP/1.1",
                                  "GET " + path + " HTTP/1.1 ",
                                  "GET " + path + " http/1.1",
                                  "GET " + path + " Http/1.1",
                                  "GET " + path + " HTTP/1",
                                  "GET " + path + " HTTP/1.1.1",
                                  "GET " + path + " HTTP/01.1",
                                  "GET " + path + " HTTP /1.1",
                                  "GET " + path + " HTTP/x.y",
                                  "GET " + path + " XTTP/1.1",
                                  "GET " + path + " HTTP/11",
                                  "GET " + path,
                                  "GET " + path + " ",
                                  "GET"s,
                                  "GET HTTP/1.1"s,
                                  "GET  HTTP/1.1"s,
                                  " " + path + " HTTP/1.1",
                                  path + " HTTP/1.1",
                                  "G(T " + path + " HTTP/1.1",
                                  "GET: " + path + " HTTP/1.1",
                                  "G\xC3\xA4T " + path + " HTTP/1.1",
                                  "\"GET\" " + path + " HTTP/1.1",
                                  "GET " + path + " x HTTP/1.1"}) {
    table.refused("H13 request line <" + line + ">", request(line, ""));
  }
  table.mark();
  for (const char* version : {"HTTP/0.9", "HTTP/1.2", "HTTP/1.9", "HTTP/2.0", "HTTP/3.0", "HTTP/9.9"}) {
    table.refused("H13 version " + std::string(version), request("GET " + path + " " + version, ""), 505);
  }
  table.mark();
  table.refused("H13 HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
  table.refused("H13 TLS client hello", "\x16\x03\x01\x02\0\x01\0\x01\xFC\x03\x03"s);
  table.refused("H13 HTTP/0.9 request", "GET /\r\n");
}

static void add_targets(RequestTable& table) {
  const std::string path(case_path);
  table.accepted("H14 absolute form, same host", get_target("http://gateway.test" + path));
  table.mark();
  table.accepted("H14 absolute form, https and capitals", get_target("HTTPS://GATEWAY.test" + path));
  for (const std::string& target : {"http://other.test" + path,
                                    "http://gateway.test:81" + path,
                                    "ftp://gateway.test" + path,
                                    "http:/gateway.test" + path,
                                    "http:gateway.test" + path,
                                    "http://" + path,
                                    "http://user@gateway.test" + path,
                                    "http://gateway.test@other.test" + path,
                                    "http://gateway.test\\@other.test/"s,
                                    "gateway.test:443"s,
                                    "*"s,
                                    "openai/x"s,
                                    "@gateway.test"s,
                                    "//gateway.test" + path,
                                    "/openai//deployments"s,
                                    "//"s,
                                    "/openai/../admin"s,
                                    "/openai/./x"s,
                                    "/.."s,
                                    "/."s,
                                    "/openai/.."s,
                                    "/openai/%2e%2e/x"s,
                                    "/openai/.%2E/x"s,
                                    "/openai/%2e"s,
                                    "/openai/%2Fx"s,
                                    "/openai/%2fx"s,
                                    "/openai/%5cx"s,
                                    "/openai\\x"s,
                                    "/openai/%"s,
                                    "/openai/%2"s,
                                    "/openai/%zz"s,
                                    "/openai/x?a=%4"s,
                                    "/openai/%00"s,
                                    "/openai/x%0a"s,
                                    "/openai/<x>"s,
                                    "/openai/\"x\""s,
                                    "/openai/{x}"s,
                                    "/openai/x^"s,
                                    "/openai/x`"s,
                                    "/openai/x|y"s,
                                    "/openai/[x]"s,
                                    "/openai/x?a=\"b\""s,
                                    "/openai/x?a={b}"s,
                                    "/openai/x?a|b"s,
                                    "http://gateway.test/openai/../x"s,
                                    "http://gateway.test#x"s}) {
    table.refused("H14 target <" + target + ">", get_target(target));
  }
  table.mark();
  table.accepted("H14 raw brackets in the query", get_target(path + "&include[]=a&b=?/:@!$'()*,;"));
  table.accepted("H14 escapes in the path",
                 get_target("/openai/deployments/%67pt-4o/chat/completions?api-version=2024-10-21"));
  table.accepted("H14 encoded slash and dots in the query", get_target(path + "&x=%2F..%2f%5C"));
  table.accepted("H14 dots that are no dot segments",
                 get_target("/openai/deployments/gpt-4o/chat/completions?x=/../."));
  table.refused("H14 OPTIONS *", request("OPTIONS * HTTP/1.1", ""));
  table.refused("H14 target of 100 KB", get_target("/openai/" + std::string(100000, 'x')), 414);
  table.refused("H14 method of 100 KB", request(std::string(100000, 'G') + " / HTTP/1.1", ""), 414);
}

static void add_old_clients(RequestTable& table) {
  const std::string path(case_path);
  table.accepted("H19 HTTP/1.0 without keep-alive",
                 request("POST " + path + " HTTP/1.0", "Content-Length: 15\r\n", case_json), true);
  table.mark();
  table.accepted("H19 HTTP/1.0 with keep-alive",
                 request("POST " + path + " HTTP/1.0", "Connection: Keep-Alive\r\nContent-Length: 15\r\n", case_json));
  table.accepted("H19 HTTP/1.0 with close and keep-alive",
                 request("GET " + path + " HTTP/1.0", "Connection: keep-alive, close\r\n"), true);
  table.accepted("H19 HTTP/1.0 without Host", "GET " + path + " HTTP/1.0\r\napi-key: test-key\r\n\r\n", true);
  table.refused("H19 HTTP/1.0 with two Hosts", request("GET " + path + " HTTP/1.0", "Host: gateway.test\r\n"));
  table.accepted("H19 GET without a body", get(""));
  table.mark();
  table.accepted("H19 GET with a body", request("GET " + path + " HTTP/1.1", "Content-Length: 15\r\n", case_json));
  table.mark();
  table.accepted("H19 GET with a chunked body",
                 request("GET " + path + " HTTP/1.1", "Transfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\n\r\n"));
  table.accepted("H19 HEAD", request("HEAD " + path + " HTTP/1.1", ""));
  table.accepted("H19 DELETE with CL 0", request("DELETE " + path + " HTTP/1.1", "Content-Length: 0\r\n"));
  table.accepted("H19 POST without a length", post(""));
  table.accepted("H19 method in lower case is another method", request("get " + path + " HTTP/1.1", ""));
}

static void add_large_heads(RequestTable& table) {
  const auto fields = [](int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += "x: 1\r\n";
    return lines;
  };
  const std::size_t others = get("x: \r\n").size();
  const std::size_t limit = 32 << 10;
  table.accepted("H22 head of exactly 32 KiB", get("x: " + std::string(limit - others, 'v') + "\r\n"));
  table.refused("H22 head one byte over 32 KiB", get("x: " + std::string(limit - others + 1, 'v') + "\r\n"), 431);
  table.refused("H22 one field of 70 KB", get("x: " + std::string(70000, 'v') + "\r\n"), 431);
  table.accepted("H22 100 fields", get(fields(98)));
  table.refused("H22 101 fields", get(fields(99)), 431);
  table.refused("H22 20000 tiny fields", get(fields(20000)), 431);
  std::string large;
  for (int i = 0; i < 1000; ++i) large += "x: " + std::string(1000, 'v') + "\r\n";
  table.refused("H22 1 MB of fields", get(large), 431);
}

void add_target_cases(RequestTable& table) {
  add_request_lines(table);
  add_targets(table);
  add_old_clients(table);
  add_large_heads(table);
}

}  // namespace spillway::test
