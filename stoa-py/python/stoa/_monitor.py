"""A running experiment, look by look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _stoa
from ._records import Record
from ._results import SampleRatio, Verdict

if TYPE_CHECKING:
    from ._stoa import Experiment
    from ._types import Document, Frame


@dataclass(frozen=True, slots=True)
class TreatmentLook(Record):
    """One treatment at one look.

    Example:
        >>> import stoa
        >>> stoa.TreatmentLook.__slots__
        ('variant', 'z', 'boundary', 'e_value', 'verdict')
    """

    variant: str
    z: float | None
    """z of its revenue, above 0 where it is better."""
    boundary: float | None
    """What z has to reach at this look; None where it has no boundary."""
    e_value: float | None
    """Evidence at any time that its revenue is better; None under the other guarantee."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Look(Record):
    """One look at an experiment.

    Example:
        >>> import stoa
        >>> "boundary" in stoa.TreatmentLook.__slots__ and "spent" in stoa.Look.__slots__
        True
    """

    day: float | None
    units: int
    """Visitors so far, all variants together."""
    information: float | None
    """Share of the plan that is over; 1 at the last look."""
    spent: float | None
    """Chance of a false win that all looks so far may have had; None where this look had no boundary."""
    last: bool
    srm: SampleRatio | None
    """None before the first visitor."""
    treatments: list[TreatmentLook]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Finish(Record):
    """When an experiment is expected to be decided; `day` is None where no end is in sight within the plan.

    Example:
        >>> import stoa
        >>> stoa.Finish(21.0, "At this pace it is decided by day 21.").day
        21.0
    """

    day: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Monitor(Record):
    """What every look of an experiment said, and its outlook.

    Example:
        >>> import stoa
        >>> stoa.Monitor.__slots__
        ('experiment', 'looks', 'verdict', 'finish', 'would_change')
    """

    experiment: str
    looks: list[Look]
    verdict: Verdict
    """That of the last look."""
    finish: Finish
    would_change: str
    """What would change the verdict, in a sentence."""


def monitor(
    history: Sequence[Document] | Document | Frame,
    experiment: Experiment,
    *,
    columns: Mapping[str, str] | None = None,
) -> Monitor:
    """Judges an experiment at every look of its history, and says when it is expected to end.

    False wins are held to the plan's alpha over all looks together.

    Args:
        history: the statistics of each look, counts so far with their `day` (a list, or {"looks": [...]}); or a data
            frame with one row per visitor and the column `exposed_at`, from which the planned looks are summed.
        experiment: the contract.
        columns: where a role or a metric has another name in the data frame.

    Example:
        >>> import stoa
        >>> e = stoa.Experiment.from_dict({
        ...     "key": "mail", "surface": "lifecycle_email", "status": "running",
        ...     "variants": [{"key": "A"}, {"key": "B"}],
        ...     "metrics": {"revenue": {"metric": "conversion_rate"},
        ...                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}}})
        >>> def arm(key, n, orders):
        ...     return {"key": key, "n": n, "metrics": {"conversion_rate": {"n": n, "successes": orders},
        ...                                             "return_visit_rate": {"n": n, "successes": n // 3}}}
        >>> def look(day):
        ...     arms = [arm("A", 900 * day, 27 * day), arm("B", 900 * day, 31 * day)]
        ...     return {"experiment": "mail", "day": day, "variants": arms}
        >>> history = [look(day) for day in (7, 8, 9)]
        >>> m = stoa.monitor(history, e)
        >>> [look.verdict.action for look in m.looks], 9 < m.finish.day < 28
        (['continue', 'continue', 'continue'], True)
    """
    found = _stoa.monitor(history, experiment, columns)
    return Monitor(
        experiment=found["experiment"],
        looks=[_look(look) for look in found["looks"]],
        verdict=Verdict(**found["verdict"]),
        finish=Finish(**found["finish"]),
        would_change=found["would_change"],
    )


def _look(look: dict[str, Any]) -> Look:
    treatments = [TreatmentLook(**{**one, "verdict": Verdict(**one["verdict"])}) for one in look["treatments"]]
    srm = None if look["srm"] is None else SampleRatio(**look["srm"])
    return Look(**{**look, "srm": srm, "treatments": treatments, "verdict": Verdict(**look["verdict"])})
