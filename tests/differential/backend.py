"""A backend on Python's own HTTP server that keeps every byte it gets."""
import hashlib
import http.server
import io
import threading

MESSAGES_OF_A_CONNECTION = 50


class Connection:
    """What came on one connection, and how Python read it."""

    def __init__(self):
        self.bytes = b""
        self.begin = 0  # of the last message, in `bytes`
        self.method = ""  # of the last message
        self.messages = []
        self.end = "complete"

    def reading(self):
        return {"messages": self.messages, "end": self.end}


class Recorder(io.RawIOBase):
    """The receiving side of a socket."""

    def __init__(self, socket, connection):
        super().__init__()
        self.socket = socket
        self.connection = connection

    def readable(self):
        return True

    def readinto(self, room):
        try:
            size = self.socket.recv_into(room)
        except ConnectionResetError:
            return 0
        self.connection.bytes += bytes(room[:size])
        return size


def read_chunks(file):
    """A chunked body, or None when it is not all there."""
    body = b""
    while True:
        size = int(file.readline().split(b";")[0], 16)
        if size == 0:
            break
        body += file.read(size)
        file.readline()
    while (line := file.readline()) not in (b"\r\n", b""):
        pass
    return body if line else None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.record = Connection()
        self.server.connections.append(self.record)
        self.rfile = io.BufferedReader(Recorder(self.connection, self.record), 65536)

    def handle_one_request(self):
        self.record.begin = len(self.record.bytes)
        super().handle_one_request()
        if not self.raw_requestline:
            return
        if self.close_connection and not self.record.bytes.endswith(b"\r\n\r\n") and self.command is None:
            self.record.end = "incomplete"

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def read_body(self):
        try:
            if "Transfer-Encoding" in self.headers:
                return "chunked", read_chunks(self.rfile)
            if "Content-Length" in self.headers:
                size = int(self.headers["Content-Length"])
                body = self.rfile.read(size)
                return "length", body if len(body) == size else None
        except ValueError:
            return "chunked", None
        return "none", b""

    def answer(self):
        record = self.record
        record.method = self.command
        framing, body = self.read_body()
        if body is None:
            record.end = "incomplete"
            self.close_connection = True
            return
        message = {"method": self.command, "target": self.path, "framing": framing, "size": len(body),
                   "sha256": hashlib.sha256(body).hexdigest()}
        record.messages.append(message)
        serial = self.server.forward(message)
        last = len(record.messages) == MESSAGES_OF_A_CONNECTION or self.command not in self.server.methods
        self.close_connection = last
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Serial: %d\r\nContent-Length: 0\r\n%s\r\n" %
                         (serial, b"Connection: close\r\n" if last else b""))

    def send_error(self, code, message=None, explain=None):
        self.record.end = f"{code} {message}"
        self.close_connection = True

    def log_message(self, format, *args):
        pass


class Backend(http.server.ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them

    def __init__(self, methods):
        super().__init__(("127.0.0.1", 0), Handler)
        self.methods = methods
        self.connections = []
        self.forwarded = []  # whole messages in the order they came
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def forward(self, message):
        with self.lock:
            self.forwarded.append(message)
            return len(self.forwarded) - 1

    def close(self):
        """Once the gateway has ended, and with it all connections."""
        self.shutdown()
        self.thread.join()
        self.server_close()
