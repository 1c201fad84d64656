"""No unfinished words; what the documents name exists; the version is the CHANGELOG's newest."""
import re

import rule

UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
EXAMPLE = re.compile(r"(?<![\w/.-])((?:config|docker|deploy)/[\w./-]*\w\.\w+)")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
CMAKE_VERSION = re.compile(r"\bproject\s*\(\s*\w+\s+VERSION\s+([\d.]+)")
TOP_ENTRY = re.compile(r"^## +\[?v?(\d[\d.]*)", re.MULTILINE)


def check(root):
    found = []
    for path, text in rule.text_files(root):
        for match in UNFINISHED.finditer(text) if "corpus" not in path.parts else ():
            found.append(f"{path}:{rule.line_of(text, match.start())}: {match.group(1)}")
        if path.suffix != ".md":
            continue
        for match in EXAMPLE.finditer(text):
            if not (root / match.group(1)).exists():
                found.append(f"{path}:{rule.line_of(text, match.start())}: {match.group(1)} does not exist")
        for match in LINK.finditer(text):
            if not (root / path.parent / match.group(1)).exists():
                found.append(f"{path}:{rule.line_of(text, match.start())}: the link {match.group(1)} leads nowhere")

    version = CMAKE_VERSION.search((root / "CMakeLists.txt").read_text(encoding="utf-8"))
    entry = TOP_ENTRY.search((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    if not version or not entry or version.group(1) != entry.group(1):
        found.append(f"CMakeLists.txt has version {version and version.group(1)}, CHANGELOG.md {entry and entry.group(1)}")
    return found


RIGHT = {"CMakeLists.txt": "project(spillway VERSION 0.1.0 LANGUAGES CXX)", "CHANGELOG.md": "# Changes\n\n## 0.1.0 (unreleased)\n\n## 0.0.9\n"}
SAMPLES = [
    ("a clean tree", {**RIGHT, "README.md": "`config/a.yaml` [x](docs/b.md#part) [y](https://example.com/config/no.yaml)",
                      "config/a.yaml": "", "docs/b.md": "[up](../README.md)", "a.sh": "mktemp -d /tmp/a.XX" + "XXXX"}, None),
    ("an unfinished word", {**RIGHT, "src/a.cpp": "\n// TO" + "DO: later"}, "src/a.cpp:2: TO" + "DO"),
    ("in a script", {**RIGHT, "scripts/a": "# HA" + "CK"}, "scripts/a:1"),
    ("a missing example", {**RIGHT, "README.md": "see `config/gone.yaml`"}, "config/gone.yaml does not exist"),
    ("a broken link", {**RIGHT, "docs/a.md": "[x](b.md)"}, "leads nowhere"),
    ("another version", {**RIGHT, "CHANGELOG.md": "## [0.2.0]\n"}, "CHANGELOG.md 0.2.0"),
    ("no version", {**RIGHT, "CHANGELOG.md": ""}, "CHANGELOG.md None"),
]

if __name__ == "__main__":
    rule.main(check, SAMPLES)
