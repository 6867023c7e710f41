"""`monitor`: from sums and from rows the same, the days of rows, and what it says of a running experiment."""

import copy
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

import stoa

CONTRACT: dict[str, Any] = {
    "key": "mail",
    "surface": "lifecycle_email",
    "status": "running",
    "variants": [{"key": "A"}, {"key": "B"}],
    "metrics": {
        "revenue": {"metric": "revenue_per_visitor"},
        "satisfaction": {"metric": "return_visit_rate", "margin": 0.15, "proxy_reason": "no survey yet"},
    },
    "plan": {"horizon_days": 28, "looks": "weekly"},
}


def experiment(**plan: Any) -> stoa.Experiment:
    """The contract with another plan."""
    contract = copy.deepcopy(CONTRACT)
    contract["plan"].update(plan)
    return stoa.Experiment.from_dict(contract)


def shop(days: int, lift: float = 0.0, a_day: int = 600) -> pd.DataFrame:
    """Visitors of so many days, in the order they came."""
    random = np.random.default_rng(3)
    n = days * a_day
    variant = np.where(random.random(n) < 0.5, "A", "B")
    bought = random.random(n) < np.where(variant == "B", 0.05 * (1 + lift), 0.05)
    start = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
    return pd.DataFrame(
        {
            "visitor_id": [f"v{i}" for i in range(n)],
            "variant": variant,
            "exposed_at": [start + dt.timedelta(days=i // a_day, minutes=i % a_day) for i in range(n)],
            "revenue_per_visitor": np.where(bought, np.round(random.lognormal(4, 0.5, n), 2), 0.0),
            "return_visit_rate": (random.random(n) < 0.3).astype(int),
        }
    )


def test_rows_are_summed_at_every_planned_look() -> None:
    rows, e = shop(17), experiment()
    history = []
    for day in (7, 14, 17):
        seen = rows[rows.exposed_at < pd.Timestamp("2026-03-01", tz="UTC") + pd.Timedelta(days=day)]
        history.append(stoa.experiment_stats(seen, e))
    assert [look["day"] for look in history] == [7, 14, 17]
    found = stoa.monitor(rows, e)
    assert found == stoa.monitor(history, e) == stoa.monitor({"looks": history}, e)
    assert [look.day for look in found.looks] == [7, 14, 17]
    assert [look.treatments[0].boundary is not None for look in found.looks] == [True, True, False]


def test_one_reading_is_the_last_of_its_looks() -> None:
    rows, e = shop(14), experiment()
    look = stoa.monitor(rows, e).looks[-1]
    reading = stoa.analyze(rows, e)
    assert reading.verdict.action == look.verdict.action
    gates = [{r.code: r.passed for r in verdict.reasons} for verdict in (reading.verdict, look.verdict)]
    assert gates[0] == gates[1]


def test_a_large_lift_ships_and_nothing_does_not() -> None:
    won = stoa.monitor(shop(28, lift=0.8), experiment())
    assert won.verdict.action == "ship" and won.verdict.variant == "B" and won.verdict.guarantee == "horizon"
    assert stoa.monitor(shop(28), experiment()).verdict.action in ("stop", "investigate")
    anytime = stoa.monitor(shop(28, lift=0.8), experiment(guarantee="anytime"))
    assert anytime.verdict.guarantee == "anytime"
    assert all(look.treatments[0].e_value is not None for look in anytime.looks)


def test_a_running_experiment_has_an_outlook() -> None:
    found = stoa.monitor(shop(14, lift=0.15), experiment())
    assert found.verdict.action == "continue"
    assert found.finish.sentence and found.would_change
    assert found.to_dict()["looks"][0]["treatments"][0]["variant"] == "B"


def test_without_a_day_nothing_may_be_decided() -> None:
    rows = shop(28, lift=0.8).drop(columns="exposed_at")
    verdict = stoa.analyze(rows, experiment()).verdict
    assert verdict.action == "continue"
    assert any(reason.code == "day" and not reason.passed for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (lambda rows: rows.drop(columns="exposed_at"), "missing_column", "exposed_at"),
        (lambda rows: rows.assign(exposed_at="soon"), "wrong_type", "exposed_at[0]"),
        (lambda rows: rows.assign(exposed_at=rows.exposed_at.where(rows.index != 2)), "missing_field", "exposed_at[2]"),
        (lambda rows: [stoa.experiment_stats(rows, experiment())] * 2, "out_of_range", "history[1].day"),
        (lambda _: [], "out_of_range", "history"),
        (lambda _: [{"experiment": "mail"}], "wrong_type", "history[0].variants"),
    ],
)
def test_refusals(change: Any, code: str, words: str) -> None:
    with pytest.raises(stoa.StoaError) as refused:
        stoa.monitor(change(shop(8)), experiment())
    assert refused.value.code == code, refused.value
    assert words in str(refused.value)
