"""The published JSON Schemas: what they accept is what the readers accept."""

import json
from itertools import product
from typing import Any

import jsonschema
import pytest
from conftest import ROOT, vectors

import stoa

MADE = {
    "rule": stoa.rule_json_schema(),
    "segment": stoa.segment_json_schema(),
    "attributes": stoa.attributes_json_schema(),
}
CHECKS = {name: jsonschema.Draft202012Validator(schema) for name, schema in MADE.items()}
RULES = vectors("rule")

OPERATORS = [
    *("eq", "ne", "in", "not_in", "lt", "lte", "gt", "gte", "between", "is_missing", "is_present"),
    *("starts_with", "ends_with", "contains", "has", "has_any", "has_all", "within_days"),
]
DAY = "2026-01-31T00:00:00Z"
SCALARS: list[Any] = [True, 0, -1.5, 36525, 36525.5, 1e-12, 1e-11, "", "x", "a\0b", DAY, "2026-01-31 12:00:00.25+01:00"]
SCALARS += ["2026-01-31", "2026-13-01T00:00:00Z", "2026-01-31T24:00:00Z", "0000-01-01T00:00:00Z", None, {}, {"x": 1}]
LISTS: list[Any] = [
    [],
    [1],
    [1, 2],
    [1, 2, 3],
    ["x"],
    ["x", "y"],
    ["x", "a\0b"],
    [True],
    [True, False],
    [1, "x"],
    [None],
]
LISTS += [[[1]], [DAY, DAY], [DAY], [1, DAY], ["x", DAY], [DAY, "2026-01-31"]]


def accepted(read: Any, document: Any) -> bool:
    """Whether a reader takes the document."""
    try:
        read(document)
    except stoa.StoaError:
        return False
    return True


@pytest.mark.parametrize("name", MADE)
def test_it_is_a_schema_and_the_published_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(MADE[name])
    assert json.loads((ROOT / "docs" / f"{name}.schema.json").read_text(encoding="utf-8")) == MADE[name]


@pytest.mark.parametrize("op", OPERATORS)
def test_every_operator_takes_the_operands_that_its_reader_takes(op: str) -> None:
    absent = {"attr": "a", "op": op}
    documents = [absent, *({**absent, "value": value} for value in SCALARS + LISTS)]
    for document in documents:
        assert CHECKS["rule"].is_valid(document) == accepted(stoa.Rule.from_dict, document), document
    assert any(map(CHECKS["rule"].is_valid, documents))


def test_the_operators_are_all_there() -> None:
    shapes = [shape["properties"]["op"]["enum"] for shape in MADE["rule"]["oneOf"] if "op" in shape["properties"]]
    assert sorted(op for names in shapes for op in names) == sorted(OPERATORS)


@pytest.mark.parametrize("section", ["evaluate", "parse", "print", "describe"])
def test_good_vectors_fit(section: str) -> None:
    for case in RULES[section]:
        CHECKS["rule"].validate(case["rule"])
        CHECKS["segment"].validate({"key": "one", "rule": case["rule"]})


# What a schema cannot say: how text is spelled, and sizes.
BEYOND = {"duplicate", "invalid_document", "too_large", "not_finite"}


def test_bad_vectors_do_not() -> None:
    refused = 0
    for case in RULES["refuse"]:
        if "json" in case and not BEYOND & {problem["code"] for problem in case["problems"]}:
            assert not CHECKS["rule"].is_valid(json.loads(case["json"])), case["name"]
            refused += 1
    assert refused >= 20


RULE = {"attr": "n", "op": "gte", "value": 2}
SEGMENTS: list[Any] = [
    {"key": "vip", "rule": RULE},
    {
        **{"key": "v1_p", "rule": {"all": []}, "description": "", "version": 3, "lifecycle": "retired"},
        "provenance": {"by": "ana", "discovery": None},
    },
    {"key": "vip", "rule": RULE, "provenance": None},
    *({"key": key, "rule": RULE} for key in ("", "Vip", "1vip", "v-p", "v" * 64, "v" * 65, 7, None)),
    *({"key": "vip", "rule": rule} for rule in ({}, None, {"attr": "n", "op": "gte"}, {"not": RULE})),
    *({"key": "vip", "rule": RULE, "version": version} for version in (0, -1, 1.5, "1", 2**32, None)),
    *({"key": "vip", "rule": RULE, "lifecycle": stage} for stage in ("proposed", "burnt", None)),
    *({"key": "vip", "rule": RULE, "description": text} for text in ("x", 1, None)),
    *({"key": "vip", "rule": RULE, "provenance": source} for source in ({}, {"who": "ana"}, "ana", {"by": 1})),
    {"key": "vip"},
    {"rule": RULE},
    {"key": "vip", "rule": RULE, "owner": "ana"},
    [],
]


@pytest.mark.parametrize("document", SEGMENTS, ids=json.dumps)
def test_segments(document: Any) -> None:
    assert CHECKS["segment"].is_valid(document) == accepted(stoa.Segment.from_dict, document)


TYPES = ["boolean", "number", "string", "timestamp", "string_list", "text", None, 1]
WORDS = ["orders", " x ", "", "  ", "a\0b", None, 1]
PHRASES = [
    "is x",
    "is {n}",
    "{value}",
    "is {x}",
    "is {n",
    "n}",
    "{n}{n}",
    "{n} of {value}",
    " {n} ",
    "{n}\0",
    "{n}\nor so",
]
NAMES = ["n", "", "x" * 255, "x" * 256, "a\0b", "it's"]
ATTRIBUTES: list[Any] = [
    *({"n": {"type": kind}} for kind in TYPES),
    *({"n": {"type": "number", field: text}} for field, text in product(("label", "phrase", "column"), WORDS)),
    *({"n": {"type": kind, "phrase": text}} for kind, text in product(("boolean", "string"), PHRASES)),
    *({"n": {"type": "number", "assignable": flag}} for flag in (True, False, None, 1, "yes")),
    *({name: {"type": "number"}} for name in NAMES),
    {},
    {"n": {}},
    {"n": "number"},
    {"n": {"type": "number", "unit": "EUR"}},
    RULES["schema"],
]


@pytest.mark.parametrize("document", ATTRIBUTES, ids=lambda d: json.dumps(d)[:60])
def test_attributes(document: Any) -> None:
    assert CHECKS["attributes"].is_valid(document) == accepted(stoa.AttributeSchema, document)
