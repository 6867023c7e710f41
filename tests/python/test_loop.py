"""One turn of the loop as API.md writes it: segment, experiment, assign, analyze."""

import datetime as dt
import json
import pickle
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import FREE_SHIPPING

import stoa


def rule() -> stoa.Rule:
    """The rule of API.md."""
    return stoa.Rule.parse("orders_count >= 2 AND country IN ('CA','US')")


def shop(n: int = 4000) -> pd.DataFrame:
    """Visitors of a simulated store: B buys more often."""
    random = np.random.default_rng(7)
    variant = np.where(random.random(n) < 0.5, "A", "B")
    bought = random.random(n) < np.where(variant == "B", 0.09, 0.06)
    return pd.DataFrame(
        {
            "visitor_id": [f"visitor-{i}" for i in range(n)],
            "variant": variant,
            "orders_count": random.integers(0, 5, n),
            "country": random.choice(["CA", "US", "FR"], n),
            "revenue_per_visitor": np.where(bought, random.lognormal(4, 0.6, n), 0.0),
            "return_visit_rate": (random.random(n) < 0.3).astype(int),
        }
    )


def test_segment() -> None:
    r = rule()
    assert r.matches({"orders_count": 3, "country": "CA"})
    assert r.evaluate({"orders_count": 3}) is None
    assert r.mask(shop(), now=None).dtype == bool
    assert r.to_sql("duckdb") == r.to_sql()
    assert '"v"."orders_count"' in r.to_sql("postgres", alias="v")
    assert r.attributes() == ["country", "orders_count"]
    other = stoa.Rule.from_dict(r.to_dict())
    assert r == other and hash(r) == hash(other) and r == pickle.loads(pickle.dumps(r)) and r != rule().to_json()
    assert eval(repr(r), {"Rule": stoa.Rule}) == r
    s = stoa.Segment("repeat_na", r, description="North Americans who came back")
    schema = stoa.AttributeSchema(
        {
            "orders_count": {"type": "number", "assignable": True, "phrase": "bought at least {n} times"},
            "country": {"type": "string"},
        }
    )
    r.check(schema)
    assert schema.missing_for(r) == ["country"]
    assert "bought at least 2 times" in r.describe(schema)
    outcomes = {"conversion_rate": {"column": "revenue_per_visitor", "family": "hurdle"}}
    profile = stoa.profile(shop(), [s], outcomes=outcomes, schema=schema)
    found = profile.segments[0]
    assert found.n == int(r.mask(shop()).sum()) and found.targetable is False and found.missing == ["country"]
    assert found.conversion_rate.interval is not None
    assert found.conversion_rate.interval.low < (found.conversion_rate.mean or 0) < found.conversion_rate.interval.high
    assert found.smallest_detectable_lift["conversion_rate"] is not None
    assert profile.to_dict()["segments"][0]["conversion_rate"]["mean"] == found.conversion_rate.mean


def test_experiment_and_assignment(tmp_path: Path) -> None:
    path = tmp_path / "free_shipping.yaml"
    path.write_text(json.dumps(FREE_SHIPPING | {"targeting": {"segment": "repeat_na"}}))
    e = stoa.Experiment.from_file(path)
    assert e.problems() == [] and e == stoa.Experiment.from_dict(json.loads(path.read_text()))
    assert len(stoa.catalog.surfaces()) == 18 and len(stoa.catalog.metrics()) == 11
    assert stoa.experiment_json_schema()["properties"]["allocation"]
    assert stoa.power("conversion_rate", 0.03, 0.1, power=0.8, alpha=0.05).n_per_arm > 40_000
    eng = stoa.Engine(experiments=[e], segments=[stoa.Segment("repeat_na", rule())])
    d = eng.assign("visitor-1", {"orders_count": 3, "country": "CA"})
    assert (d[0].experiment, d[0].variant in ("A", "B"), d[0].reason) == ("free_shipping", True, "assigned")
    assert d[0] == eng.decide("free_shipping", "visitor-1", {"orders_count": 3, "country": "CA"})
    assert d[0].payload == (None if d[0].variant == "A" else {"threshold": 50})
    assert d[0].to_dict()["reason"] == "assigned" and d[0].version == eng.version
    served = stoa.Engine.from_json(eng.to_json())
    assert served.assign("visitor-1", '{"orders_count": 3, "country": "CA"}') == d
    assert served.assign("visitor-1", b'{"orders_count": 3, "country": "CA"}') == d


def test_batch_sql_and_single_decisions_agree() -> None:
    e = stoa.Experiment.from_dict(FREE_SHIPPING | {"targeting": rule().to_dict(), "allocation": 0.7})
    eng, df = stoa.Engine([e]), shop(500)
    df.loc[::7, "country"] = None
    ids = df["visitor_id"]
    batch = eng.assign_batch(ids, attributes=df)
    assert batch.experiments == ["free_shipping"] and len(batch) == 500
    rows = zip(ids, df["orders_count"], df["country"], strict=True)
    one = [eng.decide("free_shipping", i, {"orders_count": n, "country": c}) for i, n, c in rows]
    assert batch.variant == [d.variant for d in one] and batch.reason == [d.reason for d in one]
    assert {"assigned", "not_targeted", "not_allocated"} == set(batch.reason)
    variant, reason = eng.assignment_sql("free_shipping", "duckdb", unit="visitor_id"), eng.reason_sql("free_shipping")
    sql = duckdb.sql(f"SELECT {variant} AS variant, {reason} AS reason FROM df").fetchall()
    assert sql == list(zip(batch.variant, batch.reason, strict=True))
    kinds: list[Any] = [
        list(ids),
        ids.to_numpy(),
        pl.Series(list(ids)),
        pa.array(list(ids)),
        pa.chunked_array([list(ids)]),
    ]
    for given in [*kinds, df[["visitor_id"]]]:
        again = eng.assign_batch(given, attributes=pl.DataFrame(df), experiment="free_shipping")
        assert again.variant == batch.variant
    assert batch.to_pandas()["variant"].tolist() == batch.variant
    assert batch.to_arrow().column("reason").to_pylist() == batch.to_dict()["reason"]
    assert batch.to_arrow().column("visitor_id").to_pylist() == list(ids)


def test_units_are_text() -> None:
    eng = stoa.Engine([stoa.Experiment.from_dict(FREE_SHIPPING)])
    for call in (
        lambda: eng.decide("free_shipping", 7),  # type: ignore[arg-type]
        lambda: eng.assign_batch(["a", 7]),  # type: ignore[list-item]
        lambda: eng.assign_batch(pa.array([1, 2])),
        lambda: eng.assign_batch(pl.Series([1, 2])),
    ):
        with pytest.raises(stoa.StoaError) as raised:
            call()
        assert raised.value.code == "wrong_type"
    assert eng.decide("free_shipping", None).reason == "invalid_unit"
    assert eng.assign_batch(["a", None], experiment="free_shipping").reason == ["assigned", "invalid_unit"]
    # A lone surrogate is hashed as U+FFFD, a pair of them as the character they spell.
    lone, mended = eng.decide("free_shipping", "a\ud83d"), eng.decide("free_shipping", "a\ufffd")
    assert lone.variant == mended.variant
    batch = eng.assign_batch(["a\ud83d", "a\ufffd", "\ud83d\ude00", "😀"]).variant
    assert batch[0] == batch[1] and batch[2] == batch[3]


def test_a_visitors_data_never_raises() -> None:
    eng = stoa.Engine([stoa.Experiment.from_dict(FREE_SHIPPING | {"targeting": rule().to_dict()})])
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for attributes in (
        {"orders_count": float("nan")},
        {"orders_count": object()},
        {"country": {"a": [1]}},
        "[1, 2",
        b"\xff",
    ):
        d = eng.decide("free_shipping", "u", attributes, now)
        assert d.variant == "A" and d.reason in ("not_targeted", "bad_attributes")


def test_analyze() -> None:
    e, df = stoa.Experiment.from_dict(FREE_SHIPPING), shop()
    a = stoa.analyze(df, e)
    c = a.metrics["revenue_per_visitor"]["B"]
    assert a.srm.p_value > 0.01 and a.srm.passed
    assert a.verdict.action in ("ship", "continue", "stop", "investigate", "invalid")
    assert a.verdict.sentence and a.verdict.reasons[0].sentence
    low, high = c.absolute.interval(0.95) or (0.0, 0.0)
    assert low < (c.absolute.mean or 0) < high and low < (c.absolute.median or 0) < high
    assert c.absolute.quantile(0.975) == high
    x, density = c.relative.density(points=256)
    assert len(x) == len(density) == 256
    assert abs(np.trapezoid(density, x) - 0.998) < 1e-3
    assert c.risk(visitors=1000) == pytest.approx(1000 * (c.expected_loss_ship or 0))
    assert c.loss.quantile(0.99) is not None
    assert c.decomposition is not None and c.decomposition.frequency.prob_positive > 0.9
    assert (c.sample(10, seed=3).control == c.sample(10, seed=3).control).all()
    assert json.loads(json.dumps(a.to_dict()))["metrics"]["revenue_per_visitor"]["B"] == c.to_dict()
    assert [v.key for v in a.variants] == ["A", "B"]


def test_rows_and_sums_are_the_same() -> None:
    e, df = stoa.Experiment.from_dict(FREE_SHIPPING), shop()
    sums = stoa.experiment_stats(df, e)
    by_rows, by_sums = stoa.analyze(df, e).to_dict(), stoa.analyze(sums, e).to_dict()
    assert by_rows == by_sums
    shuffled = stoa.experiment_stats(df.sample(frac=1, random_state=1), e)
    a, b = (s["variants"][1]["metrics"]["revenue_per_visitor"] for s in (sums, shuffled))
    assert a["orders"] == b["orders"] and a["mean_log"] == pytest.approx(b["mean_log"], abs=1e-12)


def test_columns_are_renamed() -> None:
    e, df = stoa.Experiment.from_dict(FREE_SHIPPING), shop(400)
    renamed = df.rename(columns={"visitor_id": "user", "revenue_per_visitor": "spend"})
    columns = {"visitor_id": "user", "revenue_per_visitor": "spend"}
    for frame in (renamed, pl.DataFrame(renamed), duckdb.sql("SELECT * FROM renamed")):
        assert stoa.analyze(frame, e, columns=columns).to_dict() == stoa.analyze(df, e).to_dict()
    with pytest.raises(stoa.StoaError) as raised:
        stoa.analyze(df, e, columns={"visitor": "user"})
    assert raised.value.code == "unknown_name"


def test_visitor_ids_are_text() -> None:
    df = shop(400).assign(visitor_id=range(400))
    with pytest.raises(stoa.StoaError) as raised:
        stoa.analyze(df, stoa.Experiment.from_dict(FREE_SHIPPING))
    assert (raised.value.code, raised.value.field) == ("wrong_type", "visitor_id")


def test_segments_are_read_one_by_one() -> None:
    e, s = stoa.Experiment.from_dict(FREE_SHIPPING), stoa.Segment("repeat_na", rule())
    df = shop()
    (found,) = stoa.analyze_segments(df, e, [s])
    assert found.problem is None and found.analysis is not None and found.n == int(rule().mask(df).sum())
    inside = stoa.analyze(df[rule().mask(df)], e)
    assert (
        found.analysis.metrics["revenue_per_visitor"]["B"].to_dict()
        == inside.metrics["revenue_per_visitor"]["B"].to_dict()
    )


def test_errors_are_values() -> None:
    with pytest.raises(ValueError) as raised:
        stoa.Rule.parse("x = (SELECT 1)")
    error = raised.value
    assert isinstance(error, stoa.StoaError) and error.code == "unsupported_sql"
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.problems, again.code) == (str(error), error.problems, error.code)
    with pytest.raises(stoa.StoaError) as refused:
        stoa.compare("binary", control={"n": float("nan"), "successes": 1}, treatment={"n": 1, "successes": 1})
    assert (refused.value.code, refused.value.field) == ("not_finite", "control.n")


def test_now_is_explicit() -> None:
    recent = stoa.Rule.from_dict({"attr": "seen", "op": "within_days", "value": 3})
    with pytest.raises(stoa.StoaError) as raised:
        recent.matches({"seen": "2026-01-01T00:00:00Z"}, now=dt.datetime(2026, 1, 2))
    assert (raised.value.code, raised.value.field) == ("out_of_range", "now")
    assert recent.matches({"seen": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, now="2026-01-02T00:00:00Z")
