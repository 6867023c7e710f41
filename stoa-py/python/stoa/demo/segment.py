"""Step 1: the starter set of segments: who they are, what they do, whether they can be reached, how they overlap."""

from __future__ import annotations

from typing import Any

import numpy as np
import stoa

from .documents import Documents
from .store import Store

OUTCOMES = {"visit_rate": "site_visit", "conversion_rate": "conversion_rate", "average_order_value": "revenue_per_visitor"}
Row = dict[str, Any]


def segment(store: Store, documents: Documents) -> Row:
    """Profiles of all segments and their overlap.

    Returns:
        The `segment` object of docs/LOOP.md.
    """
    rows = store.rows()
    profile = stoa.profile(rows, documents.segments, outcomes=OUTCOMES, schema=documents.schema)
    return {
        "segments": [describe(entry, documents) for entry in profile.to_dict()["segments"]],
        "overlap": overlap(store, documents),
    }


def describe(entry: Row, documents: Documents) -> Row:
    """A profile with the rule in its three forms: document, SQL and words."""
    found = documents.segment(entry["key"])
    rule = found.rule
    words = {"rule": rule.to_dict(), "sql": rule.to_sql("duckdb"), "sentence": rule.describe(documents.schema)}
    return entry | words | {"description": found.description}


def overlap(store: Store, documents: Documents) -> Row:
    """How many customers each pair of segments shares; the diagonal holds the sizes."""
    rows = store.rows()
    masks = np.array([s.rule.mask(rows) for s in documents.segments], dtype=np.int64)
    return {"segments": [s.key for s in documents.segments], "customers": (masks @ masks.T).tolist()}
