"""200 assignments computed elsewhere, replayed by the engine and by the SQL it writes for DuckDB."""

from typing import Any

import duckdb
import pytest
from conftest import FREE_SHIPPING, truth

import stoa

CASES: list[dict[str, Any]] = truth("assignment_vectors")["cases"]


def engine(case: dict[str, Any], allocation: float) -> stoa.Engine:
    """The experiment of a case; its variants are named by their index."""
    document = FREE_SHIPPING | {
        "salt": case["salt"],
        "allocation": allocation,
        "variants": [{"key": str(k), "weight": weight} for k, weight in enumerate(case["weights"])],
    }
    return stoa.Engine([stoa.Experiment.from_dict(document)])


def reason(case: dict[str, Any]) -> str:
    """What the engine should say of a case."""
    return "assigned" if case["allocated"] else "not_allocated"


def test_there_are_two_hundred() -> None:
    assert len(CASES) == 200


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_engine(case: dict[str, Any]) -> None:
    everyone = engine(case, 1.0).decide("free_shipping", case["unit"])
    assert everyone.variant == str(case["variant"])
    assert engine(case, case["allocation"]).decide("free_shipping", case["unit"]).reason == reason(case)


def test_duckdb() -> None:
    with duckdb.connect() as connection:
        for case in CASES:
            variant = engine(case, 1.0).assignment_sql("free_shipping", "duckdb", unit="unit")
            why = engine(case, case["allocation"]).reason_sql("free_shipping", "duckdb", unit="unit")
            found = connection.execute(f"SELECT {variant}, {why} FROM (SELECT ? AS unit)", [case["unit"]]).fetchone()
            assert found == (str(case["variant"]), reason(case)), case
