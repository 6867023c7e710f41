"""Step 1: the starter set of segments: who they are, what they do, whether they can be reached, how they overlap."""

from __future__ import annotations

from typing import Any

import stoa

from .documents import Documents
from .store import Store

OUTCOMES = {
    "visit_rate": "site_visit",
    "conversion_rate": "conversion_rate",
    "average_order_value": "revenue_per_visitor",
}
Row = dict[str, Any]


def segment(store: Store, documents: Documents) -> Row:
    """Profiles of all segments and their overlap.

    Returns:
        The `segment` object of docs/LOOP.md.
    """
    profile = stoa.profile(store.rows(), documents.segments, outcomes=OUTCOMES, schema=documents.schema).to_dict()
    return profile | {"segments": [describe(entry, documents) for entry in profile["segments"]]}


def describe(entry: Row, documents: Documents) -> Row:
    """A profile with the rule in its three forms: document, SQL and words."""
    found = documents.segment(entry["key"])
    forms = {"rule": found.rule.to_dict(), "sql": found.rule.to_sql("duckdb"), "words": entry["description"]}
    return entry | forms | {"description": found.description}
