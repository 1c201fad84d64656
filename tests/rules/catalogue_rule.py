"""Every danger of the catalogue has a test that carries its id at the front of its name, or says why it is checked otherwise.

H01-H26: messages. S01-S14: slow clients, floods, limits. U01-U32: faults of backends. T01-T17: TLS and secrets. Q01-Q14: process.
"""
import re

import rule

LAST = {"H": 26, "S": 14, "U": 32, "T": 17, "Q": 14}
DOCUMENT = "docs/testing.md"
SECTION = re.compile(r"^## Checked otherwise\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| *([HSUTQ]\d\d) *\| *(.*?) *\|$", re.MULTILINE)

IDS = r"((?:[HSUTQ]\d\d)+)"
NAMES = {
    # TEST_F(Suite, H01Name), add_test(NAME soak.Q11Name)
    ".cpp": re.compile(rf"\bTEST(?:_F|_P)?\(\s*\w+,\s*{IDS}(?=[A-Z])"),
    ".txt": re.compile(rf"\bNAME [\w.]*\b{IDS}(?=[A-Z])"),
    # class Q06Name(unittest.TestCase), def test_H26_name():
    ".py": re.compile(rf"\b(?:class |def test_){IDS}(?=[A-Z_])"),
    # test('H26 what is so', …)
    ".js": re.compile(rf"\b(?:test|it|describe)\(\s*['\"`]{IDS}(?=[A-Z ])"),
}
# A row of a table of cases: "H01 CL then TE"
CASE = re.compile(rf'"{IDS} ')


def catalogue():
    return [f"{kind}{number:02}" for kind, last in LAST.items() for number in range(1, last + 1)]


def tested(root):
    """The ids at the front of tests' names, each with one file that has it."""
    found = {}
    for path, text in rule.text_files(root):
        if path.parts[0] != "tests" or path.parts[1:2] == ("rules",) and path.suffix == ".py":
            continue
        patterns = [NAMES[path.suffix]] if path.suffix in NAMES else []
        if path.suffix == ".cpp" and "_cases_" in path.name:
            patterns.append(CASE)
        for pattern in patterns:
            for match in pattern.finditer(text):
                for one in re.findall(r"[HSUTQ]\d\d", match.group(1)):
                    found.setdefault(one, path)
    return found


def check(root):
    known = catalogue()
    found = []
    names = tested(root)
    document = root / DOCUMENT
    section = SECTION.search(document.read_text(encoding="utf-8")) if document.exists() else None
    rows = dict(ROW.findall(section.group(1))) if section else {}
    for one, reason in rows.items():
        if one not in known:
            found.append(f"{DOCUMENT}: {one} is not of the catalogue")
        if not reason:
            found.append(f"{DOCUMENT}: {one} has no reason")
    for one, path in names.items():
        if one not in known:
            found.append(f"{path}: {one} is not of the catalogue")
    missing = [one for one in known if one not in names and one not in rows]
    if missing:
        found.append(f"in no test's name and not in {DOCUMENT}, Checked otherwise: {' '.join(missing)}")
    return found


def table(*ids):
    return "# Testing\n\n## Checked otherwise\n\n| Id | How |\n|---|---|\n" + "".join(f"| {one} | by hand |\n" for one in ids) + "\n## More\n"


def all_but(*ids):
    return [one for one in catalogue() if one not in ids]


SAMPLES = [
    ("all in the document", {DOCUMENT: table(*catalogue())}, None),
    ("none", {"README.md": ""}, "H01 H02"),
    ("one missing", {DOCUMENT: table(*all_but("T09"))}, "Checked otherwise: T09"),
    ("in names of every kind", {
        DOCUMENT: table(*all_but("H01", "H02", "S01", "S02", "Q06", "Q11", "U05", "U06", "T01")),
        "tests/a_test.cpp": "TEST(A, H01H02Names) {}\nTEST_F(B,\n       S01Name) {}\nTEST_P(C, S02Name) {}",
        "tests/CMakeLists.txt": "add_test(NAME soak.Killed.Q11Name COMMAND a)",
        "tests/release/test_a.py": "class Q06Name(unittest.TestCase):\n  def test_U05_name(self): pass",
        "tests/sdk/a.test.js": "test('U06 goes on', () => {})",
        "tests/support/a_cases_b.cpp": 'table.refused("T01 row", "")'}, None),
    ("in the middle of a name", {DOCUMENT: table(*all_but("H01")), "tests/a.cpp": "TEST(A, NameH01Name) {}"}, "H01"),
    ("only mentioned", {DOCUMENT: table(*all_but("H01")), "tests/a.cpp": '// H01Name\nauto a = "H01 row";'}, "H01"),
    ("not a test", {DOCUMENT: table(*all_but("H01")), "src/a.cpp": "TEST(A, H01Name) {}"}, "H01"),
    ("no reason", {DOCUMENT: table(*all_but("H01")).replace("## More", "") + "| H01 | |\n"}, "H01 has no reason"),
    ("not of the catalogue", {DOCUMENT: table(*catalogue()), "tests/a.cpp": "TEST(A, H27Name) {}"}, "H27 is not of the catalogue"),
    ("nor in the document", {DOCUMENT: table(*catalogue(), "Q15")}, "Q15 is not of the catalogue"),
]

if __name__ == "__main__":
    rule.main(check, SAMPLES)
