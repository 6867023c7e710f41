"""Reading the `discover` object of the loop document, and the sentences that terminal and report share."""

from __future__ import annotations

from typing import Any

from .readout import REVENUE, Loop
from .words import between, label, money, percent, points

Search = dict[str, Any]
Segment = dict[str, Any]
# What stoa asks of a segment that someone acts on (STABLE in the core).
STABLE = 0.8
NONE = "no_email"


def searches(loop: Loop) -> list[Search]:
    """All searches, in the order they were made."""
    return loop["discover"]["searches"]  # type: ignore[no-any-return]


def choice(loop: Loop) -> Search:
    """The search among customers of both e-mails: is there anyone to whom the other one is better?"""
    return next(search for search in searches(loop) if search["control"] != NONE)


def responders(loop: Loop) -> tuple[Search, Segment] | None:
    """The search and the segment that went to the registry."""
    origin = loop["registry"]["origin"]
    for search in searches(loop):
        if origin and (search["comparison"], search["metric"]) == (origin["comparison"], origin["metric"]):
            for segment in search["segments"]:
                if segment["rule_hash"] == origin["rule_hash"]:
                    return search, segment
    return None


def arm(key: str) -> str:
    """What a person calls an arm: the women's e-mail, no e-mail."""
    return "no e-mail" if key == NONE else f"the {label(key)}"


def amount(search: Search, x: float) -> str:
    """An effect in the unit of the search's metric: dollars, or points of the rate."""
    return money(x, sign=True) if search["metric"] == REVENUE else points(x)


def size(search: Search, x: float) -> str:
    """A difference whose sign does not matter."""
    return amount(search, abs(x)).removeprefix("+")


def what(search: Search) -> str:
    """What an e-mail brings more or less of."""
    return "revenue" if search["metric"] == REVENUE else "visits"


def span(search: Search, effect: dict[str, float]) -> str:
    """A 95% interval in words."""
    return between(amount(search, effect["low"]).removesuffix(" points"), amount(search, effect["high"]))


def where(segment: Segment) -> str:
    """Who the members are, within a sentence."""
    return f"where the customer {segment['description']}"


def finding(search: Search, segment: Segment) -> str:
    """What one segment's effect means, in one plain sentence."""
    who = f"{where(segment).capitalize()} ({percent(segment['share'], 0)} of these customers)"
    effect = segment["effect"]
    if effect is None:
        return f"{who}, the effect is unknown: no search without those customers found the segment."
    treatment, control = arm(search["treatment"]), arm(search["control"])
    figure = f"{amount(search, effect['estimate'])} (95%: {span(search, effect)})"
    fewer = "less" if search["metric"] == REVENUE else "fewer"
    if effect["low"] > 0:
        return f"{who}, {treatment} brings more {what(search)} than {control}: {figure}."
    if effect["high"] < 0:
        return f"{who}, {treatment} brings {fewer} {what(search)} than {control}: {figure}."
    return f"{who}, it cannot be told whether {treatment} brings more {what(search)} than {control}: {figure}."


def again(search: Search, segment: Segment) -> str:
    """How often the segment was found again."""
    return f"{segment['refound']} of {search['refits']}"


def policy_sentence(search: Search) -> str:
    """Is choosing by segment better than the control for everybody? For the search between the two e-mails."""
    value = search["policy_value"]["against_none"]
    figure = f"{amount(search, value['estimate'])} of {what(search)}, 95%: {span(search, value)}"
    other = f"{arm(search['control'])} to everybody"
    if not value["distinguishable"]:
        return f"Choosing the e-mail by segment is not distinguishable from {other} ({figure})."
    better = "better" if value["estimate"] > 0 else "worse"
    return f"Choosing the e-mail by segment is {better} than {other} ({figure})."
