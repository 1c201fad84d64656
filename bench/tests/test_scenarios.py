"""The list of scenarios and what the contenders are told."""
import dataclasses
import pathlib
import re
import tempfile
import unittest

from harness import contenders, request_files, scenarios
from harness.contenders import Place, Site


class Scenarios(unittest.TestCase):
    def test_names_are_unique(self):
        names = [scenario.name for scenario in scenarios.all_scenarios()]
        self.assertEqual(len(names), len(set(names)))

    def test_rows_belong_to_a_cell(self):
        for scenario in scenarios.all_scenarios():
            for row in scenario.rows:
                self.assertIn(row.metric.partition(".")[0], scenario.loads, scenario.name)

    def test_goals_compare_with_somebody_who_takes_part(self):
        for scenario in scenarios.all_scenarios():
            names = {variant.name for variant in scenario.variants}
            for goal in (goal for row in scenario.rows for goal in row.goals if goal.base):
                self.assertIn(goal.base, names, scenario.name)

    def test_variants_differ_and_change_what_a_site_has(self):
        fields = {field.name for field in dataclasses.fields(Site)}
        for scenario in scenarios.all_scenarios():
            names = [variant.name for variant in scenario.variants]
            self.assertEqual(len(names), len(set(names)), scenario.name)
            for variant in scenario.variants:
                self.assertLessEqual(set(variant.changes), fields, scenario.name)


class Configurations(unittest.TestCase):
    def written(self, contender, site):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            place = Place(folder, 8080, (9001, 9002), pathlib.Path("/certificates"), pathlib.Path("/tools"),
                          pathlib.Path("/spillway"), 20000)
            contenders.CONTENDERS[contender](site, place)
            return "".join(file.read_text(encoding="ascii") for file in sorted(folder.iterdir()))

    def test_certificates_of_backends_are_verified_by_all(self):
        site = Site(backend_tls=True)
        self.assertIn("proxy_ssl_verify on;", self.written("nginx", site))
        self.assertIn("verify required", self.written("haproxy", site))
        self.assertIn("ca: /certificates/ca.pem", self.written("spillway", site))

    def test_only_the_members_that_a_scenario_has_are_used(self):
        for contender in ("nginx", "haproxy", "spillway"):
            text = self.written(contender, Site(members=1))
            self.assertIn("127.0.0.1:9001", text)
            self.assertNotIn("127.0.0.1:9002", text)

    def test_every_pool_has_a_route_and_every_client_a_key(self):
        text = self.written("spillway", Site(pools=3, keys=20))
        self.assertEqual(text.count("    pool: pool-"), 3)
        self.assertIn(request_files.client_key(19), text)
        self.assertIn(f"models: [{request_files.model_name(2)}]", text)


class Requests(unittest.TestCase):
    def read(self, **settings):
        with tempfile.TemporaryDirectory() as folder:
            rest = request_files.write(pathlib.Path(folder) / "requests", **settings).read_bytes()
        requests = []
        while rest:
            size, _, rest = rest.partition(b"\n")
            requests.append(rest[:int(size)])
            rest = rest[int(size):]
        return requests

    def test_requests_have_the_size_that_was_asked_for_and_say_so(self):
        for request in self.read(size=1500):
            head, _, body = request.partition(b"\r\n\r\n")
            self.assertEqual(len(body), 1500)
            self.assertIn(b"Content-Length: 1500", head)

    def test_every_key_and_every_model_comes_up(self):
        text = b"".join(self.read(keys=30, models=40)).decode("ascii")
        self.assertEqual([index for index in range(30) if request_files.client_key(index) not in text], [])
        self.assertEqual([index for index in range(40) if request_files.model_name(index) not in text], [])

    def test_a_tenth_of_the_ids_ends_with_each_digit(self):
        requests = self.read()
        ids = [request.partition(b"x-bench-id: ")[2].partition(b"\r\n")[0] for request in requests]
        self.assertEqual([sum(one.endswith(str(digit).encode()) for one in ids) * 10 for digit in range(10)],
                         [len(requests)] * 10)

    def test_an_id_meets_both_of_two_backends_that_are_used_in_turn(self):
        places = [index for index, request in enumerate(self.read()) if re.search(rb"x-bench-id: \d*3\r", request)]
        self.assertEqual({place % 2 for place in places}, {0, 1})
