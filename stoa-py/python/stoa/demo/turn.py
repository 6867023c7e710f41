"""One turn of the loop on one store: segment, experiment, analyze, discover, register, assign, report."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import stoa
from stoa.report import page
from stoa.report.words import count, listed

from . import simulated
from .analyze import analyze
from .assign import assign
from .console import Console
from .discover import Found, Settings, described, discover
from .documents import Documents, examples_folder, read_documents
from .experiment import experiment
from .next import next_question
from .register import Mode, approve, candidate, make_way, register, registered
from .segment import segment
from .store import Store, open_store
from .summary import summary

SCHEMA_VERSION = 1
REGISTRY = "registry.jsonl"
Loop = dict[str, Any]


def run(
    out: Path = Path("out"),
    *,
    simulate: bool = False,
    examples: Path | None = None,
    rows: int = simulated.ROWS,
    approval: Mode = "simulated",
    settings: Settings | None = None,
    quiet: bool = False,
) -> Loop:
    """Turns the loop once; writes `report.html`, `loop.json`, `registry.jsonl` and `bundle.json` into `out`.

    Without a deployed segment there is no follow-up experiment, and no `bundle.json`.

    Args:
        out: folder of the results, made when missing.
        simulate: use the simulated store without looking for the real one.
        examples: folder of the documents; found by itself inside a clone.
        rows: size of the simulated store.
        approval: who lets a found segment reach the storefront: a simulated operator, the person at the terminal, or
            no one.
        settings: size of the searches.
        quiet: print nothing.

    Returns:
        What `loop.json` holds (docs/LOOP.md).

    Raises:
        stoa.StoaError: a document is refused.
        stoa.demo.node.NodeError: Node could not answer.
        FileNotFoundError: there is no examples folder.
        FileExistsError: `out` holds a registry that no demo wrote.
    """
    console = Console(total=8, quiet=quiet)
    out.mkdir(parents=True, exist_ok=True)
    make_way(out / REGISTRY)
    with tempfile.TemporaryDirectory(prefix="stoa-") as scratch:
        console.step("data: an e-mail campaign on 64,000 customers")
        store = open_store(Path(scratch), simulate, console.say, rows)
        documents = read_documents(examples_folder(examples))
        loop = head(store) | evidence(store, documents, console)
        found = search(store, documents, settings or Settings(), console)
        loop["discover"] = described(found)
        loop |= carry_on(store, documents, found, approval, out, Path(scratch), console)
        loop["next"] = next_question(loop)
    console.step("report: pictures and every number")
    (out / "loop.json").write_text(json.dumps(loop, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    (out / "report.html").write_text(page(loop), encoding="utf-8")
    console.say(f"{console.seconds:.0f} s in all")
    console.text()
    for line in summary(loop, out):
        console.text(line)
    return loop


def head(store: Store) -> Loop:
    """What the document is of."""
    return {
        "schema_version": SCHEMA_VERSION,
        "stoa_version": stoa.__version__,
        "simulated": store.simulated,
        "data": data(store),
    }


def evidence(store: Store, documents: Documents, console: Console) -> Loop:
    """Steps 1 to 3: what is known of the customers and of the campaign."""
    mark = marked(store)
    console.step(f"segment: the starter set, each a rule in {documents.folder}/segments{mark}")
    segments = segment(store, documents)
    names = [entry["key"] for entry in segments["segments"] if not entry["targetable"]]
    console.say(
        f"{len(segments['segments'])} segments profiled; not targetable in the storefront: {listed(names) or 'none'}"
    )
    console.step(f"experiment: the contract of the campaign, and the sample ratio{mark}")
    contract = experiment(store, documents)
    console.say(f"{contract['contract']['key']} validates; sample ratio p = {contract['srm']['p_value']:.3f}")
    console.step(f"analyze: both e-mails against none and against each other{mark}")
    analysis = analyze(store, documents)
    console.say(f"{len(analysis['comparisons'])} comparisons of three metrics, all by quadrature")
    return {"segment": segments, "experiment": contract, "analyze": analysis}


def search(store: Store, documents: Documents, settings: Settings, console: Console) -> Found:
    """Step 5: who responds differently."""
    halves = 2 * settings.stability_pairs
    console.step(f"discover: who responds differently? Each finding searched again on {halves} halves{marked(store)}")
    return discover(store, documents, settings, console)


def carry_on(
    store: Store, documents: Documents, found: Found, mode: Mode, out: Path, scratch: Path, console: Console
) -> Loop:
    """Steps 6 and 7: the finding into the registry, and from there to the next experiment."""
    one = candidate(found)
    console.step(f"register: the finding, and whether it may reach the storefront{marked(store)}")
    approval = approve(mode, one)
    registry = register(out / REGISTRY, one, approval, store.simulated)
    for record in registry.changelog():
        console.say(record.sentence)
    if one:
        for dialect, text in one.segment.sql.items():
            console.say(f"{dialect}: {text}")
    if not approval.given:
        console.say(f"not deployed: {approval.reason}")
    console.step(f"assign: the follow-up experiment, decided by Python, Node and DuckDB{marked(store)}")
    bundle, assigned = out / "bundle.json", None
    # A bundle of an earlier run would outlive its registry.
    bundle.unlink(missing_ok=True)
    if one and approval.given:
        assigned = assign(store, documents, registry, one, bundle, scratch)
        wrong = sum(sum(each.values()) for each in assigned["differences"].values())
        console.say(f"{count(store.customers)} customers, differences: {wrong}")
    else:
        console.say("no segment is deployed, so no experiment targets one and no bundle.json is written")
    return {"registry": registered(registry, one, approval), "assign": assigned}


def marked(store: Store) -> str:
    """Said in every step when no such store exists."""
    return " [simulated]" if store.simulated else ""


def data(store: Store) -> dict[str, Any]:
    """Where the rows came from."""
    facts: dict[str, Any] = {"source": store.source, "csv_sha256": store.csv_sha256, "customers": store.customers}
    if store.simulated:
        facts |= {"reason": store.reason, "simulated_truth": simulated.truth()}
    return facts
