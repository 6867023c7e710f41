"""The registry on disk: several writers, crashes at every byte, changed lines, hostile texts."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import FREE_SHIPPING, ROOT, vectors

import stoa
from stoa import _log, cli

sys.path.insert(0, str(ROOT / "tests"))
import registry_writers

REPEAT = stoa.Rule.parse("orders_count >= 2")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.jsonl"


@pytest.fixture
def reg(path: Path) -> stoa.Registry:
    return stoa.Registry.open(path)


def rule(n: int) -> stoa.Rule:
    return stoa.Rule.parse(f"orders_count >= {n}")


def deployed(reg: stoa.Registry, key: str = "repeat", r: stoa.Rule = REPEAT) -> None:
    reg.propose(r, key=key, by="ana")
    reg.accept(key, by="bo")
    reg.deploy(key, by="bo")


def code(call: Any) -> str:
    with pytest.raises(stoa.StoaError) as caught:
        call()
    return caught.value.code


# Writers ---------------------------------------------------------------------------------------------------------


def test_two_processes_lose_nothing(path: Path) -> None:
    result = registry_writers.together(path, 200)
    assert (result["events"], result["lost"], result["chain_valid"]) == (400, 0, True)


def test_threads_of_one_object_and_of_two_lose_nothing(reg: stoa.Registry, path: Path) -> None:
    other = stoa.Registry.open(path)

    def work(of: stoa.Registry, name: str) -> None:
        for i in range(25):
            of.propose(rule(i), key=f"{name}_{i}", by=name)

    threads = [threading.Thread(target=work, args=(r, n)) for r, n in ((reg, "a"), (reg, "b"), (other, "c"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reg) == len(other) == reg.verify() == 75


def test_what_others_appended_is_read_before_anything_is_answered(reg: stoa.Registry, path: Path) -> None:
    other = stoa.Registry.open(path)
    deployed(reg)
    assert [s.lifecycle for s in other.segments()] == ["deployed"]
    assert code(lambda: other.propose(REPEAT, key="repeat")) == "duplicate"


def test_nobody_accepts_a_rule_they_have_not_seen(reg: stoa.Registry, path: Path) -> None:
    reg.propose(rule(2), key="repeat", by="ana")
    stoa.Registry.open(path).propose(rule(3), key="repeat", by="carl")
    assert code(lambda: reg.accept("repeat", by="bo")) == "conflict"
    assert reg.get("repeat").pending["version"] == 2  # type: ignore[index]
    assert reg.accept("repeat", by="bo").version == 2


def test_a_writer_killed_in_the_middle_loses_nothing_it_confirmed(path: Path) -> None:
    stoa.Registry.open(path)
    command = [sys.executable, registry_writers.__file__, "--write", str(path), "victim", "100000"]
    confirmed = 0
    for _ in range(3):
        confirmed_now = 0
        name = f"victim{len(path.read_bytes())}"
        with subprocess.Popen([*command[:4], name, "100000"], stdout=subprocess.PIPE) as victim:
            assert victim.stdout
            while confirmed_now < 20:
                victim.stdout.readline()
                confirmed_now += 1
            victim.send_signal(signal.SIGKILL)
            confirmed_now += len(victim.stdout.read().split())
        confirmed += confirmed_now
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", stoa.TornLogWarning)
            reg = stoa.Registry.open(path)
        assert confirmed <= len(reg) <= confirmed + 3
    assert reg.verify() == len(reg)


# A torn end ------------------------------------------------------------------------------------------------------


def test_a_line_torn_at_any_byte_is_set_aside_and_said(reg: stoa.Registry, path: Path) -> None:
    deployed(reg)
    whole = path.read_bytes()
    begin = whole.rstrip(b"\n").rfind(b"\n") + 1
    for cut in range(begin + 1, len(whole)):
        path.write_bytes(whole[:cut])
        with pytest.warns(stoa.TornLogWarning, match=f"{cut - begin} bytes after byte {begin}"):
            healed = stoa.Registry.open(path)
        (mended,) = healed.healed
        if cut == len(whole) - 1:
            assert mended.completed and mended.kept_in is None and path.read_bytes() == whole
            assert len(healed) == 3
        else:
            assert mended.kept_in and Path(mended.kept_in).read_bytes() == whole[begin:cut]
            assert path.read_bytes() == whole[:begin]
            assert healed.deploy("repeat", by="bo").lifecycle == "deployed"
            Path(mended.kept_in).unlink()


def test_a_tear_by_another_process_is_healed_by_the_next_append(reg: stoa.Registry, path: Path) -> None:
    reg.propose(REPEAT, key="repeat")
    with path.open("ab") as log:
        log.write(b'{"actor":"an')
    assert reg.get("repeat").lifecycle == "proposed"
    with pytest.warns(stoa.TornLogWarning):
        reg.accept("repeat")
    assert (reg.healed[0].bytes, reg.verify()) == (12, 2)


def test_reading_alone_changes_nothing(reg: stoa.Registry, path: Path) -> None:
    reg.propose(REPEAT, key="repeat")
    torn = path.read_bytes() + b"\xff\xfe"
    path.write_bytes(torn)
    with pytest.warns(stoa.TornLogWarning, match="left out"):
        reader = stoa.Registry.open(path, read_only=True)
        assert len(reader) == 1
    with pytest.raises(PermissionError):
        reader.accept("repeat")
    assert path.read_bytes() == torn and list(path.parent.iterdir()) == [path]


# A changed log ---------------------------------------------------------------------------------------------------


def test_a_changed_line_is_named(reg: stoa.Registry, path: Path) -> None:
    deployed(reg)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b'"bo"', b'"eve"')
    path.write_bytes(b"".join(lines))
    with pytest.raises(stoa.StoaError, match=r"^line 2\.hash must be that of the line") as caught:
        stoa.Registry.open(path)
    assert caught.value.code == "broken_chain"
    assert code(reg.verify) == "broken_chain"


def test_a_log_that_changes_under_an_open_registry_is_never_appended_to(reg: stoa.Registry, path: Path) -> None:
    deployed(reg)
    before = path.read_bytes()
    changed = before.replace(b'"bo"', b'"by"')
    for wrong, found in ((before[:-10] + b"\n", "broken_chain"), (changed, "broken_chain"), (b"", "unknown_name")):
        path.write_bytes(wrong)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", stoa.TornLogWarning)
            assert code(lambda: reg.retire("repeat", why="x")) in (found, "broken_chain")
        assert path.read_bytes() == wrong
        path.write_bytes(before)
    assert reg.retire("repeat", why="x").lifecycle == "retired"
    assert reg.verify() == 4


def test_a_replaced_file_is_read_from_its_start(reg: stoa.Registry, path: Path, tmp_path: Path) -> None:
    deployed(reg)
    other = stoa.Registry.open(tmp_path / "other.jsonl")
    for n in range(4):
        other.propose(rule(n), key=f"k{n}")
    (tmp_path / "other.jsonl").replace(path)
    assert [s.key for s in reg.segments()] == ["k0", "k1", "k2", "k3"]


def test_a_full_disk_leaves_file_and_memory_as_they_were(
    reg: stoa.Registry, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reg.propose(REPEAT, key="repeat")
    before, write, written = path.read_bytes(), os.write, []

    def full(descriptor: int, data: Any) -> int:
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(write(descriptor, bytes(data[:10])))
        return written[0]

    monkeypatch.setattr(_log.os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        reg.accept("repeat")
    monkeypatch.undo()
    assert (path.read_bytes(), reg.get("repeat").lifecycle) == (before, "proposed")
    assert reg.accept("repeat").lifecycle == "accepted"


def test_a_refused_event_changes_nothing(reg: stoa.Registry, path: Path) -> None:
    reg.propose(REPEAT, key="repeat")
    before = path.read_bytes()
    refusals = {
        "conflict": lambda: reg.deploy("repeat"),
        "unknown_name": lambda: reg.accept("repeta"),
        "out_of_range": lambda: reg.propose(rule(3), key="Not Snake"),
        "missing_field": lambda: reg.accept("repeat", by=" "),
        "too_large": lambda: reg.accept("repeat", why="x" * 1_000_000),
        "wrong_type": lambda: reg.propose("orders_count >= 2", key="x"),
    }
    for expected, call in refusals.items():
        assert code(call) == expected
    assert code(lambda: reg.accept("repeat", at="yesterday")) == "out_of_range"
    assert path.read_bytes() == before and len(reg) == 1


# Who, when, why --------------------------------------------------------------------------------------------------


def test_texts_of_any_kind_stay_one_line_and_come_back(reg: stoa.Registry, path: Path) -> None:
    texts = ["a\nb\r\n", "\u2028\u2029\x85", '"}</script><b>', "é😀", "\x00\x1b[31m", "x" * 60_000]
    for i, said in enumerate(texts):
        reg.propose(rule(i), key=f"k{i}", by="ana " + said[:50], why=said)
    lone = reg.propose(REPEAT, key="lone", by="ana", why="\ud800!")
    assert lone.history[0].reason == "\ufffd!"
    again = stoa.Registry.open(path)
    assert [r.reason for r in again.changelog()][: len(texts)] == texts
    assert path.read_bytes().count(b"\n") == len(again) == len(texts) + 1


def test_the_page_escapes_what_people_wrote(reg: stoa.Registry) -> None:
    reg.propose(stoa.Segment("repeat", REPEAT, description="<script>alert(1)</script>"))
    page = reg._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert repr(reg).endswith("1 segments, 1 events>")


def test_time_never_goes_backwards(reg: stoa.Registry) -> None:
    future = "2999-01-01T00:00:00Z"
    reg.propose(REPEAT, key="repeat", at=future)
    assert code(lambda: reg.accept("repeat", at=datetime(2026, 1, 1, tzinfo=UTC))) == "conflict"
    # The clock is behind the log: the log's time stands.
    assert reg.accept("repeat").history[-1].time == "2999-01-01T00:00:00.000000Z"


def test_who_is_the_user_of_the_computer_when_nobody_is_named(
    reg: stoa.Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "dora")
    assert reg.propose(REPEAT, key="repeat").history[0].actor == "dora"


def test_simulated_events_say_so_everywhere(reg: stoa.Registry) -> None:
    entry = reg.propose(REPEAT, key="repeat", by="ana", simulated=True)
    assert entry.simulated and entry.history[0].sentence.endswith("(simulated)")
    assert reg.events()[0]["simulated"] is True


# What it answers -------------------------------------------------------------------------------------------------


def test_a_claim_rises_by_a_later_experiment(reg: stoa.Registry) -> None:
    effect = {"estimate": 0.08, "low": 0.05, "high": 0.11, "level": 0.95}
    reg.propose(REPEAT, key="repeat", evidence={"experiment": "spring", "claim": "honest", "effect": effect})
    assert code(lambda: reg.confirm("repeat", evidence={"experiment": "spring"})) == "conflict"
    assert code(lambda: reg.confirm("repeat", evidence={"experimnt": "x"})) == "unknown_field"
    entry = reg.confirm("repeat", evidence={"experiment": "autumn"}, by="bo")
    assert entry.evidence and entry.evidence["effect"] == effect
    assert (entry.claim, entry.confirmations) == ("confirmed", [{"experiment": "autumn"}])


def test_a_found_segment_comes_with_its_evidence(reg: stoa.Registry) -> None:
    n = range(400)
    df = {
        "visitor_id": [f"u{i}" for i in n],
        "variant": ["AB"[i % 2] for i in n],
        "orders_count": [i // 2 % 10 for i in n],
        "return_visit_rate": [i % 3 % 2 for i in n],
        "conversion_rate": [int(i % 7 == 0 or (i % 2 and i // 2 % 10 >= 5)) for i in n],
    }
    contract = {**FREE_SHIPPING, "metrics": {**FREE_SHIPPING["metrics"], "revenue": {"metric": "conversion_rate"}}}
    schema = stoa.AttributeSchema({"orders_count": {"type": "number", "assignable": False}})
    options: dict[str, Any] = {"n_trees": 50, "stability_pairs": 2, "stability_trees": 20}
    experiment = stoa.Experiment.from_dict(contract)
    g = stoa.discover(df, experiment, features=["orders_count"], schema=schema, **options)
    found = g.segments[0]
    entry = reg.propose(found, key="often", by="ana")
    evidence = entry.evidence
    assert evidence and found.effect
    assert (entry.claim, entry.segment.rule) == (found.claim, found.rule)
    assert entry.segment.provenance == {"discovery": "free_shipping"}
    assert evidence["effect"]["estimate"] == found.effect.estimate
    names = ("experiment", "metric", "treatment", "control", "n", "n_held_out", "share", "stability", "refits")
    assert [evidence[name] for name in names] == [getattr(found, name) for name in names]
    assert evidence["rule_hash"] == found.rule.sha256
    assert [(q.kind, q.missing_attributes) for q in reg.open_questions()][1] == ("not_targetable", ["orders_count"])


def test_the_answers_are_documents(reg: stoa.Registry) -> None:
    deployed(reg)
    reg.propose(rule(5), key="often", by="ana")
    schema = stoa.AttributeSchema({"orders_count": {"type": "number", "assignable": False}})
    kinds = [(q.key, q.kind) for q in reg.open_questions(schema)]
    assert kinds == [("repeat", "not_targetable"), ("often", "undecided"), ("often", "not_targetable")]
    answers = [reg.to_dict(), reg.get("often").to_dict(), reg.open_questions()[0].to_dict(), reg.events()]
    assert json.loads(json.dumps(answers)) == answers
    assert code(lambda: reg.segments("deploied")) == "unknown_name"  # type: ignore[arg-type]


def test_the_bundle_serves_what_is_deployed(reg: stoa.Registry) -> None:
    experiment = stoa.Experiment.from_dict({**FREE_SHIPPING, "targeting": {"segment": "repeat"}})
    reg.propose(REPEAT, key="repeat")
    with pytest.raises(stoa.StoaError, match="`repeat` is proposed"):
        reg.bundle([experiment])
    reg.accept("repeat")
    reg.deploy("repeat")
    engine = stoa.Engine.from_json(reg.bundle([experiment]))
    assert engine.decide("free_shipping", "u1", {"orders_count": 3}).reason == "assigned"
    assert engine.decide("free_shipping", "u1", {"orders_count": 1}).reason == "not_targeted"


def test_the_golden_log_is_the_one_of_the_other_languages(path: Path) -> None:
    golden = vectors("registry")
    path.write_text("".join(line + "\n" for line in golden["log"]), encoding="utf-8", newline="")
    reg = stoa.Registry.open(path)
    assert reg.head == golden["head"]
    assert [r.sentence for r in reg.changelog()] == golden["sentences"]
    assert json.loads(reg.bundle([stoa.Experiment.from_dict(golden["experiment"])])) == golden["bundle"]


def test_the_golden_log_hashes_as_documented() -> None:
    """The chain by Python alone: SHA-256 of the sorted JSON without its hash."""
    import hashlib

    prev = ""
    for line in vectors("registry")["log"]:
        event = json.loads(line)
        found = event.pop("hash")
        text = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert (event["prev"], found) == (prev, hashlib.sha256(text.encode()).hexdigest())
        prev = found


def test_lines_fit_the_published_schema(reg: stoa.Registry) -> None:
    schema = json.loads((ROOT / "docs" / "registry.schema.json").read_text())
    assert schema == stoa.registry_json_schema()
    for line in vectors("registry")["log"]:
        jsonschema.validate(json.loads(line), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(vectors("registry")["log"][0]), "event": "burnt"}, schema)


# Files -----------------------------------------------------------------------------------------------------------


def test_files_that_are_not_there_or_are_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        stoa.Registry.open(tmp_path / "nowhere" / "registry.jsonl")
    with pytest.raises(FileNotFoundError):
        stoa.Registry.open(tmp_path / "registry.jsonl", read_only=True)
    with pytest.raises(OSError):
        stoa.Registry.open(tmp_path)


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder anyone may read, and no right to write there: root steps down to another user meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        was_root = os.geteuid() == 0
        try:
            yield Path(folder)
        finally:
            if was_root:
                os.seteuid(0)
            Path(folder).chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="users and modes of Unix")
def test_a_file_one_may_not_write_is_read_and_left_alone(nobody: Path) -> None:
    nobody.chmod(0o755)
    path = nobody / "registry.jsonl"
    reg = stoa.Registry.open(path)
    reg.propose(REPEAT, key="repeat")
    path.chmod(0o444)
    nobody.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)
    before = path.read_bytes()
    with pytest.raises(PermissionError):
        reg.accept("repeat", by="bo")
    with pytest.raises(PermissionError):
        stoa.Registry.open(nobody / "other.jsonl")
    assert len(stoa.Registry.open(path, read_only=True)) == len(reg) == 1
    assert path.read_bytes() == before


def test_a_lock_that_is_never_released_is_given_up(
    reg: stoa.Registry, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_log, "LOCK_TIMEOUT", 0.05)
    with _log.LogFile(path).locked(), pytest.raises(TimeoutError, match=path.name):
        reg.propose(REPEAT, key="repeat")
    assert len(reg) == 0


# Command line ----------------------------------------------------------------------------------------------------


def test_the_command_line_decides_and_lists(reg: stoa.Registry, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reg.propose(REPEAT, key="repeat", by="ana", why="\x1b[31mred")

    def run(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["registry", str(path), *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    assert run()[1].split()[:3] == ["repeat", "proposed", "1"]
    assert "waits for a decision" in run("open")[1]
    assert run("deploy", "repeat", "--by", "bo")[0] == 2
    assert run("accept", "repeat", "--by", "bo")[0] == 0
    assert run("deploy", "repeat", "--by", "bo")[1] == "repeat is deployed (version 1)\n"
    assert "\x1b" not in run("log")[1] and "\\x1b[31mred" in run("log")[1]
    status, out, _ = run("verify")
    assert status == 0 and "3 events" in out and reg.head in out
    assert run("retire", "repeat", "--why", "done", "--by", "bo")[0] == 0
    path.write_bytes(path.read_bytes().replace(b'"bo"', b'"by"', 1))
    status, _, err = run("verify")
    assert status == 2 and "line 2.hash" in err and "[broken_chain]" in err
    assert cli.main(["registry", str(path.with_name("none.jsonl"))]) == 2
