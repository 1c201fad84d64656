"""The built gateway, and a client of it."""
import http.client
import io
import json
import pathlib
import socket
import subprocess
import time

PATIENCE = 30  # seconds


class Gateway:
    def __init__(self, program, folder, backend_port):
        config = {
            "listeners": [{"address": "127.0.0.1:0"}],
            "workers": 1,
            "clients": [{"name": "app", "keys": ["some-key"]}],
            "backends": [{"name": "a", "url": f"http://127.0.0.1:{backend_port}", "auth": {"api_key": "its-own-key"}}],
            "pools": [{"name": "p", "members": [{"backend": "a"}]}],
            "limits": {"replay_buffer": "1KiB"},
            "log": {"level": "info", "format": "json", "access": False},
        }
        file = pathlib.Path(folder, "spillway.yaml")
        file.write_text(json.dumps(config), encoding="utf-8")
        self.output = pathlib.Path(folder, "output")
        with self.output.open("wb") as output:
            self.program = subprocess.Popen([program, "serve", "--config", str(file)], stdout=output, stderr=output)
        self.port = self.wait_for_port()

    def wait_for_port(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.program.poll() is None:
            for line in self.output.read_text(encoding="utf-8").splitlines():
                if '"serving"' in line:
                    return self.port_in(self.output.read_text(encoding="utf-8"))
            time.sleep(0.01)
        raise RuntimeError("the gateway did not start: " + self.output.read_text(encoding="utf-8"))

    @staticmethod
    def port_in(text):
        for line in text.splitlines():
            told = json.loads(line)
            if told.get("message") == "listening" and not told.get("admin"):
                return int(told["address"].rsplit(":", 1)[1])
        raise RuntimeError("no listener in " + text)

    def close(self):
        """Its exit code, and all that it wrote."""
        self.program.terminate()
        try:
            self.program.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.program.kill()
            self.program.wait()
        return self.program.returncode, self.output.read_text(encoding="utf-8")


class _Input(io.BufferedReader):
    """Shared by all answers on a connection, each of which would close it."""

    def close(self):
        pass


class Client:
    """One connection."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = _Input(socket.SocketIO(self.socket, "r"), 65536)

    def makefile(self, _mode):
        return self.input

    def answer(self, method):
        """The next answer, or None at the end of the connection. A time-out is an error."""
        try:
            if not self.input.peek(1):
                return None
            answer = http.client.HTTPResponse(self, method=method)
            answer.begin()
            answer.read()
            return answer
        except ConnectionResetError:
            return None

    def send(self, pieces):
        try:
            for piece in pieces:
                self.socket.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def end(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.socket.close()
