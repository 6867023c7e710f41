"""One turn of the loop in Python, on data in memory: segment, experiment, assign, analyze, discover, register, next.

`.venv/bin/python examples/loop.py [BUNDLE]`. `loop.rs` prints the same lines; `loop.mjs` prints the first of them and
loads the BUNDLE that this program writes.
"""

import hashlib
import math
import sys
import tempfile
from pathlib import Path

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

    # The visitors of 28 days: what differs between them is drawn from the hash of their id, so nothing here is random.
    exposed = []
    for i in range(VISITORS):
        visitor = f"visitor-{i}"
        basket = math.floor(20 + 80 * uniform("usual basket", visitor))
        attributes = {"orders_count": math.floor(uniform("orders", visitor) * 5), "usual_basket": basket}
        decision = engine.decide("free_shipping", visitor, attributes)
        if decision.reason == "assigned":
            # What the analysis does not know: the lower threshold helps only those who usually spend that much.
            helped = decision.variant == "threshold_50" and basket >= 50
            buys = uniform("buys", visitor) < (0.12 if helped else 0.05)
            value = math.floor(20 + 80 * uniform("order value", visitor) + 0.5)
            returns = uniform("returns", visitor) < 0.3
            exposed_at = f"2026-03-{1 + 28 * i // VISITORS:02}T12:00:00Z"
            revenue = value if buys else 0.0
            exposed.append((visitor, decision.variant, exposed_at, revenue, returns, *attributes.values()))
    print(f"assign      {len(exposed)} of {VISITORS} visitors take part")

    # 3 ANALYZE: any Arrow producer will do; here a DuckDB relation.
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE rows (visitor_id TEXT, variant TEXT, exposed_at TIMESTAMPTZ, revenue_per_visitor DOUBLE, "
        "return_visit_rate BOOLEAN, orders_count DOUBLE, usual_basket DOUBLE)"
    )
    connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)", exposed)
    analysis = stoa.analyze(connection.table("rows"), experiment)
    revenue = analysis.metrics["revenue_per_visitor"]["threshold_50"]
    print(f"analyze     P(lift > 0) = {revenue.prob_positive:.4f}")
    print(f"            expected loss of shipping: ${revenue.expected_loss_ship:.4f} a visitor")
    print(f"verdict     {analysis.verdict.sentence}")

    # 4 DISCOVER: who responds differently? Nobody named the segment; the search was repeated on half-samples.
    features = ["orders_count", "usual_basket"]
    found = stoa.discover(
        connection.table("rows"), experiment, features=features, n_trees=100, stability_pairs=10, stability_trees=50
    )
    print(f"discover    {found.sentence}")
    responders = found.segments[0]

    # 5 REGISTER: what was found, and who decided what about it. A real shop keeps the file.
    registry = stoa.Registry.open(Path(tempfile.mkdtemp()) / "registry.jsonl")
    key = "free_shipping_responders"
    registry.propose(responders, key=key, by="ana")
    registry.accept(key, by="bo", why=f"found again in {responders.refound} of {responders.refits}")
    registry.deploy(key, by="bo")
    for record in registry.changelog():
        print(f"register    {record.sentence}")

    # 6 NEXT: the follow-up targets the segment by its name; the bundle is what a storefront loads.
    follow_up = stoa.Experiment.from_dict(CONTRACT | {"key": "free_shipping_again", "targeting": {"segment": key}})
    bundle = registry.bundle([follow_up])
    decision = stoa.Engine.from_json(bundle).decide("free_shipping_again", "visitor-1", {"usual_basket": 60})
    print(f"next        free_shipping_again: visitor-1 gets {decision.variant} ({decision.reason})")
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(bundle, encoding="utf-8")


if __name__ == "__main__":
    main()
