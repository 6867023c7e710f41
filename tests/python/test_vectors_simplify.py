"""Canonical forms, findings and GrowthBook's conditions: the vectors that Rust, Python and TypeScript loop over."""

import json
from typing import Any

import pytest
from conftest import vectors

import stoa

VECTORS = vectors("simplify")
SCHEMA = stoa.AttributeSchema(VECTORS["growthbook_schema"])


def cases(name: str) -> Any:
    """One test per case of a list."""
    return pytest.mark.parametrize("case", VECTORS[name], ids=lambda c: c.get("name") or json.dumps(c["condition"]))


@cases("canonical")
def test_canonical(case: dict[str, Any]) -> None:
    for sql in case["sql"]:
        canonical = stoa.Rule.parse(sql).canonical()
        assert (canonical.to_dict(), canonical.sha256) == (case["rule"], case["hash"])


@cases("simplify")
def test_simplify(case: dict[str, Any]) -> None:
    simple = stoa.Rule.parse(case["sql"]).simplify()
    assert simple.to_dict() == {"rule": case["rule"], "findings": case["findings"]}
    assert simple.rule == stoa.Rule.from_dict(case["rule"])
    assert [found.rule.to_dict() for found in simple.findings] == [found["rule"] for found in case["findings"]]


@cases("growthbook")
def test_growthbook(case: dict[str, Any]) -> None:
    schema = SCHEMA if case["typed"] else None
    for condition in (case["condition"], json.dumps(case["condition"])):
        assert stoa.Rule.from_growthbook(condition, schema).to_dict() == case["rule"]


@cases("growthbook_refuse")
def test_growthbook_refuses(case: dict[str, Any]) -> None:
    schema = SCHEMA if case["typed"] else None
    for condition in (case["condition"], json.dumps(case["condition"])):
        with pytest.raises(stoa.StoaError) as raised:
            stoa.Rule.from_growthbook(condition, schema)
        assert [{"code": p["code"], "field": p["field"]} for p in raised.value.problems] == case["problems"]


def test_growthbook_s_own_answers() -> None:
    golden = vectors("growthbook")
    for case in golden["cases"]:
        rule = stoa.Rule.from_growthbook(case["condition"], SCHEMA)
        found = "".join("1" if rule.matches(row) else "0" for row in golden["rows"])
        assert found == case["answers"], case["condition"]


def test_a_notebook_shows_the_sentence_and_the_sql_escaped() -> None:
    shown = stoa.Rule.parse("name = '<b>&' AND n > 1")._repr_html_()
    assert shown == (
        "<p>name is &quot;&lt;b&gt;&amp;&quot;, and n is more than 1</p>"
        "<pre>&quot;name&quot; = &#x27;&lt;b&gt;&amp;&#x27; AND &quot;n&quot; &gt; 1</pre>"
    )
    assert "<em>no SQL: " in stoa.Rule.from_dict({"segment": "vip"})._repr_html_()
