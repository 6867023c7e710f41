"""`best_arm`, `hierarchical` and `prior_from`: what goes in under a key comes out under it, refusals are typed."""

from typing import Any

import pytest

import stoa

RATES = {
    "mobile": {"n": 900, "successes": 27},
    "desktop": {"n": 40, "successes": 5},
    "tablet": {"n": 10, "successes": 0},
}
LIFTS = [{"estimate": 0.12, "standard_error": 0.06}, {"estimate": -0.03, "standard_error": 0.04}]


def test_best_arm_answers_by_key_and_adds_up() -> None:
    found = stoa.best_arm("binary", RATES)
    assert list(found.arms) == list(RATES)
    assert sum(arm.prob_best for arm in found.arms.values()) == pytest.approx(1, abs=1e-12)
    by_place = stoa.best_arm("binary", list(RATES.values()))
    assert by_place.arms[1] == found.arms["desktop"]
    assert found.to_dict()["arms"]["mobile"]["prob_best"] == found.arms["mobile"].prob_best


def test_two_arms_are_a_comparison() -> None:
    control, treatment = RATES["mobile"], RATES["desktop"]
    best = stoa.best_arm("binary", {"A": control, "B": treatment})
    comparison = stoa.compare("binary", control, treatment)
    assert best.arms["B"].prob_best == pytest.approx(comparison.prob_positive, abs=1e-12)
    assert best.arms["B"].expected_loss == pytest.approx(comparison.expected_loss_ship, rel=1e-9)


def test_rates_are_pulled_together() -> None:
    found = stoa.hierarchical("binary", RATES)
    alone = {key: (1 + arm["successes"]) / (2 + arm["n"]) for key, arm in RATES.items()}
    spread = [max(rates) - min(rates) for rates in ([g.mean for g in found.groups.values()], alone.values())]
    assert spread[0] < spread[1]
    assert set(found.common) == {"m", "kappa", "log_kappa"}
    low, high = found.groups["tablet"].interval(0.9)
    assert 0 < low < found.groups["tablet"].median < high < 1


def test_effects_are_pulled_together() -> None:
    prior = {"mu": {"mean": 0, "sd": 0.1}, "tau": {"kind": "half_cauchy", "scale": 0.05}}
    found = stoa.hierarchical("effect", LIFTS, prior=prior)
    assert LIFTS[1]["estimate"] < found.groups[1].mean < found.groups[0].mean < LIFTS[0]["estimate"]
    assert 0.5 < found.groups[0].prob_above(0) < 1
    assert found.new_group.sd > found.common["mu"].sd


def test_a_learnt_prior_goes_into_compare() -> None:
    prior = stoa.prior_from(list(RATES.values()))
    assert set(prior) == {"alpha", "beta"}
    few = {"n": 3, "successes": 3}
    assert stoa.compare("binary", few, few, prior=prior).control_mean < 0.5
    assert set(stoa.prior_from(LIFTS, family="effect")) == {"mean", "sd"}


@pytest.mark.parametrize(
    ("call", "code", "words"),
    [
        (lambda: stoa.best_arm("binary", [RATES["mobile"]]), "out_of_range", "arms must be at least 2"),
        (lambda: stoa.best_arm("binary", [RATES["mobile"], {"n": 1}]), "missing_field", "arms[1].successes"),
        (lambda: stoa.hierarchical("rate", RATES), "unknown_name", "family must be effect or binary"),
        (lambda: stoa.hierarchical("binary", [{"n": 3, "successes": 4}]), "out_of_range", "groups[0].successes"),
        (lambda: stoa.hierarchical("effect", [{"estimate": 1}]), "missing_field", "groups[0].standard_error"),
        (
            lambda: stoa.hierarchical("effect", LIFTS, prior={"tau": {"kind": "half_normol", "scale": 1}}),
            "unknown_name",
            "prior.tau.kind",
        ),
        (lambda: stoa.prior_from([]), "out_of_range", "groups"),
    ],
)
def test_refusals(call: Any, code: str, words: str) -> None:
    with pytest.raises(stoa.StoaError) as refused:
        call()
    assert refused.value.code == code
    assert words in str(refused.value)
