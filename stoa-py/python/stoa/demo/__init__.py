"""`stoa demo`: the loop on a real experiment, with embedded defaults only."""

from __future__ import annotations

from .turn import run

__all__ = ["run"]
