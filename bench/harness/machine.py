"""Where and with what a table was made."""
import datetime
import os
import pathlib
import platform
import re
import subprocess


def _said(*command):
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "not there"
    return (result.stdout + result.stderr).strip()


def describe(root, spillway):
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*:\s*(.*)$", cpuinfo, re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text(encoding="ascii"))
    version = re.compile(r"\d+\.\d+\.\d+\S*")

    def version_of(*command):
        found = version.search(_said(*command))
        return found.group(0) if found else "unknown"

    changed = " and changes" if _said("git", "-C", str(root), "status", "--porcelain", "--untracked-files=no") else ""
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _said("git", "-C", str(root), "rev-parse", "--short", "HEAD") + changed,
        "cpu": f"{model.group(1) if model else platform.machine()}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{int(memory.group(1)) / 1048576:.0f} GiB" if memory else "unknown",
        "kernel": platform.release(),
        "nginx": version_of("nginx", "-v"),
        "haproxy": version_of("haproxy", "-v"),
        "openssl": version_of("openssl", "version"),
        "spillway": version_of(str(spillway), "version"),
        "load_average": f"{os.getloadavg()[0]:.2f} before the run",
    }
