"""How a rule, or why it decided, shows in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ._errors import StoaError

if TYPE_CHECKING:
    from ._stoa import Rule


def html(rule: Rule) -> str:
    """The sentence, and the condition as DuckDB reads it, or why there is none."""
    try:
        sql = f"<pre>{escape(rule.to_sql())}</pre>"
    except StoaError as refusal:
        sql = f"<p><em>no SQL: {escape(str(refusal))}</em></p>"
    return f"<p>{escape(str(rule))}</p>{sql}"


def lines(text: str) -> str:
    """Text whose columns stay under each other."""
    return f"<pre>{escape(text)}</pre>"
