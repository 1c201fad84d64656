"""The table: what a row says, and whether a goal is met."""
import dataclasses
import unittest

from harness import report
from harness.scenarios import Goal, Row, Scenario, Variant

CPU = Row("rate.cpu_us", "CPU per request", "µs", (Goal(0.9, "nginx"), Goal(1.5, "relay")))
MEMORY = Row("idle.memory_bytes", "Memory", "B", (Goal(10_000),))
MACHINE = {"date": "today", "commit": "abc", "cpu": "some"}


def scenario(*rows):
    return Scenario("a.b", "A scenario", {}, rows, (Variant("nginx"), Variant("spillway")))


def one_line(row, values, variant="spillway"):
    return next(line for line in report.lines(row, values) if line.variant == variant)


class Lines(unittest.TestCase):
    def test_a_line_has_median_spread_and_the_ratio_to_nginx(self):
        line = one_line(CPU, {"nginx": {"rate.cpu_us": [20, 40, 30]}, "spillway": {"rate.cpu_us": [10, 24, 15]}})
        self.assertEqual((line.median, line.spread, line.to_nginx), ("15.0 µs", "10.0 to 24.0", "0.50"))

    def test_a_goal_is_met_up_to_its_limit(self):
        values = {"nginx": {"rate.cpu_us": [100]}, "spillway": {"rate.cpu_us": [90]}}
        self.assertEqual(one_line(CPU, values).met, "yes")
        values["spillway"] = {"rate.cpu_us": [91]}
        self.assertEqual(one_line(CPU, values).met, "no")

    def test_every_goal_of_a_row_has_to_be_met(self):
        values = {"nginx": {"rate.cpu_us": [100]}, "relay": {"rate.cpu_us": [50]}, "spillway": {"rate.cpu_us": [80]}}
        line = one_line(CPU, values)
        self.assertEqual(line.met, "no")
        self.assertEqual(line.goal, "≤ 0.90 × nginx (is 0.80); ≤ 1.50 × relay (is 1.60)")

    def test_a_goal_without_a_base_is_a_limit(self):
        self.assertEqual(one_line(MEMORY, {"spillway": {"idle.memory_bytes": [9000, 9900, 12000]}}).met, "yes")
        self.assertEqual(one_line(MEMORY, {"spillway": {"idle.memory_bytes": [10_001]}}).met, "no")

    def test_goals_are_for_spillway_only(self):
        values = {"nginx": {"rate.cpu_us": [1]}, "haproxy": {"rate.cpu_us": [100]}}
        self.assertEqual([line.met for line in report.lines(CPU, values)], ["", ""])

    def test_a_variant_is_not_judged_by_itself(self):
        row = Row("closed.cpu_us", "CPU", "µs", (Goal(1.03, "spillway, 1 pool"),))
        values = {"spillway, 1 pool": {"closed.cpu_us": [10]}, "spillway, 100 pools": {"closed.cpu_us": [11]}}
        self.assertEqual([line.met for line in report.lines(row, values)], ["", "no"])

    def test_a_variant_is_compared_with_the_nginx_that_does_the_same(self):
        row = Row("rate.cpu_us", "CPU", "µs")
        values = {name: {"rate.cpu_us": [value]} for name, value in
                  (("nginx, log off", 10), ("nginx, log on", 20), ("spillway, log on", 10))}
        self.assertEqual(one_line(row, values, "spillway, log on").to_nginx, "0.50")

    def test_a_goal_whose_base_was_not_measured_is_not_judged(self):
        self.assertEqual(one_line(CPU, {"spillway": {"rate.cpu_us": [1]}}).met, "")

    def test_what_was_not_measured_has_no_line(self):
        self.assertEqual(list(report.lines(CPU, {"nginx": {}})), [])


class Tables(unittest.TestCase):
    results = {"a.b": {"nginx": {"rate.cpu_us": [10]}, "spillway": {"rate.cpu_us": [12], "idle.memory_bytes": [9000]}}}

    def test_missed_goals_are_named(self):
        self.assertEqual(report.summary([scenario(CPU, MEMORY)], self.results),
                         "1 of 2 goals are met.\nNot met:\n\n- a.b: CPU per request: spillway: ≤ 0.90 × nginx (is 1.20)")

    def test_the_text_has_all_contenders_and_the_verdict(self):
        text = report.text([scenario(CPU)], self.results)
        self.assertIn("== A scenario  (a.b)", text)
        self.assertRegex(text, r"nginx +10\.0 µs")
        self.assertRegex(text, r"spillway +12\.0 µs +12\.0 to 12\.0 +1\.20 +≤ 0\.90 × nginx \(is 1\.20\) +no")

    def test_the_markdown_says_where_and_when(self):
        document = {"machine": MACHINE, "settings": {"rounds": 5, "seconds": 2.0}, "scenarios": self.results}
        markdown = report.markdown([scenario(CPU, MEMORY)], document)
        self.assertIn("today, commit abc; 5 rounds of 2 s.", markdown)
        self.assertIn("| spillway | 12.0 µs | 12.0 to 12.0 | 1.20 | ≤ 0.90 × nginx (is 1.20) | no |", markdown)
        self.assertIn("- a.b: CPU per request", markdown)

    def test_scenarios_measured_later_replace_those_before_and_say_so(self):
        first = {"machine": MACHINE, "settings": {"rounds": 5, "seconds": 2.0}, "scenarios": {**self.results, "c": {}}}
        later = {"machine": {**MACHINE, "date": "tomorrow", "commit": "def"}, "settings": {"rounds": 5, "seconds": 2.0},
                 "scenarios": {"a.b": {"spillway": {metric: [7.0] for metric in self.results["a.b"]["spillway"]}}}}
        whole = report.together([first, later])
        self.assertEqual(sorted(whole["scenarios"]), ["a.b", "c"])
        self.assertEqual(first["scenarios"]["a.b"], self.results["a.b"], "what was given is left as it is")
        markdown = report.markdown([scenario(CPU)], whole)
        self.assertIn("today, commit abc; 5 rounds of 2 s.", markdown)
        self.assertIn("Measured tomorrow, commit def.", markdown)
        self.assertIn("| spillway | 7.00 µs |", markdown)
        self.assertNotIn("Measured", report.markdown([scenario(CPU)], report.together([first])))

    def test_scenarios_that_were_not_run_are_not_shown(self):
        other = dataclasses.replace(scenario(CPU), name="c")
        self.assertEqual(report.text([other], self.results), "")


class Numbers(unittest.TestCase):
    def test_numbers_have_three_significant_digits(self):
        self.assertEqual([report.number(value) for value in (0, 1.234, 12.34, 123.4, 12345)],
                         ["0", "1.23", "12.3", "123", "12345"])
