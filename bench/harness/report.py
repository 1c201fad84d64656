"""Results as text for a terminal and as Markdown. No I/O."""
import dataclasses

from harness import figures

HEADINGS = ("", "median", "spread", "to nginx", "goal", "met")


@dataclasses.dataclass(frozen=True)
class Line:
    variant: str
    median: str
    spread: str
    to_nginx: str
    goal: str
    met: str  # yes, no, or empty without a goal

    def cells(self):
        return dataclasses.astuple(self)


def number(value):
    """Three significant digits are what repeats."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def with_unit(value, unit):
    return f"{number(value)} {unit}".strip()


def judge(goal, values, by_variant, unit):
    """What the goal says and whether the values meet it; None when its base was not measured."""
    if not goal.base:
        return f"≤ {with_unit(goal.most, unit)}", figures.median(values) <= goal.most
    base = by_variant.get(goal.base)
    ratio = figures.paired_ratio(values, base) if base else None
    if ratio is None:
        return None
    return f"≤ {goal.most:.2f} × {goal.base} (is {ratio:.2f})", ratio <= goal.most


def lines(row, values):
    """The lines of a row, one a variant; `values` is {variant: {metric: [one of each round]}}."""
    by_variant = {variant: metrics[row.metric] for variant, metrics in values.items() if metrics.get(row.metric)}
    # Of several nginx (log off, log on), each variant is compared with the one that does the same.
    for variant, own in by_variant.items():
        label = variant.partition(", ")[2]
        base = by_variant.get(f"nginx, {label}") or by_variant.get("nginx")
        ratio = figures.paired_ratio(own, base) if base and not variant.startswith("nginx") else None
        judged = [judge(goal, own, by_variant, row.unit) for goal in row.goals
                  if variant.startswith("spillway") and variant != goal.base]
        judged = [one for one in judged if one]
        low, high = figures.spread(own)
        yield Line(variant, with_unit(figures.median(own), row.unit), f"{number(low)} to {number(high)}",
                   f"{ratio:.2f}" if ratio is not None else "", "; ".join(text for text, _ in judged),
                   ("yes" if all(met for _, met in judged) else "no") if judged else "")


def tables(scenarios, results):
    """(scenario, row, lines) of everything that was measured."""
    for scenario in scenarios:
        for row in scenario.rows if scenario.name in results else ():
            found = list(lines(row, results[scenario.name]))
            if found:
                yield scenario, row, found


def judged(scenarios, results):
    """(what was judged, whether the goal is met)."""
    return [(f"{scenario.name}: {row.title}: {line.variant}: {line.goal}", line.met == "yes")
            for scenario, row, found in tables(scenarios, results) for line in found if line.met]


def summary(scenarios, results):
    verdicts = judged(scenarios, results)
    missed = [what for what, met in verdicts if not met]
    count = f"{len(verdicts) - len(missed)} of {len(verdicts)} goals are met."
    return "\n".join([count, *(["Not met:", "", *(f"- {what}" for what in missed)] if missed else [])])


def text(scenarios, results):
    printed = []
    current = None
    for scenario, row, found in tables(scenarios, results):
        if scenario is not current:
            printed.append(f"\n== {scenario.title}  ({scenario.name})")
            current = scenario
        cells = [(row.title, *HEADINGS[1:]), *(line.cells() for line in found)]
        widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
        widths[0] = max(widths[0], 28)
        printed += ["  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:4], widths[1:4])),
                               line[4].ljust(widths[4]), line[5]]).rstrip() for line in cells]
    return "\n".join(printed)


def when(document):
    return f"{document['machine']['date']}, commit {document['machine']['commit']}"


def together(documents):
    """One of several: of scenarios that are in more than one, the values of the last, and when those were measured."""
    first, *others = documents
    whole = {**first, "scenarios": dict(first["scenarios"]), "later": {}}
    for other in others:
        whole["scenarios"].update(other["scenarios"])
        whole["later"].update({name: when(other) for name in other["scenarios"]})
    return whole


def markdown(scenarios, document):
    machine, settings, results = document["machine"], document["settings"], document["scenarios"]
    printed = ["# Performance", "",
               "<!-- Written by bench/run --markdown. -->", "",
               "How these figures come about and how to read them: [bench/README.md](../bench/README.md).", "",
               f"{when(document)}; {settings['rounds']} rounds of {settings['seconds']:g} s.", "",
               "| | |", "|---|---|"]
    printed += [f"| {name.replace('_', ' ')} | {value} |" for name, value in machine.items() if name not in ("date", "commit")]
    printed += ["", "## Goals", "", summary(scenarios, results)]
    current = None
    for scenario, row, found in tables(scenarios, results):
        if scenario is not current:
            printed += ["", f"## {scenario.title}"]
            if scenario.name in document.get("later", {}):
                printed += ["", f"Measured {document['later'][scenario.name]}."]
            current = scenario
        printed += ["", f"| {row.title} | " + " | ".join(HEADINGS[1:]) + " |", "|---|---:|---:|---:|---|---|"]
        printed += ["| " + " | ".join(line.cells()) + " |" for line in found]
    return "\n".join(printed) + "\n"
