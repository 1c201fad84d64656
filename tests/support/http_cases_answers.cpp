#include <string>

#include "http_cases_table.hpp"

namespace spillway::test {

using namespace std::string_literals;

namespace {

struct ResponseTable {
  std::vector<ResponseCase> cases;

  ResponseCase& accepted(std::string_view name, std::string bytes, std::string body, bool reusable = true) {
    ResponseCase added;
    added.name = printable(name);
    added.bytes = std::move(bytes);
    added.body = std::move(body);
    added.accepted = true;
    added.reusable = reusable;
    return cases.emplace_back(std::move(added));
  }
  void refused(std::string_view name, std::string bytes) {
    ResponseCase added;
    added.name = printable(name);
    added.bytes = std::move(bytes);
    cases.push_back(std::move(added));
  }
};

std::string ok(std::string_view fields, std::string_view body = {}) {
  return std::string("HTTP/1.1 200 OK\r\n").append(fields).append("\r\n").append(body);
}

void add_legal(ResponseTable& table) {
  table.accepted("H24 length", ok("Content-Length: 2\r\n", "{}"), "{}");
  table.accepted("H24 length 0", ok("Content-Length: 0\r\n"), "");
  table.accepted("H24 chunked",
                 ok("Transfer-Encoding: chunked\r\n", "1\r\n{\r\n1;x=\"y\"\r\n}\r\n0\r\nExpires: 0\r\n\r\n"), "{}");
  table.accepted("H24 chunked in capitals", ok("TRANSFER-ENCODING: Chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"), "{}");
  table.accepted("H24 length, Connection close", ok("Connection: close\r\nContent-Length: 2\r\n", "{}"), "{}", false);
  table.accepted("H24 no framing ends with the connection", ok("Content-Type: a/b\r\n", "{}"), "{}", false)
      .until_close = true;
  table.accepted("H24 keep-alive without framing", ok("Connection: keep-alive\r\n", "{}"), "{}", false).until_close =
      true;
  table.accepted("H24 HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", "{}", false);
  table.accepted("H24 HTTP/1.0 with keep-alive",
                 "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}", "{}");
  table.accepted("H24 empty reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "");
  table.accepted("H24 reason and its space left out", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "");
  table.accepted("H24 reason of several words and 8-bit bytes",
                 "HTTP/1.1 429 Too \xC3\xA4 many\r\nContent-Length: 0\r\n\r\n", "");
  table.accepted("H24 unregistered status", "HTTP/1.1 599 x\r\nContent-Length: 0\r\n\r\n", "");
  table.accepted("H24 no fields", "HTTP/1.1 503 Gone\r\n\r\n", "", false).until_close = true;
}

void add_bodyless(ResponseTable& table) {
  const std::string final_answer = ok("Content-Length: 2\r\n", "{}");
  table.accepted("H25 100 before the answer", "HTTP/1.1 100 Continue\r\n\r\n" + final_answer, "{}").interim = 1;
  table
      .accepted("H25 103 with fields before the answer",
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + final_answer, "{}")
      .interim = 1;
  table
      .accepted("H25 three interim answers",
                "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 100\r\n\r\n" + final_answer, "{}")
      .interim = 3;
  table.refused("H25 101 unasked", "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nbytes");
  table.accepted("H25 204", "HTTP/1.1 204 No Content\r\n\r\n", "");
  table.accepted("H25 204 with bytes", "HTTP/1.1 204 No Content\r\n\r\nstray", "", false).stray = 5;
  table.accepted("H25 204 that announces a body", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "", false);
  table.accepted("H25 204 that says it is chunked", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "",
                 false);
  table.accepted("H25 304 with the length of what it does not send", "HTTP/1.1 304 x\r\nContent-Length: 99\r\n\r\n",
                 "");
  table.accepted("H25 304 with bytes", "HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\nstray", "", false).stray = 5;
  table.accepted("H25 HEAD with a length", ok("Content-Length: 99\r\n"), "").to_head = true;
  table.accepted("H25 HEAD, chunked", ok("Transfer-Encoding: chunked\r\n"), "").to_head = true;
  table.accepted("H25 HEAD without framing", ok(""), "").to_head = true;
  ResponseCase& head = table.accepted("H25 HEAD with bytes", ok("Content-Length: 2\r\n", "{}"), "", false);
  head.to_head = true;
  head.stray = 2;
  table.accepted("H25 bytes behind a body with a length", ok("Content-Length: 2\r\n", "{}x"), "{}", false).stray = 1;
  table
      .accepted("H25 bytes behind a chunked body", ok("Transfer-Encoding: chunked\r\n", "0\r\n\r\nHTTP/1.1 200 OK\r\n"),
                "", false)
      .stray = 17;
}

void add_framing(ResponseTable& table) {
  table.refused("H24 CL and TE", ok("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  table.refused("H24 TE and CL", ok("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "0\r\n\r\n"));
  table.refused("H24 TE twice", ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  table.refused("H24 TE in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  for (const std::string& value :
       {"gzip"s, "identity"s, "gzip, chunked"s, "chunked, chunked"s, "chunked;a=b"s, ""s, "xchunked"s}) {
    table.refused("H24 TE <" + value + ">", ok("Transfer-Encoding: " + value + "\r\n", "0\r\n\r\n"));
  }
  table.refused("H24 CL twice", ok("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"));
  for (const std::string& value :
       {"2, 2"s, "+2"s, "-2"s, "0x2"s, "2a"s, ""s, "9223372036854775808"s, "18446744073709551618"s}) {
    table.refused("H24 CL <" + value + ">", ok("Content-Length: " + value + "\r\n", "{}"));
  }
  table.refused("H24 bad CL where HEAD was not asked", ok("Content-Length: x\r\n"));
  table.refused("H24 bad CL in a 304", "HTTP/1.1 304 x\r\nContent-Length: 1,1\r\n\r\n");
  for (const std::string& body :
       {"x\r\n"s, "2\n{}\r\n0\r\n\r\n"s, "2\r\n{}x\r\n0\r\n\r\n"s, "2\r\n{}\n0\r\n\r\n"s,
        "00000000000000002\r\n{}\r\n0\r\n\r\n"s, "-2\r\n"s, "2\r\n{}\r\n0\r\nfold\r\n\r\n"s, "\r\n"s}) {
    table.refused("H24 chunked body <" + body + ">", ok("Transfer-Encoding: chunked\r\n", body));
  }
}

void add_heads(ResponseTable& table) {
  for (const std::string& line : {"HTTP/1.1 099 x"s,
                                  "HTTP/1.1 600 x"s,
                                  "HTTP/1.1 20 x"s,
                                  "HTTP/1.1 2000 x"s,
                                  "HTTP/1.1 2x0 x"s,
                                  "HTTP/1.1  200 x"s,
                                  "HTTP/1.1 -20 x"s,
                                  "HTTP/1.1"s,
                                  "HTTP/1.1 "s,
                                  "HTTP/2.0 200 x"s,
                                  "HTTP/1.2 200 x"s,
                                  "http/1.1 200 x"s,
                                  "HTTP/1.1\t200 x"s,
                                  "HTTP/1.1 200\tx"s,
                                  "ICY 200 OK"s,
                                  "<html>"s,
                                  ""s,
                                  " HTTP/1.1 200 OK"s,
                                  "200 OK"s,
                                  "HTTP/1.1 200x"s}) {
    table.refused("H24 status line <" + line + ">", line + "\r\nContent-Length: 0\r\n\r\n");
  }
  for (const std::string& line : {"x : 1"s, "x\t: 1"s, " x: 1"s, "x y: 1"s, "nothing"s, ": 1"s, "x: a\0b"s, "x: a\x01"s,
                                  "x: a\x7F"s, "x: a\rb"s, "x: a\r\n fold"s, "x\x80: 1"s, "x: a\r"s}) {
    table.refused("H24 field line <" + line + ">", ok("Content-Length: 0\r\n" + line + "\r\n"));
  }
  table.refused("H24 all lines ended by LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n");
  table.refused("H24 one line ended by LF", ok("x: 1\nContent-Length: 0\r\n"));
  table.refused("H24 head ended by LF", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n");
  table.refused("H24 NUL in the reason", "HTTP/1.1 200 a\0b\r\nContent-Length: 0\r\n\r\n"s);
  table.refused("H24 empty line before the answer", "\r\n" + ok("Content-Length: 0\r\n"));
  table.refused("H24 head of 1 MB", ok("x: " + std::string(1 << 20, 'x') + "\r\n"));
  table.refused("H24 status line of 1 MB", "HTTP/1.1 200 " + std::string(1 << 20, 'x'));
  std::string many;
  for (int i = 0; i < 101; ++i) many += "x: 1\r\n";
  table.refused("H24 101 fields", ok(many));
}

}  // namespace

const std::vector<ResponseCase>& response_cases() {
  static const std::vector<ResponseCase> cases = [] {
    ResponseTable table;
    add_legal(table);
    add_bodyless(table);
    add_framing(table);
    add_heads(table);
    return table.cases;
  }();
  return cases;
}

}  // namespace spillway::test
