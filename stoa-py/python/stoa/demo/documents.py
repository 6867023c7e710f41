"""The documents of the demo, read from examples/: segments, attributes, the store's metrics, two experiments."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stoa

# The order a person reads them in: each line of the first list is one way of dividing all customers.
SEGMENT_KEYS = (
    ("new_customers", "established_customers"),
    ("mens_only", "womens_only", "both_lines"),
    ("recent_buyers", "cooling_buyers", "lapsed_buyers"),
    ("phone_shoppers", "web_shoppers", "multichannel_shoppers"),
    ("low_spenders", "middle_spenders", "high_spenders"),
)


@dataclass(frozen=True)
class Documents:
    """What a person wrote before the first customer was looked at."""

    folder: Path
    store: stoa.Store
    schema: stoa.AttributeSchema
    segments: list[stoa.Segment]
    campaign: stoa.Experiment
    head_to_head: stoa.Experiment

    def segment(self, key: str) -> stoa.Segment:
        """The segment of that key."""
        return next(s for s in self.segments if s.key == key)


def examples_folder(given: Path | None = None) -> Path:
    """`given`, or `examples` of the directory we are in, or of the clone this package is installed from.

    Raises:
        FileNotFoundError: none of them holds the documents of the demo.
    """
    clone = Path(__file__).resolve().parents[4] / "examples"
    places = [given] if given else [Path("examples"), clone]
    for folder in places:
        if (folder / "segments").is_dir():
            return folder
    raise FileNotFoundError("no examples/ folder here: run inside a clone of stoa, or give --examples DIR")


def read_documents(folder: Path) -> Documents:
    """Every document, parsed and checked by the core.

    Raises:
        stoa.StoaError: a document is refused; the error names field, rule and value.
    """
    store = stoa.Store.from_file(folder / "store.yaml")
    keys = [key for group in SEGMENT_KEYS for key in group]
    return Documents(
        folder=folder,
        store=store,
        schema=stoa.AttributeSchema(read_json(folder / "attributes.json")),
        segments=[read_segment(folder / "segments" / f"{key}.json") for key in keys],
        campaign=stoa.Experiment.from_file(folder / "experiments" / "spring_email.yaml", store=store),
        head_to_head=stoa.Experiment.from_file(folder / "experiments" / "spring_email_head_to_head.yaml", store=store),
    )


def read_segment(path: Path) -> stoa.Segment:
    """One segment file."""
    return stoa.Segment.from_dict(read_json(path))


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document
