"""deploy/seccomp.json is a list of what is allowed, and nothing on it lets a process out or look at others."""
import json

import rule

PROFILE = "deploy/seccomp.json"
NEVER = {
    "acct", "add_key", "bpf", "chroot", "delete_module", "execveat", "finit_module", "fsconfig", "fsmount", "fsopen", "init_module",
    "io_uring_setup", "ioperm", "iopl", "kcmp", "kexec_load", "keyctl", "kill", "mknod", "mknodat", "mount", "mount_setattr",
    "move_mount", "name_to_handle_at", "open_by_handle_at", "open_tree", "perf_event_open", "personality", "pidfd_getfd", "pivot_root",
    "process_vm_readv", "process_vm_writev", "ptrace", "quotactl", "reboot", "request_key", "seccomp", "setdomainname", "sethostname",
    "setns", "settimeofday", "swapon", "syslog", "umount2", "unshare", "userfaultfd", "vhangup",
}
# Allowed with certain arguments only.
LIMITED = {"clone", "ioctl", "socket"}


def check(root):
    path = root / PROFILE
    if not path.exists():
        return [f"{PROFILE} is missing"]
    profile = json.loads(path.read_text(encoding="utf-8"))
    found = []
    if profile.get("defaultAction") != "SCMP_ACT_ERRNO":
        found.append(f"{PROFILE}: what is not listed is not refused")
    allowed = [(name, entry) for entry in profile["syscalls"] if entry["action"] == "SCMP_ACT_ALLOW" for name in entry["names"]]
    for name, entry in allowed:
        if name in NEVER:
            found.append(f"{PROFILE}: allows {name}")
        if name in LIMITED and not entry.get("args"):
            found.append(f"{PROFILE}: allows {name} with any argument")
    if any(name == "clone3" for name, _ in allowed):
        found.append(f"{PROFILE}: allows clone3, whose flags cannot be looked at")
    return found


def profile(default, *entries):
    return {PROFILE: json.dumps({"defaultAction": default, "syscalls": [
        {"names": [name], "action": action, **more} for name, action, more in entries]})}


ALLOW, ERRNO = "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"
SAMPLES = [
    ("a short list", profile(ERRNO, ("read", ALLOW, {}), ("socket", ALLOW, {"args": [{}]}), ("clone3", ERRNO, {})), None),
    ("no profile", {"README.md": ""}, "is missing"),
    ("everything but", profile(ALLOW, ("ptrace", ERRNO, {})), "is not refused"),
    ("a way out", profile(ERRNO, ("unshare", ALLOW, {})), "allows unshare"),
    ("any socket", profile(ERRNO, ("socket", ALLOW, {})), "allows socket with any argument"),
    ("clone3", profile(ERRNO, ("clone3", ALLOW, {})), "allows clone3"),
]

if __name__ == "__main__":
    rule.main(check, SAMPLES)
