"""Reading the loop document: the one place of the report that knows its keys."""

from __future__ import annotations

from typing import Any

Loop = dict[str, Any]
Entry = dict[str, Any]

REVENUE, VISIT, CONVERSION = "revenue_per_visitor", "site_visit", "conversion_rate"
EVERYONE = "everyone"
# What a picture shows of one unit of a metric: dollars as they are, rates in percentage points.
UNITS = {REVENUE: 1.0, VISIT: 100.0, CONVERSION: 100.0}
NAMES = {
    "mens_email_vs_no_email": "Men's e-mail against none",
    "womens_email_vs_no_email": "Women's e-mail against none",
    "mens_email_vs_womens_email": "Men's e-mail against women's",
}


def comparisons(loop: Loop, segment: str = EVERYONE) -> list[Entry]:
    """The comparisons of one segment, in the order a person reads them."""
    found = {entry["comparison"]: entry for entry in loop["analyze"]["comparisons"] if entry["segment"] == segment}
    return [found[key] for key in NAMES]


def name(entry: Entry) -> str:
    """What a comparison is called."""
    return NAMES[entry["comparison"]]


def posterior(entry: Entry, metric: str) -> dict[str, Any]:
    """The core's comparison of one metric."""
    return entry["metrics"][metric]["posterior"]  # type: ignore[no-any-return]


def interval(effect: dict[str, Any]) -> tuple[float | None, float | None]:
    """The central 95% of an effect; nothing where the core withholds it (too few orders)."""
    found = effect["interval"]
    return (found["low"], found["high"]) if found else (None, None)


def segment_names(loop: Loop) -> dict[str, str]:
    """Key of each segment to the name a person reads."""
    from .words import label

    return {entry["key"]: label(entry["key"]).capitalize() for entry in loop["segment"]["segments"]}
