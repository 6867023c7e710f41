"""Pictures of a turn of the loop, as static SVG that carries no address and follows the page's light or dark colours.

Altair draws, vl-convert turns the drawing into SVG in this process. Colours are written as tokens and become CSS
variables, so one picture serves both colour schemes.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

Row = dict[str, Any]

# Token (a colour no picture uses otherwise) -> CSS variable of the page.
TOKENS = {
    "#010101": "var(--ink)",
    "#010102": "var(--muted)",
    "#010103": "var(--line)",
    "#010104": "var(--series-1)",
    "#010105": "var(--series-2)",
    "#010106": "var(--series-3)",
    "#010107": "var(--card)",
}
INK, MUTED, LINE, SERIES_1, SERIES_2, SERIES_3, CARD = TOKENS
SERIES = [SERIES_1, SERIES_2, SERIES_3]
FONT = "system-ui, sans-serif"


def densities(rows: list[Row], order: list[str], x_title: str, x_format: str, alt_text: str) -> str:
    """One ridge per comparison: the posterior of a lift, its central 95% in full colour, zero marked.

    Args:
        rows: `{"comparison", "x", "density", "inside"}`, density scaled to a maximum of 1 per comparison.
        order: comparisons from top to bottom.
        x_title: title of the horizontal axis, with its unit.
        x_format: d3 number format of that axis.
        alt_text: what a person who cannot see the picture should know.
    """
    import altair as alt

    colour = alt.Color("comparison:N", scale=alt.Scale(domain=order, range=SERIES[: len(order)]), legend=None)
    x = alt.X("x:Q", title=x_title, axis=alt.Axis(format=x_format, tickCount=7))
    y = alt.Y("density:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1.05]))
    base = alt.Chart().encode(x=x, y=y, color=colour)
    ridge = alt.layer(
        base.mark_area(opacity=0.18, line=False),
        base.mark_area(opacity=0.55).transform_filter("datum.inside"),
        base.mark_line(strokeWidth=1.5),
        alt.Chart().mark_rule(color=INK, strokeDash=[4, 3]).encode(x=alt.datum(0)),
        data=alt.InlineData(values=rows),
    ).properties(width=760, height=84)
    header = alt.Header(
        title=None, labelAngle=0, labelAlign="left", labelAnchor="start", labelOrient="top", labelFontSize=13
    )
    row = alt.Row("comparison:N", sort=order, header=header)
    return render(ridge.facet(row=row, spacing=6), alt_text)


def forest(rows: list[Row], segments: list[str], order: list[str], x_title: str, x_format: str, alt_text: str) -> str:
    """Effects per segment: mean and 95% interval of each comparison, side by side, everyone on top.

    Args:
        rows: `{"segment", "comparison", "mean", "low", "high"}`.
        segments: labels from top to bottom.
        order: comparisons from left to right.
        x_title: title of the horizontal axis, with its unit.
        x_format: d3 number format of that axis.
        alt_text: what a person who cannot see the picture should know.
    """
    import altair as alt

    colour = alt.Color("comparison:N", scale=alt.Scale(domain=order, range=SERIES[: len(order)]), legend=None)
    y = alt.Y("segment:N", sort=segments, title=None, axis=alt.Axis(labelLimit=240, ticks=False, domain=False))
    axis = alt.Axis(format=x_format, tickCount=5)
    base = alt.Chart().encode(y=y, color=colour)
    panel = alt.layer(
        alt.Chart().mark_rule(color=INK, strokeDash=[4, 3]).encode(x=alt.datum(0)),
        base.mark_rule(strokeWidth=3, opacity=0.6).encode(x=alt.X("low:Q", title=x_title, axis=axis), x2="high:Q"),
        base.mark_point(filled=True, size=60, opacity=1).encode(x="mean:Q"),
        data=alt.InlineData(values=rows),
    ).properties(width=225, height=alt.Step(22))
    header = alt.Header(title=None, labelFontSize=13)
    return render(panel.facet(column=alt.Column("comparison:N", sort=order, header=header), spacing=14), alt_text)


def overlap(rows: list[Row], segments: list[str], alt_text: str) -> str:
    """Heat map: of the customers in the row's segment, the share that is also in the column's.

    Args:
        rows: `{"row", "column", "share"}`.
        segments: labels, top to bottom and left to right.
        alt_text: what a person who cannot see the picture should know.
    """
    import altair as alt

    x = alt.X(
        "column:N", sort=segments, title=None, axis=alt.Axis(orient="top", labelAngle=-50, labelLimit=180, ticks=False)
    )
    y = alt.Y("row:N", sort=segments, title=None, axis=alt.Axis(labelLimit=180, ticks=False))
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y)
    cells = base.mark_rect(color=SERIES_1, cornerRadius=2).encode(
        opacity=alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 0.75]), legend=None)
    )
    numbers = base.mark_text(fontSize=13, color=INK).encode(text=alt.Text("share:Q", format=".0%"))
    return render((cells + numbers).properties(width=alt.Step(46), height=alt.Step(27)), alt_text)


def render(chart: alt.TopLevelMixin, alt_text: str, *, narrow: bool = False) -> str:
    """The SVG of a chart, scalable, labelled, without addresses, in the page's colours; `narrow` fits a telephone."""
    import vl_convert

    padding = {"left": 12, "right": 24} if narrow else {"left": 34, "right": 44}
    styled = (
        chart.configure(font=FONT, background="transparent", padding=padding | {"top": 6, "bottom": 6})
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=MUTED, titleColor=MUTED, gridColor=LINE, domainColor=LINE, tickColor=LINE, titleFontWeight=400,
            labelFontSize=12, titleFontSize=12,
        )
        .configure_header(labelColor=INK, titleColor=INK)
    )  # fmt: skip
    svg: str = vl_convert.vegalite_to_svg(styled.to_dict())
    for token, variable in TOKENS.items():
        svg = svg.replace(token, variable)
    # Inside an HTML page the name spaces are known; what stays must contain no address at all.
    svg = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", svg)
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    width = float(size[1]) if size else 700.0
    label = html.escape(alt_text, quote=True)
    svg = re.sub(
        r'<svg([^>]*?) width="[\d.]+" height="[\d.]+"',
        # A function, not a template: a backslash in the label stays one.
        lambda found: f'<svg{found[1]} role="img" aria-label="{label}" style="max-width:{width:.0f}px"',
        svg,
        count=1,
    )
    return f'<div class="picture{" narrow" if narrow else ""}">{svg}</div>'
