"""Pictures of what a search found: effects of segments, how often they are found again, what choosing by them earns.

Names stand above their bars, so that the pictures stay readable on a telephone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .charts import CARD, INK, LINE, MUTED, SERIES_1, SERIES_3, render

if TYPE_CHECKING:
    import altair as alt

Row = dict[str, Any]
WIDTH = 460


def effects(rows: list[Row], average: float | None, x_title: str, x_format: str, alt_text: str) -> str:
    """One line per row: estimate, 95% interval, zero dashed, the average of everyone as a grey line.

    Args:
        rows: `{"name", "estimate", "low", "high"}`, top to bottom.
        average: where the grey line stands; none is drawn without it.
        x_title: title of the horizontal axis, with its unit.
        x_format: d3 number format of that axis.
        alt_text: what a person who cannot see the picture should know.
    """
    import altair as alt

    x = alt.X("low:Q", title=x_title, axis=alt.Axis(format=x_format, tickCount=6), scale=alt.Scale(zero=True))
    base = _base(rows)
    layers = [] if average is None else _line(average, "everyone", MUTED, dash=False)
    layers += [
        *_line(0.0, "no effect", INK, dash=True),
        base.mark_rule(strokeWidth=5, opacity=0.5, color=SERIES_1).encode(x=x, x2="high:Q"),
        base.mark_point(filled=True, size=120, opacity=1, color=SERIES_1).encode(x="estimate:Q"),
        *_names(base),
    ]
    return render(alt.layer(*layers).properties(width=WIDTH, height=alt.Step(62)), alt_text, narrow=True)


def stability(rows: list[Row], least: float, alt_text: str) -> str:
    """How often each segment was found again, as a bar against the line it has to reach.

    Args:
        rows: `{"name", "share"}`, top to bottom.
        least: the share below which nobody should act.
        alt_text: what a person who cannot see the picture should know.
    """
    import altair as alt

    x = alt.X(
        "share:Q", title="found again in", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", tickCount=5)
    )
    base = _base([row | {"full": 1.0} for row in rows])
    enough = alt.condition(alt.datum.share >= least, alt.value(SERIES_3), alt.value(MUTED))
    layers = [
        base.mark_bar(color=LINE, height=14, cornerRadius=4).encode(x=alt.X("full:Q")),
        base.mark_bar(height=14, cornerRadius=4).encode(x=x, color=enough),
        *_line(least, f"enough: {least:.0%}", INK, dash=True),
        *_names(base),
    ]
    return render(alt.layer(*layers).properties(width=WIDTH, height=alt.Step(58)), alt_text, narrow=True)


def _base(rows: list[Row]) -> alt.Chart:
    """Rows from top to bottom, each in a band of its own even where two have the same name."""
    import altair as alt

    numbered = [row | {"row": number} for number, row in enumerate(rows)]
    return alt.Chart(alt.InlineData(values=numbered)).encode(y=alt.Y("row:O", title=None, axis=None))


def _names(base: alt.Chart) -> list[alt.Chart]:
    """Each row's name above its bar, with a rim of the card's colour where a line crosses it."""
    import altair as alt

    named = base.encode(x=alt.value(0), text="name:N")
    rim = named.mark_text(align="left", dy=-21, fontSize=13, color=CARD, stroke=CARD, strokeWidth=6)
    return [rim, named.mark_text(align="left", dy=-21, fontSize=13, color=INK)]


def _line(at: float, name: str, colour: str, *, dash: bool) -> list[alt.Chart]:
    """A vertical line with its name on top."""
    import altair as alt

    one = alt.Chart(alt.InlineData(values=[{"text": name}])).encode(x=alt.datum(at))
    rule = one.mark_rule(color=colour, strokeWidth=1.5, strokeDash=[4, 3] if dash else [])
    word = one.mark_text(color=MUTED, baseline="bottom", dy=-4, fontSize=12)
    return [rule, word.encode(y=alt.value(0), text="text:N")]
