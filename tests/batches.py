"""Numbered batches of a long differential: a finished one is a file, which holds for the sources it was made from."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[1]
CODE = {".rs", ".ts", ".mts", ".mjs", ".py"}


def finished(
    folder: Path, orders: list[Json], decided: Callable[[Json], Json], sources: list[str], seal: str
) -> list[Json]:
    """Every batch, from its file in `folder` or decided now; when `sources` or `seal` change, all are made anew."""
    folder.mkdir(parents=True, exist_ok=True)
    made_from = fingerprint(sources, f"{seal} {orders}")
    return [kept(folder / f"{order['seed']:03}.json", order, decided, made_from) for order in orders]


def fingerprint(sources: list[str], seal: str) -> str:
    """Of everything that answers depend on: the code in files and folders of the repository, and `seal`."""
    digest = hashlib.sha256(seal.encode())
    for source in map(ROOT.joinpath, sources):
        for path in sorted([source] if source.is_file() else source.rglob("*")):
            if path.suffix in CODE:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def kept(path: Path, order: Json, decided: Callable[[Json], Json], made_from: str) -> Json:
    """A batch from its file, or decided now and written there."""
    if path.exists():
        batch: Json = json.loads(path.read_text(encoding="utf-8"))
        if batch["sources"] == made_from:
            print(f"batch {order['seed']}: finished before", flush=True)
            return batch
    start = time.monotonic()
    batch = {"sources": made_from, **decided(order)}
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(batch, ensure_ascii=False), encoding="utf-8")
    unfinished.replace(path)
    wrong = sum(tally["differences"] for tally in batch["tallies"].values())
    print(f"batch {order['seed']}: {wrong} differences ({time.monotonic() - start:.0f} s)", flush=True)
    return batch
