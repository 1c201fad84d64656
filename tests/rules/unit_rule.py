"""The systemd unit exposes little: at most 2.5 by systemd-analyze's reckoning."""
import shutil
import subprocess

import rule

THRESHOLD = 25  # tenths


def check(root):
    units = sorted((root / "deploy" / "systemd").glob("*.service"))
    if not units:
        return ["deploy/systemd has no unit"]
    if not shutil.which("systemd-analyze"):
        print("note: systemd-analyze is not installed")
        return []
    found = []
    for unit in units:
        result = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={THRESHOLD}", str(unit)],
                                capture_output=True, text=True, check=False)
        if result.returncode:
            found.append(f"{unit.relative_to(root)}: {(result.stdout or result.stderr).strip().splitlines()[-1]}")
    return found


SAMPLES = [("no unit", {"README.md": ""}, "has no unit")]
if shutil.which("systemd-analyze"):
    SAMPLES.append(("a unit that may do anything", {"deploy/systemd/a.service": "[Service]\nExecStart=/bin/true\n"}, "UNSAFE"))

if __name__ == "__main__":
    rule.main(check, SAMPLES)
