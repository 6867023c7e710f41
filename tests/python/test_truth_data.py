"""Real experiments, from their files to the numbers of ../shared/data/TRUTH.md, which were computed without stoa.

Rates and posteriors of Hillstrom are held by the Rust tests and `make truth`, Cookie Cats' counts by
tests/rust/decide.rs; here are the tables themselves, Welch's tests, CUPED, and five ASOS experiments look by look.
"""

import importlib
import json
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, TRUTH

import stoa

DATA = TRUTH.parent / "data"
if not DATA.exists():
    pytest.skip("no ../shared/data beside this clone", allow_module_level=True)
WANTED: dict[str, Any] = json.loads((DATA / "truth.json").read_text(encoding="utf-8"))

ARMS = {"No E-Mail": "none", "Womens E-Mail": "womens", "Mens E-Mail": "mens"}
PAIRS = {"Mens_vs_none": ("mens", "none"), "Womens_vs_none": ("womens", "none"), "Mens_vs_Womens": ("mens", "womens")}


@pytest.fixture(scope="module")
def hillstrom() -> pd.DataFrame:
    """64,000 customers; spend is revenue, visits stand in for satisfaction."""
    rows = pd.read_csv(DATA / "hillstrom" / "hillstrom.csv.gz")
    names = {"spend": "revenue_per_visitor", "visit": "return_visit_rate", "conversion": "conversion_rate"}
    ids = [f"customer-{i}" for i in range(len(rows))]
    return rows.rename(columns=names).assign(visitor_id=ids, variant=rows["segment"].map(ARMS))


@pytest.fixture(scope="module")
def cookie_cats() -> pd.DataFrame:
    """90,189 players behind a gate at level 30 or 40."""
    return pd.read_csv(DATA / "cookie_cats" / "cookie_cats.csv.gz", dtype={"userid": str})


def stopped(revenue: str, *variants: str) -> stoa.Experiment:
    """A contract that is over."""
    proxy = {"metric": "return_visit_rate", "proxy_reason": "no survey ran"}
    return stoa.Experiment.from_dict(
        {
            "key": "past",
            "surface": "lifecycle_email",
            "status": "stopped",
            "variants": [{"key": key} for key in variants],
            "metrics": {"revenue": {"metric": revenue}, "satisfaction": proxy},
        }
    )


def welch(control: np.ndarray, treatment: np.ndarray, wanted: dict[str, Any]) -> None:
    """Posterior of a difference of means against Welch's test, which thousands of degrees of freedom make the same."""
    c = stoa.compare("mean", control=stoa.summarize("mean", control), treatment=stoa.summarize("mean", treatment))
    assert c.control_mean == pytest.approx(wanted["mean_c"], rel=1e-12)
    assert c.treatment_mean == pytest.approx(wanted["mean_t"], rel=1e-12)
    assert c.absolute.mean == pytest.approx(wanted["diff"], rel=1e-9)
    assert list(c.absolute.interval(0.95) or ()) == pytest.approx(wanted["ci95"], abs=1e-4 * wanted["se"])
    # Where it is small, p is a tail of Student's t at another number of degrees of freedom.
    assert 2 * min(c.prob_positive, c.prob_harm) == pytest.approx(wanted["p_two_sided"], rel=2e-3)


@pytest.mark.parametrize("name", PAIRS)
def test_spend_by_the_mail(hillstrom: pd.DataFrame, name: str) -> None:
    treatment, control = PAIRS[name]
    wanted = WANTED[f"hillstrom/spend/{name}"]
    spend = {key: rows.to_numpy() for key, rows in hillstrom.groupby("variant")["revenue_per_visitor"]}
    welch(spend[control], spend[treatment], wanted)


@pytest.mark.parametrize("name", PAIRS)
def test_the_verdict_rests_on_the_tests_of_the_truth(hillstrom: pd.DataFrame, name: str) -> None:
    treatment, control = PAIRS[name]
    rows = hillstrom[hillstrom["variant"].isin([treatment, control])]
    money, orders = (stopped(metric, control, treatment) for metric in ("revenue_per_visitor", "conversion_rate"))
    [look] = stoa.monitor([stoa.experiment_stats(rows, money)], money).looks
    assert look.treatments[0].z == pytest.approx(WANTED[f"hillstrom/spend/{name}"]["welch_t"], rel=1e-12)
    [look] = stoa.monitor([stoa.experiment_stats(rows, orders)], orders).looks
    # The saddlepoint's z: 400 orders are not quite normal, which seven standard errors away is 1%.
    assert look.treatments[0].z == pytest.approx(WANTED[f"hillstrom/conversion/{name}"]["z_pooled"], rel=0.015)


@pytest.mark.parametrize("arm", ["Mens E-Mail", "Womens E-Mail"])
@pytest.mark.parametrize(("outcome", "column"), [("spend", "revenue_per_visitor"), ("visit", "return_visit_rate")])
def test_adjusted_by_what_they_had_spent_before(hillstrom: pd.DataFrame, arm: str, outcome: str, column: str) -> None:
    wanted = WANTED[f"hillstrom/cuped/{outcome}_history/{arm}"]
    arms = [hillstrom[hillstrom["segment"] == key] for key in ("No E-Mail", arm)]
    found = stoa.cuped(*[(rows[column].to_numpy(float), rows["history"].to_numpy(float)) for rows in arms])
    assert found.theta == pytest.approx(wanted["theta"], rel=1e-9)
    assert found.difference == pytest.approx(wanted["diff"], rel=1e-9)
    assert found.standard_error == pytest.approx(wanted["se"], rel=1e-9)


def test_cookie_cats_has_lost_players(cookie_cats: pd.DataFrame) -> None:
    columns = {"visitor_id": "userid", "variant": "version"}
    columns |= {"conversion_rate": "retention_1", "return_visit_rate": "retention_7"}
    found = stoa.analyze(cookie_cats, stopped("conversion_rate", "gate_30", "gate_40"), columns=columns)
    assert found.srm.observed == WANTED["cookie/srm"]["counts"]
    assert found.srm.statistic == pytest.approx(WANTED["cookie/srm"]["chi2"], rel=1e-12)
    assert found.srm.p_value == pytest.approx(WANTED["cookie/srm"]["p"], rel=1e-9)
    assert found.verdict.action == "invalid" and [r.code for r in found.verdict.reasons] == ["sample_ratio"]
    # Its numbers stay readable, for whoever looks for the cause.
    for metric, name in [("conversion_rate", "retention_1"), ("return_visit_rate", "retention_7")]:
        c, wanted = found.metrics[metric]["gate_40"], WANTED[f"cookie/{name}"]
        assert c.prob_positive == pytest.approx(wanted["beta11_prob_t_gt_c"], abs=1e-9)
        assert c.expected_loss_ship == pytest.approx(wanted["beta11_exp_loss_choose_t"], abs=1e-9)
        assert c.expected_loss_keep == pytest.approx(wanted["beta11_exp_loss_choose_c"], abs=1e-9)


@pytest.mark.parametrize(("name", "most"), [("rounds_raw", np.inf), ("rounds_clean", 10_000)])
def test_rounds_with_and_without_the_one_player(cookie_cats: pd.DataFrame, name: str, most: float) -> None:
    rows = cookie_cats[cookie_cats["sum_gamerounds"] < most]
    rounds = {key: of.to_numpy(float) for key, of in rows.groupby("version")["sum_gamerounds"]}
    welch(rounds["gate_30"], rounds["gate_40"], WANTED[f"cookie/{name}"])


@pytest.fixture(scope="module")
def asos(request: pytest.FixtureRequest) -> ModuleType:
    """The replay, imported from its folder."""
    sys.path.insert(0, str(ROOT / "tests" / "sim"))
    request.addfinalizer(lambda: sys.path.remove(str(ROOT / "tests" / "sim")))
    return importlib.import_module("asos")


# Naive, horizon, anytime; "continue" is an experiment that is never decided.
FIVE = {
    "79f97f": ["ship", "ship", "ship"],
    "64dc88": ["ship", "invalid", "invalid"],  # No visitor yet at its first look.
    "6c4737": ["continue", "stop", "stop"],  # 11 looks lack a variance.
    "b2da2e": ["ship", "continue", "continue"],  # Four treatments, three days.
    "c74b98": ["ship", "continue", "continue"],
}


def test_asos_is_followed_look_by_look(asos: ModuleType) -> None:
    experiments = asos.read()
    assert len(experiments) == 39 and sum(len(looks) for looks in experiments.values()) == 2_218
    results: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for reading in asos.READINGS:
        for rule in asos.RULES:
            results[reading.said, rule] = [asos.replay(key, experiments[key], reading, rule) for key in FIVE]
    money = [of for (said, _), of in results.items() if said == asos.MONEY.said]
    assert {key: [of[k]["ended"] for of in money] for k, key in enumerate(FIVE)} == FIVE
    assert [one["left_out"] for one in money[0]] == [0, 0, 11, 0, 0]
    # Head, rule, six rows, an empty line, how many looks.
    assert len(asos.table(results)) == 10
