"""Numbers as a person says them: the terminal's summary and the report share these."""

from __future__ import annotations

import html
from collections.abc import Sequence

# Below five orders in an arm no dollar figure is given.
NOT_SHOWN = "too few orders"


def escape(text: object) -> str:
    """Text made safe for any place in HTML."""
    return html.escape(str(text), quote=True)


def count(n: float) -> str:
    """64,000."""
    return f"{n:,.0f}"


def money(x: float | None, sign: bool = False) -> str:
    """$1,234.50 · $0.77 · $0.0042: cents for what people pay, two digits for what is smaller than a cent."""
    if x is None:
        return NOT_SHOWN
    size = abs(x)
    digits = 2
    if 0 < size < 0.1:
        digits = 2 if size >= 0.01 else 4
    if 0 < size < 5e-5:
        return "under $0.0001"
    mark = "-" if x < 0 else "+" if sign else ""
    return f"{mark}${size:,.{digits}f}"


def percent(x: float | None, digits: int = 1, sign: bool = False) -> str:
    """18.3% of a share or rate between 0 and 1; with `sign` a lift, +72.1%."""
    if x is None:
        return NOT_SHOWN
    return f"{x:+.{digits}%}" if sign else f"{x:.{digits}%}"


def points(x: float | None, digits: int = 2) -> str:
    """+7.66 points: a difference of two rates."""
    if x is None:
        return NOT_SHOWN
    return f"{100 * x:+.{digits}f} points"


def probability(p: float | None) -> str:
    """82% · above 99.99% · below 0.01%: never a certainty that no data can give."""
    if p is None:
        return NOT_SHOWN
    if p > 0.9999:
        return "above 99.99%"
    if p < 0.0001:
        return "below 0.01%"
    digits = 2 if p > 0.99 or p < 0.01 else 0
    return f"{p:.{digits}%}"


def between(low: str, high: str) -> str:
    """An interval in words."""
    return f"{low} to {high}"


def listed(items: Sequence[str], last: str = "and") -> str:
    """A, B and C."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def label(key: str) -> str:
    """A snake_case key as words: womens_only becomes "womens only"."""
    return key.replace("_", " ").replace("mens", "men's").replace("email", "e-mail")
