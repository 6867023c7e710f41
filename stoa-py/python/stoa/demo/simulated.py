"""A store that does not exist, for machines without a network: the columns of Hillstrom, and a truth we wrote down.

Everything below is drawn from one seeded Mersenne Twister through `random()` alone, whose values Python promises to
keep, so every machine gets the same 64,000 customers.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")

ROWS = 64_000
SEED = 20_080_320
COLUMNS = [
    "recency",
    "history_segment",
    "history",
    "mens",
    "womens",
    "zip_code",
    "newbie",
    "channel",
    "segment",
    "visit",
    "conversion",
    "spend",
]
ARMS = ("No E-Mail", "Mens E-Mail", "Womens E-Mail")
BOUGHT = ("mens only", "womens only", "both")
BOUGHT_SHARES = (0.45, 0.45, 0.10)
# P(visit) by purchase history without any e-mail, and what each e-mail adds to it.
BASE_VISIT = {"mens only": 0.100, "womens only": 0.095, "both": 0.180}
LIFT = {
    "No E-Mail": {"mens only": 0.0, "womens only": 0.0, "both": 0.0},
    "Mens E-Mail": {"mens only": 0.070, "womens only": 0.070, "both": 0.130},
    "Womens E-Mail": {"mens only": 0.010, "womens only": 0.075, "both": 0.070},
}
# New customers visit less, established ones more, half of each: the average is untouched.
NEW_FACTOR, ESTABLISHED_FACTOR = 0.8, 1.2
ORDER_GIVEN_VISIT = {"No E-Mail": 0.054, "Mens E-Mail": 0.068, "Womens E-Mail": 0.058}
ORDER_LN_MEAN, ORDER_LN_SD = 4.40, 0.80
RECENCY_SHARES = (0.14, 0.12, 0.09, 0.08, 0.07, 0.07, 0.065, 0.055, 0.10, 0.12, 0.055, 0.035)
SPEND_LEVELS = (
    (100.0, "1) $0 - $100"),
    (200.0, "2) $100 - $200"),
    (350.0, "3) $200 - $350"),
    (500.0, "4) $350 - $500"),
    (750.0, "5) $500 - $750"),
    (1000.0, "6) $750 - $1,000"),
    (math.inf, "7) $1,000 +"),
)


def truth() -> dict[str, Any]:
    """What the simulation was told, per arm: the rates an analysis should find."""
    arms = {}
    for arm in ARMS:
        visit = sum(s * (BASE_VISIT[b] + LIFT[arm][b]) for s, b in zip(BOUGHT_SHARES, BOUGHT, strict=True))
        order = math.exp(ORDER_LN_MEAN + ORDER_LN_SD**2 / 2)
        conversion = visit * ORDER_GIVEN_VISIT[arm]
        by_history = {b: BASE_VISIT[b] + LIFT[arm][b] for b in BOUGHT}
        arms[arm] = {
            "visit_rate": visit,
            "visit_rate_by_purchase_history": by_history,
            "conversion_rate": conversion,
            "average_order_value": order,
            "revenue_per_visitor": conversion * order,
        }
    return {"seed": SEED, "arms": arms}


def simulated_csv(rows: int = ROWS, seed: int = SEED) -> bytes:
    """The store as a CSV of `rows` customers, the same bytes for the same seed."""
    random = Random(seed)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(customer(random) for _ in range(rows))
    return text.getvalue().encode()


def customer(random: Random) -> list[object]:
    """One row: attributes first, then the arm by a fair draw, then what the customer did."""
    bought = pick(random, BOUGHT, BOUGHT_SHARES)
    recency = pick(random, range(1, 13), RECENCY_SHARES)
    spent = round(max(29.99, math.exp(5.0 + 1.0 * normal(random))), 2)
    level = next(name for top, name in SPEND_LEVELS if spent < top)
    area = pick(random, ("Surburban", "Urban", "Rural"), (0.45, 0.40, 0.15))
    new = random.random() < 0.5
    channel = pick(random, ("Phone", "Web", "Multichannel"), (0.44, 0.44, 0.12))
    arm = ARMS[int(random.random() * 3)]
    visit_rate = (BASE_VISIT[bought] + LIFT[arm][bought]) * (NEW_FACTOR if new else ESTABLISHED_FACTOR)
    visit = random.random() < visit_rate
    order = visit and random.random() < ORDER_GIVEN_VISIT[arm]
    spend = round(math.exp(ORDER_LN_MEAN + ORDER_LN_SD * normal(random)), 2) if order else 0
    attributes = [recency, level, spent, int(bought != "womens only"), int(bought != "mens only"), area, int(new)]
    return [*attributes, channel, arm, int(visit), int(order), spend]


def pick(random: Random, values: Sequence[T], shares: Sequence[float]) -> T:
    """One of `values`, drawn with the given shares."""
    draw = random.random() * sum(shares)
    return next((v for v, top in zip(values, accumulate(shares), strict=True) if draw < top), values[-1])


def normal(random: Random) -> float:
    """A standard normal draw (Box and Muller, 1958)."""
    return math.sqrt(-2 * math.log(1 - random.random())) * math.cos(2 * math.pi * random.random())
