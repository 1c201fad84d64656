"""Sends mutated requests through the gateway and lets three parsers read what it forwarded.

Own strict reader, Node's llhttp and Python's http.server must agree on number, framing and bodies of the messages on every
connection to the backend. Each forwarded message must stand in what the client sent, and be answered once.
"""
import argparse
import hashlib
import re
import sys
import tempfile
import time
import urllib.parse

import backend
import gateway
import mutate
import readers
import strict

ABSOLUTE = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
CREDENTIALS = ("api-key", "subscription-key", "authorization")


def origin_form(target):
    """The target as the gateway writes it to a backend: without authority, keys and a question mark before nothing."""
    path, _, query = ABSOLUTE.sub("", target.decode("ascii"), count=1).partition("?")
    kept = query.split("&")
    named = [urllib.parse.unquote_plus(each.partition("=")[0]).lower() for each in kept]
    if any(name in CREDENTIALS for name in named):
        query = "&".join(each for each, name in zip(kept, named) if name not in CREDENTIALS)
    return (path or "/") + ("?" + query if query else "")


def shown(stream):
    """For people: long runs of the seeds' filler are left out."""
    return re.sub(rb"(0123456789abcdef){2,}", b"[...]", bytes(stream))


def meaning(message):
    """Of a message as the backend got it."""
    return message["method"], message["target"], message["sha256"]


def allowed(stream):
    """The meanings of what stands in the client's bytes."""
    return [(method.decode("ascii"), origin_form(target), hashlib.sha256(body).hexdigest())
            for method, target, body in strict.messages(stream)]


def is_part(few, many):
    """Whether `few` stand in `many` in the same order."""
    rest = iter(many)
    return all(each in rest for each in few)


class Check:
    def __init__(self, options, folder):
        self.options = options
        self.own = readers.Reader([options.reader])
        self.node = readers.NodeReader(options.node)
        self.backend = backend.Backend(self.node.methods)
        self.gateway = gateway.Gateway(options.gateway, folder, self.backend.server_port)
        self.refused = 0
        self.problems = []

    def problem(self, text):
        self.problems.append(text)
        if len(self.problems) <= 10:
            print(text, flush=True)

    def answers(self, stream, number):
        """All answers to the bytes. They are read to the end before the client leaves, which would cut them short."""
        told = self.own.read(stream)
        client = gateway.Client(self.gateway.port)
        middle = number * 7919 % (len(stream) + 1)
        client.send([stream[:middle], stream[middle:]] if number % 4 == 0 else [stream])
        answers = []
        for message in told["messages"]:
            answer = client.answer(message["method"])
            if answer is None:
                break
            answers.append(answer)
            if answer.will_close:
                break
        if told["end"] in ("complete", "incomplete"):
            client.end()
        while answer := client.answer(told["method"]):
            answers.append(answer)
            if not answer.will_close:
                client.end()
        client.close()
        return answers

    def try_one(self, number):
        stream = mutate.mutated(self.options.seed, number)
        before = len(self.backend.forwarded)
        try:
            answers = self.answers(stream, number)
        except Exception as error:  # whatever it was, the bytes that did it are wanted
            self.problem(f"mutation {number}: {error!r}\n  {shown(stream)!r}")
            return
        forwarded = self.backend.forwarded[before:]
        serials = [int(answer.headers["x-serial"]) for answer in answers if answer.headers["x-serial"]]
        self.refused += any(answer.status >= 400 for answer in answers)
        if serials != list(range(before, before + len(forwarded))):
            self.problem(f"mutation {number}: {len(forwarded)} messages forwarded, {len(serials)} answered\n  {shown(stream)!r}")
        if not is_part([meaning(message) for message in forwarded], allowed(stream)):
            self.problem(f"mutation {number}: forwarded {forwarded}, which it does not hold\n  {shown(stream)!r}")

    def compare_connections(self):
        for connection in self.backend.connections:
            wrong = readers.disagreement({"own": self.own.read(connection.bytes),
                                          "node": self.node.read_connection(connection),
                                          "python": connection.reading()})
            if wrong:
                self.problem(f"{wrong}\n  {shown(connection.bytes)!r}")

    def run(self):
        begin = time.monotonic()
        numbers = range(self.options.mutations) if self.options.only is None else [self.options.only]
        for number in numbers:
            if number % 1000 == 999:
                print(f"{number + 1} sent, {len(self.backend.forwarded)} forwarded", flush=True)
            self.try_one(number)
        code, output = self.gateway.close()
        if code != 0:
            self.problem(f"the gateway ended with {code}: {output[-4000:]}")
        self.backend.close()
        self.compare_connections()
        if self.options.only is None and not (self.backend.forwarded and self.refused):
            self.problem("nothing was forwarded, or nothing refused: the check does not check")
        self.own.close()
        self.node.close()
        print(f"{len(numbers)} mutations of seed {self.options.seed}: {len(self.backend.forwarded)} messages forwarded on "
              f"{len(self.backend.connections)} connections, {self.refused} mutations refused, "
              f"{len(self.problems)} disagreements, {time.monotonic() - begin:.0f} s")
        return 1 if self.problems else 0


def self_test(options):
    """Streams that parsers are known to read differently are told apart, those they read alike are not."""
    own, node = readers.Reader([options.reader]), readers.NodeReader(options.node)
    failed = 0
    for stream, differs in ((mutate.SEEDS[0] + mutate.SEEDS[11], False),
                            (mutate.SEEDS[0][:-1], False),
                            (mutate.SEEDS[0].replace(b"\r\nX-A", b"\nX-A").replace(b"POST", b"QXST"), True),
                            (mutate.SEEDS[0].replace(b"POST /openai", b"POST /../openai"), True),
                            (mutate.SEEDS[0].replace(b"Content-Length: ", b"Content-Length: 0"), False)):
        readings = {"own": own.read(stream), "node": node.read(stream)}
        if bool(readers.disagreement(readings)) != differs:
            print(f"{stream!r}: {readings}")
            failed = 1
    body = hashlib.sha256(mutate.JSON).hexdigest()
    whole = allowed(mutate.SEEDS[0] + mutate.SEEDS[18] + mutate.SEEDS[0].replace(b"\r\n\r\n", b"\r\n\n"))
    path = mutate.PATH.decode("ascii")
    expected = [("POST", path, body), ("GET", "/openai/models?x=1", hashlib.sha256(b"").hexdigest())]
    if whole != expected or is_part(expected[::-1], whole) or not is_part(expected[1:], whole):
        print(f"{whole} is not {expected}")
        failed = 1
    own.close()
    node.close()
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", required=True, help="the built read_messages")
    parser.add_argument("--node", default="node")
    parser.add_argument("--gateway", help="the built spillway")
    parser.add_argument("--mutations", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one mutation to try again")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test(options)
    with tempfile.TemporaryDirectory(prefix="spillway-differential-") as folder:
        return Check(options, folder).run()


if __name__ == "__main__":
    sys.exit(main())
