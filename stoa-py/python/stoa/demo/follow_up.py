"""The experiment that a found segment asks for: does it hold on fresh customers, and which e-mail is theirs?"""

from __future__ import annotations

from typing import Any

import stoa

from .documents import Documents
from .register import Candidate

# The control, which everybody outside gets too, is the e-mail that is ahead. A fifth gets none: without them nothing
# can be confirmed.
WEIGHTS = {"mens_email": 0.4, "womens_email": 0.4, "no_email": 0.2}
# One customer in five stays free for another experiment.
ALLOCATION = 0.8
Row = dict[str, Any]


def follow_up(documents: Documents, one: Candidate) -> stoa.Experiment:
    """The campaign's contract again, targeted at the segment, with where the question comes from.

    Raises:
        stoa.StoaError: the contract does not validate.
    """
    campaign = documents.campaign.to_dict()
    variants = {variant["key"]: variant for variant in campaign["variants"]}
    email = "men's" if one.search.treatment == "mens_email" else "women's"
    contract = {
        "key": f"{one.key}_follow_up",
        "hypothesis": (
            f"The {email} e-mail again brings more visits than none to a customer who {one.segment.description}, and "
            "one of the two e-mails brings them more than the other."
        ),
        "surface": campaign["surface"],
        "owner": campaign["owner"],
        "status": "running",
        "targeting": {"segment": one.key},
        "allocation": ALLOCATION,
        "variants": [variants[key] | {"weight": weight} for key, weight in WEIGHTS.items()],
        "metrics": campaign["metrics"],
        "plan": campaign["plan"] | {"horizon_days": 28},
        "provenance": {
            "found_in": one.result.experiment,
            "rule_hash": one.segment.rule_hash,
            "metric": one.search.metric,
            "comparison": one.search.comparison,
        },
    }
    return stoa.Experiment.from_dict(contract, store=documents.store)
