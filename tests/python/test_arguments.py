"""Arguments of another type, and frames that need a package that is not there: StoaError, never Python's own."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from conftest import refused

import stoa

RULE = stoa.Rule.parse("n > 1")
SCHEMA: Any = {"n": {"type": "number"}}
ANY: Any = stoa
DF = pd.DataFrame({"n": [1, 2]})
WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "parse": (lambda: ANY.Rule.parse(None), "sql"),
    "from_json": (lambda: ANY.Rule.from_json(3), "text"),
    "from_dict": (lambda: ANY.Rule.from_dict(None), "rule"),
    "to_sql": (lambda: ANY.Rule.to_sql(RULE, None), "dialect"),
    "to_sql alias": (lambda: ANY.Rule.to_sql(RULE, alias=3), "alias"),
    "to_sql schema": (lambda: ANY.Rule.to_sql(RULE, schema=SCHEMA), "schema"),
    "describe": (lambda: RULE.describe(SCHEMA), "schema"),
    "check": (lambda: RULE.check(SCHEMA), "schema"),
    "check None": (lambda: ANY.Rule.check(RULE, None), "schema"),
    "from_growthbook": (lambda: stoa.Rule.from_growthbook({"n": 1}, SCHEMA), "schema"),
    "expand dicts": (lambda: ANY.Rule.expand(RULE, [{"key": "a"}]), "segments[0]"),
    "expand None": (lambda: ANY.Rule.expand(RULE, None), "segments"),
    "schema text": (lambda: ANY.AttributeSchema("x"), "schema"),
    "schema None": (lambda: ANY.AttributeSchema(None), "schema"),
    "schema object": (lambda: ANY.AttributeSchema(object()), "document"),
    "missing_for": (lambda: ANY.AttributeSchema(SCHEMA).missing_for("n > 1"), "rule"),
    "segment rule": (lambda: ANY.Segment("a", "n > 1"), "rule"),
    "segment key": (lambda: ANY.Segment(1, RULE), "key"),
    "segment description": (lambda: ANY.Segment("a", RULE, None), "description"),
    "segment version": (lambda: ANY.Segment("a", RULE, version="1"), "version"),
    "segment from_dict": (lambda: ANY.Segment.from_dict([]), "segment"),
    "profile rules": (lambda: ANY.profile(DF, [RULE], outcomes={"n": "n"}), "segments[0]"),
    "engine segments": (lambda: ANY.Engine([], ["a"]), "segments[0]"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_argument_of_another_type_is_refused_by_name(case: str) -> None:
    call, field = WRONG[case]
    assert refused(call, "wrong_type").field == field


def test_segments_may_come_one_by_one() -> None:
    big = stoa.Segment("big", RULE)
    assert stoa.Rule.parse("segment('big')").expand(s for s in [big]) == RULE


def test_a_set_of_segments_says_where() -> None:
    big = stoa.Segment("big", RULE)
    assert refused(lambda: RULE.expand([big, big]), "duplicate").field == "segments[1].key"
    lost = stoa.Segment("a", stoa.Rule.parse("segment('b')"))
    assert refused(lambda: RULE.expand([lost]), "unknown_name").field == "segments[0].rule.segment"


def test_a_version_says_its_range() -> None:
    error = refused(lambda: stoa.Segment("a", RULE, version=2**64), "out_of_range")
    assert error.problems[0]["rule"] == "must be a whole number from 1 to 4294967295"
    assert stoa.Segment("a", RULE, version=2**32 - 1).version == 2**32 - 1


def test_segments_and_schemas_are_copied_and_pickled() -> None:
    document = {
        "key": "big",
        "rule": RULE.to_dict(),
        "version": 3,
        "lifecycle": "accepted",
        "provenance": {"by": "ana"},
    }
    segment = stoa.Segment.from_dict(document)
    schema = stoa.AttributeSchema(SCHEMA)
    for given in (segment, schema, RULE):
        assert copy.deepcopy(given) == copy.copy(given) == pickle.loads(pickle.dumps(given)) == given
    assert pickle.loads(pickle.dumps(segment)).to_dict() == segment.to_dict()


@pytest.mark.parametrize("df", [{"n": [1, 2]}, DF], ids=["dict", "pandas"])
def test_a_frame_that_needs_pyarrow_says_so(monkeypatch: pytest.MonkeyPatch, df: Any) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    error = refused(lambda: RULE.mask(df), "unsupported")
    assert error.field == "df" and error.hint == "pip install pyarrow"
