"""`cuped`, `ratio` and `quantile_comparison`: rows and sums, against the truth table and by hand."""

import csv
from typing import Any

import numpy as np
import pytest
from conftest import TRUTH, truth

import stoa


@pytest.mark.skipif(not TRUTH.exists(), reason="no ../shared/truth beside this clone")
def test_cuped_agrees_with_the_truth_table() -> None:
    out = truth("j_cuped")["out"]
    rows = list(csv.DictReader((TRUTH / "j_cuped_data.csv").open()))
    arms = [[row for row in rows if row["variant"] == key] for key in ("0", "1")]
    columns = [([float(row["y"]) for row in arm], [float(row["pre"]) for row in arm]) for arm in arms]
    for pooling, key in [("all_rows", "pooled_all_rows"), ("within_arms", "pooled_within_arm")]:
        found = stoa.cuped(*columns, pooling=pooling)
        assert found.theta == pytest.approx(out[key]["theta"], rel=1e-12)
        assert found.difference == pytest.approx(out[key]["adj_diff"], rel=1e-10)
        assert found.standard_error == pytest.approx(out[key]["adj_se"], rel=1e-12)


def test_sums_and_rows_adjust_alike() -> None:
    random = np.random.default_rng(1)
    arms = []
    for shift in (0.0, 0.2):
        before = random.gamma(2, 20, 400)
        arms.append((0.6 * before + random.normal(shift, 5, 400), before))
    rows = stoa.cuped(*arms)
    sums = [
        {
            "n": 400,
            "sum": y.sum(),
            "sum_sq": (y * y).sum(),
            "x_sum": x.sum(),
            "x_sum_sq": (x * x).sum(),
            "cross": (x * y).sum(),
        }
        for y, x in arms
    ]
    assert stoa.cuped(*sums).difference == pytest.approx(rows.difference, rel=1e-9)
    assert rows.variance_reduction > 0.8
    assert rows.comparison.family == "mean"


def test_a_ratio_counts_visitors_not_orders() -> None:
    random = np.random.default_rng(2)
    orders = random.integers(0, 4, 500)
    spent = orders * random.gamma(4, 10, 500)
    c = stoa.ratio((spent, orders), (spent, orders))
    assert c.control_mean == pytest.approx(spent.sum() / orders.sum(), rel=1e-9)
    assert c.prob_positive == pytest.approx(0.5, abs=1e-9)


def test_a_quantile_is_compared_by_its_rows() -> None:
    random = np.random.default_rng(4)
    control, treatment = random.lognormal(4, 1, 300), random.lognormal(4.3, 1, 300)
    median = stoa.quantile_comparison(control, treatment, q=0.5)
    assert median.method == "bayesian_bootstrap"
    assert median.prob_positive + median.prob_harm <= 1
    low, high = median.interval(0.95)
    assert low < np.median(treatment) - np.median(control) < high


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: stoa.cuped(([1, 2], [1]), ([1, 2], [1, 2])), "conflict"),
        (lambda: stoa.cuped({"n": 3}, {"n": 3}), "missing_field"),
        (lambda: stoa.cuped(([1, 2], [1, 3]), ([1, 2], [1, 2]), pooling="some"), "unknown_name"),
        (lambda: stoa.ratio(([1, 2], [0, 0]), ([1, 2], [1, 2])), "out_of_range"),
        (lambda: stoa.quantile_comparison([], [1.0], q=0.5), "empty_arm"),
        (lambda: stoa.quantile_comparison([1.0], [1.0], q=1.0), "out_of_range"),
    ],
)
def test_refusals(call: Any, code: str) -> None:
    with pytest.raises(stoa.StoaError) as refused:
        call()
    assert refused.value.code == code, refused.value
