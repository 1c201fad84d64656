"""The list of what the release is made of (Q08): it is SPDX, and nothing that is linked or loaded is missing."""
import copy
import importlib.machinery
import importlib.util
import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SPILLWAY_RELEASE", ROOT / "build/release"))

_loader = importlib.machinery.SourceFileLoader("sbom", str(ROOT / "scripts/sbom"))
sbom = importlib.util.module_from_spec(importlib.util.spec_from_loader("sbom", _loader))
_loader.exec_module(sbom)


class Q08TheListOfParts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.written = sbom.document(BUILD)

    def without(self, kind, package):
        changed = copy.deepcopy(self.written)
        changed["relationships"] = [relation for relation in changed["relationships"] if
                                    (relation["relationshipType"], relation["relatedSpdxElement"]) != (kind, sbom.spdx_id(package))]
        self.assertLess(len(changed["relationships"]), len(self.written["relationships"]))
        return sbom.problems(changed, BUILD)

    def test_is_complete(self):
        self.assertEqual(sbom.problems(self.written, BUILD), [])

    def test_a_shared_library_left_out_is_noticed(self):
        self.assertIn("libssl3 is not listed", "\n".join(self.without("DYNAMIC_LINK", "libssl3")))

    def test_a_static_library_left_out_is_noticed(self):
        for package in ("libyaml-cpp-dev", "libstdc++-12-dev", "libgcc-12-dev"):
            self.assertIn(f"{package} is not listed", "\n".join(self.without("STATIC_LINK", package)))

    def test_another_program_is_noticed(self):
        changed = copy.deepcopy(self.written)
        for sum_ in changed["files"][0]["checksums"]:
            sum_["checksumValue"] = "0" * len(sum_["checksumValue"])
        self.assertIn("spillway is another file", "\n".join(sbom.problems(changed, BUILD)))

    def test_a_package_that_is_not_described_is_noticed(self):
        changed = copy.deepcopy(self.written)
        changed["packages"] = [package for package in changed["packages"] if package["name"] != "libc6"]
        self.assertIn("SPDXRef-Package-libc6 is not described", sbom.problems(changed, BUILD))

    def test_header_only_libraries_are_listed(self):
        linked = {relation["relatedSpdxElement"] for relation in self.written["relationships"]
                  if (relation["spdxElementId"], relation["relationshipType"]) == ("SPDXRef-File-spillway", "STATIC_LINK")}
        for package in ("libboost1.81-dev", "libspdlog-dev", "libfmt-dev", "nlohmann-json3-dev", "libcli11-dev"):
            self.assertIn(sbom.spdx_id(package), linked)

    def test_the_image_brings_the_licence_of_every_linked_library(self):
        rootfs = (ROOT / "docker/rootfs").read_text(encoding="utf-8")
        brought = set(re.search(r"linked_in=\((.*?)\)", rootfs, re.DOTALL).group(1).split())
        linked = {relation["relatedSpdxElement"] for relation in self.written["relationships"]
                  if relation["relationshipType"] == "STATIC_LINK"}
        self.assertEqual({sbom.spdx_id(package) for package in brought}, linked)


if __name__ == "__main__":
    unittest.main()
