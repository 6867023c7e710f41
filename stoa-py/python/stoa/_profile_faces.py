"""What a person sees of a profile: a table in a notebook, and a picture."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

    from ._profile_results import OutcomeProfile, Profile, SegmentProfile

BLUE = "#3b6fb6"


def table(profile: Profile) -> str:
    """One row per segment: size, every outcome with its interval and the chance that it is higher than elsewhere."""
    outcomes = list(profile.everyone.outcomes)
    head = "".join(f"<th>{escape(name)}</th>" for name in ["segment", "visitors", "unknown", *outcomes, "targetable"])
    rows = "".join(_row(entry, outcomes) for entry in [profile.everyone, *profile.segments])
    notes = "".join(f"<p>{escape(note)}</p>" for note in profile.notes)
    return f"<div><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{notes}</div>"


def _row(entry: SegmentProfile, outcomes: list[str]) -> str:
    can = {True: "yes", False: f"lacks {', '.join(entry.missing)}", None: "–"}[entry.targetable]
    name = f"{escape(entry.key)}<br><small>{escape(entry.description)}</small>"
    size = f"{entry.n:,}<br><small>{entry.share:.1%}</small>"
    cells = [name, size, f"{entry.unknown:,}", *(_cell(entry.outcomes[outcome]) for outcome in outcomes), escape(can)]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _cell(found: OutcomeProfile) -> str:
    if found.mean is None or found.interval is None:
        return escape(found.note or "–")
    against = found.against_rest
    chance = f"; higher than elsewhere: {_chance(against.prob_higher)}" if against else ""
    small = f"{found.interval.low:.4g} to {found.interval.high:.4g}{chance}"
    return f"{found.mean:.4g}<br><small>{escape(small)}</small>"


def _chance(chance: float) -> str:
    """Whole percent; never the certainty that rounding would make."""
    if chance > 0.995:
        return ">99.9%" if chance > 0.999 else f"{chance:.1%}"
    if chance < 0.005:
        return "<0.1%" if chance < 0.001 else f"{chance:.1%}"
    return f"{chance:.0%}"


def chart(profile: Profile) -> alt.VConcatChart:
    """Sizes, then one panel per outcome, segments in the same order in each."""
    import altair as alt

    entries = [profile.everyone, *profile.segments]
    order = [entry.key for entry in entries]
    sizes = [{"segment": entry.key, "visitors": entry.n} for entry in entries]
    y = alt.Y("segment:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, ticks=False, domain=False))
    bars = alt.Chart(alt.InlineData(values=sizes)).encode(y=y, x=alt.X("visitors:Q", title="Visitors"))
    size = alt.layer(
        bars.mark_bar(color=BLUE, opacity=0.7),
        bars.mark_text(align="left", dx=4).encode(text=alt.Text("visitors:Q", format=",")),
    ).properties(width=420, height=alt.Step(22))
    panels = [_panel(profile, name, y) for name in profile.everyone.outcomes]
    return alt.vconcat(size, *panels, spacing=18)


def _panel(profile: Profile, name: str, y: alt.Y) -> alt.LayerChart | alt.FacetChart:
    """One outcome: point and interval, everyone's level dashed."""
    import altair as alt

    rows = [_mark(entry, name) for entry in [profile.everyone, *profile.segments]]
    rate = profile.everyone.outcomes[name].family == "binary"
    axis = alt.Axis(format=".3~%" if rate else ",.4~g", tickCount=6)
    x = alt.X("low:Q", title=name, axis=axis, scale=alt.Scale(zero=False))
    base = alt.Chart().encode(y=y, tooltip=["segment:N", "n:Q", "mean:Q", "low:Q", "high:Q"])
    layers: list[Any] = [
        base.mark_rule(strokeWidth=3, opacity=0.6, color=BLUE).encode(x=x, x2="high:Q"),
        base.mark_point(filled=True, size=70, opacity=1, color=BLUE).encode(x="mean:Q"),
    ]
    level = profile.everyone.outcomes[name].mean
    if level is not None:
        layers.insert(0, alt.Chart().mark_rule(color="#888", strokeDash=[4, 3]).encode(x=alt.datum(level)))
    return alt.layer(*layers, data=alt.InlineData(values=rows)).properties(width=420, height=alt.Step(22))


def _mark(entry: SegmentProfile, name: str) -> dict[str, Any]:
    found = entry.outcomes[name]
    low, high = found.interval or (None, None)
    return {"segment": entry.key, "n": found.n, "mean": found.mean, "low": low, "high": high}
