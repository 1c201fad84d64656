"""Programs under measurement: started, watched through /proc, ended by their id."""
import os
import pathlib
import resource
import signal
import socket
import subprocess

PROC = pathlib.Path("/proc")


def allow_many_files():
    """For this process and all it starts: as many open files as the hard limit grants."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tree(pid):
    """The process and everything below it."""
    found = [pid]
    for one in found:
        for children in PROC.glob(f"{one}/task/*/children"):
            try:
                found += [int(child) for child in children.read_text(encoding="ascii").split()]
            except OSError:
                pass  # a thread that has just ended has no children
    return found


def cpu_ns(pid):
    """Time on a CPU, user and system, of all threads of the tree, in nanoseconds."""
    total = 0
    for one in tree(pid):
        for schedstat in PROC.glob(f"{one}/task/*/schedstat"):
            total += int(schedstat.read_text(encoding="ascii").split()[0])
    return total


def pss_bytes(pid):
    """Proportional set size of the tree: memory shared by its processes counts once."""
    total = 0
    for one in tree(pid):
        for line in (PROC / str(one) / "smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


class Program:
    """A child with its output in files. Leaving the `with` ends it."""

    def __init__(self, command, folder, name, **options):
        self.name = name
        self.errors = pathlib.Path(folder) / f"{name}.err"
        self.output = pathlib.Path(folder) / f"{name}.out"
        with self.errors.open("wb") as errors, self.output.open("wb") as output:
            options = {"stdout": output, "stdin": subprocess.DEVNULL, **options}
            self.process = subprocess.Popen(command, stderr=errors, **options)

    @property
    def pid(self):
        return self.process.pid

    def complaint(self):
        said = (self.errors, self.output, self.errors.parent / "error.log")
        text = "".join(file.read_text(errors="replace") for file in said if file.exists())
        return f"{self.name} has ended with {self.process.poll()}: {text[-2000:].strip() or 'it said nothing'}"

    def check(self):
        if self.process.poll() is not None:
            raise RuntimeError(self.complaint())

    def stop(self):
        """Asks, then insists; children of its own (nginx's workers) that are left are ended, too."""
        family = tree(self.pid)[1:] if self.process.poll() is None else []
        for ask in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is not None:
                break
            self.process.send_signal(ask)
            try:
                self.process.wait(timeout=3)
            except subprocess.TimeoutExpired:
                pass
        for child in family:
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
