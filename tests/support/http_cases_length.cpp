#include "http_cases_table.hpp"

namespace spillway::test {

using namespace std::string_literals;

static void add_both_framings(RequestTable& table) {
  const std::string coding = "Transfer-Encoding: chunked\r\n";
  const std::string chunks = "f\r\n" + std::string(case_json) + "\r\n0\r\n\r\n";
  table.refused("H01 CL then TE", post("Content-Length: 15\r\n" + coding, chunks));
  table.mark();
  table.refused("H01 TE then CL", post(coding + "Content-Length: 15\r\n", chunks));
  table.mark();
  table.refused("H01 CL 0 then TE", post("Content-Length: 0\r\n" + coding, chunks));
  table.refused("H01 TE then CL 0", post(coding + "Content-Length: 0\r\n", chunks));
  table.refused("H01 CL short then TE", post("Content-Length: 3\r\n" + coding, chunks));
  table.refused("H01 TE then exact CL", post(coding + "Content-Length: 25\r\n", chunks));
  table.refused("H01 CL then unknown TE", post("Content-Length: 15\r\nTransfer-Encoding: gzip\r\n", case_json));
  table.refused("H01 unknown TE then CL", post("Transfer-Encoding: xchunked\r\nContent-Length: 15\r\n", case_json));
  table.refused("H01 invalid CL with TE", post("Content-Length: x\r\n" + coding, chunks));
  table.refused("H01 empty TE then CL", post("Transfer-Encoding:\r\nContent-Length: 15\r\n", case_json));
}

static void add_lengths(RequestTable& table) {
  table.refused("H02 equal CL twice", post("Content-Length: 15\r\nContent-Length: 15\r\n", case_json));
  table.mark();
  table.refused("H02 different CL twice", post("Content-Length: 15\r\nContent-Length: 5\r\n", case_json));
  table.mark();
  table.refused("H02 equal CL twice in other spelling",
                post("Content-Length: 15\r\ncontent-length: 15\r\n", case_json));
  table.refused("H02 CL list of equal numbers", post("Content-Length: 15, 15\r\n", case_json));
  table.refused("H02 CL list of different numbers", post("Content-Length: 15,5\r\n", case_json));
  table.refused("H02 CL list with an empty element", post("Content-Length: 15,\r\n", case_json));
  table.refused("H02 CL list that starts empty", post("Content-Length: ,15\r\n", case_json));
  table.refused("H02 valid CL then empty CL", post("Content-Length: 15\r\nContent-Length:\r\n", case_json));

  for (const std::string& value : {"+15"s, "-15"s, "0x0f"s, "15a"s, "1 5"s, ""s, "15.0"s, "\"15\""s, "1_5"s, "15;"s,
                                   "1e1"s, "15\xA0"s, "\xEF\xBC\x91\xEF\xBC\x95"s, "15\v"s, "15\0"s, "\f15"s}) {
    table.refused("H03 CL <" + value + ">", post("Content-Length: " + value + "\r\n", case_json));
  }
  table.mark();
  table.refused("H03 CL 2^63", post("Content-Length: 9223372036854775808\r\n"), 413);
  table.refused("H03 CL 2^64", post("Content-Length: 18446744073709551616\r\n"), 413);
  table.refused("H03 CL 2^64 + 15", post("Content-Length: 18446744073709551631\r\n", case_json), 413);
  table.mark();
  table.refused("H03 CL of 60 digits", post("Content-Length: " + std::string(60, '9') + "\r\n"), 413);
  table.accepted("H03 CL with leading zeros", post("Content-Length: 0000000000000000000000015\r\n", case_json));
  table.accepted("H03 CL between tabs and spaces", post("Content-Length: \t 15 \t\r\n", case_json));
  table.accepted("H03 CL without a space", post("Content-Length:15\r\n", case_json));
  table.mark();
}

static void add_codings(RequestTable& table) {
  const auto coded = [](const std::string& value) {
    return post("Transfer-Encoding: " + value + "\r\n", "f\r\n" + std::string(case_json) + "\r\n0\r\n\r\n");
  };
  for (const std::string& value : {"gzip"s, "identity"s, "xchunked"s, "chunke"s, "gzip, chunked"s, "gzip;q=1"s,
                                   "gzip;a=\"x, chunked\""s, "br , chunked"s}) {
    table.refused("H04 TE <" + value + ">", coded(value), 501);
  }
  table.mark();
  for (const std::string& value :
       {"chunked, chunked"s,  "chunked, gzip"s,    "chunked, identity"s, "chunked;q=1"s, "gzip, chunked;a=b"s,
        "\"chunked\""s,       "'chunked"s + "\""s, ",chunked"s,          "chunked,"s,    ""s,
        "chun ked"s,          "chunked\v"s,        "\vchunked"s,         "chunked\0"s,   "chunked\xA0"s,
        "\xA0"s + "chunked"s, "chunked\xC2\x85"s,  "chunked;"s,          "gzip;a"s,      "gzip;a=\"b"s,
        "(chunked)"s,         "gzip chunked"s}) {
    table.refused("H04 TE <" + value + ">", coded(value));
  }
  table.mark();
  table.refused("H04 TE twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  table.mark();
  table.refused("H04 TE twice, second unknown",
                post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"));
  table.refused("H04 TE twice, first unknown",
                post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  table.refused("H04 TE folded", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"));
  table.accepted("H04 TE chunked in capitals", coded("CHUNKED"));
  table.accepted("H04 TE chunked between blanks", coded(" \tchunked\t "));
  table.mark();

  const std::string line = "POST " + std::string(case_path) + " HTTP/1.0";
  table.refused("H05 TE in HTTP/1.0", request(line, "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  table.mark();
  table.refused("H05 TE and CL in HTTP/1.0",
                request(line, "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"));
  table.refused("H05 TE and keep-alive in HTTP/1.0",
                request(line, "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n", "0\r\n\r\n"));
  table.refused(
      "H05 TE and CL, CL nominated by Connection",
      post("Connection: Content-Length\r\nTransfer-Encoding: chunked\r\nContent-Length: 15\r\n", "0\r\n\r\n"));
  table.refused(
      "H05 TE and CL, TE nominated by Connection",
      post("Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"));
}

void add_length_cases(RequestTable& table) {
  add_both_framings(table);
  add_lengths(table);
  add_codings(table);
  table.refused("H23 one byte over the limit by CL", post("Content-Length: 536870913\r\n"), 413);
  table.refused("H23 20 GB announced by CL", post("Content-Length: 21474836480\r\n"), 413);
  table.refused("H23 2^63 - 1 announced by CL", post("Content-Length: 9223372036854775807\r\n"), 413);
  table.refused("H23 one byte over the limit by one chunk", post_chunked("20000001\r\n"), 413);
  table.refused("H23 over the limit by the sum of two chunks", post_chunked("5\r\nhello\r\n1ffffffc\r\n"), 413);
  table.mark();
  table.refused("H23 20 GB announced by a chunk", post_chunked("500000000\r\nhello"), 413);
}

}  // namespace spillway::test
