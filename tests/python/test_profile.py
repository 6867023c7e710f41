"""Profiles from every kind of frame and from a warehouse's sums; contrasts against pandas."""

import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import postgres_server
import pyarrow as pa
import pytest
import sqlglot
from conftest import DIALECTS
from sqlglot import exp

import stoa

OUTCOMES = {
    "conversion_rate": "bought",
    "average_order_value": "revenue",
    "revenue_per_visitor": "revenue",
    "session_depth": "depth",
    "profit": {"column": "profit", "family": "mean"},
}


def visitors(n: int = 6000) -> pd.DataFrame:
    """Visitors of a shop: some attributes are missing, depth is over-dispersed."""
    rng = np.random.default_rng(5)
    bought = rng.random(n) < 0.08
    country = pd.Series(rng.choice(["CA", "US", "FR"], n)).mask(rng.random(n) < 0.1)
    return pd.DataFrame({
        "spend": pd.Series(np.round(rng.gamma(0.8, 120, n), 2)).mask(rng.random(n) < 0.1),
        "country": country,
        "bought": bought.astype(int),
        "revenue": np.where(bought, np.round(rng.lognormal(4, 0.6, n), 2), 0.0),
        "depth": rng.poisson(rng.gamma(1, 3, n)),
        "profit": np.round(rng.normal(1, 20, n), 2),
        "unused": [object] * n,
    })  # fmt: skip


def segments() -> list[stoa.Segment]:
    """Two that overlap, one that names another."""
    return [
        stoa.Segment("big", stoa.Rule.parse("spend > 100")),
        stoa.Segment("canada", stoa.Rule.parse("country = 'CA'")),
        stoa.Segment("small", stoa.Rule.from_dict({"not": {"segment": "big"}})),
    ]


def near(a: Any, b: Any, path: str = "") -> None:
    """Equal but for 1e-12 of the numbers."""
    if isinstance(a, dict):
        assert a.keys() == b.keys(), path
        for key in a:
            near(a[key], b[key], f"{path}.{key}")
    elif isinstance(a, list):
        assert len(a) == len(b), path
        for x, y in zip(a, b, strict=True):
            near(x, y, path)
    elif isinstance(a, float):
        assert b == pytest.approx(a, rel=1e-12, abs=1e-12), path
    else:
        assert a == b, path


def test_sums_of_duckdb_give_the_profile_of_the_rows() -> None:
    df = visitors().drop(columns="unused")
    query = stoa.profile_sql("df", segments(), outcomes=OUTCOMES)
    sums = duckdb.sql(query)
    rows = stoa.profile(df, segments(), outcomes=OUTCOMES, visitors_per_day=400)
    near(rows.to_dict(), stoa.profile_sums(sums, segments(), outcomes=OUTCOMES, visitors_per_day=400).to_dict())


def test_sums_of_postgresql_give_the_profile_of_the_rows(postgres: postgres_server.Server) -> None:
    df = visitors().drop(columns="unused").assign(bought=lambda df: df["bought"] == 1)
    kinds = "spend double precision, country text, bought boolean, revenue numeric, depth int, profit real"
    rows = df.to_csv(index=False, header=False)
    # A boolean is no number to PostgreSQL: the schema says that it is one.
    schema = stoa.AttributeSchema({
        "spend": {"type": "number"},
        "country": {"type": "string"},
        "bought": {"type": "boolean"},
    })  # fmt: skip
    query = stoa.profile_sql("visitors", segments(), outcomes=OUTCOMES, dialect="postgres", schema=schema)
    lines = postgres.psql(
        f"CREATE TEMP TABLE visitors ({kinds});\nCOPY visitors FROM STDIN CSV;\n{rows}\\.\n{query};\n"
    ).splitlines()
    names = [column.alias_or_name for column in sqlglot.parse_one(query, read="postgres").selects]
    cells = [dict(zip(names, line.split("|"), strict=True)) for line in lines]
    truth = {"t": True, "f": False, "": None}
    sums = {
        name: [truth[row[name]] if name.startswith("segment__") else float(row[name] or 0) for row in cells]
        for name in names
    }
    # A column of real holds the nearest number of 32 bits.
    by_rows = stoa.profile(df.astype({"profit": "float32"}), segments(), outcomes=OUTCOMES, schema=schema)
    near(by_rows.to_dict(), stoa.profile_sums(sums, segments(), outcomes=OUTCOMES, schema=schema).to_dict())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_query_is_one_statement_of_its_dialect(dialect: str) -> None:
    """Names that try to leave their place stay in it, by a parser of the dialect."""
    outcomes = {"rate": {"column": "bought -- '", "family": "binary"}, **OUTCOMES}
    query = stoa.profile_sql("shop.visitors", segments(), outcomes=outcomes, dialect=dialect)
    (statement,) = sqlglot.parse(query, read=dialect)
    assert isinstance(statement, exp.Select)
    assert not any(node.comments for node in statement.walk())
    assert {"segment__big", "n", "rate__hits", "profit__sum_sq"} <= {c.alias_or_name for c in statement.selects}
    read = {column.name for column in statement.find_all(exp.Column)}
    assert {"bought -- '", "revenue", "country"} <= read


def test_every_frame_is_read_alike_and_columns_that_are_not_read_may_hold_anything() -> None:
    df = visitors()
    clean = df.drop(columns="unused")
    wanted = stoa.profile(df, segments(), outcomes=OUTCOMES).to_dict()
    for frame in (clean, pl.from_pandas(clean), pa.Table.from_pandas(clean), duckdb.from_df(clean)):
        assert stoa.profile(frame, segments(), outcomes=OUTCOMES).to_dict() == wanted


def test_figures_are_those_of_pandas() -> None:
    df = visitors().drop(columns="unused")
    found = stoa.profile(df, segments(), outcomes=OUTCOMES, contrasts=["country", "spend"])
    big = df["spend"] > 100
    inside, rest = df[big], df[~big]
    entry = found.segments[0]
    assert entry.n == big.sum()
    assert entry.unknown == df["spend"].isna().sum()
    assert entry.revenue_per_visitor.observed == pytest.approx(inside["revenue"].mean(), rel=1e-12)
    assert entry.session_depth.rest.observed == pytest.approx(rest["depth"].mean(), rel=1e-12)
    gap = entry.profit.against_rest.difference
    assert gap.mean == pytest.approx(inside["profit"].mean() - rest["profit"].mean(), rel=1e-9)
    error = np.sqrt(inside["profit"].var() / len(inside) + rest["profit"].var() / len(rest))
    assert gap.interval.high - gap.interval.low == pytest.approx(2 * 1.96 * error, rel=2e-3)
    contrasts = {c.attribute: c for c in entry.contrasts}
    spend = contrasts["spend"]
    assert spend.by_definition
    assert spend.numbers.inside.median == inside["spend"].median()
    assert spend.numbers.rest.mean == pytest.approx(rest["spend"].mean(), rel=1e-12)
    for level in contrasts["country"].levels:
        share = (inside["country"].dropna() == level.level).mean()
        assert level.inside.share == pytest.approx(share, rel=1e-12)


def test_intervals_cover() -> None:
    """95% intervals of a mean, and of counts by their moments, hold the truth in 92% to 98% of 400 data sets."""
    rng = np.random.default_rng(3)
    outcomes = {"session_depth": "depth", "profit": {"column": "profit", "family": "mean"}}
    hits = dict.fromkeys(outcomes, 0)
    for _ in range(400):
        df = pa.table({"depth": rng.poisson(rng.gamma(2, 1.5, 200)), "profit": rng.normal(2, 5, 200)})
        everyone = stoa.profile(df, [], outcomes=outcomes).everyone
        for name, truth in (("session_depth", 3.0), ("profit", 2.0)):
            low, high = everyone.outcomes[name].interval
            hits[name] += low <= truth <= high
    assert all(368 <= count <= 392 for count in hits.values()), hits


def test_faces() -> None:
    df = {"a": [1, 2, 3, 4], "bought": [0, 1, 0, 1]}
    hostile = stoa.Segment("high", stoa.Rule.from_dict({"attr": "a", "op": "gt", "value": 2}))
    found = stoa.profile(df, [hostile], outcomes={"<b>rate": {"column": "bought", "family": "binary"}})
    page = found._repr_html_()
    assert "<th>unknown</th>" in page
    assert "<b>" not in page and "&lt;b&gt;rate" in page
    assert [row["segment"] for row in found.records()] == ["everyone", "high"]
    assert found.plot().to_dict()["vconcat"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"minimum_effect": 0.0}, "out_of_range"),
        ({"days": 3, "visitors_per_day": 2}, "conflict"),
        ({"days": -1}, "out_of_range"),
        ({"contrasts": ["b"]}, "missing_column"),
        ({"level": 1.0}, "out_of_range"),
    ],
)
def test_bad_questions_are_refused(options: dict[str, Any], code: str) -> None:
    with pytest.raises(stoa.StoaError) as raised:
        stoa.profile({"a": [1, 2]}, [], **options)
    assert raised.value.code == code


def test_a_chance_is_never_shown_as_certain() -> None:
    df = {"s": [0] * 50 + [9] * 50 + [None], "bought": [0] * 49 + [1] * 51 + [0]}
    big = stoa.Segment("big", stoa.Rule.parse("s > 1"))
    found = stoa.profile(df, [big], outcomes={"conversion_rate": "bought"})
    page = found._repr_html_()
    assert "higher than elsewhere: &gt;99.9%" in page and "100%</small>" not in page.split("big", 1)[1]
    assert [row["unknown"] for row in found.records()] == [0, 1]


@pytest.mark.parametrize(
    ("inside", "rest"),
    [
        ((3550, 50_000), (1500, 50_000)),
        ((50, 50), (0, 50)),
        ((40_000, 40_000), (36_000, 360_000)),
        ((9, 9), (30, 90_000)),
    ],
)
def test_rates_worlds_apart_against_draws(inside: tuple[int, int], rest: tuple[int, int]) -> None:
    """Beta draws, a million each: the ends of both intervals leave 2.5% within five of their standard errors."""
    df = pd.DataFrame({
        "s": np.repeat([9.0, 1.0], [inside[1], rest[1]]),
        "b": np.concatenate([np.arange(n) < k for k, n in (inside, rest)]).astype(int),
    })  # fmt: skip
    big = stoa.Segment("big", stoa.Rule.parse("s > 5"))
    found = stoa.profile(df, [big], outcomes={"conversion_rate": "b"}, contrasts=["b"]).segments[0]
    against = found.conversion_rate.against_rest
    rng = np.random.default_rng(11)
    a, b = (rng.beta(1 + k, 1 + n - k, 1_000_000) for k, n in (inside, rest))
    error = np.sqrt(0.025 * 0.975 / 1_000_000)
    for gap, draws in ((against.difference, a - b), (against.relative, a / b - 1)):
        low, high = gap.interval
        assert np.mean(draws < low) == pytest.approx(0.025, abs=5 * error)
        assert np.mean(draws > high) == pytest.approx(0.025, abs=5 * error)
    low, high = against.difference.interval
    assert -1 <= low < high <= 1


@pytest.mark.parametrize(
    ("ask", "code", "field"),
    [
        (lambda df, s: stoa.profile(df, s[0]), "wrong_type", "segments"),
        (lambda df, s: stoa.profile(df, [s[0].rule]), "wrong_type", "segments[0]"),
        (lambda df, s: stoa.profile(df, s, schema={"spend": {"type": "number"}}), "wrong_type", "schema"),
        (lambda df, s: stoa.profile(df, s, outcomes="bought"), "wrong_type", "outcomes"),
        (lambda df, s: stoa.profile(df, s, contrasts=3), "wrong_type", "contrasts"),
        (lambda df, s: stoa.profile(df, s, contrasts="rev"), "wrong_type", "contrasts"),
        (lambda df, s: stoa.profile(df, s, level="x"), "wrong_type", "level"),
        (lambda df, s: stoa.profile(df, s, levels=-1), "wrong_type", "levels"),
        (lambda df, s: stoa.profile(df, s, time=3), "wrong_type", "time"),
        (lambda df, s: stoa.profile_sums(df, 3), "wrong_type", "segments"),
        (lambda df, s: stoa.profile_sql(3, s), "wrong_type", "table"),
        (lambda df, s: stoa.profile_sql("", s), "out_of_range", "table"),
        (lambda df, s: stoa.profile_sql("v", s, dialect=3), "wrong_type", "dialect"),
        (lambda df, s: stoa.profile(df, [stoa.Segment("everyone", s[0].rule)]), "conflict", "segments[0].key"),
        (lambda df, s: stoa.profile(df, [*s, s[0]]), "duplicate", "segments[1].key"),
    ],
)
def test_arguments_of_another_type_are_stoa_errors(ask: Callable[..., Any], code: str, field: str) -> None:
    with pytest.raises(stoa.StoaError) as raised:
        ask({"spend": [1, 2]}, [stoa.Segment("big", stoa.Rule.parse("spend > 100"))])
    assert (raised.value.code, raised.value.field) == (code, field)


def test_segments_may_be_any_iterable() -> None:
    assert stoa.profile({"spend": [1, 200], "country": ["CA", "US"]}, (s for s in segments())).segments[0].n == 1


def test_a_column_of_dates_counts_whole_days() -> None:
    """Seventy visitors on seven dates are ten a day."""
    dates = [datetime.date(2026, 3, 1 + i % 7) for i in range(70)]
    assert stoa.profile({"day": dates}, [], time="day").everyone.visitors_per_day == 10
    assert stoa.profile({"day": dates[:1]}, [], time="day").everyone.visitors_per_day == 1


def test_long_names_survive_postgresql(postgres: postgres_server.Server) -> None:
    keys = ["s" * 60 + end for end in "ab"]
    long = [stoa.Segment(key, stoa.Rule.parse(f"spend > {10 * i}")) for i, key in enumerate(keys)]
    outcomes = {"o" * 70: {"column": "spend", "family": "mean"}}
    query = stoa.profile_sql("visitors", long, outcomes=outcomes, dialect="postgres")
    lines = postgres.psql(
        "CREATE TEMP TABLE visitors (spend double precision);\nINSERT INTO visitors VALUES (5), (15), (25);\n"
        f"{query};\n"
    ).splitlines()
    names = [column.alias_or_name for column in sqlglot.parse_one(query, read="postgres").selects]
    cells = [dict(zip(names, line.split("|"), strict=True)) for line in lines]
    sums = {
        name: [row[name] == "t" if name.startswith("segment__") else float(row[name]) for row in cells]
        for name in names
    }
    found = stoa.profile_sums(sums, long, outcomes=outcomes)
    assert [segment.n for segment in found.segments] == [3, 2]
    assert found.segments[1].outcomes["o" * 70].observed == 20


def test_the_page_of_profiles_runs() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/PROFILE.md").read_text(encoding="utf-8")
    source = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    scope: dict[str, Any] = {}
    exec(compile(source, "docs/PROFILE.md", "exec"), scope)
    assert scope["found"].unknown == 1
    assert scope["same"].segments[0].rating == scope["found"].rating
