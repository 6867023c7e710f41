"""Section of the report about the registry: what is known now, who decided it, and what it rests on."""

from __future__ import annotations

from typing import Any

from .found import Segment, again, finding, responders
from .html import Safe, badge, cell, code, paragraph, table
from .readout import Loop
from .words import escape, label, listed

STEPS = ("proposed", "accepted", "deployed")
CLAIMS = {
    "exploratory": "searched for, and not steady enough to act on",
    "honest": "measured on customers who had no part in choosing the segment, and steady on random halves",
    "confirmed": "seen again in a later experiment, on fresh customers",
}


def known(loop: Loop) -> str:
    """The registry's page of the proposed segment."""
    found = responders(loop)
    if found is None:
        return paragraph("Nothing new: no search found a segment, so the registry stays empty.")
    search, segment = found
    registry = loop["registry"]
    text = paragraph(
        "The registry is the shop's memory: a file of events of which none is ever erased. Experiments target a "
        "segment by its name there, and only what an operator has deployed reaches the storefront."
    )
    claim = segment["claim"]
    facts: list[tuple[str, object]] = [
        ("Segment", Safe(f"{escape(label(registry['origin']['key']))} {code(registry['origin']['key'])}")),
        ("Members", f"customers of whom this holds: {segment['description']}"),
        ("What it does", finding(search, segment)),
        ("Found again", f"in {again(search, segment)} searches on random halves of the customers"),
        ("Claim level", Safe(f"{badge(claim, 'warn' if claim == 'exploratory' else 'good')} {escape(CLAIMS[claim])}")),
        ("Storefront", _targetable(segment)),
    ]
    items = "".join(f"<dt>{escape(name)}</dt><dd>{cell(value)}</dd>" for name, value in facts)
    return f'{text}{_track(registry)}<dl class="facts">{items}</dl>{_levels()}{_changelog(registry)}{_sql(segment)}'


def _track(registry: dict[str, Any]) -> str:
    """How far the segment has come, and on whose word."""
    done = {record["event"] for record in registry["changelog"]}
    steps = "".join(
        f'<li class="{"done" if step in done else "open"}">{step}{"" if step in done else " (not yet)"}</li>'
        for step in STEPS
    )
    approval = registry["approval"]
    if approval["simulated"]:
        note = "SIMULATED APPROVAL: no person was asked. In your shop an operator accepts and deploys."
    elif approval["given"]:
        note = f"The operator said yes: {approval['reason']}."
    else:
        note = f"Not deployed: {approval['reason']}. No storefront gets it."
    kind = "note" if approval["given"] and not approval["simulated"] else "simulated"
    return f'<ol class="track">{steps}</ol>{paragraph(note, kind)}'


def _targetable(segment: Segment) -> str:
    if segment["targetable"]:
        return "can tell at once who belongs to it"
    return f"cannot tell who belongs to it: it lacks {listed(segment['missing_attributes'])}"


def _levels() -> str:
    levels = " ".join(f"{name.capitalize()}: {meaning}." for name, meaning in CLAIMS.items())
    return paragraph(f"The three claim levels. {levels}", "note")


def _changelog(registry: dict[str, Any]) -> str:
    """What happened, with a mark on what no person did."""
    rows = []
    for record in registry["changelog"]:
        mark = Safe(f" {badge('simulated', 'warn')}") if record["simulated"] else ""
        when = record["time"][:16].replace("T", " ")
        rows.append((f"{when} UTC", Safe(f"{escape(record['event'])}{mark}"), record["actor"], record["sentence"]))
    waiting = "".join(f"<li>{escape(question['sentence'])}</li>" for question in registry["open_questions"])
    still = f"<h3>What waits for somebody</h3><ul>{waiting}</ul>" if waiting else ""
    return f"<h3>What happened</h3>{table('The changelog', ('when', 'event', 'who', 'in words'), rows, 'words')}{still}"


def _sql(segment: Segment) -> str:
    rows = [(dialect, code(text)) for dialect, text in segment["sql"].items()]
    rows.append(("hash of the rule", code(segment["rule_hash"])))
    body = table("For your warehouse", ("", "rule"), rows, "words")
    return f"<details><summary>The rule as SQL</summary>{body}</details>"
