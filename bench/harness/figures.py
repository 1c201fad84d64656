"""Medians, spreads and ratios. No I/O."""


def median(values):
    ordered = sorted(values)
    half = len(ordered) // 2
    if not ordered:
        raise ValueError("no values")
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def spread(values):
    """The smallest and the largest."""
    return min(values), max(values)


def paired_ratio(values, base):
    """Median of the ratios of values from the same round, which see the same noise; None when nothing can be divided."""
    ratios = [value / other for value, other in zip(values, base) if other]
    return median(ratios) if ratios else None
