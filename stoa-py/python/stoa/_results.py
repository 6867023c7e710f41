"""Named tuples and records that the compiled module fills."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray


class Interval(NamedTuple):
    """A credible interval.

    Example:
        >>> import stoa
        >>> stoa.Interval(-0.1, 0.3).high
        0.3
    """

    low: float
    high: float


class Density(NamedTuple):
    """A density on a grid.

    Example:
        >>> import stoa
        >>> arm = {"n": 900, "successes": 81}
        >>> len(stoa.compare("binary", control=arm, treatment=arm).relative.density(points=32).x)
        32
    """

    x: NDArray[float64]
    density: NDArray[float64]


class Draws(NamedTuple):
    """Draws of each arm's mean.

    Example:
        >>> import stoa
        >>> arm = {"n": 900, "successes": 81}
        >>> len(stoa.compare("binary", control=arm, treatment=arm).sample(10).control)
        10
    """

    control: NDArray[float64]
    treatment: NDArray[float64]
