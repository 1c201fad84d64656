"""Medians, spreads and ratios."""
import unittest

from harness import figures


class Figures(unittest.TestCase):
    def test_the_median_of_an_odd_number_of_values_is_the_middle_one(self):
        self.assertEqual(figures.median([9, 1, 5]), 5)

    def test_the_median_of_an_even_number_of_values_lies_between_the_middle_two(self):
        self.assertEqual(figures.median([4, 1, 2, 9]), 3)

    def test_there_is_no_median_of_nothing(self):
        with self.assertRaises(ValueError):
            figures.median([])

    def test_the_spread_goes_from_the_smallest_to_the_largest(self):
        self.assertEqual(figures.spread([3, 1, 2]), (1, 3))

    def test_a_ratio_compares_values_of_the_same_round(self):
        # The second round was slow for both; the ratio of the medians would be 1.
        self.assertEqual(figures.paired_ratio([10, 30, 12], [20, 60, 10]), 0.5)

    def test_rounds_without_a_base_are_left_out(self):
        self.assertEqual(figures.paired_ratio([10, 30], [0, 15]), 2)
        self.assertIsNone(figures.paired_ratio([10], [0]))
