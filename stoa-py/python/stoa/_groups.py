"""More than two: which of several arms is best, and groups that are read with each other's help."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from . import _stoa
from ._records import Record
from ._stoa import Distribution

Key = TypeVar("Key", bound=Hashable)
Given = Mapping[Key, Mapping[str, Any]] | Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ArmChance(Record):
    """One arm among several.

    Example:
        >>> import stoa
        >>> arm = stoa.best_arm("binary", [{"n": 1000, "successes": 30}, {"n": 1000, "successes": 36}]).arms[1]
        >>> round(arm.prob_best, 2)
        0.77
    """

    mean: float | None
    """Posterior mean, in the metric's unit; None where withheld."""
    prob_best: float | None
    """Probability that this arm is the best of all."""
    expected_loss: float | None
    """Expected gap to the best arm when this one is chosen, per unit; None where withheld."""


@dataclass(frozen=True, slots=True)
class BestArm(Record):
    """Every arm's chance to be best, and what choosing it costs.

    Example:
        >>> import stoa
        >>> stoa.best_arm("binary", [{"n": 90, "successes": 3}, {"n": 90, "successes": 6}]).model
        'beta_binomial'
    """

    family: str
    model: str
    arms: dict[Any, ArmChance]
    """By the key given, or by place for a list."""
    notes: list[dict[str, str]]


def best_arm(family: str, arms: Given[Any], *, prior: Mapping[str, Any] | None = None) -> BestArm:
    """P(best) of each of several arms, and the expected loss of choosing it. More is better.

    Not a stopping rule: `analyze` and `monitor` decide, at the level of the plan.

    Args:
        family: as for `compare`; ordinal metrics are refused.
        arms: sufficient statistics by arm, or a list of them.
        prior: the same for every arm; None is the family's default.

    Example:
        >>> import stoa
        >>> arms = {key: {"n": 1000, "successes": x} for key, x in {"A": 30, "B": 36, "C": 28, "D": 33}.items()}
        >>> round(stoa.best_arm("binary", arms).arms["B"].prob_best, 3)
        0.521
    """
    keys, given = _keyed(arms)
    found = _stoa.best_arm(family, given, prior)
    return BestArm(
        family=found["family"],
        model=found["model"],
        arms={key: ArmChance(**arm) for key, arm in zip(keys, found["arms"], strict=True)},
        notes=found["notes"],
    )


class Moments(NamedTuple):
    """Mean and standard deviation of a posterior; None where one does not exist.

    Example:
        >>> import stoa
        >>> stoa.Moments(0.1, 0.02).sd
        0.02
    """

    mean: float | None
    sd: float | None


@dataclass(frozen=True, slots=True)
class Hierarchy(Generic[Key]):
    """Groups that are read with each other's help.

    Example:
        >>> import stoa
        >>> found = stoa.hierarchical("effect", [{"estimate": 0.12, "standard_error": 0.06}])
        >>> list(found.common)
        ['mu', 'tau']
    """

    groups: dict[Key, Distribution]
    """By the key given, or by place for a list."""
    new_group: Distribution
    """Of a group that is still to come."""
    common: dict[str, Moments]
    """Effects: mu, what the groups have in common, and tau, the sd between them. Rates: m, kappa and log_kappa."""


def hierarchical(
    family: Literal["binary", "effect"], groups: Given[Any], *, prior: Mapping[str, Any] | None = None
) -> Hierarchy[Any]:
    """Groups that are alike but not the same, each pulled towards the others as far as the data say.

    Args:
        family: "binary" for rates, with groups {n, successes}; "effect" for estimates such as lifts, with groups
            {estimate, standard_error}.
        groups: by key, or a list.
        prior: rates {alpha, beta, mean_log_kappa, sd_log_kappa}; effects {mu: {mean, sd}, tau: {kind, scale}} with
            kind half_normal (scale 0.1, the default: for relative lifts), half_cauchy or uniform.

    Source: Gelman et al., Bayesian Data Analysis, 3rd ed., sections 5.3 and 5.4.

    Example:
        >>> import stoa
        >>> groups = {"mobile": {"n": 900, "successes": 27}, "desktop": {"n": 40, "successes": 5}}
        >>> found = stoa.hierarchical("binary", groups)
        >>> 27 / 900 < found.groups["desktop"].mean < 5 / 40
        True
    """
    keys, given = _keyed(groups)
    found, new_group, common = _stoa.hierarchical(family, given, prior)
    return Hierarchy(
        groups=dict(zip(keys, found, strict=True)),
        new_group=new_group,
        common={name: Moments(*moments) for name, moments in common.items()},
    )


def prior_from(
    history: Sequence[Mapping[str, Any]],
    *,
    family: Literal["binary", "effect"] = "binary",
    prior: Mapping[str, Any] | None = None,
) -> dict[str, float]:
    """The prior that past experiments give the next one: the predictive of a new group of `hierarchical`.

    Args:
        history: one entry per experiment, as the groups of `hierarchical`.
        family: "binary" gives {alpha, beta}, which `compare` takes; "effect" gives {mean, sd}.
        prior: as for `hierarchical`.

    Example:
        >>> import stoa
        >>> past = [{"n": 1000, "successes": x} for x in (30, 36, 28)]
        >>> prior = stoa.prior_from(past)
        >>> c = stoa.compare("binary", {"n": 50, "successes": 0}, {"n": 50, "successes": 1}, prior=prior)
        >>> 0.02 < c.control_mean < 0.04
        True
    """
    return _stoa.prior_from(family, list(history), prior)


def _keyed(given: Given[Any]) -> tuple[list[Any], list[Mapping[str, Any]]]:
    if isinstance(given, Mapping):
        return list(given), list(given.values())
    return list(range(len(given))), list(given)
