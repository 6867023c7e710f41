"""A small run of `make sim-forest`: nothing is claimed where nothing differs, and what differs is found."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT

QUICK = {"n_trees": 60}
NULL_SETS, MOST_CLAIMS = 8, 3


@pytest.fixture(scope="module")
def sim(request: pytest.FixtureRequest) -> ModuleType:
    """The simulation, imported from its folder."""
    sys.path.insert(0, str(ROOT / "tests" / "sim"))
    request.addfinalizer(lambda: sys.path.remove(str(ROOT / "tests" / "sim")))
    return importlib.import_module("forest_null")


def test_a_constant_effect_is_rarely_a_segment(sim: ModuleType) -> None:
    # At a 5% level more than three claims of eight have a chance of 0.04%; a search that always claims makes eight.
    null = sim.SCENARIOS["nwC"]
    claims = [bool(sim.discover(null, 1000, seed, **QUICK, **sim.JUDGES).segments) for seed in range(NULL_SETS)]
    assert sum(claims) <= MOST_CLAIMS


def test_a_planted_difference_is_found_by_its_own_attribute(sim: ModuleType) -> None:
    for seed in range(3):
        found = sim.discover(sim.SCENARIOS["nwC planted"], 2000, seed, **QUICK, **sim.JUDGES)
        assert found.segments and all("x4" in s.rule.attributes() for s in found.segments), found.sentence


def test_the_judges_of_a_claim_do_not_make_it(sim: ModuleType) -> None:
    other = {"n_folds": 3, "stability_pairs": 2, "stability_trees": 60}
    for name, seed in (("nwC planted", 1), ("nwC", 1)):
        one, two = (sim.discover(sim.SCENARIOS[name], 1000, seed, **QUICK, **judges) for judges in (sim.JUDGES, other))
        assert {s.rule_hash for s in one.segments} == {s.rule_hash for s in two.segments}
        assert one.heterogeneity == two.heterogeneity


def test_the_generator_is_the_reference_generator(sim: ModuleType) -> None:
    if not sim.REFERENCE.exists():
        pytest.skip("no ../shared beside this clone")
    assert sim.same_as_reference(sim.SCENARIOS["nwC"], 500, 105)
    assert not sim.same_as_reference(sim.SCENARIOS["nwC planted"], 500, 105)


def test_the_interval_is_the_exact_one(sim: ModuleType) -> None:
    # Published tables: 5 of 100 gives 1.64% to 11.28%, 0 of 20 gives 0 to 16.84%.
    assert sim.exact_interval(5, 100) == pytest.approx((0.0164, 0.1128), abs=5e-5)
    assert sim.exact_interval(0, 20) == pytest.approx((0.0, 0.1684), abs=5e-5)
    assert sim.exact_interval(20, 20) == pytest.approx((0.8316, 1.0), abs=5e-5)


def test_the_table_counts_claims(sim: ModuleType, tmp_path: Path) -> None:
    line = {"scenario": "nwC", "n": 2000, "trees": 60, "right": False, "same_as_reference": None, "cpu_seconds": 1.0}
    lines = [line | {"seed": seed, "segments": ["x"] if seed < 2 else []} for seed in range(10)]
    assert "| 2,000 | 60 | 10 | **2** |" in sim.table(lines)[2]
    page = tmp_path / "page.md"
    begin, end = "<!-- sim-forest begins -->", "<!-- sim-forest ends -->"
    page.write_text(f"Before\n{begin}\nold\n{end}\nAfter\n")
    sim.fill(page, "sim-forest", ["new"])
    assert page.read_text() == f"Before\n{begin}\nnew\n{end}\nAfter\n"
