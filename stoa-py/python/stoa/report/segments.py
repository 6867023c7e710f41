"""Sections of the report about segments: who they are, and whether the e-mails work the same for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import charts
from .html import badge, code, panel, paragraph, table, two_lines
from .readout import EVERYONE, REVENUE, UNITS, VISIT, Loop, comparisons, interval, name, posterior, segment_names
from .words import between, count, listed, money, percent, points, probability


def who(loop: Loop) -> str:
    """Sizes, rates, order values, whether they can be targeted, and how they overlap."""
    names = segment_names(loop)
    rows = []
    for entry in loop["segment"]["segments"]:
        can = badge("yes", "good") if entry["targetable"] else badge("no", "warn")
        why_not = "" if entry["targetable"] else f"the storefront lacks {listed(entry['missing'])}"
        rows.append((
            two_lines(names[entry["key"]], entry["words"]),
            two_lines(count(entry["n"]), percent(entry["share"], 0)),
            _rate(entry["visit_rate"], 1),
            _rate(entry["conversion_rate"], 2),
            _amount(entry["average_order_value"]),
            percent(entry["smallest_detectable_lift"]["visit_rate"], 0, sign=True),
            can,
            why_not,
        ))  # fmt: skip
    head = (
        "segment",
        "customers",
        "visit rate",
        "conversion",
        "order value",
        "smallest lift it could show",
        "targetable",
        "why not",
    )
    caption = "The starter set: posterior mean, 95% interval under it. Smallest lift: in visits, at 80% power"
    text = paragraph(
        "Segments are written once, as rules; the storefront, the warehouse and this page use the same rule. "
        "A segment can be targeted when everything its rule reads is in the storefront's cache."
    )
    heat = panel(charts.overlap(_overlap(loop, names), list(names.values()), _overlap_alt(loop, names)))
    return f"{text}{table(caption, head, rows)}<h3>How they overlap</h3>{_overlap_text()}{heat}{_rules(loop, names)}"


def _rate(estimate: dict[str, Any], digits: int) -> object:
    low, high = interval(estimate)
    return two_lines(percent(estimate["mean"], digits), between(percent(low, digits), percent(high, digits)))


def _amount(estimate: dict[str, Any]) -> object:
    low, high = interval(estimate)
    return two_lines(money(estimate["mean"]), between(money(low), money(high)))


def _overlap_text() -> str:
    return paragraph("Of the customers of the row's segment, how many are also in the column's.", "note")


def _overlap(loop: Loop, names: dict[str, str]) -> list[dict[str, Any]]:
    overlap = loop["segment"]["overlap"]
    keys = overlap["segments"]
    return [
        {"row": names[a], "column": names[b], "share": overlap["n"][i][j] / overlap["n"][i][i]}
        for i, a in enumerate(keys)
        for j, b in enumerate(keys)
        if overlap["n"][i][i]
    ]


def _overlap_alt(loop: Loop, names: dict[str, str]) -> str:
    pairs = [row for row in _overlap(loop, names) if row["row"] != row["column"]]
    top = max(pairs, key=lambda row: row["share"])
    return (
        f"Heat map of the overlap of {len(names)} segments. Largest: {percent(top['share'], 0)} of "
        f"{top['row']} are also {top['column']}."
    )


def _rules(loop: Loop, names: dict[str, str]) -> str:
    rows = [(names[e["key"]], code(e["sql"])) for e in loop["segment"]["segments"]]
    return f"<details><summary>The rules as SQL</summary>{table('DuckDB', ('segment', 'rule'), rows)}</details>"


def where(loop: Loop) -> str:
    """Forest plots of the effects per segment, and the table behind them."""
    text = paragraph(
        "Effects in each segment of the starter set. Nobody searched for these segments, yet with this many intervals "
        "some differ by chance: read a difference here as a question for the next experiment, not as an answer."
    )
    visits = _forest(loop, VISIT, "Lift in visits, points", "+.0f", points)
    revenue = _forest(loop, REVENUE, "Lift in revenue, $", "+.1f", money)
    return f"{text}<h3>Visits</h3>{panel(visits)}<h3>Revenue per customer</h3>{panel(revenue)}{_effects(loop)}"


def _keys(loop: Loop) -> dict[str, str]:
    return {EVERYONE: "Everyone", **segment_names(loop)}


def _forest(loop: Loop, metric: str, title: str, number: str, say: Callable[[float], str]) -> str:
    names = _keys(loop)
    rows: list[dict[str, Any]] = []
    for key, label in names.items():
        for entry in comparisons(loop, key):
            effect = posterior(entry, metric)["absolute"]
            low, high = interval(effect)
            if low is None or high is None:
                continue
            mean, low, high = (x * UNITS[metric] for x in (effect["mean"], low, high))
            rows.append({"segment": label, "comparison": name(entry), "mean": mean, "low": low, "high": high})
    order = [name(entry) for entry in comparisons(loop)]
    least, most = (f(rows, key=lambda r: r["mean"]) for f in (min, max))
    alt = (
        f"Effects per segment with 95% intervals. Smallest: {least['segment']}, {least['comparison']}, "
        f"{say(least['mean'] / UNITS[metric])}. "
        f"Largest: {most['segment']}, {most['comparison']}, {say(most['mean'] / UNITS[metric])}."
    )
    return charts.forest(rows, list(names.values()), order, title, number, alt)


def _effects(loop: Loop) -> str:
    rows = []
    for key, label in _keys(loop).items():
        for entry in comparisons(loop, key):
            visits, revenue = posterior(entry, VISIT), posterior(entry, REVENUE)
            rows.append((
                two_lines(label, name(entry)),
                points(visits["absolute"]["mean"]),
                probability(visits["prob_positive"]),
                money(revenue["absolute"]["mean"], sign=True),
                probability(revenue["prob_positive"]),
                money(revenue["expected_loss_ship"]),
                money(revenue["expected_loss_keep"]),
                entry["verdict"]["action"],
            ))  # fmt: skip
    head = ("segment", "visits", "chance up", "revenue", "chance up", "loss if shipped", "loss if kept", "verdict")
    body = table("Per customer; expected losses in revenue", head, rows)
    return f"<details><summary>All {len(rows)} comparisons as a table</summary>{body}</details>"
