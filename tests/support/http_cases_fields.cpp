#include "http_cases_table.hpp"

namespace spillway::test {

using namespace std::string_literals;

static void add_names_and_values(RequestTable& table) {
  for (const std::string& line :
       {"Content-Length : 15"s, "Content-Length\t: 15"s, "x y: 1"s, "no-colon"s, ": empty"s, "x\0y: 1"s, "x\x80: 1"s,
        "x(y): 1"s, "x\"y: 1"s, "x/y: 1"s, "x@y: 1"s, "x[y]: 1"s, "{x}: 1"s, "x,y: 1"s, "x;y: 1"s, "x=y: 1"s,
        "x\x7Fy: 1"s, "x\ty: 1"s, "\xEF\xBB\xBFx: 1"s}) {
    table.refused("H06 field line <" + line + ">", post_json(line + "\r\n"));
  }
  table.mark();
  table.refused("H06 space before the colon of TE", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"));
  table.mark();
  table.refused("H06 space before the colon of Host",
                "GET " + std::string(case_path) + " HTTP/1.1\r\nHost : gateway.test\r\napi-key: test-key\r\n\r\n");
  table.accepted("H06 name with every token byte", post_json("!#$%&'*+-.^_`|~09azAZ: 1\r\n"));

  const std::string line = "GET " + std::string(case_path) + " HTTP/1.1\r\n";
  table.refused("H07 folded value with a space", post_json("x: a\r\n b\r\n"));
  table.mark();
  table.refused("H07 folded value with a tab", post_json("x: a\r\n\tb\r\n"));
  table.refused("H07 folded empty line", post_json("x: a\r\n \r\n"));
  table.refused("H07 space before the first field", line + " Host: gateway.test\r\napi-key: test-key\r\n\r\n");
  table.refused("H07 folded line before the first field",
                line + " x\r\nHost: gateway.test\r\napi-key: test-key\r\n\r\n");
  table.mark();
  table.refused("H07 folded Host", line + "Host:\r\n gateway.test\r\napi-key: test-key\r\n\r\n");

  table.refused("H08 all lines ended by LF", "GET / HTTP/1.1\nHost: gateway.test\napi-key: test-key\n\n");
  table.mark();
  table.refused("H08 request line ended by LF", "GET / HTTP/1.1\nHost: gateway.test\r\napi-key: test-key\r\n\r\n");
  table.refused("H08 one field ended by LF", post_json("x: 1\ny: 2\r\n"));
  table.mark();
  table.refused("H08 head ended by LF", line + "Host: gateway.test\r\napi-key: test-key\r\n\n");
  table.refused("H08 bare CR in a value", post_json("x: 1\ry: 2\r\n"));
  table.mark();
  table.refused("H08 bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: gateway.test\r\n\r\n");
  table.refused("H08 CR CR LF as a line end", post_json("x: 1\r\r\n"));
  table.refused("H08 CR LF CR x as the end", line + "Host: gateway.test\r\napi-key: test-key\r\n\rx");
  table.mark();
  table.refused("H08 LF before the request line", "\n" + get(""));
  table.refused("H08 two empty lines before the request line", "\r\n\r\n" + get(""));
  table.accepted("H08 one empty line before the request line", "\r\n" + post_json(""));
  table.mark();

  for (int code = 0; code <= 0x7F; code = code == 0x1F ? 0x7F : code + 1) {
    if (code == '\t' || code == '\r' || code == '\n') continue;
    const std::string byte(1, static_cast<char>(code));
    table.refused("H09 byte <" + byte + "> in a value", post_json("x: a" + byte + "b\r\n"));
    table.refused("H09 byte <" + byte + "> in the target", get_target("/openai/" + byte + "x"));
  }
  for (const std::string& target : {"/openai/\x80"s, "/openai/x?\xC3\xA4"s, "/openai/x#fragment"s, "/#"s,
                                    "/openai/x?a#b"s, "/openai/a b"s, "/openai/x?a b"s, "/openai/a\tb"s}) {
    table.refused("H09 target <" + target + ">", get_target(target));
  }
  table.mark();
  table.accepted("H09 8-bit bytes in a value", post_json("x: \x80\xC3\xA4\xFF\r\n"));
  table.accepted("H09 tab in a value", post_json("x: a\tb\r\n"));
}

static void add_hosts(RequestTable& table) {
  const auto hosted = [](const std::string& fields) {
    return "POST " + std::string(case_path) + " HTTP/1.1\r\n" + fields +
           "api-key: test-key\r\nContent-Length: 15\r\n\r\n" + std::string(case_json);
  };
  table.refused("H15 no Host", hosted(""));
  table.mark();
  table.refused("H15 Host twice, equal", hosted("Host: gateway.test\r\nHost: gateway.test\r\n"));
  table.mark();
  table.refused("H15 Host twice, different", hosted("Host: gateway.test\r\nhost: other.test\r\n"));
  for (const std::string& value : {""s,
                                   "gateway.test/x"s,
                                   "user@gateway.test"s,
                                   "gateway.test,other.test"s,
                                   "gateway.test:"s,
                                   "gateway.test:http"s,
                                   "gateway.test:65536"s,
                                   "gateway.test:-1"s,
                                   "gateway.test:80:80"s,
                                   ":80"s,
                                   "gate way.test"s,
                                   "gateway.test#"s,
                                   "gateway.test?x"s,
                                   "[::1"s,
                                   "::1"s,
                                   "[]"s,
                                   "[::1]x"s,
                                   "[gateway]"s,
                                   "http://gateway.test"s,
                                   "g\xC3\xA4teway"s,
                                   "gateway.test\\x"s,
                                   "%67ateway.test"s,
                                   "\"gateway.test\""s}) {
    table.refused("H15 Host <" + value + ">", hosted("Host: " + value + "\r\n"));
  }
  table.accepted("H15 Host with a port", hosted("Host: gateway.test:8443\r\n"));
  table.accepted("H15 Host as an IPv4 address", hosted("Host: 127.0.0.1:80\r\n"));
  table.accepted("H15 Host as an IPv6 address", hosted("Host: [::1]:65535\r\n"));
  table.accepted("H15 Host in capitals, last of the fields",
                 "GET " + std::string(case_path) + " HTTP/1.1\r\napi-key: test-key\r\nHOST: GATEWAY.TEST\r\n\r\n");
}

static void add_connections(RequestTable& table) {
  for (const std::string& name :
       {"Content-Length"s, "Transfer-Encoding"s, "Host"s, "api-key"s, "x-hop"s, "keep-alive"s, "HTTP2-Settings"s,
        "TE, trailer"s, "Proxy-Authorization"s, ", ,"s, "\"close\""s, "closed"s}) {
    table.accepted("H16 Connection <" + name + ">", post_json("Connection: " + name + "\r\nx-hop: 1\r\n"));
  }
  table.accepted(
      "H16 chunked body, TE nominated",
      post("Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n", "f\r\n{\"messages\":[]}\r\n0\r\n\r\n"));
  table.mark();
  table.accepted("H16 Connection close", post_json("Connection: close\r\n"), true);
  table.accepted("H16 Connection close in a list", post_json("Connection: x-hop,\tClose , te\r\n"), true);
  table.accepted("H16 Connection close in a second field", post_json("Connection: keep-alive\r\nConnection: close\r\n"),
                 true);
  table.accepted("H16 hop-by-hop fields",
                 post_json("Keep-Alive: timeout=5\r\nProxy-Connection: close\r\n"
                           "Proxy-Authorization: Basic eA==\r\nTE: trailers\r\nTrailer: x\r\n"));
  table.accepted("H16 Upgrade and HTTP2-Settings that Connection does not name",
                 post_json("Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"));
  table.accepted("H16 HTTP2-Settings that Connection names",
                 post_json("Upgrade: h2c\r\nConnection: HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"));

  table.refused("H17 CONNECT", "CONNECT gateway.test:443 HTTP/1.1\r\nHost: gateway.test:443\r\n\r\n", 405);
  table.mark();
  table.refused("H17 CONNECT with a request behind it",
                "CONNECT gateway.test:443 HTTP/1.1\r\nHost: gateway.test:443\r\n\r\n" + get(""), 405);
  table.refused("H17 CONNECT with a body", request("CONNECT gateway.test:443 HTTP/1.1", "Content-Length: 2\r\n", "{}"),
                405);
  table.refused("H17 TRACE with a request behind it", request("TRACE / HTTP/1.1", "") + get(""), 405);
  table.refused("H17 CONNECT with an origin-form target", request("CONNECT / HTTP/1.1", ""), 405);
  table.refused("H17 TRACE", request("TRACE " + std::string(case_path) + " HTTP/1.1", ""), 405);
  table.refused("H17 TRACE *", request("TRACE * HTTP/1.1", ""), 405);
}

void add_field_cases(RequestTable& table) {
  add_names_and_values(table);
  add_hosts(table);
  add_connections(table);
}

}  // namespace spillway::test
