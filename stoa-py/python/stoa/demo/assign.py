"""Step 7: the follow-up experiment on the found segment, decided three times: in Python, in Node, in DuckDB SQL."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import stoa

from .documents import Documents
from .follow_up import follow_up
from .node import Decisions, decide_in_node
from .register import Candidate
from .store import Store

ATTRIBUTES = "new_customer, bought_mens, bought_womens, months_since_purchase, channel, area"
Row = dict[str, Any]


def assign(
    store: Store, documents: Documents, registry: stoa.Registry, one: Candidate, bundle: Path, scratch: Path
) -> Row:
    """Decides for every customer in three languages and counts the differences.

    Args:
        store: the customers.
        documents: the contract that the follow-up repeats.
        registry: holds the segment, deployed.
        one: where the segment comes from.
        bundle: where `bundle.json` stays, for a storefront to load.
        scratch: a folder for what is handed to Node.

    Returns:
        The `assign` object of docs/LOOP.md.

    Raises:
        demo.node.NodeError: Node could not answer.
    """
    experiment, segment = follow_up(documents, one), registry.get(one.key).segment
    text = registry.bundle([experiment], store=documents.store, schema=documents.schema)
    bundle.write_text(text + "\n", encoding="utf-8")
    engine = stoa.Engine.from_json(text)
    python = decide_in_python(store, engine, experiment.key, segment)
    sql = decide_in_sql(store, engine, experiment.key, segment)
    rule, customers = scratch / "rule.json", scratch / "customers.jsonl"
    rule.write_text(json.dumps(segment.rule.to_dict()), encoding="utf-8")
    write_customers(store, customers)
    node = decide_in_node(documents.folder / "assign_customers.mjs", bundle, rule, customers, experiment.key)
    counts = Counter(zip(python.variant, python.reason, strict=True))
    contract = experiment.to_dict()
    return {
        "experiment": experiment.key,
        "hypothesis": contract["hypothesis"],
        "contract": contract,
        "segment": segment.key,
        "members": sum(python.member),
        "decisions": [{"variant": v, "reason": r, "customers": n} for (v, r), n in sorted(counts.items())],
        "differences": {"python_node": differences(python, node), "python_sql": differences(python, sql)},
        "first_customers": [dict(zip(Decisions._fields, row, strict=True)) for row in zip(*python, strict=True)][:20],
    }


def decide_in_python(store: Store, engine: stoa.Engine, key: str, segment: stoa.Segment) -> Decisions:
    """By the engine's batch call and the rule's mask."""
    rows = store.rows(columns=f"visitor_id, {ATTRIBUTES}")
    ids = [row[0] for row in store.rows(columns="visitor_id").fetchall()]
    batch = engine.assign_batch(ids, attributes=rows, experiment=key)
    return Decisions(ids, segment.rule.mask(rows).tolist(), list(batch.variant), list(batch.reason))


def decide_in_sql(store: Store, engine: stoa.Engine, key: str, segment: stoa.Segment) -> Decisions:
    """By two expressions DuckDB evaluates; the warehouse needs nothing of stoa."""
    variant = engine.assignment_sql(key, "duckdb", unit="visitor_id")
    reason = engine.reason_sql(key, "duckdb", unit="visitor_id")
    member = segment.rule.to_sql("duckdb")
    rows = store.rows(columns=f"visitor_id, coalesce({member}, FALSE), {variant}, {reason}").fetchall()
    return Decisions(*map(list, zip(*rows, strict=True)))


def write_customers(store: Store, path: Path) -> None:
    """One JSON object per line: the id and the attributes a storefront's cache would hold."""
    packed = ", ".join(f"{name} := {name}" for name in ATTRIBUTES.split(", "))
    rows = store.rows(columns=f"to_json(struct_pack(id := visitor_id, attributes := struct_pack({packed})))")
    path.write_text("".join(f"{row[0]}\n" for row in rows.fetchall()), encoding="utf-8")


def differences(a: Decisions, b: Decisions) -> Row:
    """How many customers two deciders disagree on.

    Raises:
        ValueError: they did not decide for the same customers in the same order.
    """
    if a.visitor_id != b.visitor_id:
        raise ValueError("the two deciders saw different customers")
    return {
        "membership": sum(x != y for x, y in zip(a.member, b.member, strict=True)),
        "variant": sum(x != y for x, y in zip(a.variant, b.variant, strict=True)),
        "reason": sum(x != y for x, y in zip(a.reason, b.reason, strict=True)),
    }
