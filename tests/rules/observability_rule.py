"""The dashboard and the alert rules ask for metrics and labels that docs/metrics.md has, and promtool takes the rules."""
import json
import re
import shutil
import subprocess

import rule

FOLDER = "deploy/observability"
METRIC = re.compile(r"\b(?:spillway|process)_[a-z_]+\b(?!\s*[(:])")
SELECTOR = re.compile(r"\b((?:spillway|process)_[a-z_]+)\s*\{([^}]*)\}")
DOCUMENTED = re.compile(r"^\| `((?:spillway|process)_[a-z_]+)` \| (\w+) \| ([^|]*)\|", re.MULTILINE)
SCRAPED_LABELS = {"job", "instance", "le"}  # what Prometheus and histograms add
RUNBOOK = re.compile(r"^\s*runbook: (\S+)$", re.MULTILINE)


def documented(root):
    """Names of series, those of histograms spread out, with the labels each may have."""
    series = {}
    for name, kind, labels in DOCUMENTED.findall((root / "docs/metrics.md").read_text(encoding="utf-8")):
        suffixes = ["_bucket", "_sum", "_count"] if kind == "histogram" else [""]
        for suffix in suffixes:
            series[name + suffix] = set(re.findall(r"`(\w+)`", labels)) | SCRAPED_LABELS
    return series


def expression_problems(where, expression, series):
    found = [f"{where}: docs/metrics.md has no {name}"
             for name in sorted(set(METRIC.findall(expression)) - set(series))]
    for name, matchers in SELECTOR.findall(expression):
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", re.sub(r'"[^"]*"', '""', matchers)):
            if label not in series.get(name, {label}):
                found.append(f"{where}: {name} has no label {label}")
    return found


def every_panel(panels):
    for panel in panels:
        yield panel
        yield from every_panel(panel.get("panels", []))


def dashboard_problems(name, text, series):
    try:
        dashboard = json.loads(text)
    except json.JSONDecodeError as error:
        return [f"{name}: {error}"]
    found = []
    ids = set()
    for panel in every_panel(dashboard.get("panels", [])):
        title = panel.get("title", "")
        where = f"{name}: panel {panel.get('id')} {title}"
        if not title:
            found.append(f"{where}: no title")
        if panel.get("id") in ids:
            found.append(f"{where}: the id is taken")
        ids.add(panel.get("id"))
        if panel.get("type") == "row":
            continue
        if not panel.get("description"):
            found.append(f"{where}: no description")
        if not panel.get("fieldConfig", {}).get("defaults", {}).get("unit"):
            found.append(f"{where}: no unit")
        if panel.get("datasource", {}).get("uid") != "${datasource}":
            found.append(f"{where}: not the chosen data source")
        for target in panel.get("targets", []):
            found += expression_problems(where, target["expr"], series)
    for variable in dashboard.get("templating", {}).get("list", []):
        found += expression_problems(f"{name}: variable {variable['name']}", variable.get("definition", ""), series)
    return found


def anchors(text):
    """As they are made of headings: lower case, punctuation dropped, spaces as dashes."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def runbook_problems(root, name, text):
    for target in RUNBOOK.findall(text):
        page, _, anchor = target.partition("#")
        if not (root / page).is_file():
            yield f"{name}: the runbook {target} leads nowhere"
        elif anchor and anchor not in anchors((root / page).read_text(encoding="utf-8")):
            yield f"{name}: {page} has no heading for #{anchor}"


def promtool_problems(folder):
    if not shutil.which("promtool"):
        print("note: promtool is not installed")
        return
    for action, files in (("check", "alerts.yaml"), ("test", "alerts_test.yaml")):
        result = subprocess.run(["promtool", action, "rules", files], cwd=folder, capture_output=True, text=True, check=False)
        if result.returncode:
            yield f"promtool {action} rules {files}: {result.stdout}{result.stderr}"


def check(root):
    folder = root / FOLDER
    series = documented(root)
    found = []
    for path in sorted(folder.glob("*.json")):
        found += dashboard_problems(path.name, path.read_text(encoding="utf-8"), series)
    rules = folder / "alerts.yaml"
    text = rules.read_text(encoding="utf-8")
    tests = (folder / "alerts_test.yaml").read_text(encoding="utf-8")
    code = re.sub(r"^\s*(?:#.*|- name: .*|summary: .*|description: .*)$", "", text, flags=re.MULTILINE)
    found += expression_problems(rules.name, code, series)
    found += runbook_problems(root, rules.name, text)
    for alert in re.findall(r"- alert: (\w+)", text):
        firing = tests.count(f"exp_samples:\n          - {{labels: 'ALERTS{{alertname=\"{alert}\"")
        if not firing or tests.count(f'expr: ALERTS{{alertname="{alert}"') == firing:
            found.append(f"alerts_test.yaml: {alert} is not tested both firing and silent")
    return found + list(promtool_problems(folder))


PANEL = {"id": 1, "title": "Requests", "description": "Do this.", "type": "timeseries", "datasource": {"uid": "${datasource}"},
         "fieldConfig": {"defaults": {"unit": "reqps"}}, "targets": [{"expr": 'rate(spillway_a_total{x="1",job="j"}[5m])'}]}
RULES = """groups:
  - name: spillway_group
    rules:
      - alert: Down
        expr: spillway_a_total{x="1"} == 0
        annotations:
          runbook: docs/metrics.md#what-is-it
"""
ALERT = 'ALERTS{alertname="Down", alertstate="firing"'
RULE_TESTS = f"""rule_files: [alerts.yaml]
tests:
  - interval: 1m
    input_series:
      - {{series: 'spillway_a_total{{x="1"}}', values: "1 0"}}
    promql_expr_test:
      - expr: {ALERT}}}
        eval_time: 0m
        exp_samples: []
      - expr: {ALERT}}}
        eval_time: 1m
        exp_samples:
          - {{labels: '{ALERT}, x="1"}}', value: 1}}
"""


def sample(panels=(PANEL,), rules=RULES, tests=RULE_TESTS):
    return {"docs/metrics.md": "# What is it?\n\n| `spillway_a_total` | counter | `x` | says |\n| `spillway_h` | histogram | | says |\n",
            f"{FOLDER}/dashboard.json": json.dumps({"panels": list(panels)}), f"{FOLDER}/alerts.yaml": rules,
            f"{FOLDER}/alerts_test.yaml": tests}


def asking(expression):
    return sample([{**PANEL, "targets": [{"expr": expression}]}])


SAMPLES = [
    ("all right", sample(), None),
    ("no JSON", {**sample(), f"{FOLDER}/dashboard.json": "{"}, "dashboard.json: Expecting"),
    ("an unknown metric", asking("spillway_b_total"), "no spillway_b_total"),
    ("a histogram's buckets", asking('spillway_h_bucket{le="1"}'), None),
    ("a histogram by its bare name", asking("spillway_h"), "no spillway_h"),
    ("an unknown metric of the process", asking("process_b"), "no process_b"),
    ("an unknown label", asking('spillway_a_total{y=~"1"}'), "no label y"),
    ("an id twice", sample([PANEL, PANEL]), "the id is taken"),
    ("no description", sample([{**PANEL, "description": ""}]), "no description"),
    ("no unit", sample([{**PANEL, "fieldConfig": {}}]), "no unit"),
    ("a data source of its own", sample([{**PANEL, "datasource": {"uid": "abc"}}]), "not the chosen data source"),
    ("inside a folded row", sample([{"id": 2, "title": "Row", "type": "row", "panels": [{**PANEL, "description": ""}]}]), "no description"),
    ("an unknown metric in a rule", sample(rules=RULES.replace("_a_", "_c_")), "no spillway_c_total"),
    ("a runbook without a page", sample(rules=RULES.replace("metrics.md", "gone.md")), "leads nowhere"),
    ("a runbook without a heading", sample(rules=RULES.replace("what-is", "who-is")), "no heading for #who-is-it"),
    ("an alert that is never silent", sample(tests=RULE_TESTS.replace(f"      - expr: {ALERT}}}\n        eval_time: 0m\n        exp_samples: []\n", "")),
     "not tested both"),
]
if shutil.which("promtool"):
    SAMPLES += [
        ("a rule that cannot be read", sample(rules=RULES.replace("== 0", "==")), "promtool check rules"),
        ("an alert that does not fire", sample(rules=RULES.replace("== 0", "== 7")), "promtool test rules"),
    ]

if __name__ == "__main__":
    rule.main(check, SAMPLES)
