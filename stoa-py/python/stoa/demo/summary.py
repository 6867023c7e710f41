"""The ten lines a person reads at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stoa.report.readout import REVENUE, VISIT, Entry, comparisons, interval, name, posterior
from stoa.report.turn import settled
from stoa.report.words import count, label, money, percent, probability


def summary(loop: dict[str, Any], out: Path) -> list[str]:
    """Ten sentences: what was looked at, what came out, what is next, where to read on."""
    men, women, both = comparisons(loop)
    segments = loop["segment"]["segments"]
    targetable = sum(entry["targetable"] for entry in segments)
    srm, assigned = loop["experiment"]["srm"], loop["assign"]
    wrong = sum(sum(found.values()) for found in assigned["differences"].values())
    kind = "A SIMULATED store (no such customers exist)" if loop["simulated"] else "A real e-mail campaign"
    everyone = count(loop["data"]["customers"])
    groups = " / ".join(count(n) for n in srm["observed"])
    return [
        f"{kind}: {everyone} customers, split {groups} as planned (p = {srm['p_value']:.2f}).",
        _lift(men),
        _lift(women),
        _duel(both),
        _visits(men, women),
        _risk(men),
        f"{len(segments)} starter segments were profiled; {targetable} can be targeted in the storefront today.",
        _next(loop),
        f"Python, Node and DuckDB SQL decided for all {everyone} customers; differences: {wrong}.",
        f"Read {out}/report.html; every number is in {out}/loop.json; a storefront loads {out}/bundle.json.",
    ]


def _lift(entry: Entry) -> str:
    effect = posterior(entry, REVENUE)
    low, high = interval(effect["absolute"])
    return (
        f"{name(entry)}: {money(effect['absolute']['mean'], sign=True)} revenue per customer "
        f"({money(low, sign=True)} to {money(high, sign=True)}), chance that it is better "
        f"{probability(effect['prob_positive'])}; verdict: {entry['verdict']['action']}."
    )


def _duel(entry: Entry) -> str:
    effect = posterior(entry, REVENUE)
    return (
        f"{name(entry)}: ahead with a chance of {probability(effect['prob_positive'])} "
        f"({money(effect['absolute']['mean'], sign=True)} per customer)."
    )


def _visits(men: Entry, women: Entry) -> str:
    found = men["metrics"][VISIT]["observed"], women["metrics"][VISIT]["observed"]
    return (
        f"Visits went from {percent(found[0]['control'])} without e-mail to {percent(found[0]['treatment'])} with the "
        f"men's and {percent(found[1]['treatment'])} with the women's (the proxy for satisfaction)."
    )


def _risk(entry: Entry) -> str:
    effect = posterior(entry, REVENUE)
    sending, keeping = money(effect["expected_loss_ship"]), money(effect["expected_loss_keep"])
    return (
        f"Averaged over the chance of being wrong, sending the men's e-mail loses {sending} per customer; "
        f"not sending it loses {keeping}."
    )


def _next(loop: dict[str, Any]) -> str:
    turn = loop["assign"]
    chance = turn["why"]["metrics"][VISIT]["posterior"]["prob_positive"]
    return (
        f"Next: among {count(turn['members'])} {label(turn['segment'])} customers the women's e-mail brings more "
        f"visits with a chance of {probability(chance)}: {settled(chance)}, so {turn['experiment']} asks them."
    )
