"""Rules and assignments in every dialect, read by a parser of that dialect: each name and text stays in its place.

BigQuery and Snowflake cannot run here: this is their check. DuckDB and PostgreSQL also run (test_rule_differential.py,
tests/sql/rule_differential.py), and so does Spark (make test-spark).
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import sqlglot
from conftest import DIALECTS
from drawn_rules import COLUMNS, NOW, TEXTS, rule
from drawn_visits import ENGINE, KEYS
from drawn_visits import NOW as ASSIGNED_AT
from sqlglot import exp

import stoa

# What a rule's own texts never look like: instants, numbers and ages are written as text in some dialects.
MACHINE = re.compile(r"\d{4}-\d\d-\d\dT.*|-?\d+(\.\d+)?(e-?\d+)?|\d+ (hours|microseconds)")
KINDS = {"number": "number", "text": "string", "boolean": "boolean", "instant": "timestamp", "list": "string_list"}
# BigQuery holds no column with a double quote or a semicolon in its name.
HELD = {name: name.replace('"', "'").replace(";", "#") for name in COLUMNS}
SCHEMA = {name: {"type": KINDS[kind], "column": HELD[name]} for name, (kind, _) in COLUMNS.items()}
NAMES = ["a'b", "a -- b", "a # b", "a AND 1=1", "ünï 東", "select"]
ODD_NAMES = ['a"b', "/* a", "a`b", "a\\", "a\\`b", "a; DROP TABLE v; --", "a.b", "a$b", "a\nb", "${env:HOME}"]
ODD_TEXTS = [*TEXTS, "*/", "\\\\'", "'''", '"""', "\\u0027", "\\x27", "%s", "\x01", "\ufeff", "x" * 100_000]
ODD_TEXTS += ["'" * 1_000, "\\" * 1_001]


def where(sql: str, dialect: str) -> exp.Expression:
    """The one condition that a parser of the dialect finds."""
    statements = sqlglot.parse(f"SELECT 1 FROM v WHERE {sql}", read=dialect)
    assert len(statements) == 1 and isinstance(statements[0], exp.Select), sql
    assert not any(isinstance(node, exp.Subquery) or node.comments for node in statements[0].walk()), sql
    return statements[0].args["where"].this


def columns(tree: exp.Expression) -> set[str]:
    return {column.name for column in tree.find_all(exp.Column)}


def texts(tree: exp.Expression, dialect: str) -> Counter[str]:
    """Its text literals, without those that spell an instant or a number."""
    found = [literal.this for literal in tree.find_all(exp.Literal) if literal.is_string]
    return Counter(text for text in found if not MACHINE.fullmatch(text))


def leaves(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The comparisons of a rule."""
    if "attr" in document:
        yield document
    negated = [document["not"]] if "not" in document else []
    for inner in [*document.get("all", []), *document.get("any", []), *negated]:
        yield from leaves(inner)


def operands(document: dict[str, Any]) -> Counter[str]:
    """Its texts, without instants."""
    found: list[Any] = []
    for leaf in leaves(document):
        value = leaf.get("value")
        found += value if isinstance(value, list) else [value]
    return Counter(text for text in found if isinstance(text, str) and not MACHINE.fullmatch(text))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_drawn_rules_parse_to_their_own_names_and_texts(dialect: str) -> None:
    draw, schema = random.Random(11), stoa.AttributeSchema(SCHEMA)
    for _ in range(1_000):
        drawn = stoa.Rule.from_dict(rule(draw, 4))
        sql = drawn.to_sql(dialect, now=NOW, schema=schema)
        tree = where(sql, dialect)
        assert columns(tree) == {HELD[name] for name in drawn.attributes()}, sql
        assert texts(tree, dialect) == operands(drawn.to_dict()), sql


@pytest.mark.parametrize("dialect", DIALECTS)
def test_hostile_names_and_texts_stay_in_their_place(dialect: str) -> None:
    for name in [*NAMES, *ODD_NAMES]:
        for op, value in [("eq", text) for text in ODD_TEXTS] + [("has_any", TEXTS), ("has_all", TEXTS)]:
            document = {"any": [{"attr": name, "op": op, "value": value}, {"attr": "b", "op": "lt", "value": 0.5}]}
            try:
                sql = stoa.Rule.from_dict(document).to_sql(dialect)
            except stoa.StoaError as refused:
                assert refused.code == "out_of_range" and refused.field == "attr" and name in ODD_NAMES
                break
            tree = where(sql, dialect)
            assert isinstance(tree, exp.Or) and columns(tree) == {name, "b"}, sql[:200]
            assert texts(tree, dialect) == operands(document), sql[:200]


def test_names_that_a_dialect_cannot_hold_are_refused() -> None:
    def refused(dialect: str) -> list[str]:
        found = []
        for name in [*NAMES, *ODD_NAMES]:
            try:
                stoa.Rule.from_dict({"attr": name, "op": "is_missing"}).to_sql(dialect)
            except stoa.StoaError:
                found.append(name)
        return found

    everything_else = {dialect: refused(dialect) for dialect in ("duckdb", "postgres", "snowflake")}
    assert everything_else == {"duckdb": [], "postgres": [], "snowflake": []}
    assert (refused("bigquery"), refused("spark")) == (ODD_NAMES, ["${env:HOME}"])


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("key", KEYS)
def test_the_decision_parses(dialect: str, key: str) -> None:
    variant = ENGINE.assignment_sql(key, dialect, unit="visitor_id", now=ASSIGNED_AT)
    reason = ENGINE.reason_sql(key, dialect, unit="visitor_id", now=ASSIGNED_AT)
    statements = sqlglot.parse(f"SELECT {variant}, {reason} FROM v", read=dialect)
    assert len(statements) == 1 and len(statements[0].selects) == 2
    assert columns(statements[0]) <= {"visitor_id", "orders_count", "country", "last_seen", "lifetime_value"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_hostile_salts_and_units_stay_in_their_place(dialect: str) -> None:
    odd = [text for text in ODD_TEXTS if 0 < len(text) < 100]
    for text in odd:
        experiment = {
            "key": "one",
            "surface": "cart_page",
            "status": "running",
            "salt": text,
            "variants": [{"key": "A"}, {"key": "B"}],
            "overrides": {text: "B"},
            "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
        }
        engine = stoa.Engine.from_json(json.dumps({"schema_version": 1, "experiments": [experiment]}))
        sql = engine.assignment_sql("one", dialect, unit="the unit's id")
        statements = sqlglot.parse(f"SELECT {sql} FROM v", read=dialect)
        assert len(statements) == 1 and columns(statements[0]) == {"the unit's id"}, sql
        assert {text, f"{text}:"} <= set(texts(statements[0], dialect)), sql
