"""Segments that respond differently: the question, the plain parts of the answer, and how a person sees it."""

from __future__ import annotations

import html as markup
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _stoa
from ._records import Record

if TYPE_CHECKING:
    import altair as alt

    from ._stoa import AttributeSchema, Discovery, Experiment, FoundSegment
    from ._types import Frame


@dataclass(frozen=True, slots=True)
class Heterogeneity(Record):
    """Whether the effect varies at all: a test whose z is standard normal when it is the same for everyone.

    Example:
        >>> import stoa
        >>> test = stoa.Heterogeneity(z=2.1, p_value=0.018, detected=True, t=[1.0, 1.4, 1.2], smallest_detectable=0.04,
        ...                           n=2000)
        >>> test.detected
        True
    """

    z: float
    p_value: float
    detected: bool
    t: list[float]
    smallest_detectable: float
    n: int


@dataclass(frozen=True, slots=True)
class ValueDifference(Record):
    """A difference per visitor with its 95% interval; distinguishable when that leaves out zero.

    Example:
        >>> import stoa
        >>> stoa.ValueDifference(0.02, 0.005, 0.0102, 0.0298, True).low
        0.0102
    """

    estimate: float
    standard_error: float
    low: float
    high: float
    distinguishable: bool


@dataclass(frozen=True, slots=True)
class PolicyValue(Record):
    """What treating only where it pays would earn, against treating no one and treating everyone.

    Example:
        >>> import stoa
        >>> gain = {"estimate": 0.02, "standard_error": 0.005, "low": 0.0102, "high": 0.0298, "distinguishable": True}
        >>> stoa.PolicyValue(0.5, gain, gain, "Treat half.").against_all.estimate
        0.02
    """

    treated_share: float
    against_none: ValueDifference
    against_all: ValueDifference
    sentence: str

    def __post_init__(self) -> None:
        """Gives the differences their type."""
        for name in ("against_none", "against_all"):
            given = getattr(self, name)
            if not isinstance(given, ValueDifference):
                object.__setattr__(self, name, ValueDifference(**given))


def discover(
    df: Frame,
    experiment: Experiment,
    *,
    features: Iterable[str],
    metric: str | None = None,
    treatment: str | None = None,
    control: str | None = None,
    schema: AttributeSchema | None = None,
    columns: Mapping[str, str] | None = None,
    depth: int = 2,
    min_share: float = 0.1,
    reference: float | None = None,
    cost: float = 0.0,
    n_trees: int = 2000,
    stability_pairs: int = 50,
    stability_trees: int = 500,
    n_folds: int = 5,
    seed: int = 1,
) -> Discovery:
    """Searches an experiment for segments that respond differently, and says how far each may be trusted.

    Use it after an experiment, to propose segments for the next one; not to decide on the same data. The other
    threads of the process run on meanwhile.

    Args:
        df: one row per exposed visitor, as `analyze` reads it: visitor_id, variant, one column per metric.
        experiment: the contract.
        features: columns to search, known before the experiment: numbers, booleans, texts of at most fifty values;
            missing values are welcome.
        metric: whose effect may differ; the contract's revenue metric when left out.
        treatment: the variant treated; the first after control when left out.
        control: the variant it is held against; the experiment's control when left out.
        schema: says what the storefront can evaluate, and has the words for attributes.
        columns: role → column, as in `analyze`.
        depth: most questions that define a segment, 1 or 2.
        min_share: least share of the visitors in a segment.
        reference: the effect that divides the segments, in the metric's unit; the average effect when left out.
        cost: what treating a visitor costs, in the metric's unit; the policy treats where the effect is above it.
        n_trees: trees of the main search.
        stability_pairs: pairs of half-samples on which the whole search is redone.
        stability_trees: trees of each of those.
        n_folds: folds of the estimates on data that did not choose the segment.
        seed: the same seed gives the same answer.

    Raises:
        StoaError: for rows that `analyze` refuses, and for a feature, metric, variant or option that cannot be.

    Example:
        >>> import stoa
        >>> e = stoa.Experiment.from_dict({
        ...     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
        ...     "metrics": {"revenue": {"metric": "conversion_rate"},
        ...                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}}})
        >>> n = range(400)
        >>> df = {"visitor_id": [f"u{i}" for i in n], "variant": ["AB"[i % 2] for i in n],
        ...       "orders_count": [i // 2 % 10 for i in n], "return_visit_rate": [i % 3 % 2 for i in n],
        ...       "conversion_rate": [int(i % 7 == 0 or i % 2 and i // 2 % 10 >= 5) for i in n]}
        >>> g = stoa.discover(df, e, features=["orders_count"], n_trees=50, stability_pairs=2, stability_trees=50)
        >>> [(s.sql["duckdb"], s.above, s.claim) for s in g.segments]
        [('"orders_count" >= 5', True, 'honest'), ('"orders_count" < 5', False, 'honest')]
    """
    question = {
        # A bare text is no list of names; the core says so.
        "features": features if isinstance(features, str) else list(features),
        "metric": metric,
        "treatment": treatment,
        "control": control,
        "options": {
            "depth": depth,
            "min_share": min_share,
            "reference": reference,
            "cost": cost,
            "n_trees": n_trees,
            "stability_pairs": stability_pairs,
            "stability_trees": stability_trees,
            "n_folds": n_folds,
            "seed": seed,
        },
    }
    return _stoa.discover(df, experiment, question, schema, None if columns is None else dict(columns))


def chart(found: Discovery) -> alt.LayerChart | alt.FacetChart:
    """Forest plot: everyone on top, then each segment, its 95% interval, the average effect as a line."""
    import altair as alt

    rows = [row("All visitors", found.average_effect, "", found.n)]
    rows += [row(s.description, s.effect, trust(s), s.n) for s in found.segments]
    label = "split(datum.value, '\\n')"
    y = alt.Y(
        "segment:N",
        title=None,
        sort=None,
        scale=alt.Scale(domain=[r["segment"] for r in rows]),
        axis=alt.Axis(labelExpr=label, labelLimit=420, ticks=False, domain=False),
    )
    x_title = f"Effect of {found.treatment} against {found.control} on {found.metric}, per visitor"
    base = alt.Chart().encode(y=y, tooltip=["segment:N", "n:Q", "estimate:Q", "low:Q", "high:Q"])
    line = alt.Chart().mark_rule(color="#888", strokeDash=[4, 3])
    return alt.layer(
        alt.Chart().mark_rule(color="#888").encode(x=alt.datum(0)),
        line.encode(x=alt.datum(found.average_effect.estimate)),
        base.mark_rule(strokeWidth=3, opacity=0.6).encode(x=alt.X("low:Q", title=x_title), x2="high:Q"),
        base.mark_point(filled=True, size=70, opacity=1).encode(x="estimate:Q"),
        data=alt.InlineData(values=rows),
    ).properties(width=420, height=alt.Step(48))


def row(name: str, effect: ValueDifference | None, note: str, n: int) -> dict[str, Any]:
    """One line of the plot; a segment without held-out rows has a label and no mark."""
    known = effect.to_dict() if effect else dict.fromkeys(("estimate", "low", "high"))
    return {"segment": f"{name}\n{note}".strip(), "n": n} | {k: known[k] for k in ("estimate", "low", "high")}


def trust(segment: FoundSegment) -> str:
    """Share and stability, as a label has them."""
    return f"{segment.share:.0%} of visitors, found again in {segment.refound} of {segment.refits}"


def table(found: Discovery) -> str:
    """What a notebook shows: the sentence, a row per segment, and what acting on them would earn."""
    lines: list[tuple[str, ValueDifference | None, str, str]] = [("All visitors", found.average_effect, "", "")]
    lines += [(s.description, s.effect, trust(s), s.claim) for s in found.segments]
    head = "".join(f"<th>{markup.escape(h)}</th>" for h in ("Segment", f"Effect on {found.metric}", "", "Claim"))
    body = "".join(
        f"<tr>{''.join(f'<td>{markup.escape(cell)}</td>' for cell in (name, interval(effect), note, claim))}</tr>"
        for name, effect, note, claim in lines
    )
    said = "".join(f"<p>{markup.escape(text)}</p>" for text in (found.sentence, found.policy_value.sentence))
    return f"<div>{said}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def interval(effect: ValueDifference | None) -> str:
    """Estimate and interval, or a dash."""
    return f"{effect.estimate:+.4f} ({effect.low:+.4f} to {effect.high:+.4f})" if effect else "–"
