"""The tables of `make sim-decide` say what was counted; what is counted is tested in Rust (tests/rust/promise.rs)."""

import importlib
import sys
from types import ModuleType
from typing import Any

import pytest
from conftest import ROOT


@pytest.fixture(scope="module")
def sim(request: pytest.FixtureRequest) -> ModuleType:
    """The simulation, imported from its folder."""
    sys.path.insert(0, str(ROOT / "tests" / "sim"))
    request.addfinalizer(lambda: sys.path.remove(str(ROOT / "tests" / "sim")))
    return importlib.import_module("decide")


def cell(**changes: Any) -> dict[str, Any]:
    """100 experiments of which 4 shipped, 6 at some look."""
    endings = {"shipped": 4, "shipped_ever": 6, "stopped": 80, "investigated": 1, "invalid": 0, "open": 15}
    ever = {"value": 0.06, "error": 0.0237}
    return {
        "said": "no effect",
        "guarantee": "horizon",
        "rule": "verdict",
        "runs": 100,
        "wanted": 20_000,
        "endings": endings,
        "shipped": {"value": 0.04, "error": 0.0196},
        "mean_day": {"value": 21.25, "error": 0.3},
        "held": [{"bar": {"what": "false_ships", "limit": 0.05}, "measured": ever, "met": True}],
        "cpu_seconds": 61.0,
    } | changes


def test_a_row_says_what_was_counted(sim: ModuleType) -> None:
    assert sim.promise(cell()) == (
        "| no effect | horizon | 100 of 20,000 | 4.00% ± 1.96 | 6.00% ± 2.37 | 21.2 ± 0.3 "
        "| 80.0%, 1.0%, 0.0%, 15.0% | ever ≤ 5% + 2 s.e. | yes | 61 |"
    )
    bare = sim.promise(cell(rule="naive", runs=20_000, held=[]))
    assert "| no gate | 20,000 | 4.00% ± 1.96 | – |" in bare and bare.endswith("| – | – | 61 |")


def test_a_broken_promise_is_bold_and_counted(sim: ModuleType) -> None:
    late = {"bar": {"what": "mean_day", "limit": 19.5}, "measured": {"value": 21.25, "error": 0.3}, "met": False}
    broken = cell(held=[*cell()["held"], late])
    assert "| ever ≤ 5% + 2 s.e.; day ≤ 19.5 | **no** |" in sim.promise(broken)
    rows = sim.promises([broken, cell(runs=0)])
    assert len(rows) == 5 and rows[-1] == "1 of 2 promises kept, 2.0 CPU minutes."


def test_a_lift_without_draws_has_no_row(sim: ModuleType) -> None:
    hits = {"draws": 50, "coverage": [{"value": v, "error": 0.0} for v in (0.5, 0.8, 0.95)], "rank_p": 0.4, "met": True}
    family = {"name": "csat", "said": "flat", "levels": [0.5, 0.8, 0.95], "absolute": hits, "cpu_seconds": 30.0}
    rows = sim.coverage([family | {"relative": hits | {"draws": 0}}])
    assert rows[2:] == [
        "| csat | flat | absolute | 50 | 50.0% | 80.0% | 95.0% | 0.400 | yes | 30 |",
        "",
        "0.5 CPU minutes.",
    ]
