"""What a run needs: programs from Debian, and a release build."""
import os
import pathlib
import shutil
import subprocess

PROGRAMS = {"nginx": "nginx-light", "haproxy": "haproxy", "wrk": "wrk", "strace": "strace", "openssl": "openssl"}


def install(programs=None):
    """The programs from Debian that are missing."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"  # where nginx and haproxy lie
    missing = sorted({package for program, package in (programs or PROGRAMS).items() if not shutil.which(program)})
    if not missing:
        return
    as_root = [] if os.getuid() == 0 else ["sudo"]
    # Debian starts a service as it is installed, unless this file says no. One that is there stays as it is.
    policy = pathlib.Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        subprocess.run([*as_root, "install", "-m", "755", "/dev/stdin", str(policy)], input=b"#!/bin/sh\nexit 101\n", check=True)
    try:
        apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"]
        subprocess.run([*apt, "update"], check=True)
        subprocess.run([*apt, "install", "-y", "--no-install-recommends", *missing], check=True)
    finally:
        if ours:
            subprocess.run([*as_root, "rm", "-f", str(policy)], check=False)


def build(root, preset="release", targets=("spillway", "bench_tools")):
    """Builds the gateway and the tools, as they ship if nothing else is said; the folder they are in."""
    script = f"./scripts/setup && source scripts/common.sh && build {preset} {' '.join(targets)}"
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=root, check=True, stdout=2)
    return root / "build" / preset
