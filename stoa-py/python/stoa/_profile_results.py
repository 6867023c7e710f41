"""What a profile of segments answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._records import Record
from ._results import Interval

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True, slots=True)
class Gap(Record):
    """A difference: posterior mean and interval, None where infinite or withheld.

    Example:
        >>> import stoa
        >>> stoa.Gap(mean=0.1, interval=stoa.Interval(-0.1, 0.3)).interval.low
        -0.1
    """

    mean: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Level(Record):
    """An outcome's level in a group: the plain figure, and the posterior's mean and interval.

    Example:
        >>> import stoa
        >>> stoa.Level(n=4, observed=0.5, mean=0.5, interval=stoa.Interval(0.15, 0.85)).observed
        0.5
    """

    n: int
    observed: float | None
    mean: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Against(Record):
    """A segment against everyone else: chance that it is higher, difference, and ratio − 1.

    Example:
        >>> import stoa
        >>> gap = stoa.Gap(mean=0.1, interval=stoa.Interval(0.05, 0.15))
        >>> stoa.Against(prob_higher=0.99, difference=gap, relative=gap).prob_higher
        0.99
    """

    prob_higher: float
    difference: Gap
    relative: Gap


@dataclass(frozen=True, slots=True)
class OutcomeProfile(Record):
    """One outcome of one segment: the plain rate or mean, its posterior, and how it differs from everyone else's.

    Example:
        >>> import stoa
        >>> df = {"bought": [0, 1, 0, 1]}
        >>> stoa.profile(df, [], outcomes={"conversion_rate": "bought"}).everyone.conversion_rate.observed
        0.5
    """

    family: str
    n: int
    observed: float | None
    mean: float | None
    interval: Interval | None
    rest: Level | None
    against_rest: Against | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Reach(Record):
    """What a 50:50 test within a segment could see: today, and after how many days.

    Example:
        >>> import stoa
        >>> df = {"bought": [0, 1] * 50}
        >>> everyone = stoa.profile(df, [], outcomes={"conversion_rate": "bought"}, visitors_per_day=100).everyone
        >>> everyone.power["conversion_rate"].days_until
        25
    """

    minimum_effect: float
    power_now: float | None
    n_per_arm: int | None
    days_until: int | None
    horizon_days: int | None
    smallest_detectable_lift: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Summary(Record):
    """Centre of a number in a group, over the rows that have it.

    Example:
        >>> import stoa
        >>> stoa.Summary(n=3, mean=2.0, median=1.0).median
        1.0
    """

    n: int
    mean: float | None
    median: float | None


@dataclass(frozen=True, slots=True)
class Share(Record):
    """A share of the rows that have an attribute.

    Example:
        >>> import stoa
        >>> stoa.Share(n=4, share=0.25).share
        0.25
    """

    n: int
    share: float | None


@dataclass(frozen=True, slots=True)
class NumberContrast(Record):
    """A number of a segment against everyone else's; instants are days since 1970-01-01 UTC.

    Example:
        >>> import stoa
        >>> big = stoa.Segment("big", stoa.Rule.parse("spend > 100"))
        >>> df = {"spend": [20, 250, 300, 50], "orders": [0, 2, 4, 1]}
        >>> stoa.profile(df, [big], contrasts=["orders"]).segments[0].contrasts[0].numbers.inside.mean
        3.0
    """

    instants: bool
    inside: Summary
    rest: Summary
    prob_higher: float | None
    difference: Gap
    standardized: float | None


@dataclass(frozen=True, slots=True)
class LevelContrast(Record):
    """One level of an attribute: the share of a segment that has it, and of everyone else.

    Example:
        >>> import stoa
        >>> big = stoa.Segment("big", stoa.Rule.parse("spend > 100"))
        >>> df = {"spend": [20, 250, 300, 50], "country": ["CA", "US", "US", "CA"]}
        >>> level = stoa.profile(df, [big], contrasts=["country"]).segments[0].contrasts[0].levels[0]
        >>> level.level, level.inside.share, level.rest.share
        ('CA', 0.0, 1.0)
    """

    level: str
    inside: Share
    rest: Share
    prob_higher: float | None
    difference: Gap
    relative: Gap


@dataclass(frozen=True, slots=True)
class Contrast(Record):
    """One attribute of a segment against everyone else; `telling` allows for how many contrasts were looked at.

    Example:
        >>> import stoa
        >>> big = stoa.Segment("big", stoa.Rule.parse("spend > 100"))
        >>> df = {"spend": [20, 250, 300, 50], "member": [False, True, True, False]}
        >>> found = stoa.profile(df, [big], contrasts=True).segments[0].contrasts
        >>> [(c.attribute, c.by_definition) for c in found]
        [('member', False), ('spend', True)]
    """

    attribute: str
    by_definition: bool
    telling: float
    missing: LevelContrast | None
    numbers: NumberContrast | None
    levels: list[LevelContrast]
    other_levels: int
    sentence: str


@dataclass(frozen=True, slots=True)
class SegmentProfile(Record):
    """One segment: how many, what they do, whether the storefront can target them, what a test on them could see.

    Every outcome is an attribute too: `profile.segments[0].conversion_rate`.

    Example:
        >>> import stoa
        >>> big = stoa.Segment("big", stoa.Rule.parse("spend > 100"))
        >>> found = stoa.profile({"spend": [20, 250, 300]}, [big]).segments[0]
        >>> found.key, found.n, found.targetable is None
        ('big', 2, True)
    """

    key: str
    description: str
    n: int
    share: float
    share_interval: Interval | None
    unknown: int
    targetable: bool | None
    missing: list[str]
    smallest_detectable_lift: dict[str, float | None]
    visitors_per_day: float | None
    power: dict[str, Reach]
    contrasts: list[Contrast] | None
    outcomes: dict[str, OutcomeProfile]

    def __getattr__(self, name: str) -> OutcomeProfile:
        """The outcome of that name."""
        if name.startswith("_") or name not in self.outcomes:
            raise AttributeError(name)
        return self.outcomes[name]


@dataclass(frozen=True, slots=True)
class Overlap(Record):
    """Visitors that every two segments share, and their Jaccard index.

    Example:
        >>> import stoa
        >>> a, b = (stoa.Segment(k, stoa.Rule.parse(f"spend > {t}")) for k, t in [("any", 0), ("big", 100)])
        >>> stoa.profile({"spend": [20, 250]}, [a, b]).overlap.n
        [[2, 1], [1, 1]]
    """

    segments: list[str]
    n: list[list[int]]
    jaccard: list[list[float | None]]


class Profile:
    """All segments of a table, and everyone.

    Attributes:
        n: rows of the table.
        everyone: all of them.
        segments: the segments, in the order given.
        overlap: how the segments overlap.
        notes: what was asked for and cannot be answered from what was given.

    Example:
        >>> import stoa
        >>> stoa.profile({"spend": [20, 250]}, []).n
        2
    """

    n: int
    everyone: SegmentProfile
    segments: list[SegmentProfile]
    overlap: Overlap
    notes: list[str]

    def __init__(self, document: dict[str, Any]) -> None:
        """Takes the core's document."""
        self._document = document
        self.n = document["n"]
        self.everyone = _segment(document["everyone"])
        self.segments = [_segment(entry) for entry in document["segments"]]
        self.overlap = Overlap(**document["overlap"])
        self.notes = document["notes"]

    def to_dict(self) -> dict[str, Any]:
        """The whole profile, with the keys that Rust and TypeScript write too.

        Example:
            >>> import stoa
            >>> sorted(stoa.profile({"spend": [20, 250]}, []).to_dict())
            ['everyone', 'n', 'notes', 'overlap', 'segments']
        """
        return self._document

    def records(self) -> list[dict[str, Any]]:
        """One flat row per segment and outcome, everyone first: what `pandas.DataFrame` and `polars.DataFrame` take.

        Example:
            >>> import stoa
            >>> df = {"bought": [0, 1, 0, 1]}
            >>> stoa.profile(df, [], outcomes={"conversion_rate": "bought"}).records()[0]["observed"]
            0.5
        """
        return [_record(entry, name) for entry in [self.everyone, *self.segments] for name in entry.outcomes]

    def plot(self) -> alt.VConcatChart:
        """Sizes on top, then each outcome with its interval, segment by segment; everyone's level is the dashed line.

        Example:
            >>> import stoa
            >>> df = {"bought": [0, 1, 0, 1]}
            >>> chart = stoa.profile(df, [], outcomes={"conversion_rate": "bought"}).plot()
            >>> type(chart).__name__
            'VConcatChart'
        """
        from ._profile_faces import chart

        return chart(self)

    def _repr_html_(self) -> str:
        from ._profile_faces import table

        return table(self)

    def __repr__(self) -> str:
        """Size and segments."""
        return f"<Profile of {self.n} rows: {', '.join(s.key for s in self.segments) or 'no segments'}>"


_FIXED = [name for name in SegmentProfile.__dataclass_fields__ if name != "outcomes"]


def _segment(entry: dict[str, Any]) -> SegmentProfile:
    fixed = {name: entry[name] for name in _FIXED}
    contrasts = entry["contrasts"]
    fixed["share_interval"] = _interval(entry["share_interval"])
    fixed["power"] = {name: Reach(**found) for name, found in entry["power"].items()}
    fixed["contrasts"] = None if contrasts is None else [_contrast(found) for found in contrasts]
    outcomes = {name: _outcome(found) for name, found in entry.items() if name not in _FIXED}
    return SegmentProfile(**fixed, outcomes=outcomes)


def _outcome(found: dict[str, Any]) -> OutcomeProfile:
    rest, against = found.get("rest"), found.get("against_rest")
    return OutcomeProfile(**{
        **found,
        "interval": _interval(found["interval"]),
        "rest": rest and Level(**{**rest, "interval": _interval(rest["interval"])}),
        "against_rest": against and Against(**_with_gaps(against)),
        "note": found.get("note"),
    })  # fmt: skip


def _contrast(found: dict[str, Any]) -> Contrast:
    numbers, missing = found["numbers"], found["missing"]
    return Contrast(**{
        **found,
        "missing": missing and _level(missing),
        "numbers": numbers
        and NumberContrast(**{
            **numbers,
            "inside": Summary(**numbers["inside"]),
            "rest": Summary(**numbers["rest"]),
            "difference": _gap(numbers["difference"]),
        }),
        "levels": [_level(level) for level in found["levels"]],
    })  # fmt: skip


def _level(found: dict[str, Any]) -> LevelContrast:
    shares = {side: Share(**found[side]) for side in ("inside", "rest")}
    return LevelContrast(**_with_gaps(found | shares))


def _with_gaps(found: dict[str, Any]) -> dict[str, Any]:
    return found | {name: _gap(found[name]) for name in ("difference", "relative")}


def _gap(found: dict[str, Any]) -> Gap:
    return Gap(found["mean"], _interval(found["interval"]))


def _interval(ends: dict[str, float] | None) -> Interval | None:
    return Interval(ends["low"], ends["high"]) if ends else None


def _record(entry: SegmentProfile, name: str) -> dict[str, Any]:
    found = entry.outcomes[name]
    low, high = found.interval or (None, None)
    against, reach = found.against_rest, entry.power.get(name)
    return {
        "segment": entry.key,
        "visitors": entry.n,
        "share": entry.share,
        "unknown": entry.unknown,
        "targetable": entry.targetable,
        "outcome": name,
        "n": found.n,
        "observed": found.observed,
        "mean": found.mean,
        "low": low,
        "high": high,
        "prob_higher": against and against.prob_higher,
        "relative": against and against.relative.mean,
        "power_now": reach and reach.power_now,
        "days_until": reach and reach.days_until,
        "smallest_detectable_lift": reach and reach.smallest_detectable_lift,
    }
