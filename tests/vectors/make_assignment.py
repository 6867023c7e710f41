"""Writes assignment.json: hash and cut vectors, and whole decisions, by a second implementation of DESIGN §5.

Plain Python on hashlib and exact fractions, sharing nothing with the core. The hash vectors are kept as they are (they
were made before the core was); the decisions are made anew from BUNDLE. Run it in this folder:
`python3 make_assignment.py`.
"""

import hashlib
import itertools
import json
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

FILE = Path(__file__).with_name("assignment.json")
NOW = "2026-03-01T00:00:00Z"
SCALE = 2**52


def h(salt, unit, k):
    digest = hashlib.sha256(f"{salt}:{unit}".encode()).hexdigest()
    return int(digest[13 * k : 13 * k + 13], 16)


def half_up(x):
    return int(x + Fraction(1, 2))  # x >= 0: int() is the floor


def cuts(weights):
    exact = [Fraction(float(w)) for w in weights]
    return [half_up(SCALE * c / sum(exact)) for c in itertools.accumulate(exact)]


def threshold(share):
    return half_up(SCALE * Fraction(float(share)))


def experiment(key, variants=("A", "B"), status="running", **rest):
    variants = [{"key": v} if isinstance(v, str) else v for v in variants]
    metrics = {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}
    return {"key": key, "surface": "product_page", "status": status, "variants": variants, "metrics": metrics, **rest}


BUNDLE = {
    "schema_version": 1,
    "a_field_of_a_later_version": True,
    "schema": {
        "orders_count": {"type": "number", "assignable": True},
        "country": {"type": "string", "assignable": True},
        "last_seen": {"type": "timestamp", "assignable": True},
        "lifetime_value": {"type": "number"},
    },
    "segments": [
        {"key": "repeat", "rule": {"attr": "orders_count", "op": "gte", "value": 2}},
        {"key": "vip", "rule": {"attr": "lifetime_value", "op": "gte", "value": 500}},
        {"key": "repeat_vip", "rule": {"all": [{"segment": "repeat"}, {"segment": "vip"}]}},
    ],
    "layers": [{"key": "checkout", "salt": "layer-é"}],
    "holdouts": [{"key": "forever", "salt": "holdout-1", "share": 0.2}],
    "experiments": [
        experiment(
            "free_shipping",
            [{"key": "A", "weight": 1}, {"key": "B", "weight": 1, "payload": {"threshold": 50}}],
            salt="fs:2026",
            allocation=0.8,
            targeting={"all": [{"segment": "repeat"}, {"attr": "country", "op": "in", "value": ["CA", "US"]}]},
            layer={"key": "checkout", "from": 0.25, "to": 0.75},
            holdout="forever",
            overrides={"tester-1": "B", "o'brien": "A"},
        ),
        experiment(
            "urgency",
            [{"key": "none", "weight": 2}, {"key": "off", "weight": 0}, {"key": "on", "weight": 33.3}],
            salt="prüfung",
            requires={"experiment": "free_shipping", "variants": ["B"]},
        ),
        experiment("badge", status="stopped", shipped="B", targeting={"segment": "repeat"}),
        experiment("cellar", status="draft", overrides={"tester-1": "B"}),
        experiment("asleep", status="paused"),
        experiment("vip_perk", targeting={"segment": "vip"}),
        experiment("not_vip", targeting={"not": {"segment": "vip"}}),
        experiment(
            "vip_or_ca", targeting={"any": [{"segment": "vip"}, {"attr": "country", "op": "eq", "value": "CA"}]}
        ),
        experiment("deep", targeting={"segment": "repeat_vip"}),
        experiment("recent", targeting={"attr": "last_seen", "op": "within_days", "value": 30}, allocation=1 / 3),
        experiment("weightless", [{"key": "A", "weight": 0}, {"key": "B", "weight": 0}]),
        experiment("after_weightless", requires={"experiment": "weightless", "variants": ["A"]}),
        experiment("after_badge", requires={"experiment": "badge", "variants": ["B"]}),
        experiment("lost", targeting={"segment": "unheard_of"}),
    ],
}
BROKEN = {"weightless", "lost"}
EXPERIMENTS = {e["key"]: e for e in BUNDLE["experiments"]}
SEGMENTS = {s["key"]: s["rule"] for s in BUNDLE["segments"]}


def expand(rule):
    if "segment" in rule:
        return expand(SEGMENTS[rule["segment"]])
    for key in ("all", "any"):
        if key in rule:
            return {key: [expand(r) for r in rule[key]]}
    return {"not": expand(rule["not"])} if "not" in rule else rule


def attributes_of(rule):
    if "attr" in rule:
        return {rule["attr"]}
    return set().union(*(attributes_of(r) for r in rule.get("all", rule.get("any", [rule.get("not")]))))


def rule_hash(key):
    text = json.dumps(expand(SEGMENTS[key]), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def instant(text):
    return datetime.fromisoformat(text)


def compare(op, found, value):
    if op == "gte":
        return found >= value if isinstance(found, (int, float)) and not isinstance(found, bool) else None
    if op == "eq":
        return found == value if isinstance(found, str) else None
    if op == "in":
        return found in value if isinstance(found, str) else None
    assert op == "within_days", op
    return instant(NOW) - timedelta(days=value) <= instant(found) <= instant(NOW)


def evaluate(rule, attributes, cached, stale):
    """True, False or None; `stale` collects the segments that the cache could not answer."""
    if "segment" in rule:
        key = rule["segment"]
        whole = expand(rule)
        if all(BUNDLE["schema"][a].get("assignable") for a in attributes_of(whole)):
            return evaluate(whole, attributes, cached, stale)
        for prefix, answer in (("", True), ("!", False)):
            if cached.get(key) == prefix + rule_hash(key):
                return answer
        stale.append(key)
        return None
    if "attr" in rule:
        found = attributes.get(rule["attr"])
        return None if found is None else compare(rule["op"], found, rule["value"])
    if "not" in rule:
        inner = evaluate(rule["not"], attributes, cached, stale)
        return None if inner is None else not inner
    decisive = "any" in rule
    answers = []
    for child in rule.get("all", rule.get("any")):
        answers.append(evaluate(child, attributes, cached, stale))
        if answers[-1] is decisive:
            return decisive
    return None if None in answers else not decisive


def read(visitor):
    """Attributes and cached segments, or None when unreadable."""
    if isinstance(visitor, str):
        try:
            visitor = json.loads(visitor)
        except ValueError:
            return None
    if visitor is None:
        return {}, {}
    if not isinstance(visitor, dict):
        return None
    if isinstance(visitor.get("a"), dict):
        return (visitor["a"], visitor.get("s", {})) if visitor.get("v") == 1 else None
    return visitor, {}


def targeting(e, visitor):
    if "targeting" not in e:
        return "targeted"
    known = read(visitor)
    if known is None:
        return "bad_attributes"
    stale = []
    answer = evaluate(e["targeting"], *known, stale)
    if answer:
        return "targeted"
    return "stale_segment" if answer is None and stale else "not_targeted"


def decide(key, unit, visitor):
    if key not in EXPERIMENTS:
        return None, "unknown_experiment"
    e = EXPERIMENTS[key]
    keys = [v["key"] for v in e["variants"]]
    salt = e.get("salt", key)
    if key in BROKEN:
        return keys[0], "load_error"
    if not unit or len(unit.encode()) > 1024:
        return keys[0], "invalid_unit"
    if unit in e.get("overrides", {}):
        return e["overrides"][unit], "forced"
    eligible = targeting(e, visitor)
    if "shipped" in e and eligible == "targeted":
        return e["shipped"], "shipped"
    if e["status"] != "running":
        return keys[0], "not_running"
    if "requires" in e:
        variant, reason = decide(e["requires"]["experiment"], unit, visitor)
        chosen = reason in ("forced", "shipped", "assigned")
        if not chosen or variant not in e["requires"]["variants"]:
            return keys[0], "prerequisite_unmet"
    for holdout in BUNDLE["holdouts"]:
        if e.get("holdout") == holdout["key"] and h(holdout["salt"], unit, 0) < threshold(holdout["share"]):
            return keys[0], "in_holdout"
    for layer in BUNDLE["layers"]:
        part = e.get("layer", {"from": 0, "to": 1})
        inside = threshold(part["from"]) <= h(layer["salt"], unit, 0) < threshold(part["to"])
        if part.get("key") == layer["key"] and not inside:
            return keys[0], "outside_layer"
    if eligible != "targeted":
        return keys[0], eligible
    if h(salt, unit, 1) >= threshold(e.get("allocation", 1)):
        return keys[0], "not_allocated"
    slice_ = h(salt, unit, 0)
    owner = next(i for i, cut in enumerate(cuts([v.get("weight", 1) for v in e["variants"]])) if slice_ < cut)
    return keys[owner], "assigned"


def visitors():
    vip, deep = rule_hash("vip"), rule_hash("repeat_vip")
    return [
        None,
        {},
        {"orders_count": 3, "country": "CA", "last_seen": "2026-02-20T12:00:00Z"},
        {"orders_count": 2, "country": "US", "lifetime_value": 900, "last_seen": "2025-12-31T00:00:00Z"},
        {"orders_count": 1, "country": "FR", "last_seen": None},
        {"orders_count": "3", "country": 7},
        {"v": 1, "a": {"orders_count": 5, "country": "CA"}, "s": {"vip": vip, "repeat_vip": deep}},
        {"v": 1, "a": {"country": "DE"}, "s": {"vip": "!" + vip, "repeat_vip": "!" + deep}, "later": 1},
        {"v": 1, "a": {"country": "DE"}, "s": {"vip": "0" * 64, "repeat_vip": deep}},
        {"v": 2, "a": {"orders_count": 5}},
        '{"orders_count": 3, "country": "CA"',
        "[1, 2]",
    ]


UNITS = ["tester-1", "o'brien", "é", "日本", "🛒-9", *(f"visitor-{i}" for i in range(20)), "x" * 1024]
INVALID = ["", "x" * 1025, "é" * 513]


def decisions():
    """Every reason of every experiment, by the first few units and visitors that meet it."""
    seen = {}
    for key in [*EXPERIMENTS, "unheard_of"]:
        limit = {"free_shipping": 12, "urgency": 6}.get(key, 3)
        for visitor, unit in [*itertools.product(visitors(), UNITS), *((None, unit) for unit in INVALID)]:
            variant, reason = decide(key, unit, visitor)
            sort = (key, variant, reason)
            seen[sort] = seen.get(sort, 0) + 1
            if seen[sort] <= limit:
                yield {"experiment": key, "unit": unit, "attributes": visitor, "variant": variant, "reason": reason}


def line(value):
    return json.dumps(value, ensure_ascii=False)


def lines(values):
    return "[\n" + ",\n".join(map(line, values)) + "\n]"


def main():
    stored = json.loads(FILE.read_text())
    for case in stored["cases"]:
        unit, salt = case["unit"], case["salt"]
        owner = next(i for i, cut in enumerate(case["cuts"]) if case["h0"] < cut)
        assert case["h0"] == h(salt, unit, 0) and case["h1"] == h(salt, unit, 1)
        assert case["cuts"] == cuts(case["weights"]) and case["variant"] == owner
        assert case["allocated"] == (case["h1"] < threshold(case["allocation"]))
    FILE.write_text(
        '{\n"spec_version": 1,\n"note": "DESIGN §5. cases: hash, cuts and draw. decisions: bundle, now, unit, '
        'attributes (an object, null, or the text of a cache) to variant and reason. Made by make_assignment.py",\n'
        f'"cases": {lines(stored["cases"])},\n"now": {line(NOW)},\n"bundle": {line(BUNDLE)},\n'
        f'"decisions": {lines(decisions())}\n}}\n'
    )


if __name__ == "__main__":
    main()
