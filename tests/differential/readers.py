"""Parsers in programs of their own: streams in, what they understood of them out."""
import json
import subprocess


class Reader:
    """A program that reads streams as read_messages.cpp says."""

    def __init__(self, command):
        self.program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def line(self):
        text = self.program.stdout.readline()
        if not text:
            raise RuntimeError(f"{self.program.args[0]} has ended")
        return json.loads(text)

    def read(self, stream):
        self.program.stdin.write(b"%d\n%s" % (len(stream), stream))
        self.program.stdin.flush()
        return self.line()

    def close(self):
        self.program.stdin.close()
        self.program.wait(timeout=20)


class NodeReader(Reader):
    def __init__(self, node):
        super().__init__([node, "read_messages.mjs"])
        self.methods = self.line()

    def read_connection(self, connection):
        """Node knows a closed list of methods. A last message with another one is read under a name that Node knows."""
        told = self.read(connection.bytes)
        method = connection.method
        if method in self.methods or told["end"] in ("complete", "incomplete"):
            return told
        last = self.read(b"POST" + connection.bytes[connection.begin + len(method):])
        for message in last["messages"]:
            message["method"] = method
        return {"messages": told["messages"] + last["messages"], "end": last["end"]}


def disagreement(readings):
    """What the readings {name: reading} of one stream differ in, or None."""
    ends = {name: "refused" if told["end"] not in ("complete", "incomplete") else told["end"]
            for name, told in readings.items()}
    counts = {name: len(told["messages"]) for name, told in readings.items()}
    for what, values in (("end", ends), ("count", counts)):
        if len(set(values.values())) != 1:
            return f"{what}: {values}; {readings}"
    for index, messages in enumerate(zip(*(told["messages"] for told in readings.values()))):
        for key in ("method", "target", "framing", "size", "sha256"):
            if len({message[key] for message in messages}) != 1:
                return f"{key} of message {index}: {dict(zip(readings, messages))}"
    return None
