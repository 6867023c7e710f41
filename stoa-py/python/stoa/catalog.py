"""What a store can experiment on and what it can measure: 18 surfaces, 11 metrics.

Example:
    >>> import stoa
    >>> len(stoa.catalog.surfaces()), len(stoa.catalog.metrics())
    (18, 11)
"""

from __future__ import annotations

from dataclasses import dataclass, field

from . import _stoa
from ._records import Record

__all__ = ["Metric", "Surface", "metrics", "surfaces"]


@dataclass(frozen=True, slots=True)
class Surface(Record):
    """A place in the store that an experiment may change.

    Attributes:
        key: the name experiments use.
        label: what a person reads.
        stage: where in the visit it is met.
        layer: which capability it builds.
        metrics: keys of the metrics it usually moves, the likeliest first.
        pitfall: the mistake most often made when experimenting here.

    Example:
        >>> import stoa
        >>> [s.key for s in stoa.catalog.surfaces() if s.stage == "cart"]
        ['cart_page', 'shipping_offer', 'cross_sell']
    """

    key: str
    label: str
    stage: str
    layer: str
    metrics: list[str]
    pitfall: str


@dataclass(frozen=True, slots=True)
class Metric(Record):
    """Something a store measures.

    Attributes:
        key: the name experiments use.
        label: what a person reads.
        category: revenue, engagement, retention or satisfaction.
        family: the model it is analysed with: binary, positive, hurdle, ordinal, count or mean.
        direction: which way is better.
        denominator: what it is per.
        column: the column that holds it.
        description: one sentence.
        levels: of an ordinal metric, the possible answers, ascending.
        scores: of an ordinal metric, what each level counts; the levels themselves when empty.

    Example:
        >>> import stoa
        >>> [m.key for m in stoa.catalog.metrics() if m.family == "hurdle"]
        ['revenue_per_visitor']
    """

    key: str
    label: str
    category: str
    family: str
    direction: str
    denominator: str
    column: str
    description: str
    levels: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)


def surfaces() -> list[Surface]:
    """All surfaces, in the order of a visit.

    Example:
        >>> import stoa
        >>> stoa.catalog.surfaces()[0].stage
        'arrive'
    """
    return [Surface(**surface) for surface in _stoa.catalog_surfaces()]


def metrics() -> list[Metric]:
    """All metrics, revenue first.

    Example:
        >>> import stoa
        >>> stoa.catalog.metrics()[0].key
        'revenue_per_visitor'
    """
    return [Metric(**metric) for metric in _stoa.catalog_metrics()]
