"""Results: named tuples of numbers, and records that the compiled module fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ._records import Record

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from ._stoa import Analysis, Comparison, Rule


class Interval(NamedTuple):
    """A credible interval.

    Example:
        >>> import stoa
        >>> stoa.Interval(-0.1, 0.3).high
        0.3
    """

    low: float
    high: float


class Intervals(NamedTuple):
    """An interval for each row.

    Example:
        >>> import stoa
        >>> stoa.Intervals(low=[-0.1], high=[0.3]).high
        [0.3]
    """

    low: NDArray[float64]
    high: NDArray[float64]


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


class Pair(NamedTuple):
    """Two treatments against each other; the earlier of the contract plays the control.

    Example:
        >>> import stoa
        >>> stoa.Pair._fields
        ('metric', 'control', 'treatment', 'comparison')
    """

    metric: str
    control: str
    treatment: str
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class VariantCount(Record):
    """Units of one variant, beside the share it was promised.

    Example:
        >>> import stoa
        >>> stoa.VariantCount(key="A", n=50, share=0.5, expected_share=0.5).n
        50
    """

    key: str
    n: int
    share: float
    expected_share: float


@dataclass(frozen=True, slots=True)
class Srm(Record):
    """A sample-ratio test.

    Example:
        >>> import stoa
        >>> stoa.srm(observed=[5050, 4950], expected=[0.5, 0.5]).df
        1
    """

    observed: list[int]
    expected_share: list[float]
    statistic: float
    df: int
    p_value: float
    log10_p: float


@dataclass(frozen=True, slots=True)
class SampleRatio(Srm):
    """A sample-ratio test held against its threshold.

    Example:
        >>> import stoa
        >>> sorted(set(stoa.SampleRatio.__slots__))
        ['passed', 'sequential_p', 'threshold']
    """

    sequential_p: float | None
    threshold: float
    passed: bool


@dataclass(frozen=True, slots=True)
class Reason(Record):
    """One gate of a verdict: what was found, what it was held against, whether it is open for shipping.

    Example:
        >>> import stoa
        >>> gate = stoa.Reason("loss", "conversion_rate", 0.001, 0.0025, True, "The loss is within tolerance.")
        >>> gate.passed
        True
    """

    code: str
    metric: str | None
    value: float | None
    threshold: float | None
    passed: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict(Record):
    """What to do with one treatment, or with the experiment, and why.

    Example:
        >>> import stoa
        >>> verdict = stoa.Verdict("continue", "B", "horizon", False, [], "Go on.")
        >>> verdict.action
        'continue'
    """

    action: Literal["ship", "continue", "stop", "investigate", "invalid"]
    variant: str | None
    guarantee: str
    proxy: bool
    reasons: list[Reason]
    sentence: str

    def __post_init__(self) -> None:
        """Gives the gates their type."""
        gates = [gate if isinstance(gate, Reason) else Reason(**gate) for gate in self.reasons]
        object.__setattr__(self, "reasons", gates)


class SegmentAnalysis(NamedTuple):
    """One segment's readout, or the problem why there is none (an arm without visitors in it).

    `pooled` has the effects that are read with the help of the other segments, by metric and treatment: `relative`,
    `segments`, `estimate`, `standard_error`, `mean`, `median`, `interval`, `prob_positive`, `pulled`.

    Example:
        >>> import stoa
        >>> stoa.SegmentAnalysis._fields
        ('segment', 'description', 'n', 'unknown', 'analysis', 'problem', 'pooled')
    """

    segment: str
    description: str
    n: int
    unknown: int
    analysis: Analysis | None
    problem: dict[str, Any] | None
    pooled: dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Finding(Record):
    """One thing that a rule says in vain, or says twice: where (`all[1].any[0]`), which part, and in words.

    Example:
        >>> import stoa
        >>> stoa.Rule.parse("n > 5 AND n < 3").simplify().findings[0].message
        '“n is more than 5” and “n is less than 3” can never both be true: no one matches'
    """

    kind: Literal["contradiction", "always_true", "true_when_known", "redundant", "implied", "merged"]
    path: str
    rule: Rule
    message: str

    def to_dict(self) -> dict[str, Any]:
        """The document, with the rule as its own.

        Example:
            >>> import stoa
            >>> stoa.Rule.parse("n >= 2 AND n >= 5").simplify().findings[0].to_dict()["rule"]
            {'attr': 'n', 'op': 'gte', 'value': 2}
        """
        return {"kind": self.kind, "path": self.path, "rule": self.rule.to_dict(), "message": self.message}


@dataclass(frozen=True, slots=True)
class Simplified(Record):
    """A rule that says the same in fewer words, and what was found in the one it came from.

    Example:
        >>> import stoa
        >>> simple = stoa.Rule.parse("n >= 2 AND n <= 5").simplify()
        >>> simple.rule.to_sql(), simple.findings[0].kind
        ('"n" BETWEEN 2 AND 5', 'merged')
    """

    rule: Rule
    findings: list[Finding]

    def to_dict(self) -> dict[str, Any]:
        """The document: the rule's, and one for each finding.

        Example:
            >>> import stoa
            >>> stoa.Rule.parse("n > 5").simplify().to_dict()
            {'rule': {'attr': 'n', 'op': 'gt', 'value': 5}, 'findings': []}
        """
        return {"rule": self.rule.to_dict(), "findings": [found.to_dict() for found in self.findings]}


@dataclass(frozen=True, slots=True)
class SampleSize(Record):
    """Units that an effect needs: `n_per_arm` in the smaller arm, and those of each.

    `stopping` says when it is over: `power`, `expected_share` and `expected_day` of the plan, and `looks`, each with
    `share`, `day`, `boundary`, `passed` and `false_alarm` (chances so far).

    Example:
        >>> import stoa
        >>> stoa.power("conversion_rate", 0.03, 0.10).n_per_arm
        41914
    """

    n_per_arm_exact: float
    n_per_arm: int
    n_control: int
    n_treatment: int
    control_mean: float
    treatment_mean: float
    stopping: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PlanReach(Record):
    """What a store's traffic can find by a contract's plan.

    `metrics` has, for each metric that something was expected of: `metric`, `role`, `n_per_arm`, `wanted`, `power`,
    `can`, `smallest` (effect or margin), `n_needed`, `days_needed`, `horizon_needed`, `expected_day`, `sentence`.

    Example:
        >>> import stoa
        >>> stoa.PlanReach("mail", 28, 0.8, True, [], [], "").can
        True
    """

    experiment: str
    horizon_days: int
    wanted_power: float
    can: bool
    metrics: list[dict[str, Any]]
    not_expected: list[str]
    sentence: str


@dataclass(frozen=True, slots=True)
class Duration(Record):
    """How long an experiment takes; the horizon is in whole weeks.

    Example:
        >>> import stoa
        >>> stoa.duration(41_914, visitors_per_day=4_000).horizon_days
        21
    """

    n_total: int
    days: int
    horizon_days: int
