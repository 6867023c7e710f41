"""Step 6: what was found goes to the registry; what reaches the storefront goes through an operator's approval."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import stoa

from .discover import Found, Search

Mode = Literal["simulated", "ask", "none"]
MODES: tuple[Mode, ...] = get_args(Mode)
SIMULATED_OPERATOR = "simulated operator"
PROPOSER = "stoa demo"
Row = dict[str, Any]


@dataclass(frozen=True)
class Candidate:
    """The segment to propose: found by a search, named after the e-mail its members respond to."""

    search: Search
    result: stoa.Discovery
    segment: stoa.FoundSegment

    @property
    def key(self) -> str:
        """A name that holds whatever the rule turns out to be."""
        return f"{self.search.treatment}_responders"

    @property
    def objection(self) -> str | None:
        """Why nobody should act on it, when so."""
        found = self.segment
        if found.problem:
            return "nothing could be measured on customers who had no part in choosing it"
        if found.claim != "honest":
            return f"it was found again in only {found.refound} of {self.result.refits} redrawn searches"
        if not found.targetable:
            return f"the storefront lacks {', '.join(found.missing_attributes)}"
        return None


@dataclass(frozen=True)
class Approval:
    """Whether the segment may reach the storefront, who says so, and why not when not."""

    mode: Mode
    given: bool
    reason: str

    @property
    def simulated(self) -> bool:
        """No person was asked."""
        return self.given and self.mode == "simulated"

    def to_dict(self) -> Row:
        """As loop.json holds it."""
        return {"mode": self.mode, "given": self.given, "simulated": self.simulated, "reason": self.reason}


def candidate(found: Found) -> Candidate | None:
    """Of the segments that respond above average to an e-mail against none, the one to propose.

    One that may be acted on goes first, then the one whose search is surest that the effect varies.
    """
    responders = [
        Candidate(search, result, segment)
        for search, result in found
        if search.control == "no_email"
        for segment in result.segments
        if segment.above
    ]
    return max(responders, key=lambda one: (one.objection is None, one.result.heterogeneity.z), default=None)


def approve(mode: Mode, one: Candidate | None) -> Approval:
    """Asks whoever may decide. What is not stable or cannot be targeted is not put to anyone."""
    if one is None:
        return Approval(mode, False, "no segment was found")
    if one.objection:
        return Approval(mode, False, one.objection)
    if mode == "none":
        return Approval(mode, False, "nobody was asked (--approval none)")
    if mode == "simulated":
        return Approval(mode, True, "approved by the demo in place of a person")
    if ask(one):
        return Approval(mode, True, "approved at the terminal")
    return Approval(mode, False, "declined at the terminal")


def ask(one: Candidate) -> bool:
    """Puts the question to the person at the terminal; no answer is a no."""
    found = one.segment
    print(f"{one.result.sentence}\nThe rule: {found.sql['duckdb']}")
    print(f"Deploy {one.key} to the storefront? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def make_way(path: Path) -> None:
    """Removes the registry of an earlier run, and of nobody else.

    Raises:
        FileExistsError: the file holds what the demo did not write.
    """
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    if lines and f'"actor":"{PROPOSER}"' not in lines[0]:
        raise FileExistsError(f"{path} was not written by the demo and stays as it is: give --out another folder")
    path.unlink()


def register(path: Path, one: Candidate | None, approval: Approval, simulated: bool) -> stoa.Registry:
    """A fresh registry with the proposal and, when approved, its acceptance and deployment.

    Args:
        path: `registry.jsonl`, which is not there yet.
        one: what to propose, if anything.
        approval: whether it goes further than that.
        simulated: the store itself does not exist.
    """
    registry = stoa.Registry.open(path)
    if one is None:
        return registry
    registry.propose(one.segment, key=one.key, by=PROPOSER, why=one.search.question, simulated=simulated)
    if approval.given:
        # At the terminal the actor is whoever is logged in.
        actor = SIMULATED_OPERATOR if approval.simulated else None
        marked = simulated or approval.simulated
        registry.accept(one.key, by=actor, why=approval.reason, simulated=marked)
        registry.deploy(one.key, by=actor, why="the follow-up experiment targets it", simulated=marked)
    return registry


def origin(one: Candidate) -> Row:
    """Which search found the segment, under which key it was proposed."""
    return {
        "key": one.key,
        "comparison": one.search.comparison,
        "metric": one.search.metric,
        "rule_hash": one.segment.rule_hash,
    }


def registered(registry: stoa.Registry, one: Candidate | None, approval: Approval) -> Row:
    """The `registry` object of docs/LOOP.md."""
    return {
        "origin": origin(one) if one else None,
        "approval": approval.to_dict(),
        "entries": registry.to_dict()["entries"],
        "changelog": [record.to_dict() for record in registry.changelog()],
        "open_questions": [question.to_dict() for question in registry.open_questions()],
    }
