"""What the rules share: reading the tree, C++ without comments and strings, and the command line.

A rule is a script with `check(root)`, which returns one line a violation, and `SAMPLES`: (what it shows, files, the text a
violation must contain or None for none). `python3 X_rule.py ROOT` checks a tree, `--self-test` the samples.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

_NOT_CODE = re.compile(
    r'R"(?P<tag>[^(\s]*)\((?:.|\n)*?\)(?P=tag)"'  # raw string
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"  # not the separator of 1'000
    r"|//[^\n]*|/\*(?:.|\n)*?\*/"
)


def code_only(text):
    """C++ with comments and the insides of literals blanked; every character keeps its line."""

    def blank(match):
        found = match.group(0)
        hollow = re.sub(r"[^\n]", " ", found)
        return '""' + hollow[2:] if found[0] in "\"R'" else hollow

    return _NOT_CODE.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def sources(root, *folders):
    """The C++ files below the folders, as (path relative to root, text)."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            yield path.relative_to(root), path.read_text(encoding="utf-8")


def text_files(root):
    """Every file that belongs to the project: what git tracks or would, else everything."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                            capture_output=True, check=False)
    if listed.returncode == 0:
        names = [pathlib.Path(name) for name in sorted(set(listed.stdout.decode().split("\0"))) if name]
    else:
        names = [path.relative_to(root) for path in sorted(root.rglob("*"))]
    for name in names:
        if (root / name).is_file():
            data = (root / name).read_bytes()
            if b"\0" not in data:
                yield name, data.decode("utf-8", errors="replace")


def _self_test(check, samples):
    failed = 0
    for shows, files, expected in samples:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            found = check(root)
        right = any(expected in line for line in found) if expected else not found
        if not right:
            failed += 1
            print(f"{shows}: expected {expected or 'nothing'}, found {found or 'nothing'}")
    print(f"{len(samples)} samples, {failed} wrong")
    return 1 if failed or not any(expected for _, _, expected in samples) else 0


def main(check, samples):
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(_self_test(check, samples))
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} ROOT | --self-test")
    found = check(pathlib.Path(sys.argv[1]))
    print("\n".join(found))
    sys.exit(1 if found else 0)
