"""How much memory the release build takes, at the sizes that the goals are stated for."""
import asyncio
import re
import resource
import socket
import time

from client import CHAT, Connection, head, trusting
from crowds import REQUEST, STREAM_HEAD, Figures, Scripted, all_of, answer_at_once, chunk
import rig
from rig import KIB, MIB, certificates

EXAMPLE = rig.ROOT / "config/ptu-spillover.yaml"  # three backends
EVENT = chunk(b"data: " + b"x" * 400 + b"\n\n")


class Memory(Figures):
    """Memory"""

    def listeners(self):
        certificates.make(self.folder)
        name = self.folder / certificates.GATEWAY
        self.tls = trusting(self.folder / "ca.pem")
        return [{"address": "127.0.0.1:0"}, {"address": "127.0.0.1:0", "tls": {"certificate": f"{name}.pem", "private_key": f"{name}.key"}}]

    def connect(self, port):
        """Encrypted, without a buffer of its own, so that thousands fit."""
        return self.tls.wrap_socket(socket.create_connection(("127.0.0.1", port), rig.PATIENCE), server_hostname=certificates.GATEWAY)

    def test_empty_process(self):
        text = re.sub(r"address: \S+", "address: 127.0.0.1:0", EXAMPLE.read_text(encoding="utf-8"))
        names = re.findall(r"\$\{(\w+)\}", text)
        values = {name: f"https://{name.lower().replace('_', '-')}.example" if "URL" in name else f"value-of-{name}" for name in names}
        gateway = rig.Gateway(self.folder, text, env=values)
        self.addCleanup(gateway.program.stop)
        time.sleep(1)
        taken = rig.memory(gateway.pid)
        self.row(f"started with {EXAMPLE.name}, resident", f"{taken / MIB:.1f} MiB", "20 MB")
        self.row("  of it the program's own, not shared files", f"{rig.memory(gateway.pid, 'RssAnon') / MIB:.1f} MiB")
        self.assertLessEqual(taken, 20_000_000)

    async def test_S05_idle_connections(self):
        count, keep_alive = 5000, 40
        async with Scripted(answer_at_once) as backend:
            gateway = self.gateway(backend.config(listeners=self.listeners(), timeouts={"keep_alive": f"{keep_alive}s"}))
            before = rig.memory(gateway.pid)
            idle = await asyncio.to_thread(self.open_idle, gateway.ports[1], count)
            last_used = time.monotonic()
            await asyncio.sleep(3)
            self.assertEqual(gateway.metric("spillway_client_connections"), count)
            each = (rig.memory(gateway.pid) - before) / count
            closed = await self.gone(gateway, patience=keep_alive + rig.PATIENCE) - last_used
            await asyncio.sleep(2)
            after = rig.memory(gateway.pid)
            for connection in idle:
                connection.close()
        self.row(f"idle TLS connection after a request, of {count}", f"{each / 1000:.1f} kB", "20 kB")
        self.row("  the last was closed after", f"{closed:.1f} s", f"{keep_alive + 1} s")
        self.row("  process when they have gone", f"{(after - before) / MIB:+.1f} MiB")
        self.assertLessEqual(each, 20_000)
        self.assertLessEqual(closed, keep_alive + 5)

    def open_idle(self, port, count):
        idle = []
        for _ in range(count):
            idle.append(self.connect(port))
            idle[-1].sendall(REQUEST)
            said = idle[-1].recv(4096)
            self.assertTrue(said.startswith(b"HTTP/1.1 200 ") and said.endswith(b"{}"), said)
        return idle

    async def test_live_streams(self):
        count = 500

        async def stream(_, writer):
            writer.write(STREAM_HEAD)
            while True:
                writer.write(EVENT)
                await writer.drain()
                await asyncio.sleep(0.5)

        async with Scripted(stream) as backend:
            gateway = self.gateway(backend.config(listeners=self.listeners()))
            live = []

            def begin():
                for _ in range(count):
                    live.append(self.connect(gateway.ports[1]))
                    live[-1].sendall(REQUEST)
                    self.assertTrue(live[-1].recv(64).startswith(b"HTTP/1.1 200 "))

            async def run():
                await asyncio.to_thread(begin)
                await asyncio.sleep(3)
                return gateway.metric("spillway_streams_active")

            growth, streams = await self.grown(gateway, run())
            for connection in live:
                connection.close()
        self.row(f"live TLS stream, of {count}", f"{growth / count / KIB:.1f} KiB", "128 KiB")
        self.assertEqual(streams, count)
        self.assertLessEqual(growth, count * 128 * KIB)

    async def test_S08_bodies_beyond_the_budget(self):
        count, budget, most = 2000, 256 * MIB, 1024 * MIB
        body = memoryview(b'{"model":"short","x":"' + b"x" * (MIB - 24) + b'"}')
        release = asyncio.Event()
        settled = []  # what became of each: all but the last byte is sent, or the connection is over

        async def client(_):
            connection = await Connection.open(gateway.ports[0])
            try:
                await connection.send(head(CHAT, len(body)))
                for at in range(0, len(body) - 1, 65536):
                    await connection.send(bytes(body[at:min(at + 65536, len(body) - 1)]))
                settled.append("sent")
                await release.wait()
                await connection.send(bytes(body[-1:]))
            except OSError:
                settled.append("closed")
            answer = await connection.receive()
            connection.leave()
            return answer.status

        async def fill():
            clients = asyncio.create_task(all_of(count, client))
            while len(settled) < count:
                await asyncio.sleep(0.1)
            await asyncio.sleep(1)
            return clients, gateway.metric("spillway_request_body_memory_bytes")

        async with Scripted(answer_at_once) as backend:
            gateway = self.gateway(backend.config(limits={"body_memory": f"{budget}"}),
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most)))
            growth, (clients, held) = await self.grown(gateway, fill())
            release.set()
            statuses = await clients
            await self.still_serves(gateway)
            code = gateway.stop()
        served, refused = statuses.count(200), statuses.count(503)
        self.row(f"{count} bodies of 1 MiB, `body_memory` 256 MiB, address space of {most / MIB:.0f} MiB", f"{growth / MIB:.0f} MiB more", "256 MiB and 128 KiB each")
        self.row("  held, by the gateway's own count", f"{held / MIB:.0f} MiB", "256 MiB")
        self.row("  served / refused with 503 / cut", f"{served} / {refused} / {statuses.count(0)}")
        self.assertLessEqual(growth, budget + count * 128 * KIB)
        self.assertEqual(served + refused + statuses.count(0), count)
        self.assertGreaterEqual(served, 200)
        self.assertEqual(code, 0)
