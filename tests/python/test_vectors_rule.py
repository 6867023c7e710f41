"""The rule vectors that Rust, Python and TypeScript loop over."""

from typing import Any

import pytest
from conftest import DIALECTS, vectors

import stoa

VECTORS = vectors("rule")
SCHEMA = stoa.AttributeSchema(VECTORS["schema"])


def cases(name: str) -> Any:
    """One test per case of a list."""
    return pytest.mark.parametrize("case", VECTORS[name], ids=lambda c: c["name"])


@cases("evaluate")
def test_evaluate(case: dict[str, Any]) -> None:
    rule, now = stoa.Rule.from_dict(case["rule"]), case.get("now")
    assert rule.evaluate(case["attributes"], now) is case["expected"]
    assert rule.matches(case["attributes"], now) is (case["expected"] is True)


@cases("parse")
def test_parse(case: dict[str, Any]) -> None:
    assert stoa.Rule.parse(case["sql"]).to_dict() == case["rule"]


@cases("print")
def test_print(case: dict[str, Any]) -> None:
    rule = stoa.Rule.from_dict(case["rule"])
    for dialect in DIALECTS:
        if case[dialect] is None:
            with pytest.raises(stoa.StoaError) as refused:
                rule.to_sql(dialect)
            assert refused.value.code == "out_of_range"
        else:
            assert rule.to_sql(dialect, now=case.get("now")) == case[dialect]


@cases("describe")
def test_describe(case: dict[str, Any]) -> None:
    rule = stoa.Rule.from_dict(case["rule"])
    assert (rule.describe(), rule.describe(SCHEMA)) == (case["plain"], case["with_schema"])


@cases("canonical")
def test_canonical(case: dict[str, Any]) -> None:
    rule = stoa.Rule.from_json(case["json"])
    assert (rule.to_json(), rule.sha256) == (case["canonical"], case["hash"])


@cases("refuse")
def test_refuse(case: dict[str, Any]) -> None:
    with pytest.raises(stoa.StoaError) as raised:
        if "sql" in case:
            stoa.Rule.parse(case["sql"])
        elif "check" in case:
            stoa.Rule.from_dict(case["check"]).check(SCHEMA)
        elif "schema" in case:
            stoa.AttributeSchema(case["schema"])
        else:
            stoa.Rule.from_json(case["json"])
    found = [{name: p.get(name) for name in ("code", "field", "hint")} for p in raised.value.problems]
    assert found == case["problems"]
