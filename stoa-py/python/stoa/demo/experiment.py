"""Step 2: the contract of the campaign, validated, and the check that its groups are as large as planned."""

from __future__ import annotations

from typing import Any

import stoa

from .documents import Documents
from .store import Store


def experiment(store: Store, documents: Documents) -> dict[str, Any]:
    """The contract, its problems (none, or the demo stops) and the sample ratio.

    Returns:
        The `experiment` object of docs/LOOP.md.

    Raises:
        stoa.StoaError: the contract does not validate.
    """
    contract = documents.campaign.to_dict()
    variants = contract["variants"]
    query = "SELECT variant, count(*) FROM customers GROUP BY variant"
    counts = dict(store.connection.sql(query).fetchall())
    weights = [variant["weight"] for variant in variants]
    srm = stoa.srm(observed=[counts[variant["key"]] for variant in variants], expected=weights).to_dict()
    return {
        "contract": contract,
        "problems": documents.campaign.problems(),
        "srm": {"variants": [variant["key"] for variant in variants]} | srm,
    }
