"""What plain-data results share: a frozen dataclass that is also a document."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """A result with named fields; `to_dict` has the keys that Rust and TypeScript write too."""

    def to_dict(self) -> dict[str, Any]:
        """The fields as a dict, lists and dicts inside.

        Example:
            >>> import stoa
            >>> stoa.catalog.surfaces()[0].to_dict()["key"]
            'landing_hero'
        """
        return asdict(self)
