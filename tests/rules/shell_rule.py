"""Shell scripts are executable, stop at the first error and pass shellcheck."""
import os
import shutil
import subprocess

import rule


def shell_scripts(root):
    for path, text in rule.text_files(root):
        first = text.split("\n", 1)[0]
        if first.startswith("#!") and (first.endswith("bash") or first.endswith("/sh")):
            yield path, text


def check(root):
    found = []
    scripts = list(shell_scripts(root))
    for path, text in scripts:
        if not os.access(root / path, os.X_OK):
            found.append(f"{path}: not executable")
        if "\nset -e" not in text:
            found.append(f"{path}: no `set -e`")
    if scripts and shutil.which("shellcheck"):
        names = [str(path) for path, _ in scripts]
        result = subprocess.run(["shellcheck", "--external-sources", "--source-path=SCRIPTDIR", "--format=gcc", *names], cwd=root,
                                capture_output=True, text=True, check=False)
        found += result.stdout.splitlines()
        if result.returncode and not result.stdout:
            found.append(result.stderr.strip())
    elif scripts:
        print("note: shellcheck is not installed")
    return found


SAMPLES = [
    ("no scripts", {"a.txt": "rm -rf $1"}, None),
    ("not executable", {"scripts/a": "#!/usr/bin/env bash\nset -euo pipefail\n"}, "scripts/a: not executable"),
    ("goes on after errors", {"scripts/a": "#!/bin/sh\necho\n"}, "no `set -e`"),
]
if shutil.which("shellcheck"):
    SAMPLES.append(("an unquoted variable", {"scripts/a": "#!/bin/sh\nset -e\nrm $1\n"}, "SC2086"))

if __name__ == "__main__":
    rule.main(check, SAMPLES)
