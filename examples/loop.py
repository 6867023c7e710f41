"""One turn of the loop in Python, on data in memory: segment, experiment, assign, analyze.

`.venv/bin/python examples/loop.py`. `loop.rs` and `loop.mjs` tell the same story and print the same lines.
"""

import hashlib
import math

import duckdb

import stoa

CONTRACT = {
    "key": "free_shipping",
    "hypothesis": "Free shipping from $50 turns more visits into orders.",
    "surface": "shipping_offer",
    "status": "running",
    "targeting": {"segment": "repeat_buyers"},
    "variants": [{"key": "threshold_75"}, {"key": "threshold_50"}],
    "metrics": {
        "revenue": {"metric": "revenue_per_visitor"},
        "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "No survey runs yet."},
    },
}
VISITORS = 20_000


def uniform(salt: str, visitor: str) -> float:
    """A number in [0, 1) that only the salt and the id decide: the first 52 bits of a SHA-256."""
    return int(hashlib.sha256(f"{salt}:{visitor}".encode()).hexdigest()[:13], 16) / 2**52


def main() -> None:
    """The turn."""
    # 1 SEGMENT: a rule with a name; words and SQL come from the same rule.
    rule = stoa.Rule.parse("orders_count >= 2")
    print(f"segment     repeat_buyers: {rule.describe()}")
    segment = stoa.Segment("repeat_buyers", rule)

    # 2 EXPERIMENT: the contract, checked; the engine is what a storefront asks.
    experiment = stoa.Experiment.from_dict(CONTRACT)
    engine = stoa.Engine(experiments=[experiment], segments=[segment])

    # The visitors: whatever differs between them is drawn from the hash of their id, so nothing here is random.
    exposed = []
    for i in range(VISITORS):
        visitor = f"visitor-{i}"
        attributes = {"orders_count": math.floor(uniform("orders", visitor) * 5)}
        decision = engine.decide("free_shipping", visitor, attributes)
        if decision.reason == "assigned":
            buys = uniform("buys", visitor) < (0.06 if decision.variant == "threshold_50" else 0.05)
            value = math.floor(20 + 80 * uniform("order value", visitor) + 0.5)
            returns = uniform("returns", visitor) < 0.3
            exposed.append((visitor, decision.variant, value if buys else 0.0, returns))
    print(f"assign      {len(exposed)} of {VISITORS} visitors take part")

    # 3 ANALYZE: any Arrow producer will do; here a DuckDB relation.
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE rows (visitor_id TEXT, variant TEXT, revenue_per_visitor DOUBLE, return_visit_rate BOOLEAN)"
    )
    connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", exposed)
    analysis = stoa.analyze(connection.table("rows"), experiment)
    revenue = analysis.metrics["revenue_per_visitor"]["threshold_50"]
    print(f"analyze     P(lift > 0) = {revenue.prob_positive:.4f}")
    print(f"            expected loss of shipping: ${revenue.expected_loss_ship:.4f} a visitor")
    print(f"verdict     {analysis.verdict.sentence}")


if __name__ == "__main__":
    main()
