"""Who the segments are: profiles from rows, from a warehouse's sums, and the query for the sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import _stoa

if TYPE_CHECKING:
    from ._profile_results import Profile
    from ._stoa import AttributeSchema, Segment
    from ._types import Frame, Now

Outcomes = Mapping[str, str | Mapping[str, Any]]


def profile(
    df: Frame,
    segments: Iterable[Segment],
    *,
    outcomes: Outcomes | None = None,
    schema: AttributeSchema | None = None,
    now: Now | None = None,
    level: float = 0.95,
    minimum_effect: float = 0.1,
    visitors_per_day: float | None = None,
    days: float | None = None,
    time: str | None = None,
    contrasts: bool | Sequence[str] = False,
    levels: int = 5,
) -> Profile:
    """Who the segments are: size, what they do and how that differs from everyone else, overlap, what a test could see.

    Everyone else of a segment are the rows that are not in it, unknown ones among them. Power is that of a 50:50 test
    within the segment, one-sided 5%, by the same formulas as `stoa.power`.

    Many contrasts are looked at: each interval holds by itself, so of twenty that show nothing one excludes 0 at 95%.
    `Contrast.telling`, and the order it gives, allow for their number (Bonferroni).

    Args:
        df: one row per visitor, with every attribute that a rule reads and every outcome as a column.
        segments: who to profile.
        outcomes: name in the result → column, or {column, family}; families binary, positive, hurdle, count, mean. A
            name of the catalog brings its family. Any other name without one is read as binary where the column holds
            only 0 and 1, else as a mean, and `notes` say so.
        schema: without it nothing is known about targeting.
        now: the instant `within_days` counts back from.
        level: of the credible intervals.
        minimum_effect: the relative lift that an experiment on a segment should see.
        visitors_per_day: of the store, all segments together; gives the days until the effect is detectable.
        days: or the days in which the rows came.
        time: or a column of timestamps, whose span gives the days; dates count whole, the first and the last too.
        contrasts: attributes to hold against everyone else; True for those of the schema that `df` has, without a
            schema for every column that is no outcome and not called visitor_id.
        levels: most common levels of a text or a list that a contrast shows.

    Example:
        >>> import stoa
        >>> big = stoa.Segment("big", stoa.Rule.parse("spend > 100"))
        >>> df = {"spend": [20, 250, 300, 50], "bought": [0, 1, 0, 1]}
        >>> found = stoa.profile(df, [big], outcomes={"conversion_rate": "bought"}).segments[0]
        >>> found.n, found.conversion_rate.mean, round(found.conversion_rate.against_rest.prob_higher, 3)
        (2, 0.5, 0.5)
    """
    options = {
        "outcomes": outcomes,
        "level": level,
        "minimum_effect": minimum_effect,
        "visitors_per_day": visitors_per_day,
        "days": days,
        "time": time,
        "contrasts": contrasts,
        "levels": levels,
    }
    # Two calls read them.
    wanted = list(segments) if isinstance(segments, Iterable) else segments
    columns = _stoa.profile_columns(wanted, options)
    from ._profile_results import Profile

    return Profile(_stoa.profile_rows(_narrow(df, columns), wanted, options, schema, now))


def profile_sums(
    sums: Frame,
    segments: Iterable[Segment],
    *,
    outcomes: Outcomes | None = None,
    schema: AttributeSchema | None = None,
    level: float = 0.95,
    minimum_effect: float = 0.1,
    visitors_per_day: float | None = None,
    days: float | None = None,
) -> Profile:
    """The same profile from a warehouse's sums: the rows that the query of `profile_sql` gives.

    Equal to the profile of the summed rows to 1e-12, but for contrasts, which need rows.

    Args:
        sums: one row per pattern of memberships, with the query's columns.
        segments: those of the query.
        outcomes: those of the query.
        schema: without it nothing is known about targeting.
        level: of the credible intervals.
        minimum_effect: the relative lift that an experiment on a segment should see.
        visitors_per_day: of the store, all segments together.
        days: or the days in which the visitors came.

    Example:
        >>> import duckdb, stoa
        >>> visitors = duckdb.sql("SELECT * FROM (VALUES (20, 0), (250, 1), (300, 0), (50, 1)) AS t(spend, bought)")
        >>> big = stoa.Segment("big", stoa.Rule.parse("spend > 100"))
        >>> query = stoa.profile_sql("visitors", [big], outcomes={"conversion_rate": "bought"})
        >>> stoa.profile_sums(duckdb.sql(query), [big], outcomes={"conversion_rate": "bought"}).segments[0].n
        2
    """
    options = {
        "outcomes": outcomes,
        "level": level,
        "minimum_effect": minimum_effect,
        "visitors_per_day": visitors_per_day,
        "days": days,
    }
    from ._profile_results import Profile

    return Profile(_stoa.profile_sums(sums, segments, options, schema, None))


def profile_sql(
    table: str,
    segments: Iterable[Segment],
    *,
    outcomes: Outcomes | None = None,
    dialect: str = "duckdb",
    schema: AttributeSchema | None = None,
    now: Now | None = None,
) -> str:
    """The query that sums a table of visitors for `profile_sums`, so that only sums leave the warehouse.

    Args:
        table: name of the table, with dots between schema and table. A column of the query whose name would be over 63
            bytes is named by its first 44 and a hash; `profile_sums` finds it again.
        segments: who to profile.
        outcomes: as in `profile`; a family that is neither given nor the catalog's is refused.
        dialect: whose SQL.
        schema: its `column` names are used; an outcome declared boolean there is read as one.
        now: the instant `within_days` counts back from.

    Example:
        >>> import stoa
        >>> big = stoa.Segment("big", stoa.Rule.parse("spend > 100"))
        >>> stoa.profile_sql("shop.visitors", [big])[:41]
        'SELECT "segment__big", count(*) AS "n" FR'
    """
    options = {"outcomes": outcomes}
    return _stoa.profile_sql(table, segments, options, schema, now, dialect)


def _narrow(df: Any, wanted: list[str] | None) -> Any:
    """The columns that are read, so that no library converts the others; all of them where one is not there."""
    names = getattr(df, "columns", None)
    if wanted is None or names is None or not hasattr(type(df), "__getitem__"):
        return df
    names = list(names)
    if len(wanted) == len(names) or not wanted or any(name not in names for name in wanted):
        return df
    if hasattr(df, "lazy") or hasattr(df, "loc"):
        return df[wanted]
    return df
