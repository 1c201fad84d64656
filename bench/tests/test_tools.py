"""The tools themselves, over loopback. BENCH_TOOLS names the folder they were built in."""
import os
import pathlib
import socket
import tempfile
import time
import unittest

from harness import certificates, loads, processes, request_files

TOOLS = pathlib.Path(os.environ.get("BENCH_TOOLS", "build/release/bench"))


@unittest.skipUnless((TOOLS / "bench_load").exists(), "the tools are not built")
class Tools(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.requests = request_files.write(self.folder / "requests")

    def program(self, name, *arguments):
        program = processes.Program([str(TOOLS / f"bench_{name}"), *arguments], self.folder, name)
        self.addCleanup(program.stop)
        return program

    def server(self, name, *arguments):
        """Its port, which the kernel has chosen, once it listens."""
        server = self.program(name, *arguments)
        deadline = time.monotonic() + 30
        while not server.output.read_text(encoding="ascii").endswith("\n"):
            server.check()
            self.assertLess(time.monotonic(), deadline, f"the {name} has not said its port")
            time.sleep(0.002)
        return server.output.read_text(encoding="ascii").split()[1]

    def backend(self, *arguments):
        return self.server("backend", *arguments)

    def result(self, tool, port, *arguments):
        command = [str(TOOLS / f"bench_{tool}"), "--port", port, "--requests", str(self.requests), *arguments]
        with loads.Client(command) as client:
            client.wait_for("measure")
            client.go_on()
            client.wait_for("done")
            client.go_on()
            return client.result()

    def load(self, port, *arguments):
        return self.result("load", port, "--connections", "4", "--count", "40", "--warmup", "0", *arguments)

    def test_every_request_is_answered_and_counted(self):
        result = self.load(self.backend())
        self.assertEqual((result["requests"], result["failed"], result["statuses"]), (40, 0, {"200": 40}))
        self.assertLessEqual(0, result["p50_us"])
        self.assertLessEqual(result["p50_us"], result["p99_us"])
        self.assertLessEqual(result["p99_us"], result["max_us"])

    def test_a_rate_sends_as_many_as_were_asked_for(self):
        result = self.load(self.backend(), "--rate", "2000")
        self.assertEqual((result["requests"], result["failed"]), (40, 0))

    def test_a_backend_refuses_the_share_it_was_told_to(self):
        result = self.load(self.backend("--throttle", "3"))
        self.assertEqual(result["statuses"], {"200": 36, "429": 4})
        self.assertEqual(result["failed"], 4)

    def test_the_relay_passes_everything_on_with_tls_on_both_sides(self):
        certificates.make(self.folder)
        backend = self.folder / certificates.BACKEND
        gateway = self.folder / certificates.GATEWAY
        origin = self.backend("--certificate", f"{backend}.pem", "--key", f"{backend}.key", "--bytes", "300000")
        ca = str(self.folder / "ca.pem")
        port = self.server("relay", "--backends", origin, "--certificate", f"{gateway}.pem", "--key", f"{gateway}.key",
                           "--ca", ca)
        result = self.load(port, "--ca", ca)
        self.assertEqual((result["requests"], result["failed"]), (40, 0))

    def test_all_events_of_all_streams_are_counted(self):
        port = self.backend("--answer", "sse", "--events", "7", "--interval-ms", "1")
        result = self.result("sse", port, "--streams", "5", "--interval-ms", "1")
        self.assertEqual((result["events"], result["complete"], result["failed"]), (35, 5, 0))

    def test_held_streams_have_had_an_event_each_and_stay_open(self):
        port = self.backend("--answer", "hold")
        command = [str(TOOLS / "bench_sse"), "--port", port, "--requests", str(self.requests), "--streams", "70", "--hold", "1"]
        with loads.Client(command) as client:
            client.wait_for("measure")
            client.go_on()
            result = client.result()
        self.assertEqual((result["events"], result["complete"]), (70, 0))

    def test_a_gateway_that_is_not_there_is_a_failure_for_every_stream(self):
        with socket.socket() as deaf:  # bound, so that nobody else gets the port, and listening to nobody
            deaf.bind(("127.0.0.1", 0))
            result = self.result("sse", str(deaf.getsockname()[1]), "--streams", "3")
        self.assertEqual((result["complete"], result["failed"]), (0, 3))
