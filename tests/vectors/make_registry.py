"""Writes registry.json: a short log with everything in it. Run once; the log's bytes are a contract and never change.

Its hashes are computed again by Python's and Node's own SHA-256 in tests/python/test_registry.py and
tests/node/registry.test.mjs.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import stoa

EXPERIMENT: dict[str, Any] = {
    "key": "free_shipping",
    "surface": "shipping_offer",
    "status": "running",
    "variants": [{"key": "A"}, {"key": "B"}],
    "targeting": {"segment": "repeat_buyers"},
    "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
}
EVIDENCE: dict[str, Any] = {
    "experiment": "spring_email",
    "metric": "visit",
    "treatment": "womens_email",
    "control": "no_email",
    "effect": {"estimate": 0.0771, "low": 0.0615, "high": 0.0927, "level": 0.95},
    "n": 24000,
    "n_held_out": 23871,
    "share": 0.5625,
    "stability": 0.93,
    "refound": 93,
    "refits": 100,
    "claim": "honest",
    "targetable": True,
}


def write(path: Path) -> stoa.Registry:
    """The story of the log."""
    reg = stoa.Registry.open(path)
    day = (f"2026-03-{d:02}T09:30:00.{d:06}Z" for d in range(1, 32))
    found = stoa.Rule.parse("orders_count >= 2")
    reg.propose(found, key="repeat", by="ana", why="largest effect", at=next(day), evidence=EVIDENCE)
    reg.accept("repeat", by="bo", why='agrees with support \u2028 \u00e9 \U0001f600 "quoted"\n', at=next(day))
    reg.deploy("repeat", by="bo", at=next(day))
    reg.rename("repeat", to="repeat_buyers", by="ana", at=next(day))
    local = stoa.Segment("local", stoa.Rule.parse("segment('repeat_buyers') AND country IN ('CA', 'US')"), "near us")
    reg.propose(local, by="carl", at=next(day), simulated=True)
    reg.confirm("repeat_buyers", evidence={"experiment": "autumn_email"}, by="bo", at=next(day))
    reg.propose(stoa.Rule.parse("orders_count >= 2.5"), key="repeat_buyers", by="ana", at=next(day))
    reg.retire("repeat_buyers", by="bo", why="half an order is none", at=next(day), version=2)
    return reg


def main() -> None:
    """Writes the file beside this one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.jsonl"
        reg = write(path)
        document = {
            "spec_version": 1,
            "note": "log: the lines of a registry, byte by byte; head: its last hash; sentences: of its changelog; "
            "bundle: of the experiment; decisions: of unit u1. Made by make_registry.py.",
            "log": path.read_text(encoding="utf-8").removesuffix("\n").split("\n"),
            "head": reg.head,
            "sentences": [record.sentence for record in reg.changelog()],
            "experiment": EXPERIMENT,
            "bundle": json.loads(reg.bundle([stoa.Experiment.from_dict(EXPERIMENT)])),
            "decisions": [
                {"attributes": {"orders_count": 3}, "reason": "assigned"},
                {"attributes": {"orders_count": 1}, "reason": "not_targeted"},
            ],
        }
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    (Path(__file__).parent / "registry.json").write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
