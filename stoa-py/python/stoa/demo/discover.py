"""Step 5: who responds differently? Each e-mail against none and against the other, on visits and on spend."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import stoa

from .console import Console
from .documents import Documents
from .store import Store

FEATURES = (
    "new_customer",
    "bought_mens",
    "bought_womens",
    "months_since_purchase",
    "channel",
    "area",
    "spend_last_year",
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """Size of a search: enough for 42,000 customers within minutes. The library's defaults are much larger."""

    n_trees: int = 200
    stability_pairs: int = 20
    stability_trees: int = 80
    seed: int = 1


@dataclass(frozen=True)
class Search:
    """One question: of whom is the effect of `treatment` against `control` on `metric` larger than of others?"""

    treatment: str
    control: str
    metric: str
    question: str

    @property
    def comparison(self) -> str:
        """Treatment, then control, as the comparisons of step 3 are called."""
        return f"{self.treatment}_vs_{self.control}"


SEARCHES = (
    Search("mens_email", "no_email", "site_visit", "Who visits more after the men's e-mail?"),
    Search("womens_email", "no_email", "site_visit", "Who visits more after the women's e-mail?"),
    Search("womens_email", "mens_email", "site_visit", "Is there anyone to whom the women's e-mail is the better one?"),
    Search("mens_email", "no_email", "revenue_per_visitor", "Who spends more after the men's e-mail?"),
    Search("womens_email", "no_email", "revenue_per_visitor", "Who spends more after the women's e-mail?"),
)
Found = list[tuple[Search, stoa.Discovery]]


def discover(
    store: Store,
    documents: Documents,
    settings: Settings,
    console: Console,
    searches: Sequence[Search] = SEARCHES,
) -> Found:
    """Every search, one after the other, each said when it starts and when it ends."""
    found: Found = []
    rows = store.rows()
    for number, search in enumerate(searches, start=1):
        started = time.monotonic()
        with console.busy(f"search {number} of {len(searches)}: {search.question}"):
            result = stoa.discover(
                rows,
                documents.campaign,
                features=list(FEATURES),
                metric=search.metric,
                treatment=search.treatment,
                control=search.control,
                schema=documents.schema,
                n_trees=settings.n_trees,
                stability_pairs=settings.stability_pairs,
                stability_trees=settings.stability_trees,
                seed=settings.seed,
            )
        console.say(f"  {answer(result)} ({time.monotonic() - started:.0f} s)")
        found.append((search, result))
    return found


def answer(result: stoa.Discovery) -> str:
    """What a search found, in a few words."""
    p = result.heterogeneity.p_value
    if not result.segments:
        return f"no segment found (p = {p:.2g})"
    segment = result.segments[0]
    return f"{segment.description}: found again in {segment.refound} of {result.refits} redrawn searches (p = {p:.2g})"


def described(found: Found) -> Row:
    """The `discover` object of docs/LOOP.md."""
    searches = [
        {"comparison": search.comparison, "question": search.question} | result.to_dict() for search, result in found
    ]
    return {"searches": searches, "refits": sum(search["refits"] for search in searches)}
