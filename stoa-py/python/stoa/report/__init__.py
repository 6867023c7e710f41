"""Reports for people who decide: one HTML file, offline, with static pictures."""

from __future__ import annotations

from .page import page

__all__ = ["page"]
