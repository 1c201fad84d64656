"""The requests clients send, ready as bytes: each is its length in decimal, a line end, then the bytes."""
import json

from harness.certificates import GATEWAY

WORDS = "Say in a few words what a gateway in front of several resources is good for, and what it costs. "


def client_key(index):
    return f"bench-client-{index:06d}-0123456789"


def model_name(index):
    return f"model-{index:03d}"


def body(size, model, stream):
    """A chat request of about `size` bytes. The model comes last, as the Python SDK writes it."""
    document = {"messages": [{"role": "system", "content": "You are brief."}, {"role": "user", "content": ""}],
                "model": model, "temperature": 0.7}
    if stream:
        document["stream"] = True
    missing = size - len(json.dumps(document))
    document["messages"][1]["content"] = (WORDS * (missing // len(WORDS) + 1))[:max(missing, 0)]
    return json.dumps(document).encode("ascii")


def request(content, key, number, more=""):
    head = (f"POST /openai/v1/chat/completions HTTP/1.1\r\nHost: {GATEWAY}\r\nAccept: application/json\r\n"
            f"Content-Type: application/json\r\nUser-Agent: OpenAI/Python 2.8.0\r\napi-key: {key}\r\n"
            f"x-bench-id: {number}\r\n{more}Content-Length: {len(content)}\r\n\r\n")
    return head.encode("ascii") + content


def write(path, *, size=1500, keys=10, models=1, stream=False, more=""):
    """Every key and every model comes up; a tenth of the ids ends with each digit."""
    count = 10 if size > 100_000 else max(keys, models, 20)
    bodies = [body(size, model_name(index), stream) for index in range(models)]
    with path.open("wb") as file:
        for index in range(count):
            # The shift keeps an id from always meeting the same of two backends that are used in turn.
            number = index + index // 10
            one = request(bodies[index % models], client_key(index % keys), number, more)
            file.write(str(len(one)).encode("ascii") + b"\n" + one)
    return path
