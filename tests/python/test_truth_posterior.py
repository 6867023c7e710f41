"""The posterior's truth tables through the Python binding: the same numbers reach the user as leave the core."""

from typing import Any

import pytest
from conftest import truth

import stoa

# METHODS B; the core's own tests hold every figure of every table to its target.
TOLERANCE = 1e-9

# One prior for both arms, as `compare` takes it, and no arm without a unit, which it refuses.
BINARY: list[dict[str, Any]] = [
    case
    for case in truth("a_beta_binomial")["cases"]
    if case["prior_a"] == case["prior_b"] and case["n_a"] * case["n_b"]
]
HURDLE: list[dict[str, Any]] = truth("c_zero_inflated_lognormal")["cases"]


def same(found: float | None, wanted: float) -> bool:
    """Equal to the tolerance: absolute below 1, relative above."""
    return found is not None and abs(found - wanted) <= TOLERANCE * max(1.0, abs(wanted))


def check(c: stoa.Comparison, out: dict[str, Any]) -> None:
    """A comparison against the figures of a table."""
    assert same(c.prob_positive, out["p_b_gt_a"]) and same(c.prob_harm, out["p_a_gt_b"])
    assert same(c.expected_loss_ship, out["exp_loss_choose_b"])
    assert same(c.expected_loss_keep, out["exp_loss_choose_a"])
    for effect, wanted in ((c.absolute, out["abs_lift_q"]), (c.relative, out["rel_lift_q"])):
        low, high = effect.interval(0.95) or (None, None)
        assert same(low, wanted[0]) and same(effect.median, wanted[1]) and same(high, wanted[2])
    assert same(c.prob_above(0.05, relative=True), out["p_rel_gt_5pct"])


@pytest.mark.parametrize("case", BINARY, ids=lambda c: c["id"])
def test_binary(case: dict[str, Any]) -> None:
    alpha, beta = case["prior_a"]
    c = stoa.compare(
        "binary",
        control={"n": case["n_a"], "successes": case["x_a"]},
        treatment={"n": case["n_b"], "successes": case["x_b"]},
        prior={"alpha": alpha, "beta": beta},
    )
    check(c, case["out"])


@pytest.mark.parametrize("case", HURDLE, ids=lambda c: c["id"])
def test_revenue_per_visitor(case: dict[str, Any]) -> None:
    mean, kappa, alpha, beta = case["prior_m_kappa_alpha_beta"]
    a, b = case["prior_beta"]
    control, treatment = (
        {name: case[f"{name}_{arm}"] for name in ("visitors", "orders", "mean_log", "var_log")} for arm in "ab"
    )
    severity = {"mean": mean, "kappa": kappa, "alpha": alpha, "beta": beta}
    prior = {"conversion": {"alpha": a, "beta": b}, "severity": severity}
    c = stoa.compare("hurdle", control=control, treatment=treatment, prior=prior)
    check(c, case["out_truncated_sigma2_le_4"])
    parts = c.decomposition
    assert parts is not None
    assert parts.mean_log_lift == parts.frequency.mean_log_lift + parts.severity.mean_log_lift
