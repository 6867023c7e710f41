"""The lines a person reads at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stoa.report.found import again, amount, arm, choice, policy_sentence, responders, searches, where
from stoa.report.readout import REVENUE, VISIT, Entry, comparisons, interval, name, posterior
from stoa.report.words import count, label, listed, money, percent, probability


def summary(loop: dict[str, Any], out: Path) -> list[str]:
    """A dozen sentences: what was looked at, what came out, what is next, where to read on."""
    men, women, both = comparisons(loop)
    segments = loop["segment"]["segments"]
    targetable = sum(entry["targetable"] for entry in segments)
    srm = loop["experiment"]["srm"]
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
        _found(loop),
        policy_sentence(choice(loop)),
        _registered(loop),
        _decided(loop, everyone),
        f"Next: {loop['next']['question']}",
        _read(loop, out),
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


def _found(loop: dict[str, Any]) -> str:
    found = responders(loop)
    untold = sum(not search["segments"] for search in searches(loop))
    silent = f"{untold} of {len(searches(loop))} searches can tell no difference and claim none."
    if found is None:
        return f"Where it differs: no segment to name. {silent}"
    search, segment = found
    others = [s for s in search["segments"] if s is not segment and s["effect"]]
    rest = "".join(f", {amount(search, s['effect']['estimate'])} {where(s)}" for s in others)
    effect = amount(search, segment["effect"]["estimate"])
    return (
        f"Where it differs: {arm(search['treatment'])} brings {effect} of visits {where(segment)}{rest}; found "
        f"again in {again(search, segment)} redrawn searches. {silent}"
    )


def _registered(loop: dict[str, Any]) -> str:
    registry = loop["registry"]
    if registry["origin"] is None:
        return "Registry: nothing was proposed."
    name, approval = label(registry["origin"]["key"]), registry["approval"]
    if not approval["given"]:
        return f"Registry: “{name}” is proposed and not deployed: {approval['reason']}."
    said = "a SIMULATED approval (no person was asked)" if approval["simulated"] else "your approval"
    return f"Registry: “{name}” is deployed on {said}."


def _decided(loop: dict[str, Any], everyone: str) -> str:
    assigned = loop["assign"]
    if assigned is None:
        return "No follow-up experiment was written: it needs a deployed segment."
    wrong = sum(sum(found.values()) for found in assigned["differences"].values())
    return (
        f"Python, Node and DuckDB SQL decided on {assigned['experiment']} for all {everyone} customers; "
        f"differences: {wrong}."
    )


def _read(loop: dict[str, Any], out: Path) -> str:
    files = [f"every number is in {out}/loop.json", f"the registry is {out}/registry.jsonl"]
    if loop["assign"] is not None:
        files.append(f"a storefront loads {out}/bundle.json")
    return f"Read {out}/report.html; {listed(files)}."
