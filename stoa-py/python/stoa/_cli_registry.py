"""The command `stoa registry`: read a log, and decide about its segments."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._registry import Registry


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Its options."""
    registry = commands.add_parser("registry", help="segments, who decided what about them, and why")
    registry.add_argument("file", type=Path, metavar="FILE", help="registry.jsonl")
    registry.set_defaults(run=run, step=list_segments, writes=False)
    steps = registry.add_subparsers(title="what to do (list)", metavar="STEP")
    for name, step, words in (
        ("list", list_segments, "every segment and where it stands"),
        ("log", log, "what happened, one sentence an event"),
        ("open", open_questions, "what waits for somebody"),
        ("verify", verify, "read every line again; prints the hash that stands for the log"),
    ):
        steps.add_parser(name, help=words).set_defaults(step=step)
    for name, words in (
        ("accept", "agree to the version proposed last"),
        ("deploy", "send the accepted version to the storefront"),
        ("retire", "keep the segment for the record only"),
    ):
        one = steps.add_parser(name, help=words)
        one.add_argument("key", metavar="KEY")
        one.add_argument("--by", metavar="NAME", help="who (the user of this computer)")
        one.add_argument("--why", default="", metavar="TEXT", help="the reason")
        one.add_argument("--version", type=int, metavar="N", help="the version meant (the one that stands)")
        one.set_defaults(step=decide, action=name, writes=True)


def run(options: argparse.Namespace) -> int:
    """`stoa registry`. It never makes a log: a path that is not there is a slip."""
    from ._registry import Registry

    options.file.stat()
    options.step(Registry.open(options.file, read_only=not options.writes), options)
    return 0


def list_segments(reg: Registry, options: argparse.Namespace) -> None:
    """Key, lifecycle, version, claim, and who belongs."""
    for segment in reg.segments():
        entry = reg.get(segment.key)
        row = (entry.key, entry.lifecycle, entry.version, entry.claim or "-", segment.rule.describe())
        print("  ".join(shown(part) for part in row))
        if entry.pending and entry.pending["version"] != entry.version:
            print(f"  version {entry.pending['version']} is {entry.pending['lifecycle']}")


def log(reg: Registry, options: argparse.Namespace) -> None:
    """The changelog."""
    for record in reg.changelog():
        print(record.time, shown(record.sentence))


def open_questions(reg: Registry, options: argparse.Namespace) -> None:
    """The open questions."""
    for question in reg.open_questions():
        print(shown(question.sentence))


def verify(reg: Registry, options: argparse.Namespace) -> None:
    """Opening has read every line."""
    print(f"{reg.path}: {len(reg)} events, the chain holds; its hash is {reg.head}")


def decide(reg: Registry, options: argparse.Namespace) -> None:
    """One decision."""
    act = getattr(reg, options.action)
    entry = act(options.key, by=options.by, why=options.why, version=options.version)
    print(f"{entry.key} is {entry.lifecycle} (version {entry.version})")


def shown(text: Any) -> str:
    """Text a terminal cannot be led astray by: what is not printable is written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in str(text))
