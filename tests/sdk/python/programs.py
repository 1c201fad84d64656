"""The programs under test as children: what they print is kept, and they must stop cleanly."""

import json
import os
import re
import subprocess
import threading
import time
import urllib.request

# Loopback only, whatever the environment says of proxies.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

# How long something may take that must happen; longer where the programs run in a slower way.
PATIENCE = float(os.environ.get("SPILLWAY_TEST_PATIENCE", "10"))


def until(what, ask, within=PATIENCE):
    """The first true value of `ask`; fails loudly when there is none in time."""
    deadline = time.monotonic() + within
    while True:
        found = ask()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {within} s"
        time.sleep(0.01)


def fetch(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    with _direct.open(urllib.request.Request(url, data=data), timeout=10) as answer:
        return answer.read().decode()


class Program:
    def __init__(self, *command):
        self.lines = []
        self._child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._child.stdout:
            self.lines.append(line.rstrip("\n"))

    def printed(self, what, find):
        """What `find` makes of the lines printed so far, once it makes something of them."""

        def look():
            ended = self._child.poll()
            assert ended is None, "\n".join([f"ended with {ended}", *self.lines])
            return find(list(self.lines))

        return until(what, look)

    def stop(self):
        self._child.terminate()
        try:
            code = self._child.wait(PATIENCE + 5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            code = self._child.wait()
        self._reader.join(5)
        complaints = [line for line in self.lines if re.search("runtime error:|Sanitizer", line)]
        assert code == 0 and not complaints, "\n".join([f"ended with {code}", *self.lines[-60:]])
