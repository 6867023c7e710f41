"""Step 8: the question that the next turn of the loop asks, and why it is open."""

from __future__ import annotations

from typing import Any

from stoa.report.found import amount, arm, choice, policy_sentence, responders, searches, size, what
from stoa.report.words import count, label

Row = dict[str, Any]


def next_question(loop: Row) -> Row:
    """The `next` object of docs/LOOP.md, read off the other objects of the same document."""
    found = responders(loop)
    if found is None:
        return _nothing_found(loop)
    search, segment = found
    key, approval = loop["registry"]["origin"]["key"], loop["registry"]["approval"]
    if not approval["given"]:
        question = f"Is “{label(key)}” a segment to keep?"
        why = [f"It waits in the registry as proposed and reaches no storefront: {approval['reason']}."]
        return {"question": question, "why": why, "experiment": None, "segment": key}
    treatment, control = arm(search["treatment"]), arm(search["control"])
    members = count(loop["assign"]["members"])
    return {
        "question": (
            f"Does {treatment} again bring more {what(search)} than {control} to these {members} customers, and which "
            "of the two e-mails should they get?"
        ),
        "why": [
            f"{amount(search, segment['effect']['estimate'])} of {what(search)} in the segment comes from one "
            "campaign: only a second experiment, on fresh customers, can confirm it.",
            policy_sentence(choice(loop)),
        ],
        "experiment": loop["assign"]["experiment"],
        "segment": key,
    }


def _nothing_found(loop: Row) -> Row:
    """No segment: what a larger campaign could see."""
    search = searches(loop)[0]
    smallest = size(search, search["heterogeneity"]["smallest_detectable"])
    return {
        "question": "Do some customers respond differently from others? Ask again with more of them.",
        "why": [
            f"With {count(search['n'])} customers only a difference of {smallest} between two halves of them would "
            "have been seen, so the answer today is neither yes nor no."
        ],
        "experiment": None,
        "segment": None,
    }
