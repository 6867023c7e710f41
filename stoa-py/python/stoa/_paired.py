"""Outcomes with something beside them: a covariate known before (CUPED), or a denominator (ratios of sums)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from . import _stoa
from ._records import Record

if TYPE_CHECKING:
    from ._stoa import Comparison
    from ._types import Array

Sums = Mapping[str, float]
"""{n, mean, variance, x_mean, x_variance, covariance}, or {n, sum, sum_sq, x_sum, x_sum_sq, cross}."""


@dataclass(frozen=True, slots=True)
class Cuped(Record):
    """An outcome adjusted by what was known of the visitors before the experiment.

    Example:
        >>> import stoa
        >>> stoa.cuped(([1, 2, 4], [1, 2, 3]), ([2, 4, 6], [1, 2, 3])).theta > 1
        True
    """

    theta: float
    """How much the outcome changes with the covariate."""
    pooling: Literal["all_rows", "within_arms"]
    """Rows that theta comes from."""
    variance_reduction: float
    """Share of the difference's variance that is gone."""
    difference: float
    """Adjusted treatment − control."""
    standard_error: float | None
    """Of it; None with a single row in an arm."""
    unadjusted_difference: float
    unadjusted_standard_error: float | None
    control: dict[str, float]
    """Adjusted statistics of the control."""
    treatment: dict[str, float]
    comparison: Comparison
    """Of the adjusted means, as family mean."""

    def to_dict(self) -> dict[str, Any]:
        """The fields as a dict, the comparison too.

        Example:
            >>> import stoa
            >>> adjusted = stoa.cuped(([1, 2, 4], [1, 2, 3]), ([2, 4, 6], [1, 2, 3]))
            >>> adjusted.to_dict()["comparison"]["family"]
            'mean'
        """
        fields = {name: getattr(self, name) for name in Cuped.__slots__}
        return {**fields, "comparison": self.comparison.to_dict()}


def cuped(
    control: Sums | tuple[Array | list[float], Array | list[float]],
    treatment: Sums | tuple[Array | list[float], Array | list[float]],
    *,
    pooling: Literal["all_rows", "within_arms"] = "all_rows",
) -> Cuped:
    """Compares means with less noise, by a covariate that was known before anyone was exposed.

    Not with anything that the experiment can change: the effect would be adjusted away.

    Args:
        control: (outcomes, covariate), one value per visitor each; or their sums, {n, mean, variance, x_mean,
            x_variance, covariance} or {n, sum, sum_sq, x_sum, x_sum_sq, cross}, x being the covariate.
        treatment: the same.
        pooling: rows that theta comes from.

    Source: Deng, Xu, Kohavi & Walker (2013), section 3.

    Example:
        >>> import stoa
        >>> def arm(n, mean, variance, x_mean, x_variance, covariance):
        ...     before = {"x_mean": x_mean, "x_variance": x_variance, "covariance": covariance}
        ...     return {"n": n, "mean": mean, "variance": variance} | before
        >>> control, treatment = arm(982, 7.18, 326.2, 7.80, 308.5, 86.2), arm(1018, 7.04, 288.1, 7.56, 317.1, 43.3)
        >>> adjusted = stoa.cuped(control, treatment)
        >>> round(adjusted.theta, 3), adjusted.variance_reduction > 0.04
        (0.206, True)
    """
    fields, comparison = _stoa.cuped(_sums(control), _sums(treatment), pooling)
    return Cuped(**{**fields, "comparison": comparison})


def ratio(
    control: Sums | tuple[Array | list[float], Array | list[float]],
    treatment: Sums | tuple[Array | list[float], Array | list[float]],
) -> Comparison:
    """Compares ratios of sums, such as revenue per order, where visitors were randomized and may have several orders.

    By the delta method on visitors, which also serves clustered units: y and x summed over each cluster.

    Args:
        control: (numerators, denominators), one value per visitor each; or their sums as for `cuped`.
        treatment: the same.

    Example:
        >>> import stoa
        >>> a = ([20, 0, 90, 35, 0, 15], [1, 0, 3, 1, 0, 1])
        >>> b = ([25, 60, 0, 40, 0, 30], [1, 2, 0, 1, 0, 1])
        >>> c = stoa.ratio(a, b)
        >>> round(c.control_mean, 2), round(c.treatment_mean, 2)
        (26.67, 31.0)
    """
    return _stoa.ratio(_sums(control), _sums(treatment))


def _sums(arm: Any) -> Mapping[str, float]:
    return arm if isinstance(arm, Mapping) else _stoa.pair_up(*arm)
