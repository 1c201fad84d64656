"""A room includes only the rooms its line in CMakeLists.txt names, and those stand to its left (docs/architecture.md)."""
import re

import rule

LEFT_TO_RIGHT = [["base"], ["config", "http", "observe"], ["routing", "pool"], ["net"], ["identity"], ["listener"], ["forward"], ["app"]]
LAB_USES = {"base", "config", "http", "net", "listener"}
FORWARD_SEES_OF_LISTENER = {"handler.hpp", "exchange.hpp"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.MULTILINE)
ROOM_LINE = re.compile(r"^spillway_room\((\w+)([^)]*)\)", re.MULTILINE)


def allowed_by_order(room):
    if room == "lab":
        return LAB_USES
    allowed = set()
    for column in LEFT_TO_RIGHT:
        if room in column:
            return allowed
        allowed.update(column)
    return None


def declared_uses(cmake):
    uses = {}
    for room, arguments in ROOM_LINE.findall(cmake):
        named = re.search(r"\bUSES\b((?:\s+[a-z_]+)*)", arguments)
        uses[room] = set(named.group(1).split()) if named else set()
    return uses


def check(root):
    found = []
    uses = declared_uses((root / "CMakeLists.txt").read_text(encoding="utf-8"))
    for room, names in uses.items():
        order = allowed_by_order(room)
        if order is None:
            found.append(f"CMakeLists.txt: room {room} has no place in the order")
            continue
        for wrong in sorted(names - order):
            found.append(f"CMakeLists.txt: {room} uses {wrong}, which is not to its left")

    for path, text in rule.sources(root, "src", "include/spillway"):
        room = path.parts[1] if path.parts[0] == "src" else path.parts[2]
        if room not in uses:
            continue  # the mains, which may see everything
        for match in INCLUDE.finditer(text):
            named = match.group(1)
            parts = named.removeprefix("spillway/").split("/")
            target = parts[0]
            if len(parts) == 1 or target == room or target not in uses:
                continue
            where = f"{path}:{rule.line_of(text, match.start())}"
            if target not in uses[room]:
                found.append(f"{where}: {room} may not include {named}")
            elif not named.startswith("spillway/"):
                found.append(f"{where}: {named} is private to room {target}")
            elif room == "forward" and target == "listener" and parts[1] not in FORWARD_SEES_OF_LISTENER:
                found.append(f"{where}: forward sees of listener only {', '.join(sorted(FORWARD_SEES_OF_LISTENER))}")
    return found


CMAKE = """spillway_room(base LIBRARIES spillway_boost)
spillway_room(http USES base LIBRARIES x)
spillway_room(net USES base)
spillway_room(listener USES base http net)
spillway_room(forward USES base http net listener)
"""
SAMPLES = [
    ("a clean tree", {"CMakeLists.txt": CMAKE, "src/http/a.cpp": '#include "spillway/base/x.hpp"\n#include "b.hpp"\n',
                      "src/forward/a.cpp": '#include "spillway/listener/handler.hpp"\n', "src/main.cpp": '#include "spillway/net/x.hpp"'},
     None),
    ("to the right", {"CMakeLists.txt": CMAKE, "src/http/a.cpp": '#include "spillway/net/x.hpp"\n'}, "src/http/a.cpp:1: http may not"),
    ("in a header", {"CMakeLists.txt": CMAKE, "include/spillway/listener/a.hpp": '\n# include "spillway/forward/proxy.hpp"'},
     "a.hpp:2: listener may not"),
    ("with angle brackets", {"CMakeLists.txt": CMAKE, "src/base/a.cpp": "#include <spillway/http/x.hpp>\n"}, "base may not"),
    ("a private header", {"CMakeLists.txt": CMAKE, "src/listener/a.cpp": '#include "http/table.hpp"\n'}, "private to room http"),
    ("too much of listener", {"CMakeLists.txt": CMAKE, "src/forward/a.cpp": '#include "spillway/listener/session.hpp"\n'}, "only"),
    ("a wrong declaration", {"CMakeLists.txt": "spillway_room(net USES base forward)\nspillway_room(forward USES base)"},
     "net uses forward"),
    ("an unknown room", {"CMakeLists.txt": "spillway_room(attic USES base)"}, "attic has no place"),
]

if __name__ == "__main__":
    rule.main(check, SAMPLES)
