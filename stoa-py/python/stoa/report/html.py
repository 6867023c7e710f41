"""Small pieces of HTML that escape what they are given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .words import escape


class Safe(str):
    """Markup made by this package; everything else is escaped."""

    __slots__ = ()


def cell(value: object) -> str:
    """Text for a cell: markup of ours as it is, anything else escaped."""
    return value if isinstance(value, Safe) else escape(value)


def badge(text: str, mood: str = "") -> Safe:
    """A coloured word: good, warn, bad or calm."""
    return Safe(f'<span class="badge {escape(mood)}">{escape(text)}</span>')


def two_lines(first: str, second: str) -> Safe:
    """A figure with its interval under it."""
    return Safe(f"{escape(first)}<small>{escape(second)}</small>")


def code(text: str) -> Safe:
    """Inline code."""
    return Safe(f"<code>{escape(text)}</code>")


def table(caption: str, head: Sequence[object], rows: Iterable[Sequence[object]], kind: str = "") -> str:
    """A table whose first column names its rows; it scrolls sideways on a narrow screen.

    Args:
        caption: what it shows.
        head: names of the columns.
        rows: cells.
        kind: "words" for cells that hold sentences rather than figures.
    """
    heads = "".join(f'<th scope="col">{cell(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{cell(row[0])}</th>{"".join(f"<td>{cell(v)}</td>" for v in row[1:])}</tr>' for row in rows
    )
    return (
        f'<div class="scroll"><table class="{escape(kind)}"><caption>{cell(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def card(
    title: str, figure: str, lines: Iterable[tuple[str, object]], accent: str, mark: str = "", note: str = ""
) -> str:
    """A question's answer: a name, one figure, a few lines under it."""
    items = "".join(f"<dt>{escape(name)}</dt><dd>{cell(value)}</dd>" for name, value in lines)
    return (
        f'<article class="card" style="--accent:var(--{escape(accent)})"><h3>{escape(title)}</h3>'
        f'<p class="figure">{escape(figure)}</p>{mark}<dl>{items}</dl>{note}</article>'
    )


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text."""
    return f'<p class="{escape(kind)}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def panel(inside: str) -> str:
    """A framed place for a picture."""
    return f'<div class="panel">{inside}</div>'
