"""What is asked before an experiment, and first of its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from . import _stoa
from ._results import Duration, SampleSize, Srm

Alternative = Literal["one_sided", "two_sided"]
Formula = Literal["pooled", "unpooled", "arcsine"]


def power(
    metric: str,
    baseline: float | Mapping[str, float],
    minimum_effect: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: Alternative = "one_sided",
    formula: Formula = "pooled",
    looks: int = 1,
) -> SampleSize:
    """Units per arm that detect a relative effect with the given power.

    Args:
        metric: a metric of the catalog, or its family.
        baseline: of a rate the rate; of a mean {mean, variance}; of revenue {conversion_rate, mean_order_value,
            sd_order_value}.
        minimum_effect: relative to the baseline: 0.1 is +10%.
        power: chance to detect the effect when it is there.
        alpha: chance to see one that is not there.
        alternative: one direction or both.
        formula: of a rate.
        looks: times the data are judged, at equal distances, the last at the end.

    Example:
        >>> import stoa
        >>> stoa.power("conversion_rate", 0.03, 0.10).n_per_arm
        41914
    """
    options = {"power": power, "alpha": alpha, "alternative": alternative, "formula": formula, "looks": looks}
    return SampleSize(**_stoa.sample_size(metric, baseline, minimum_effect, options))


def smallest_effect(
    metric: str,
    baseline: float | Mapping[str, float],
    n_per_arm: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: Alternative = "one_sided",
    formula: Formula = "pooled",
    looks: int = 1,
) -> float | None:
    """The smallest relative rise that so many units per arm can see; None when no possible rise is large enough.

    Example:
        >>> import stoa
        >>> round(stoa.smallest_effect("conversion_rate", 0.03, 41_914), 3)
        0.1
    """
    options = {"power": power, "alpha": alpha, "alternative": alternative, "formula": formula, "looks": looks}
    return _stoa.smallest_effect(metric, baseline, n_per_arm, options)


def duration(
    n_per_arm: int, visitors_per_day: float, *, allocation: float = 1.0, smallest_share: float = 0.5
) -> Duration:
    """How long it takes until the smallest arm has its units.

    Args:
        n_per_arm: units the smallest arm needs.
        visitors_per_day: eligible visitors.
        allocation: the share of them that takes part.
        smallest_share: the smallest arm's share of those; 0.5 for two equal arms.

    Example:
        >>> import stoa
        >>> stoa.duration(41_914, visitors_per_day=4_000).days
        21
    """
    return Duration(**_stoa.duration(n_per_arm, visitors_per_day, allocation, smallest_share))


def srm(observed: Sequence[int], expected: Sequence[float]) -> Srm:
    """Whether the arms hold their shares: Pearson's test of counts against weights.

    Example:
        >>> import stoa
        >>> stoa.srm(observed=[5000, 5500], expected=[1, 1]).p_value < 0.01
        True
    """
    return Srm(**_stoa.sample_ratio(list(observed), list(expected)))
