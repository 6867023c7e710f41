"""Hostile input through the public names: the right answer, or a StoaError that names field, rule and value."""

from __future__ import annotations

import datetime
import math
from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from conftest import refused

import stoa

EXPERIMENT = {
    "key": "e1",
    "surface": "shipping_offer",
    "status": "running",
    "variants": [{"key": "A"}, {"key": "B"}],
    "targeting": {"attr": "n", "op": "gte", "value": 2},
    "metrics": {
        "revenue": {"metric": "revenue_per_visitor"},
        "satisfaction": {"metric": "return_visit_rate", "margin": 0.05, "proxy_reason": "nobody is asked yet"},
    },
}


def binary(n: int, successes: int) -> dict[str, int]:
    return {"n": n, "successes": successes}


@pytest.fixture
def engine() -> stoa.Engine:
    return stoa.Engine([stoa.Experiment.from_dict(EXPERIMENT)])


def rows(**changed: Any) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "visitor_id": [f"u{i}" for i in range(8)],
        "variant": ["A", "B"] * 4,
        "revenue_per_visitor": [20.0, 0.0, 0.0, 30.0, 0.0, 0.0, 25.0, 0.0],
        "return_visit_rate": [0, 1] * 4,
    }
    return pd.DataFrame({**columns, **changed})


# Posteriors ------------------------------------------------------------------------------------------------------


def test_rare_events_among_a_trillion_keep_their_digits() -> None:
    # Gamma(2) against Gamma(3) to 1e-12: P(G3 > G2) = P(Beta(2, 3) < 1/2) = 11/16.
    c = stoa.compare("binary", binary(10**12, 1), binary(10**12, 2))
    assert abs(c.prob_positive - 11 / 16) < 1e-11
    # The same with the roles of yes and no exchanged.
    c = stoa.compare("binary", binary(10**12, 10**12 - 1), binary(10**12, 10**12 - 2))
    assert abs(c.prob_positive - 5 / 16) < 1e-11


def test_rates_however_far_apart_in_certainty_are_compared() -> None:
    # Beta(2, 2^53) is Gamma(2) / 2^53 (2.5%, 97.5%: 0.24221, 5.5716), the other rate 1/2 to 5e-9.
    c = stoa.compare("binary", binary(2**53, 1), binary(2**53, 2**52))
    assert c.prob_positive == pytest.approx(1, abs=1e-10)
    low, high = c.relative.interval(0.95)
    assert (low + 1) * 5.5716 / 2**52 == pytest.approx(1, rel=1e-4)
    assert (high + 1) * 0.24221 / 2**52 == pytest.approx(1, rel=1e-4)
    low, high = c.absolute.interval(0.95)
    assert high - low == pytest.approx(2 * 1.959964 * 0.5 / 2**26.5, rel=1e-4)


def test_order_values_too_far_apart_in_certainty_are_refused_not_computed_forever() -> None:
    revenue = {"visitors": 1000, "orders": 50, "mean_log": 4, "var_log": 0.5}
    prior = {"severity": {"kappa": 1e12, "mean": 4}}
    error = refused(lambda: stoa.compare("hurdle", revenue, revenue, prior), "too_large")
    assert error.field == "control"


def test_a_loss_of_nothing_is_plus_zero() -> None:
    c = stoa.compare("binary", binary(10**12, 0), binary(10**12, 10**12))
    assert math.copysign(1.0, c.expected_loss_ship or 0.0) == 1.0


@pytest.mark.parametrize("count", [2**53 + 1, 2**64, 10**400])
def test_counts_that_no_float_holds(count: int) -> None:
    with pytest.raises(stoa.StoaError, match=r"control.n"):
        stoa.compare("binary", binary(count, 1), binary(1, 1))


def test_negative_counts_are_named() -> None:
    c = stoa.compare("binary", binary(900, 81), binary(905, 99))
    assert refused(lambda: c.risk(-1), "out_of_range").field == "visitors"
    assert refused(lambda: c.sample(-1), "out_of_range").field == "n"
    assert refused(lambda: c.sample(1, seed=-1), "out_of_range").field == "seed"
    assert refused(lambda: c.absolute.density(-1), "out_of_range").field == "points"
    assert refused(lambda: stoa.srm([-1, 2], [1, 1]), "out_of_range").field == "observed[0]"
    assert refused(lambda: stoa.duration(-1, 5), "out_of_range").field == "n_per_arm"
    segment = stoa.Rule.parse("n = 1")
    assert refused(lambda: stoa.Segment("s", segment, version=-1), "out_of_range").field == "version"


def test_sums_of_counts_and_weights_do_not_overflow() -> None:
    assert stoa.srm([2**63, 2**63], [1, 1]).p_value == 1.0
    assert stoa.srm([5000, 5500], [1e308, 1e308]).p_value == stoa.srm([5000, 5500], [1, 1]).p_value


def test_a_sample_size_beyond_all_counts_is_no_answer() -> None:
    assert refused(lambda: stoa.power("conversion_rate", 1e-12, 1e-6), "out_of_range").field == "minimum_effect"
    assert refused(lambda: stoa.duration(1000, 100, allocation=1e-300), "out_of_range").field == "visitors_per_day"


# Rules and documents ---------------------------------------------------------------------------------------------


def test_a_rule_of_ten_megabytes_is_too_large_as_objects_too() -> None:
    for value in ["x" * 10_000_000, [1] * 1_000_000]:
        op = "eq" if isinstance(value, str) else "in"
        refused(lambda value=value, op=op: stoa.Rule.from_dict({"attr": "a", "op": op, "value": value}), "too_large")


@pytest.mark.parametrize(
    "sql", ["t = TIMESTAMP '2026-02-30'", "t <> DATE '2026-01-31'", "t IN (DATE '2026-01-31')", "t > DATE '2026-02-30'"]
)
def test_an_instant_is_ordered_not_equal_and_exists(sql: str) -> None:
    refused(lambda: stoa.Rule.parse(sql), "unsupported_sql")


def test_lone_surrogates_become_the_replacement_character(engine: stoa.Engine) -> None:
    assert stoa.Rule.parse("a = 'x\ud800'").to_dict()["value"] == "x\ufffd"
    assert stoa.Rule.from_json('{"attr": "a", "op": "eq", "value": "x\ud800"}').matches({"a": "x\udc00"})
    assert engine.decide("\ud800", "u").reason == "unknown_experiment"


def test_objects_that_hold_themselves() -> None:
    loop: dict[str, Any] = {}
    loop["all"] = [loop]
    error = refused(lambda: stoa.Rule.from_dict(loop), "too_large")
    assert len(error.field) < 100
    assert stoa.Rule.parse("n = 1").evaluate({"n": 1, "loop": loop}) is True


def test_whole_numbers_that_no_float_holds() -> None:
    huge = 10**400
    refused(lambda: stoa.Rule.from_dict({"attr": "a", "op": "eq", "value": huge}), "not_finite")
    assert stoa.Rule.parse("a > 1").evaluate({"a": huge}) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"key: \xff", "invalid_document"),
        (b"a: &a [*a]", "cycle"),
        (b"- " * 10_000 + b"x", "too_large"),
        (b"[" * 10_000 + b"]" * 10_000, "too_large"),
        (b"key: x\n---\nkey: y\n", "invalid_document"),
    ],
)
def test_files_that_are_no_documents(tmp_path: Any, text: bytes, code: str) -> None:
    path = tmp_path / "e.yaml"
    path.write_bytes(text)
    refused(lambda: stoa.Experiment.from_file(path), code)


def test_a_file_error_names_the_file(tmp_path: Any) -> None:
    with pytest.raises(FileNotFoundError, match="missing"):
        stoa.Experiment.from_file(tmp_path / "missing.yaml")


# Visitors and frames ---------------------------------------------------------------------------------------------


def test_any_mapping_is_attributes_and_nothing_else_is(engine: stoa.Engine) -> None:
    assert engine.decide("e1", "u", MappingProxyType({"n": 3})).reason == "assigned"
    for given in [object(), bytearray(b'{"n": 3}'), datetime.timedelta(1)]:
        assert engine.decide("e1", "u", given).reason == "bad_attributes"  # type: ignore[arg-type]


def analyzed(frame: Any) -> Any:
    return stoa.analyze(frame, stoa.Experiment.from_dict(EXPERIMENT))


def test_columns_say_what_they_hold() -> None:
    error = refused(lambda: analyzed(rows(return_visit_rate=[b"1"] * 8)), "wrong_type")
    assert error.field == "return_visit_rate"
    refused(lambda: analyzed(rows(return_visit_rate=pd.to_timedelta(range(8), "s"))), "wrong_type")


def test_numbers_as_categories_and_half_floats_are_numbers() -> None:
    plain = analyzed(rows()).to_dict()
    assert analyzed(rows(return_visit_rate=pd.Categorical([0, 1] * 4))).to_dict() == plain
    half = pa.array(pd.Series([0, 1] * 4, dtype="float16"))
    table = pa.Table.from_pandas(rows()).set_column(3, "return_visit_rate", half)
    assert analyzed(table).to_dict() == plain


def test_frames_that_arrow_cannot_hold() -> None:
    mixed = rows(return_visit_rate=[True, 0, "x", 1] * 2)
    twice = pd.concat([rows(), rows()[["variant"]]], axis=1)
    for frame in [mixed, twice]:
        assert refused(lambda frame=frame: analyzed(frame), "invalid_document").field == "df"


def test_an_order_too_large_to_square_is_named_by_its_row() -> None:
    frame = rows()
    frame.loc[3, "revenue_per_visitor"] = 1e200
    assert refused(lambda: analyzed(frame), "out_of_range").field == "revenue_per_visitor[3]"
