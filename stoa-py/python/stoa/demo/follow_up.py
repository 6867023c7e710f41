"""The experiment that a found segment asks for: does it hold on fresh customers, and which e-mail is theirs?"""

from __future__ import annotations

from typing import Any

import stoa

from .documents import Documents
from .register import Candidate

# A fifth gets no e-mail: without them nothing can be confirmed.
WEIGHTS = {"no_email": 0.2, "mens_email": 0.4, "womens_email": 0.4}
Row = dict[str, Any]


def follow_up(documents: Documents, one: Candidate) -> stoa.Experiment:
    """The campaign's contract again, targeted at the segment, with where the question comes from.

    Raises:
        stoa.StoaError: the contract does not validate.
    """
    campaign = documents.campaign.to_dict()
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
        "variants": [variant | {"weight": WEIGHTS[variant["key"]]} for variant in campaign["variants"]],
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
