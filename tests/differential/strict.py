"""What a stream of requests means when nothing is guessed: a second reading of RFC 9112, of framing alone.

Written from the RFC, not from the gateway: what the gateway forwards must be among what this finds.
"""
import re

REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7E]+) HTTP/1\.([01])")
FIELD_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\x20-\x7E\x80-\xFF\t]*[\x21-\x7E\x80-\xFF])?)[ \t]*")
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*;[\x20-\x7E\x80-\xFF\t]*)?")


def take_line(stream, at):
    """The line at `at` without its CR LF, and where the next one starts; (None, at) when there is none."""
    end = stream.find(b"\r\n", at)
    return (None, at) if end < 0 else (stream[at:end], end + 2)


def take_fields(stream, at):
    fields = []
    while True:
        line, at = take_line(stream, at)
        if line == b"":
            return fields, at
        field = FIELD_LINE.fullmatch(line or b"")
        if not field:
            return None, at
        fields.append((field[1].lower(), field[2]))


def take_chunks(stream, at):
    body = b""
    while True:
        line, at = take_line(stream, at)
        size = CHUNK_LINE.fullmatch(line or b"")
        if not size:
            return None, at
        size = int(size[1], 16)
        if size == 0:
            break
        body += stream[at:at + size]
        if stream[at + size:at + size + 2] != b"\r\n":
            return None, at
        at += size + 2
    fields, at = take_fields(stream, at)
    return (None if fields is None else body), at


def take_message(stream, at):
    """(method, target, body) and where it ends, or (None, at)."""
    line, at = take_line(stream, at)
    if line == b"":
        line, at = take_line(stream, at)
    start = REQUEST_LINE.fullmatch(line or b"")
    fields, at = take_fields(stream, at) if start else (None, at)
    if fields is None:
        return None, at
    lengths = [value for name, value in fields if name == b"content-length"]
    codings = [value for name, value in fields if name == b"transfer-encoding"]
    if len(lengths) + len(codings) > 1:
        return None, at
    body = b""
    if codings:
        if codings[0].lower() != b"chunked" or start[3] == b"0":
            return None, at
        body, at = take_chunks(stream, at)
    elif lengths:
        if not re.fullmatch(rb"[0-9]+", lengths[0]):
            return None, at
        size = int(lengths[0])
        body, at = stream[at:at + size], at + size
        if len(body) != size:
            body = None
    return (None if body is None else (start[1], start[2], body)), at


def messages(stream):
    found, at = [], 0
    while at < len(stream):
        message, at = take_message(stream, at)
        if message is None:
            break
        found.append(message)
    return found
