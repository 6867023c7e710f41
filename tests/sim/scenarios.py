"""Stores whose truth is known: one effect for everyone, or a planted difference.

The continuous outcome is setup C of Nie & Wager (2021), *Quasi-oracle estimation of heterogeneous treatment effects*,
section 5, with a randomised treatment: X ~ N(0, 1) in p = 20 dimensions, W ~ Bernoulli(1/2),
Y = b(X) + (W − 1/2)·τ + ε with b = 2·log(1 + exp(x₁ + x₂ + x₃)), τ = 1, ε ~ N(0, 1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

import stoa

Floats = NDArray[np.float64]
P = 20
FEATURES = [f"x{j}" for j in range(1, P + 1)]
# The contract's metrics; the searched one is the scenario's.
STORE = {"metrics": [{"key": "outcome", "category": "revenue", "family": "mean"}]}


@dataclass(frozen=True)
class Scenario:
    """What the visitors of a simulated store are and do.

    Attributes:
        metric: whose effect is searched.
        planted: whether the effect differs, by the sign of x4.
        said: the truth in words.
        outcome: (random numbers, features, arm) → the metric.
    """

    metric: str
    planted: bool
    said: str
    outcome: Callable[[Generator, Floats, Floats], Floats]


def baseline(x: Floats) -> Floats:
    """b(X) of setup C."""
    return 2 * np.logaddexp(0, x[:, 0] + x[:, 1] + x[:, 2])


def setup_c(random: Generator, x: Floats, w: Floats) -> Floats:
    """τ = 1 for everyone."""
    return baseline(x) + (w - 0.5) + random.standard_normal(len(w))


def setup_c_planted(random: Generator, x: Floats, w: Floats) -> Floats:
    """τ = 1.5 where x4 > 0, else 0.5."""
    return baseline(x) + (w - 0.5) * np.where(x[:, 3] > 0, 1.5, 0.5) + random.standard_normal(len(w))


def orders(random: Generator, x: Floats, w: Floats, lift: Floats | float) -> Floats:
    """Who orders: a rate of about 3% that depends on x1 and x2, and a lift on top."""
    rate = np.clip(0.03 * np.exp(0.4 * x[:, 0] + 0.3 * x[:, 1] - 0.125), 0.001, 0.5)
    return (random.random(len(w)) < rate + lift * w).astype(float)


def sparse(random: Generator, x: Floats, w: Floats) -> Floats:
    """+1 point of conversion for everyone."""
    return orders(random, x, w, 0.01)


def hurdle(random: Generator, x: Floats, w: Floats) -> Floats:
    """The same orders, worth exp(N(4, 0.8²)) whoever orders: the effect is 0.01·75.2 for everyone."""
    return orders(random, x, w, 0.01) * np.exp(4 + 0.8 * random.standard_normal(len(w)))


def sparse_planted(random: Generator, x: Floats, w: Floats) -> Floats:
    """+12 points of conversion where x4 > 0, else none."""
    return orders(random, x, w, np.where(x[:, 3] > 0, 0.12, 0.0))


SCENARIOS = {
    "nwC": Scenario("outcome", False, "setup C, effect 1 for everyone", setup_c),
    "sparse": Scenario("conversion_rate", False, "3% conversion, +1 point for everyone", sparse),
    "hurdle": Scenario("revenue_per_visitor", False, "the same orders, log-normal values, +0.75 for everyone", hurdle),
    "nwC planted": Scenario("outcome", True, "setup C, effect 1.5 where x4 > 0, else 0.5", setup_c_planted),
    "sparse planted": Scenario("conversion_rate", True, "3% conversion, +12 points where x4 > 0", sparse_planted),
}


def draw(scenario: Scenario, n: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Features, arm and metric of `n` visitors."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((n, P))
    w = (random.random(n) < 0.5).astype(float)
    return x, w, scenario.outcome(random, x, w)


def experiment(metric: str) -> stoa.Experiment:
    """A contract with that metric as revenue."""
    contract = {
        "key": "simulated",
        "surface": "lifecycle_email",
        "variants": [{"key": "A"}, {"key": "B"}],
        "metrics": {
            "revenue": {"metric": metric},
            "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "nobody to ask"},
        },
    }
    return stoa.Experiment.from_dict(contract, store=STORE)


def discover(scenario: Scenario, n: int, seed: int, **options: Any) -> stoa.Discovery:
    """One search of one simulated store."""
    x, w, y = draw(scenario, n, seed)
    df: dict[str, Any] = {name: x[:, j] for j, name in enumerate(FEATURES)}
    df |= {"visitor_id": [f"v{i}" for i in range(n)], "variant": ["AB"[int(arm)] for arm in w]}
    df |= {"return_visit_rate": np.arange(n) % 2, scenario.metric: y}
    return stoa.discover(df, experiment(scenario.metric), features=FEATURES, **options)
