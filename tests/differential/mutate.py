"""Requests, and what a hostile hand makes of them. The same for the same number."""
import random
import re

PATH = b"/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
KEY = b"Host: gateway.test\r\napi-key: some-key\r\n"
JSON = b'{"messages":[{"role":"user","content":"Hi"}]}'
INNER = b"GET /openai/inner HTTP/1.1\r\nHost: inner.test\r\napi-key: some-key\r\n\r\n"
LONG = b'{"messages":"' + b"0123456789abcdef" * 150 + b'"}'


def request(start, fields=b"", body=b""):
    return start + b"\r\n" + KEY + fields + b"\r\n" + body


def sized(body, fields=b"", start=b"POST " + PATH + b" HTTP/1.1"):
    return request(start, fields + b"Content-Length: %d\r\n" % len(body), body)


def chunked(*chunks, fields=b"", extension=b"", trailers=b""):
    body = b"".join(b"%x%s\r\n%s\r\n" % (len(chunk), extension, chunk) for chunk in chunks)
    return request(b"POST " + PATH + b" HTTP/1.1", fields + b"Transfer-Encoding: chunked\r\n",
                   body + b"0\r\n" + trailers + b"\r\n")


# Bodies over a kibibyte are streamed, those below are kept first.
SEEDS = [
    sized(JSON),
    sized(JSON, b"Content-Type: application/json\r\nX-A: 1\r\nx-b: two\r\n"),
    sized(LONG),
    sized(INNER),
    sized(b"0\r\n\r\n" + INNER),
    sized(JSON, b"Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nKeep-Alive: timeout=5\r\n"),
    sized(JSON, b"Expect: 100-continue\r\n"),
    sized(JSON, b"Connection: close\r\n"),
    sized(JSON, b"Connection: keep-alive\r\n", b"POST " + PATH + b" HTTP/1.0"),
    sized(b"", start=b"DELETE /openai/responses/resp_1 HTTP/1.1"),
    sized(b"x", start=b"GET " + PATH + b" HTTP/1.1"),
    chunked(JSON),
    chunked(JSON[:5], JSON[5:], extension=b';a="b;c"', trailers=b"Expires: never\r\n"),
    chunked(LONG[:1500], LONG[1500:], fields=b"X-A: 1\r\n"),
    chunked(LONG, INNER),
    chunked(INNER),
    request(b"GET " + PATH + b" HTTP/1.1"),
    request(b"HEAD /openai/models HTTP/1.1"),
    request(b"GET http://gateway.test/openai/models?api-key=other&x=1 HTTP/1.1"),
    request(b"POST /openai/responses/resp_1/cancel HTTP/1.1"),
    b"\r\n" + request(b"GET /openai/models HTTP/1.1"),
]

BYTES = [b"\r", b"\n", b"\r\n", b"\0", b"\t", b" ", b":", b",", b";", b'"', b"\\", b"0", b"1", b"f", b"-", b"+", b"_",
         b"\x0b", b"\x0c", b"\x1b", b"\x7f", b"\x80", b"\x85", b"\xa0", b"\xff", b"%", b"#", b"?", b"/", b"="]
TOKENS = [b"chunked", b"Chunked", b"identity", b"gzip", b"xchunked", b"close", b"keep-alive", b"upgrade", b"0", b"00",
          b"1", b"5", b"+5", b"-1", b"0x5", b"5, 5", b"ffffffffffffffff", b"18446744073709551621", b"Content-Length",
          b"Transfer-Encoding", b"Host", b"Connection", b"Expect", b"Trailer", b"HTTP/1.0", b"HTTP/1.1", b"HTTP/2.0",
          b"GET", b"HEAD", b"POST", b"CONNECT", b"OPTIONS", b"http", b"HTTP", b"100-continue", b"api-key", b""]
FIELDS = [b"Content-Length: 0", b"Content-Length: 5", b"Content-Length: 45", b"Content-Length: +45", b"Content-Length:",
          b"Content-Length : 45", b"Content-Length: 45, 45", b"Content-Length: 45 ", b"content-length:\t3",
          b"Transfer-Encoding: chunked", b"Transfer-Encoding:chunked", b"Transfer-Encoding : chunked",
          b"Transfer-Encoding: identity", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: chunked, identity",
          b"Transfer-Encoding: \x0bchunked", b"Transfer-Encoding: \"chunked\"", b"Transfer-Encoding:", b"TE: chunked",
          b"X: y\nTransfer-Encoding: chunked", b"X: y\rContent-Length: 5", b" Transfer-Encoding: chunked",
          b"Transfer_Encoding: chunked", b"Content-Length\0: 5", b"Connection: Content-Length",
          b"Connection: Transfer-Encoding", b"Connection: close", b"Connection: keep-alive", b"Connection: api-key, host",
          b"Host: other.test", b"Host:", b"Expect: 100-continue", b"Expect: other", b"Trailer: Content-Length",
          b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__", b"x: " + b"v" * 500, b"no colon", b": no name"]
LINE_ENDS = [b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n\r\n", b"\r\n ", b"\r\n\t", b"", b"\x85", b"\r\0\n"]


def somewhere(rng, data):
    return rng.randrange(len(data) + 1)


def change_byte(rng, data):
    at = somewhere(rng, data)
    new = rng.choice(BYTES) if rng.random() < 0.7 else bytes([rng.randrange(256)])
    return data[:at] + (b"" if rng.random() < 0.25 else new) + data[at + rng.randrange(2):]


def move_slice(rng, data):
    begin = somewhere(rng, data)
    piece = data[begin:begin + rng.choice([1, 2, 4, 16, 64])]
    rest = data if rng.random() < 0.5 else data[:begin] + data[begin + len(piece):]
    at = somewhere(rng, rest)
    return rest[:at] + piece + rest[at:]


def change_token(rng, data):
    tokens = list(re.finditer(rb"[A-Za-z0-9/.\-]+", data))
    if not tokens:
        return data
    token = rng.choice(tokens[:30])
    new = token[0].swapcase() if rng.random() < 0.2 else rng.choice(TOKENS)
    return data[:token.start()] + new + data[token.end():]


def change_lines(rng, data):
    lines = data.split(b"\r\n")
    at = rng.randrange(min(len(lines), 12))
    what = rng.randrange(4)
    if what == 0:
        del lines[at]
    elif what == 1:
        lines.insert(rng.randrange(len(lines) + 1), lines[at])
    elif what == 2:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines.insert(at, rng.choice(FIELDS))
    return b"\r\n".join(lines)


def change_line_end(rng, data):
    ends = [match.start() for match in re.finditer(rb"\r\n", data)]
    if not ends:
        return data
    at = rng.choice(ends)
    return data[:at] + rng.choice(LINE_ENDS) + data[at + 2:]


def add_framing(rng, data):
    lines = data.split(b"\r\n")
    if b"" in lines[1:]:
        lines.insert(rng.randrange(1, lines.index(b"", 1) + 1), rng.choice(FIELDS[:24]))
    return b"\r\n".join(lines)


def change_length(rng, data):
    numbers = list(re.finditer(rb"(?<=Length: )\d+|(?<=\r\n)[0-9a-f]+(?=[;\r])", data))
    if not numbers:
        return add_framing(rng, data)
    number = rng.choice(numbers)
    hexadecimal = not data[:number.start()].endswith(b": ")
    value = max(0, int(number[0], 16 if hexadecimal else 10) + rng.choice([-45, -16, -2, -1, 1, 2, 5, 16, len(INNER)]))
    return data[:number.start()] + (b"%x" if hexadecimal else b"%d") % value + data[number.end():]


def change_chunks(rng, data):
    new = rng.choice([b";x", b";x=\"\r\n\"", b"; ", b";" + b"e" * 300, b"\t", b"\r\n0\r\n\r\n", b"0", b"\r\n" + INNER])
    sizes = list(re.finditer(rb"(?<=\r\n)[0-9a-f]+(?=[;\r])", data))
    at = rng.choice(sizes).end() if sizes else somewhere(rng, data)
    return data[:at] + new + data[at:]


def cut(rng, data):
    at = somewhere(rng, data)
    return data[:at] if rng.random() < 0.5 else data[at:]


def append(rng, data):
    return data + rng.choice([b"\r\n", b"\n", b"0\r\n\r\n", b"x", INNER, INNER[:20], b"\0", b"\r\n\r\n" + INNER])


MUTATIONS = [change_byte, change_byte, change_byte, move_slice, change_token, change_token, change_lines, change_lines,
             change_line_end, add_framing, change_length, change_length, change_chunks, cut, append]


def mutated(seed, number):
    """One to three requests as a client sends them one behind the other, at least one change among them."""
    rng = random.Random(f"{seed}:{number}")
    parts = [rng.choice(SEEDS) for _ in range(rng.choice([1, 1, 1, 2, 2, 3]))]
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randrange(len(parts))
        parts[at] = rng.choice(MUTATIONS)(rng, parts[at])
    return b"".join(parts)
