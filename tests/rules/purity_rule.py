"""Rooms that decide know neither sockets nor the time: no Asio but its buffers, no now(). Banned everywhere: asio::detached,
which swallows exceptions, and asio::ssl::stream, which holds too much memory (docs/architecture.md)."""
import re

import rule

PURE_ROOMS = {"base", "config", "http", "observe", "routing", "pool"}
PURE_FILES = {
    "forward": {"outcome", "retry_policy", "rewrite", "replies"},
    "identity": {"grant", "date", "refresh", "encode", "assertion", "message", "source", "app_service", "arc", "imds", "workload",
                 "client_secret", "client_certificate"},
}
READS_THE_CLOCK = {"src/base/log.cpp"}  # a log line says when it was written

ASIO = re.compile(r"^[ \t]*#[ \t]*include[ \t]*<(boost/asio(?:/[^>]*|\.hpp))>", re.MULTILINE)
NOW = re.compile(r"\bnow\s*\(\s*\)")
BANNED = [
    (re.compile(r"\bdetached\b"), "asio::detached swallows exceptions; spawn with a completion handler"),
    (re.compile(r"\bssl\s*::\s*stream\b"), "asio::ssl::stream; use net's TLS stream"),
]
BANNED_INCLUDE = re.compile(r"boost/asio/(detached|ssl/stream|ssl)\.hpp")


def is_pure(path):
    room = path.parts[1] if path.parts[0] == "src" else path.parts[2]
    return room in PURE_ROOMS or path.stem in PURE_FILES.get(room, ())


def check(root):
    found = []

    def report(path, text, offset, what):
        found.append(f"{path}:{rule.line_of(text, offset)}: {what}")

    for path, text in rule.sources(root, "src", "include/spillway"):
        code = rule.code_only(text)
        for pattern, what in BANNED:
            for match in pattern.finditer(code):
                report(path, text, match.start(), what)
        for match in ASIO.finditer(text):
            if BANNED_INCLUDE.search(match.group(1)):
                report(path, text, match.start(), f"{match.group(1)} is banned")
            elif is_pure(path) and match.group(1) != "boost/asio/buffer.hpp":
                report(path, text, match.start(), f"a pure file includes {match.group(1)}")
        if is_pure(path) and str(path) not in READS_THE_CLOCK:
            for match in NOW.finditer(code):
                report(path, text, match.start(), "a pure file reads the clock; take the time as an argument")
    return found


SAMPLES = [
    ("a clean tree", {"src/pool/a.cpp": "#include <boost/asio/buffer.hpp>\n// now()\nauto s = \"now()\"; f(now);",
                      "src/net/a.cpp": "#include <boost/asio/awaitable.hpp>\nauto t = Clock::now();",
                      "src/base/log.cpp": "auto t = Clock::now();"}, None),
    ("a clock in a pure room", {"src/pool/a.cpp": "\nauto t = Clock::now();"}, "src/pool/a.cpp:2: a pure file reads"),
    ("a clock in a pure header", {"include/spillway/http/a.hpp": "inline auto t() { return Clock::now (); }"}, "reads the clock"),
    ("a clock in a pure file of forward", {"src/forward/rewrite.cpp": "auto t = Clock::now();"}, "reads the clock"),
    ("asio in a pure room", {"src/routing/a.cpp": "#include <boost/asio/awaitable.hpp>"}, "a pure file includes"),
    ("all of asio", {"src/observe/a.cpp": "#include <boost/asio.hpp>"}, "a pure file includes"),
    ("detached", {"src/app/a.cpp": "co_spawn(ex, f(), asio::detached);"}, "swallows"),
    ("ssl::stream", {"src/net/a.cpp": "asio::ssl::stream<tcp::socket> s;"}, "ssl::stream"),
    ("its header", {"src/net/a.cpp": "#include <boost/asio/ssl/stream.hpp>"}, "is banned"),
]

if __name__ == "__main__":
    rule.main(check, SAMPLES)
