"""A visitor given as a dict, of which only what rules ask for is read, is the visitor that its JSON text is."""

import collections
import datetime
import json
import math
import random
from typing import Any

import numpy as np
import pytest
from conftest import FREE_SHIPPING

import stoa

RULES: dict[str, dict[str, Any]] = {
    "number": {"attr": "n", "op": "gte", "value": 2},
    "text": {"attr": "c", "op": "in", "value": ["CA", "é"]},
    "flag": {"attr": "b", "op": "eq", "value": True},
    "tags": {"attr": "t", "op": "has", "value": "new"},
    "absent": {"attr": "n", "op": "is_missing"},
    "there": {"not": {"attr": "c", "op": "is_missing"}},
    "named_a": {"attr": "a", "op": "eq", "value": 1},
    "seen": {"attr": "s", "op": "gt", "value": "2026-01-31T00:00:00Z"},
}
EXPERIMENTS = [{**FREE_SHIPPING, "key": key, "targeting": rule} for key, rule in RULES.items()]
ENGINE = stoa.Engine.from_json(json.dumps({"experiments": EXPERIMENTS}))
# What JSON can spell, so that its text says the same.
VALUES = [None, True, False, 0, 1, 2, 2.0, -0.0, 1.5, 10**17, "CA", "é", "", "1", ["new"], ["x", "new"], [], [1], {}]
VALUES += ["2026-02-01T00:00:00Z", {"a": 1}]


def outcome(given: Any) -> list[tuple[str | None, str]]:
    return [(d.variant, d.reason) for d in (ENGINE.decide(key, "u1", given) for key in RULES)]


def test_the_engine_is_whole() -> None:
    assert ENGINE.load_errors == []


def test_a_dict_is_its_json_text() -> None:
    draw = random.Random(5)
    for _ in range(2_000):
        names = draw.sample(["n", "c", "b", "t", "a", "s", "v", "else"], draw.randrange(6))
        visitor = {name: draw.choice(VALUES) for name in names}
        text = json.dumps(visitor)
        assert outcome(visitor) == outcome(text) == outcome(text.encode()), visitor


def test_a_cached_document_may_be_a_dict() -> None:
    cached = {"v": 1, "a": {"n": 3}, "s": {}}
    assert outcome(cached) == outcome(json.dumps(cached)) == outcome({"n": 3})
    assert {reason for _, reason in outcome({"v": 2, "a": {"n": 3}})} == {"bad_attributes"}


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ({"n": np.int64(3), "c": np.str_("CA"), "b": np.bool_(True)}, {"n": 3, "c": "CA", "b": True}),
        ({"n": math.nan, "t": ("new",)}, {"n": None, "t": ["new"]}),
        ({"n": math.inf}, {}),
        ({"n": 10**400}, {}),
        ({"s": datetime.datetime(2026, 2, 1, tzinfo=datetime.UTC)}, {"s": "2026-02-01T00:00:00+00:00"}),
        ({"c": "\ud800"}, {"c": "\ufffd"}),
        ({"c": object(), 1: 2}, {"c": {}}),
        (collections.OrderedDict(n=3), {"n": 3}),
        (collections.ChainMap({"n": 3}), {"n": 3}),
        (None, {}),
    ],
    ids=repr,
)
def test_values_of_python_alone(given: Any, same: dict[str, Any]) -> None:
    assert outcome(given) == outcome(same)


def test_decisions_are_made_once() -> None:
    first, again = (ENGINE.decide("number", unit, {"n": 3}) for unit in ("u1", "u1"))
    assert first is again
    assert ENGINE.decide("nowhere", "u1") == ENGINE.decide("nowhere", "u1")
    assert ENGINE.assign("u1", {"n": 3})[0] is first


def test_what_was_shown_stays() -> None:
    sticky = {**FREE_SHIPPING, "key": "sticky", "sticky": True, "targeting": {"attr": "n", "op": "eq", "value": 0}}
    engine = stoa.Engine.from_json(json.dumps({"experiments": [sticky]}))
    first = engine.assign("u1", {"n": 0})
    cookie = engine.remember(None, first)
    assert cookie.startswith("sticky.")
    assert engine.assign("u1", {"n": 1}, memory=cookie) == first
    assert engine.decide("sticky", "u1", {"n": 1}).reason == "not_targeted"
    # A refusal is not remembered, and forgets nothing.
    assert engine.remember(cookie, engine.assign("u1", {"n": 1})) == cookie
    assert engine.remember("rubbish", []) == ""
    why = engine.explain("sticky", "u1", {"n": 1}, memory=cookie)
    assert [check["check"] for check in why.checks if check["spoke"]] == ["sticky"]


def test_an_explanation_is_the_decision() -> None:
    for key in RULES:
        for given in ({"n": 3, "c": "<CA>"}, "{", None):
            why = ENGINE.explain(key, "u<1>", given)
            assert why.decision == ENGINE.decide(key, "u<1>", given)
            assert why.to_dict()["checks"] == why.checks
            assert str(why) == why.describe() == why.to_dict()["description"]
            assert "<1>" not in why._repr_html_()
