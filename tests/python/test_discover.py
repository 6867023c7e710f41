"""`stoa.discover`: a planted boundary comes back as a rule, and what cannot be searched is refused by name."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import DIALECTS

import stoa
from stoa.cli import main

MAIL: dict[str, Any] = {
    "key": "mail",
    "surface": "lifecycle_email",
    "variants": [{"key": "A"}, {"key": "B"}],
    "metrics": {
        "revenue": {"metric": "conversion_rate"},
        "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"},
    },
}
FEATURES = ["orders_count", "age", "country", "member"]
# Few trees: the tests ask whether the search is right, not how sure it is.
QUICK: dict[str, Any] = {"n_trees": 100, "stability_pairs": 5, "stability_trees": 50, "n_folds": 3}
HOSTILE = "<script>alert('x')</script>"


def visitors(n: int = 2000, seed: int = 3, lift: float = 0.3) -> pd.DataFrame:
    """A store where the mail works for those with at least 5 orders, and for nobody else."""
    random = np.random.default_rng(seed)
    orders = random.integers(0, 10, n)
    treated = random.random(n) < 0.5
    rate = 0.3 + lift * (treated & (orders >= 5))
    return pd.DataFrame(
        {
            "visitor_id": [f"v{i}" for i in range(n)],
            "variant": np.where(treated, "B", "A"),
            "orders_count": orders,
            "age": np.where(random.random(n) < 0.2, np.nan, random.integers(18, 80, n)),
            "country": random.choice(["CA", "DE", "US"], n),
            "member": random.random(n) < 0.5,
            "conversion_rate": (random.random(n) < rate).astype(int),
            "return_visit_rate": (random.random(n) < 0.4).astype(int),
        }
    )


def search(df: Any, features: Any = FEATURES, **options: Any) -> stoa.Discovery:
    """A quick search of the mail experiment."""
    return stoa.discover(df, stoa.Experiment.from_dict(MAIL), features=features, **QUICK | options)


@pytest.fixture(scope="module")
def found() -> stoa.Discovery:
    schema = {
        "orders_count": {"type": "number", "assignable": True, "phrase": "bought at least {n} times"},
        "age": {"type": "number"},
        "country": {"type": "string"},
        "member": {"type": "boolean"},
    }
    return search(visitors(), schema=stoa.AttributeSchema(schema))


def test_a_planted_boundary_is_found_and_said_as_a_rule(found: stoa.Discovery) -> None:
    assert found.heterogeneity.detected and found.heterogeneity.p_value < 0.001
    assert (found.experiment, found.metric, found.control, found.treatment) == ("mail", "conversion_rate", "A", "B")
    best, rest = found.segments
    assert best.rule == stoa.Rule.parse("orders_count >= 5") and best.rule.sha256 == best.rule_hash
    assert best.sql == {dialect: best.rule.to_sql(dialect) for dialect in DIALECTS}
    assert best.description == "bought at least 5 times" and best.targetable and best.missing_attributes == []
    assert best.above and not rest.above
    assert best.effect and rest.effect
    assert best.effect.low < 0.3 < best.effect.high and not rest.effect.distinguishable
    assert best.n == best.rule.mask(visitors()).sum() and best.n + rest.n == found.n
    assert (best.refound, best.refits, best.stability, best.claim) == (10, 10, 1.0, "honest")
    assert best.folds_found == 3 and best.n_held_out > 0 and best.problem is None
    gain = found.policy_value.against_none
    assert gain.distinguishable and gain.low < 0.15 < gain.high
    assert "bought at least 5 times" in found.sentence and "bought at least 5 times" in repr(best)


def test_a_segment_holds_real_comparisons(found: stoa.Discovery) -> None:
    best = found.segments[0]
    assert best.gate is not None and set(best.comparisons) == {"conversion_rate", "return_visit_rate"}
    assert best.gate.to_dict() == best.comparisons["conversion_rate"].to_dict()
    assert best.gate.prob_positive > 0.99 and best.gate.family == "binary"


def test_the_document_has_every_field(found: stoa.Discovery) -> None:
    document = json.loads(json.dumps(found.to_dict()))
    plain = {name: document[name] for name in ("experiment", "metric", "n", "features", "refits", "options")}
    assert plain == {name: getattr(found, name) for name in plain}
    for name in ("heterogeneity", "average_effect", "policy_value"):
        assert document[name] == getattr(found, name).to_dict()
    for segment, written in zip(found.segments, document["segments"], strict=True):
        assert written == segment.to_dict()
        assert stoa.Rule.from_dict(written["rule"]) == segment.rule
        assert set(written) == {n for n in dir(segment) if not n.startswith("_")} - {"gate", "to_dict"}


def test_the_same_seed_gives_the_same_answer_and_another_seed_another() -> None:
    one, two, other = (search(visitors(600), seed=seed).to_dict() for seed in (4, 4, 5))
    assert one == two
    assert one["heterogeneity"]["z"] != other["heterogeneity"]["z"]


def test_text_boolean_and_missing_values_can_be_the_boundary() -> None:
    df = visitors()
    lift = {"country": df.country == "DE", "member": df.member, "age": df.age.isna() | (df.age < 40)}
    for name, responds in lift.items():
        random = np.random.default_rng(11)
        rate = 0.2 + 0.5 * ((df.variant == "B") & responds)
        best = search(df.assign(conversion_rate=(random.random(len(df)) < rate).astype(int))).segments[0]
        assert best.rule.attributes() == [name], best.description
        agrees = best.rule.mask(df) == responds.to_numpy()
        assert agrees.mean() > 0.95


def test_a_mean_can_be_searched() -> None:
    df = visitors()
    random = np.random.default_rng(5)
    df["minutes"] = random.normal(10, 1, len(df)) + 2 * ((df.variant == "B") & (df.orders_count >= 5))
    store = {"metrics": [{"key": "minutes", "category": "engagement", "family": "mean"}]}
    e = stoa.Experiment.from_dict(MAIL, store=store)
    best = stoa.discover(df, e, features=FEATURES, metric="minutes", **QUICK).segments[0]
    assert best.rule == stoa.Rule.parse("orders_count >= 5") and best.metric == "minutes"
    assert best.gate and best.gate.family == "mean" and best.gate.prob_positive > 0.999
    assert set(best.comparisons) == {"conversion_rate", "minutes", "return_visit_rate"}
    assert best.effect and best.effect.low < 2 < best.effect.high


def test_no_difference_is_an_answer() -> None:
    found = search(visitors(lift=0.0, seed=8))
    assert found.segments == [] and found.refits == 0
    assert "No detectable difference" in found.sentence and found.heterogeneity.smallest_detectable > 0


@pytest.mark.parametrize(
    ("given", "code", "named"),
    [
        ({"features": ["orders_cuont"]}, "missing_column", "orders_count"),
        ({"features": []}, "out_of_range", "features"),
        ({"features": "age"}, "invalid_document", "question"),
        ({"features": ["visitor_id"]}, "conflict", "features"),
        ({"features": ["age", "conversion_rate"]}, "conflict", "features"),
        ({"metric": "conversion_rat"}, "unknown_name", "conversion_rate"),
        ({"metric": "revenue_per_visitor"}, "missing_column", "revenue_per_visitor"),
        ({"treatment": "C"}, "unknown_name", "treatment"),
        ({"treatment": "A"}, "conflict", "treatment"),
        ({"depth": 3}, "out_of_range", "depth"),
        ({"min_share": 0.0}, "out_of_range", "min_share"),
        ({"n_trees": 1}, "out_of_range", "n_trees"),
        ({"n_folds": 1}, "out_of_range", "n_folds"),
        ({"stability_pairs": 0}, "out_of_range", "stability_pairs"),
        ({"cost": float("nan")}, "not_finite", "cost"),
        ({"seed": -1}, "invalid_document", "question"),
        ({"columns": {"visitor": "visitor_id"}}, "unknown_name", "visitor"),
    ],
)
def test_what_cannot_be_searched_is_refused_by_name(given: dict[str, Any], code: str, named: str) -> None:
    with pytest.raises(stoa.StoaError) as refused:
        search(visitors(60), **given)
    assert refused.value.code == code
    assert named in str(refused.value)


def test_texts_of_too_many_kinds_and_dates_are_no_features() -> None:
    df = visitors(100)
    df["email"] = df.visitor_id + "@example.com"
    df["seen"] = pd.Timestamp("2026-01-01", tz="UTC")
    for name in ("email", "seen"):
        with pytest.raises(stoa.StoaError) as refused:
            search(df, features=[name])
        assert refused.value.code == "unsupported" and name in str(refused.value)


def test_a_metric_of_some_visitors_alone_is_refused() -> None:
    df = visitors(100)
    df["average_order_value"] = np.where(df.conversion_rate == 1, 20.0, 0.0)
    with pytest.raises(stoa.StoaError) as refused:
        search(df, metric="average_order_value")
    assert refused.value.code == "unsupported"


def test_the_plot_shows_every_segment_and_the_average(found: stoa.Discovery) -> None:
    vl_convert = pytest.importorskip("vl_convert")
    chart = found.plot()
    (rows,) = chart.to_dict()["datasets"].values()
    assert [r["estimate"] for r in rows[1:]] == [s.effect and s.effect.estimate for s in found.segments]
    assert rows[0]["estimate"] == found.average_effect.estimate
    svg = vl_convert.vegalite_to_svg(chart.to_dict())
    assert "bought at least 5 times" in svg and "found again in 10 of 10" in svg
    assert "orders_count" not in svg
    empty = search(visitors(200, lift=0.0)).plot()
    assert "All visitors" in vl_convert.vegalite_to_svg(empty.to_dict())


def test_hostile_names_stay_text() -> None:
    df = visitors().rename(columns={"orders_count": HOSTILE})
    found = search(df, features=[HOSTILE])
    assert HOSTILE in found.segments[0].description
    page = found._repr_html_()
    assert "<script" not in page and "&lt;script&gt;" in page
    vl_convert = pytest.importorskip("vl_convert")
    assert "<script" not in vl_convert.vegalite_to_svg(found.plot().to_dict())


def test_the_command_line_prints_the_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows, contract = tmp_path / "rows.parquet", tmp_path / "mail.json"
    visitors(600).to_parquet(rows)
    contract.write_text(json.dumps(MAIL))
    command = ["discover", str(rows), str(contract), "--features", "orders_count, age", "--trees", "20", "--pairs", "1"]
    assert main([*command, "--seed", "2"]) == 0
    printed = json.loads(capsys.readouterr().out)
    options = {"n_trees": 20, "stability_pairs": 1, "seed": 2}
    e = stoa.Experiment.from_dict(MAIL)
    assert printed == stoa.discover(visitors(600), e, features=["orders_count", "age"], **options).to_dict()
    assert main([*command, "--metric", "csat"]) == 2
    assert "csat" in capsys.readouterr().err
