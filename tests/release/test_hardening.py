"""The release programs are hardened (Q06), read from the programs themselves and from the objects they were linked from."""
import functools
import os
import pathlib
import platform
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SPILLWAY_RELEASE", ROOT / "build/release"))
PROGRAMS = [BUILD / "spillway", BUILD / "spillway-lab"]
PAGE = 4096


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


@functools.cache
def own_functions(program):
    """Name and instructions of every function of Spillway's own, standard library templates made for it included."""
    functions, name = {}, ""
    listing = subprocess.Popen(["objdump", "--disassemble", "--no-show-raw-insn", str(program)], stdout=subprocess.PIPE, text=True)
    for line in listing.stdout:
        if line.endswith(">:\n"):
            name = line[line.index("<") + 1:-3]
            if "spillway" in name or name == "main":
                functions[name] = []
        elif name in functions and line.count("\t"):
            functions[name].append(line.split("\t", 1)[1].split("#")[0].strip())
    listing.stdout.close()
    if listing.wait():
        raise RuntimeError("objdump failed")
    return functions


def callers(program, called):
    return [name for name, code in own_functions(program).items() if any(re.search(rf"\bcall\b.*{called}", line) for line in code)]


class Q06TheReleaseProgramsAreHardened(unittest.TestCase):
    def each(self):
        for program in PROGRAMS:
            with self.subTest(program=program.name):
                yield program

    def test_position_independent(self):
        for program in self.each():
            self.assertRegex(run("readelf", "-hW", program), r"Type:\s+DYN \(Position-Independent Executable")
            self.assertRegex(run("readelf", "-dW", program), r"FLAGS_1\).*\bPIE\b")

    def test_relocations_are_read_only_before_main(self):
        for program in self.each():
            self.assertRegex(run("readelf", "-lW", program), r"\bGNU_RELRO\b")
            self.assertRegex(run("readelf", "-dW", program), r"\(FLAGS\)\s+.*BIND_NOW")
            self.assertNotRegex(run("readelf", "-dW", program), r"\((TEXTREL|RPATH|RUNPATH)\)")

    def test_nothing_is_both_writable_and_executable(self):
        for program in self.each():
            flags = re.findall(r"^\s+(\w+)(?:\s+0x\w+){5}\s+([R ][W ][E ])\s", run("readelf", "-lW", program), re.MULTILINE)
            self.assertIn(("GNU_STACK", "RW "), flags)
            self.assertEqual([name for name, rights in flags if "W" in rights and "E" in rights], [])

    def test_stacks_have_canaries(self):
        for program in self.each():
            self.assertGreater(len(callers(program, "__stack_chk_fail")), 100)

    def test_library_calls_are_fortified(self):
        for program in self.each():
            self.assertRegex(run("nm", "--dynamic", "--undefined-only", program), r"__mem(cpy|move|set)_chk@")

    def test_jump_targets_are_marked(self):
        # The linker drops the mark of the whole program because Debian 12's start files, libstdc++ and yaml-cpp lack it, and no
        # libc of Debian 12 would act on it; what is ours is ready for the day those do. Coroutines are resumed by address.
        for program in self.each():
            resumed = {name: code for name, code in own_functions(program).items() if ".resume" in name}
            self.assertGreater(len(resumed), 20)
            self.assertEqual([name for name, code in resumed.items() if code[0] != "endbr64"], [])
            self.assertEqual(own_functions(program)["main"][0], "endbr64")

    def test_large_frames_touch_every_page(self):
        for program in self.each():
            probed = 0
            for name, code in own_functions(program).items():
                for line, following in zip(code, code[1:] + [""]):
                    grown = re.fullmatch(r"sub\s+\$0x([0-9a-f]+),%rsp", line)
                    if grown and int(grown[1], 16) >= PAGE:
                        self.assertEqual(int(grown[1], 16), PAGE, name)
                        self.assertRegex(following, r"^movq\s+\$0x0,\(%rsp\)", name)
                        probed += 1
            self.assertGreater(probed, 0)

    def test_the_standard_library_checks_its_callers(self):
        for program in self.each():
            self.assertGreater(len(callers(program, "__glibcxx_assert_fail")), 100)


if platform.machine() != "x86_64":
    del Q06TheReleaseProgramsAreHardened  # what is looked for is x86-64

if __name__ == "__main__":
    unittest.main()
