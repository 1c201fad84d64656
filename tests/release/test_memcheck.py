"""The release build under valgrind (Q05): no invalid access, no use of what was never written, nothing lost, in code as it ships."""
import http.client
import json
import os
import pathlib
import re
import socket
import ssl
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SPILLWAY_RELEASE", ROOT / "build/release"))
# Its allocator stands in for the one that is linked into the program, whose thread has nothing to do then.
VALGRIND = "valgrind --quiet --error-exitcode=99 --soname-synonyms=somalloc=NONE --leak-check=full --errors-for-leak-kinds=definite,indirect,possible"

os.environ["SPILLWAY_TEST_PATIENCE"] = "90"  # valgrind takes its time
sys.path.insert(0, str(ROOT / "tests/sdk/python"))
import stack  # noqa: E402


class Q05UnderMemcheck(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="spillway-memcheck-")
        self.addCleanup(folder.cleanup)
        self.said = pathlib.Path(folder.name, "memcheck.log")
        gateway = pathlib.Path(folder.name, "spillway")
        gateway.write_text(f'#!/bin/sh\nexport MALLOC_CONF=background_thread:false\nexec {VALGRIND} --log-file="{self.said}" "{BUILD}/spillway" "$@"\n', encoding="utf-8")
        gateway.chmod(0o755)
        os.environ |= {"SPILLWAY_PROGRAM": str(gateway), "SPILLWAY_LAB_PROGRAM": str(BUILD / "spillway-lab")}

    def send(self, method, path, body=None, key=stack.KEY):
        connection = http.client.HTTPSConnection(self.address, context=self.tls, timeout=90)
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"api-key": key, "content-type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def garbage(self, text):
        host, port = self.address.split(":")
        with socket.create_connection((host, int(port)), 90) as plain, self.tls.wrap_socket(plain, server_hostname=host) as tls:
            tls.sendall(text)
            return re.match(rb"HTTP/1\.1 (\d+)", tls.recv(4096)).group(1)

    def test_every_way_of_a_request(self):
        whole = stack.Stack()
        try:
            self.address = whole.url.removeprefix("https://")
            self.tls = ssl.create_default_context(cafile=whole.ca)
            chat = f"/openai/deployments/{stack.MODEL}/chat/completions?api-version={stack.API_VERSION}"
            asked = {"messages": [{"role": "user", "content": "Hello"}]}
            for _ in range(3):
                self.assertEqual(self.send("POST", chat, asked), 200)
                self.assertEqual(self.send("POST", chat, {**asked, "stream": True}), 200)
                self.assertEqual(self.send("POST", "/openai/v1/responses", {"model": stack.MODEL, "input": "Hello"}), 200)
            self.assertEqual(self.send("POST", chat, asked, key="of-nobody"), 401)
            self.assertEqual(self.garbage(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), b"400")
            whole.fault("eastus-ptu", "reset")
            for _ in range(4):
                self.assertEqual(self.send("POST", chat, asked), 200)
            self.assertEqual(stack.fetch(f"{whole.admin}/reload", {}), "reloaded\n")
            stack.fetch(f"{whole.admin}/metrics")
            self.assertEqual(self.send("POST", chat, asked), 200)
        finally:
            try:
                whole.stop()
            finally:
                said = self.said.read_text(encoding="utf-8") if self.said.exists() else "valgrind did not start"
                self.assertEqual(said, "")


if __name__ == "__main__":
    unittest.main()
