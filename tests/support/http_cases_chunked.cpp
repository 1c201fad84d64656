#include "http_cases_table.hpp"

namespace spillway::test {

using namespace std::string_literals;

static void add_sizes(RequestTable& table) {
  const std::string json(case_json);
  const std::string rest = "\r\n" + json + "\r\n0\r\n\r\n";
  table.accepted("H10 one chunk", post_chunked("f" + rest));
  table.mark();
  table.accepted("H10 three chunks", post_chunked("1\r\n{\r\n00d\r\n\"messages\":[]\r\n1\r\n}\r\n0\r\n\r\n"));
  table.mark();
  table.accepted("H10 size in capitals", post_chunked("F" + rest));
  table.accepted("H10 size of 16 digits", post_chunked("000000000000000f" + rest));
  table.accepted("H10 last chunk of 16 zeros", post_chunked("f\r\n" + json + "\r\n0000000000000000\r\n\r\n"));
  for (const std::string& size : {"0xf"s, "+f"s, "-f"s, " f"s, "f_"s, ""s, "0000000000000000f"s, "1000000000000000f"s,
                                  "f "s, "f\t"s, "f\v"s, "f\0"s, "g"s, "f,"s,
                                  "\xA0"
                                  "f"s,
                                  "0x"s, "f\n"s, "f\r"s}) {
    table.refused("H10 chunk size <" + size + ">", post_chunked(size + rest));
  }
  table.mark();
  table.refused("H10 chunk size 2^63", post_chunked("8000000000000000" + rest));
  table.refused("H10 chunk sizes that overflow together", post_chunked("1\r\n{\r\nffffffffffffffff" + rest));
  table.mark();
  table.refused("H10 size line ended by LF", post_chunked("f\n" + json + "\r\n0\r\n\r\n"));
  table.mark();
  table.refused("H10 size line ended by CR", post_chunked("f\r" + json + "\r\n0\r\n\r\n"));
  table.refused("H10 data ended by LF", post_chunked("f\r\n" + json + "\n0\r\n\r\n"));
  table.mark();
  table.refused("H10 data ended by CR", post_chunked("f\r\n" + json + "\r0\r\n\r\n"));
  table.refused("H10 data not ended", post_chunked("f\r\n" + json + "0\r\n\r\n"));
  table.refused("H10 data longer than its size", post_chunked("e\r\n" + json + "\r\n0\r\n\r\n"));
  table.refused("H10 extra CRLF behind data", post_chunked("f\r\n" + json + "\r\n\r\n0\r\n\r\n"));
  table.mark();
  table.refused("H10 extra CRLF before the first chunk", post_chunked("\r\nf" + rest));
  table.refused("H08 all lines of a chunked body ended by LF", post_chunked("f\n" + json + "\n0\n\n"));
  table.refused("H08 all lines of a chunked body ended by CR CR LF",
                post_chunked("f\r\r\n" + json + "\r\r\n0\r\r\n\r\r\n"));
  table.refused("H10 last chunk ended by LF", post_chunked("f\r\n" + json + "\r\n0\n\r\n"));
  table.refused("H10 end of the body ended by LF", post_chunked("f\r\n" + json + "\r\n0\r\n\n"));
  table.refused("H10 end of the body is CR x", post_chunked("f\r\n" + json + "\r\n0\r\n\rx"));
  table.refused("H10 body that is not chunked", post_chunked(json));
}

static void add_extensions(RequestTable& table) {
  const std::string rest = "\r\n" + std::string(case_json) + "\r\n0\r\n\r\n";
  for (const std::string& extension : {";a"s, ";a=b"s, ";a=\"b c\""s, ";a=\"\\\"\\\\\""s, ";a;b=c;d"s, " ; a = b"s,
                                       ";a=\"\""s, ";a=\"\xC3\xA4\""s, ";" + std::string(255, 'x')}) {
    table.accepted("H11 extension <" + extension.substr(0, 20) + ">", post_chunked("f" + extension + rest));
  }
  table.mark();
  table.accepted("H11 extension of the last chunk",
                 post_chunked("f\r\n" + std::string(case_json) + "\r\n0;a=\"b\"\r\n\r\n"));
  for (const std::string& extension :
       {";"s,         ";;a"s,    ";=b"s,        ";a="s,        ";a=b c"s,       ";a b"s,       ";a\n"s,    ";a\rb"s,
        ";a\0"s,      ";a=\"b"s, ";a=\"b\n\""s, ";a=\"b\r\""s, ";a=\"b\r\n\""s, ";a=\"b\0\""s, ";a=\"\\"s, ";a=\"b\"c"s,
        ";a=\"b\";"s, ";a\x7F"s, ";\xA0"s,      ";a "s,        ";a=b "s,        " a"s,         ";a=b;"s,   ";(a)"s}) {
    table.refused("H11 extension <" + extension + ">", post_chunked("f" + extension + rest));
  }
  table.mark();
  table.refused("H11 extension of 257 bytes", post_chunked("f;" + std::string(256, 'x') + rest));
  table.refused("H11 extension of 64 KB", post_chunked("f;a=" + std::string(65536, 'x') + rest));
  table.refused("H11 quoted extension of 64 KB", post_chunked("f;a=\"" + std::string(65536, ' ') + "\"" + rest));
  table.refused("H11 extension of 4 MB", post_chunked("f;a=" + std::string(4 << 20, 'x') + rest));
  std::string large;
  for (int i = 0; i < 1000; ++i) large += "1;" + std::string(1000, 'x') + "\r\n \r\n";
  table.refused("H11 chunks of one byte with extensions of 1 KB", post_chunked(large + "f" + rest));
  std::string small;
  for (int i = 0; i < 400; ++i) small += "1;" + std::string(250, 'x') + "\r\n \r\n";
  table.refused("H11 more framing than the body is worth", post_chunked(small + "f" + rest));
}

static void add_trailers(RequestTable& table) {
  const std::string start = "f\r\n" + std::string(case_json) + "\r\n0\r\n";
  table.accepted("H12 trailer", post_chunked(start + "Expires: never\r\n\r\n"));
  table.mark();
  table.accepted("H12 trailers with framing names",
                 post_chunked(start + "Content-Length: 5\r\nTransfer-Encoding: gzip\r\nHost: other\r\n\r\n"));
  table.accepted("H12 trailers with credentials",
                 post_chunked(start + "api-key: other\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n"));
  table.accepted("H12 trailer with an empty value", post_chunked(start + "a:\r\n\r\n"));
  table.refused("H12 folded trailer", post_chunked(start + "a: b\r\n c\r\n\r\n"));
  table.mark();
  table.refused("H07 trailer folded with a tab", post_chunked(start + "a: b\r\n\tc\r\n\r\n"));
  table.refused("H07 trailers that end with a folded empty line", post_chunked(start + "a: b\r\n \r\n\r\n"));
  table.refused("H12 trailer that starts with a space", post_chunked(start + " a: b\r\n\r\n"));
  table.refused("H12 trailer without a colon", post_chunked(start + "abc\r\n\r\n"));
  table.refused("H12 trailer without a name", post_chunked(start + ": b\r\n\r\n"));
  table.refused("H12 trailer with a space before the colon", post_chunked(start + "a : b\r\n\r\n"));
  table.refused("H12 trailer ended by LF", post_chunked(start + "a: b\n\r\n"));
  table.mark();
  table.refused("H12 trailer with a bare CR", post_chunked(start + "a: b\rc\r\n\r\n"));
  table.refused("H12 trailer with NUL", post_chunked(start + "a: b\0\r\n\r\n"s));
  table.refused("H12 request in the place of a trailer", post_chunked(start + "GET / HTTP/1.1\r\n\r\n"));
  table.refused("H12 trailers of 64 KB", post_chunked(start + "a: " + std::string(65536, 'x') + "\r\n\r\n"));
  table.refused("H12 trailers of 4 MB", post_chunked(start + "a: " + std::string(4 << 20, 'x') + "\r\n\r\n"));
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "a:\r\n";
  table.refused("H12 3000 trailers", post_chunked(start + many + "\r\n"));
}

void add_chunk_cases(RequestTable& table) {
  add_sizes(table);
  add_extensions(table);
  add_trailers(table);
}

}  // namespace spillway::test
