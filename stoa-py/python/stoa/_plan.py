"""What is asked before an experiment, and first of its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

from . import _stoa
from ._results import Duration, PlanReach, SampleSize, Srm

if TYPE_CHECKING:
    from ._stoa import Experiment

Baseline = float | Mapping[str, float]


class PlanOptions(TypedDict, total=False):
    """How an experiment is going to be judged; what is left out has its default.

    Example:
        >>> import stoa
        >>> daily: stoa.PlanOptions = {"looks": "daily", "horizon_days": 28}
        >>> stoa.power("conversion_rate", 0.03, 0.10, **daily).n_per_arm < 45_000
        True
    """

    power: float
    """Chance to detect the effect when it is there; 0.8."""
    alpha: float
    """Chance to see one that is not there, over all looks and treatments; 0.05."""
    alternative: Literal["one_sided", "two_sided"]
    """One direction, what a decision to ship tests, or both."""
    formula: Literal["pooled", "unpooled", "arcsine"]
    """Of a rate at one look."""
    looks: int | Literal["daily", "weekly"]
    """When the data are judged: so many looks at equal distances, or every day or week from day 7 on; 1."""
    spending: Literal["obrien_fleming", "pocock"]
    """How the chance of a false alarm is spread over the looks."""
    horizon_days: int
    """Days to the last look, in whole weeks; 28."""
    guarantee: Literal["horizon", "anytime"]
    """What holds the chance of a false alarm: spending over the looks, or evidence that may be read at any time."""
    treatments: int
    """Treatments compared with the control, each at alpha over their number; 1."""
    treatment_share: float
    """The treatment's part of the units of the two arms compared; 0.5."""


def power(metric: str, baseline: Baseline, minimum_effect: float, **options: Unpack[PlanOptions]) -> SampleSize:
    """Units per arm that detect a relative effect with the given power, and when the experiment is over.

    Args:
        metric: a metric of the catalog, or its family.
        baseline: of a rate the rate; of a mean {mean, variance}; of revenue {conversion_rate, mean_order_value,
            sd_order_value}; of answers {mean, sd}.
        minimum_effect: relative to the baseline: 0.1 is +10%.
        **options: how it is going to be judged, as `PlanOptions`.

    Example:
        >>> import stoa
        >>> stoa.power("conversion_rate", 0.03, 0.10).n_per_arm
        41914
        >>> daily = stoa.power("conversion_rate", 0.03, 0.10, looks="daily")
        >>> daily.n_per_arm < 45_000, daily.stopping["expected_day"] < 20.5
        (True, True)
    """
    return SampleSize(**_stoa.sample_size(metric, baseline, minimum_effect, options))


def smallest_effect(metric: str, baseline: Baseline, n_per_arm: float, **options: Unpack[PlanOptions]) -> float | None:
    """The smallest relative rise that so many units per arm can see; None when no possible rise is large enough.

    Example:
        >>> import stoa
        >>> round(stoa.smallest_effect("conversion_rate", 0.03, 41_914), 3)
        0.1
    """
    return _stoa.smallest_effect(metric, baseline, n_per_arm, options)


def non_inferiority(metric: str, baseline: Baseline, margin: float, **options: Unpack[PlanOptions]) -> SampleSize:
    """Units per arm that show a metric not to be worse by more than a margin, when it is not worse at all.

    Args:
        metric: a metric of the catalog, or its family.
        baseline: as for `power`.
        margin: in the metric's unit: points of a score; 0.01 is a point of a rate.
        **options: as for `power`.

    Example:
        >>> import stoa
        >>> stoa.non_inferiority("csat", {"mean": 4.1, "sd": 1.13}, 0.10).n_per_arm
        1579
    """
    return SampleSize(**_stoa.non_inferiority(metric, baseline, margin, options))


def smallest_margin(metric: str, baseline: Baseline, n_per_arm: float, **options: Unpack[PlanOptions]) -> float:
    """The smallest margin that so many units per arm can show, in the metric's unit.

    Example:
        >>> import stoa
        >>> round(stoa.smallest_margin("csat", {"mean": 4.1, "sd": 1.13}, 1_579), 3)
        0.1
    """
    return _stoa.smallest_margin(metric, baseline, n_per_arm, options)


def assurance(
    metric: str,
    baseline: Baseline,
    n_per_arm: float,
    *,
    mean_log_lift: float = 0.0,
    sd_log_lift: float,
    **options: Unpack[PlanOptions],
) -> float:
    """The chance that a test of so many units per arm claims a rise, over what is believed of the effect.

    Args:
        metric: a metric of the catalog, or its family.
        baseline: as for `power`.
        n_per_arm: units in the smaller arm.
        mean_log_lift: what is believed of ln(treatment / control): its mean; 0.05 is about +5%.
        sd_log_lift: its standard deviation; `prior_from(history, family="effect")` learns both from past lifts.
        **options: as for `power`, of one look.

    Example:
        >>> import stoa
        >>> round(stoa.assurance("conversion_rate", 0.03, 56_000, sd_log_lift=0.05), 4)
        0.1776
    """
    design = {"mean_log_lift": mean_log_lift, "sd_log_lift": sd_log_lift}
    return _stoa.assurance(metric, baseline, n_per_arm, design, options)


def reach(experiment: Experiment, expected: Mapping[str, Baseline]) -> PlanReach:
    """Whether a store's traffic can find what a contract wants to know by its plan; if not, what it can find.

    Args:
        experiment: with `plan.visitors_per_day`.
        expected: by metric key, what the store sees today: a baseline as for `power`, and `per_visitor` where not every
            visitor brings one (orders or answers per visitor).

    Example:
        >>> import stoa
        >>> e = stoa.Experiment.from_dict({
        ...     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
        ...     "metrics": {"revenue": {"metric": "conversion_rate"}, "satisfaction": {"metric": "nps"}},
        ...     "plan": {"looks": "weekly", "visitors_per_day": 300}})
        >>> found = stoa.reach(e, {"conversion_rate": 0.03, "nps": {"mean": 30, "sd": 70, "per_visitor": 0.01}})
        >>> found.can, [metric["can"] for metric in found.metrics]
        (False, [False, False])
    """
    return PlanReach(**_stoa.reach(experiment, expected))


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
