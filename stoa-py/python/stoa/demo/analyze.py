"""Step 3: both e-mails against none and against each other, for everyone and for each segment of the starter set."""

from __future__ import annotations

from typing import Any

import stoa

from .documents import Documents
from .store import Store

EVERYONE = "everyone"
DENSITY_POINTS = 201
Row = dict[str, Any]


def analyze(store: Store, documents: Documents) -> Row:
    """All comparisons; densities come with those of everyone only.

    Returns:
        The `analyze` object of docs/LOOP.md.
    """
    segments = {EVERYONE: "TRUE"} | {s.key: s.rule.to_sql("duckdb") for s in documents.segments}
    comparisons = [
        row
        for key, where in segments.items()
        for experiment in (documents.campaign, documents.head_to_head)
        for row in compare_arms(store, experiment, key, where)
    ]
    return {
        "arms": [row for key, where in segments.items() for row in arms(store, key, where)],
        "comparisons": comparisons,
    }


def compare_arms(store: Store, experiment: stoa.Experiment, segment: str, where: str) -> list[Row]:
    """Every treatment of one experiment against its control, on the rows of one segment."""
    names = [variant["key"] for variant in experiment.to_dict()["variants"]]
    listed = ", ".join(f"'{name}'" for name in names)
    analysis = stoa.analyze(store.rows(f"({where}) AND variant IN ({listed})"), experiment)
    control, *treatments = names
    counts = {row["variant"]: row for row in arms(store, segment, where)}
    return [
        {
            "comparison": f"{treatment}_vs_{control}",
            "segment": segment,
            "treatment": treatment,
            "control": control,
            "metrics": {
                metric: readout(by_arm[treatment], counts[treatment][metric], counts[control][metric], segment)
                for metric, by_arm in analysis.metrics.items()
            },
            "srm": analysis.srm.to_dict(),
            "verdict": analysis.verdicts[treatment].to_dict(),
        }
        for treatment in treatments
    ]


def readout(comparison: stoa.Comparison, treatment: float, control: float, segment: str) -> Row:
    """One metric: what was observed, what the posterior says, and for everyone its shape."""
    row: Row = {
        "observed": {
            "treatment": treatment,
            "control": control,
            "difference": treatment - control,
            "relative": treatment / control - 1 if control else None,
        },
        "posterior": comparison.to_dict(),
    }
    if segment == EVERYONE:
        row["density"] = shape(comparison)
    return row


def shape(comparison: stoa.Comparison) -> Row | None:
    """The density of the absolute lift on a grid; nothing where the core withholds dollar figures."""
    density = comparison.absolute.density(points=DENSITY_POINTS)
    return {"x": density.x.tolist(), "density": density.density.tolist()} if len(density.x) else None


def arms(store: Store, segment: str, where: str) -> list[Row]:
    """Counts and plain rates per arm, summed by DuckDB in the order of the rows."""
    relation = store.rows(where).aggregate(
        "variant, count(*) AS customers, count(*) FILTER (site_visit) AS visits, "
        "count(*) FILTER (conversion_rate) AS orders, fsum(revenue_per_visitor) AS revenue"
    )
    rows = {variant: numbers for variant, *numbers in relation.fetchall()}
    result = []
    for variant in ("no_email", "mens_email", "womens_email"):
        customers, visits, orders, revenue = rows[variant]
        result.append({
            "segment": segment,
            "variant": variant,
            "customers": customers,
            "visits": visits,
            "orders": orders,
            "revenue": revenue,
            "site_visit": visits / customers,
            "conversion_rate": orders / customers,
            "revenue_per_visitor": revenue / customers,
        })  # fmt: skip
    return result
