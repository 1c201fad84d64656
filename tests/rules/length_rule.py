"""A source file ends before 400 lines; from 250 on it is named, because two files would read better."""
import rule

NAMED_FROM = 250
REFUSED_FROM = 401


def check(root):
    lengths = [(text.count("\n"), str(path)) for path, text in rule.sources(root, "src", "include")]
    for lines, path in sorted(lengths, reverse=True):
        if NAMED_FROM <= lines < REFUSED_FROM:
            print(f"note: {path} has {lines} lines")
    return [f"{path}: {lines} lines; split it" for lines, path in lengths if lines >= REFUSED_FROM]


SAMPLES = [
    ("short enough", {"src/base/a.cpp": "\n" * 400, "tests/unit/a.cpp": "\n" * 900}, None),
    ("too long", {"src/base/a.cpp": "\n" * 401}, "src/base/a.cpp: 401 lines"),
    ("a header too", {"include/spillway/base/a.hpp": "\n" * 500}, "a.hpp: 500 lines"),
]

if __name__ == "__main__":
    rule.main(check, SAMPLES)
