"""Random rules over one table with a column of every type, and its rows; hostile names and values among them."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa

NOW = "2026-02-01T00:00:00Z"
NUMBERS = [0, 1, 2, 3, -1, 0.1, 0.3, 0.1 + 0.2, 19.99, 1e15, 1e300, 5e-324, -0.0]
TEXTS = ["", "C", "CA", "ca", "US", "a%", "a_b", "a\\b", "it's", '"', "東京", "e\u0301", "'; DROP TABLE t; --", "😀"]
TEXTS += ["\\'; --", "a\\", "\\n", "line\nbreak", "\r\n", "${env:HOME}", "$$", "`", "/* x", "\u202eabc", "{{ x }}"]
INSTANTS = [
    "2026-02-01T00:00:00Z",
    "2026-02-01T00:00:00.000001Z",
    "2026-01-02T00:00:00Z",
    "2026-01-01T23:59:59.999999Z",
]
COLUMNS = {
    "orders_count": ("number", pa.float64()),
    'sp"end; --': ("number", pa.float64()),
    "it's ünï": ("text", pa.string()),
    "is_member": ("boolean", pa.bool_()),
    "last seen": ("instant", pa.timestamp("us", tz="UTC")),
    "tags": ("list", pa.list_(pa.string())),
}


def value(draw: random.Random, kind: str) -> object:
    """A value of a kind."""
    match kind:
        case "number":
            return draw.choice(NUMBERS)
        case "text":
            return draw.choice(TEXTS)
        case "boolean":
            return draw.random() < 0.5
        case "instant":
            return draw.choice(INSTANTS)
        case _:
            return draw.sample(TEXTS, draw.randrange(4))


def comparison(draw: random.Random) -> dict[str, Any]:
    """One comparison of one column."""
    attr = draw.choice(list(COLUMNS))
    kind = COLUMNS[attr][0]
    some = [value(draw, kind) for _ in range(draw.randrange(1, 4))] if kind != "list" else draw.sample(TEXTS, 2)
    operands = {
        "number": {
            "eq": 0,
            "ne": 0,
            "lt": 0,
            "lte": 0,
            "gt": 0,
            "gte": 0,
            "in": some,
            "not_in": some,
            "between": [0, 2],
        },
        "text": {"eq": 0, "ne": 0, "in": some, "not_in": some, "starts_with": 0, "ends_with": 0, "contains": 0},
        "boolean": {"eq": 0, "ne": 0, "in": some, "not_in": some},
        "instant": {
            "lt": 0,
            "lte": 0,
            "gt": 0,
            "gte": 0,
            "between": some[:1] * 2,
            "within_days": draw.choice([30, 0.5]),
        },
        "list": {"has": draw.choice(TEXTS), "has_any": some, "has_all": some},
    }[kind]
    op = draw.choice([*operands, "is_missing", "is_present"])
    if op in ("is_missing", "is_present"):
        return {"attr": attr, "op": op}
    operand = operands[op]
    return {"attr": attr, "op": op, "value": value(draw, kind) if operand == 0 else operand}


def rule(draw: random.Random, depth: int) -> dict[str, Any]:
    """A rule at most `depth` deep, as its document."""
    shape = draw.choice(["leaf", "all", "any", "not"]) if depth else "leaf"
    if shape == "leaf":
        return comparison(draw)
    if shape == "not":
        return {"not": rule(draw, depth - 1)}
    return {shape: [rule(draw, depth - 1) for _ in range(draw.randrange(4))]}


def rows(draw: random.Random, n: int) -> list[dict[str, Any]]:
    """Attributes of visitors, a fifth of each missing."""
    return [
        {name: None if draw.random() < 0.2 else value(draw, kind) for name, (kind, _) in COLUMNS.items()}
        for _ in range(n)
    ]


def table(drawn: list[dict[str, Any]]) -> pa.Table:
    """The rows as columns of their types."""
    arrays = {}
    for name, (kind, arrow) in COLUMNS.items():
        column = [row[name] for row in drawn]
        arrays[name] = pa.array(column, pa.string()).cast(arrow) if kind == "instant" else pa.array(column, arrow)
    return pa.table(arrays)
