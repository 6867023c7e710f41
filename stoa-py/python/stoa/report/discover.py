"""Sections of the report about discovery: where the effect differs, and whether choosing by segment is worth it."""

from __future__ import annotations

from . import found_charts
from .found import (
    NONE,
    STABLE,
    Search,
    Segment,
    again,
    amount,
    arm,
    choice,
    finding,
    policy_sentence,
    searches,
    size,
    span,
    what,
)  # fmt: skip
from .html import Safe, badge, cell, panel, paragraph, table, two_lines
from .readout import REVENUE, UNITS, VISIT, Loop, interval
from .words import between, count, escape, money, percent, points, probability

AXIS = {REVENUE: ("$ per customer", "+.1f"), VISIT: ("points of visits", "+.0f")}


def where(loop: Loop) -> str:
    """Every search: what it found, how large, how stable; and what could not be told."""
    found = [search for search in searches(loop) if search["segments"]]
    text = paragraph(
        f"Nobody named these segments: {len(searches(loop))} searches looked for customers who respond differently, "
        f"and each search that found some was made again on {_refits(found)} random halves of its customers. "
        "Each effect is measured on customers who had no part in choosing the segment."
    )
    if not found:
        text = paragraph("No search found customers who respond differently.")
    parts = "".join(_search(search) for search in found)
    return f"{text}{parts}{_stability(found)}{_compared(found)}{_untold(loop)}"


def _refits(found: list[Search]) -> str:
    return count(max((search["refits"] for search in found), default=0))


def _search(search: Search) -> str:
    """One search that found segments: sentences, the tree, the effects."""
    said = "".join(f"<li>{escape(finding(search, segment))}{_doubt(segment)}</li>" for segment in search["segments"])
    return f"<h3>{escape(search['question'])}</h3><ul>{said}</ul>{_tree(search)}{_effects(search)}"


def _doubt(segment: Segment) -> str:
    """Said of what nobody should act on."""
    return "" if segment["claim"] == "honest" else f" {badge('not steady enough to act on', 'warn')}"


def _tree(search: Search) -> str:
    """Everyone, divided by the found rule: text in boxes, so that it reads aloud and folds on a phone."""
    everyone = search["average_effect"]["estimate"]
    root = _node("everyone", f"all {count(search['n'])} customers of the two arms", amount(search, everyone), "")
    leaves = "".join(f"<li>{_leaf(search, segment)}</li>" for segment in search["segments"])
    return f'<div class="tree">{root}<ul aria-label="divided by the found rule">{leaves}</ul></div>'


def _leaf(search: Search, segment: Segment) -> str:
    effect = segment["effect"]
    figure = amount(search, effect["estimate"]) if effect else "unknown"
    size_of = f"{count(segment['n'])} customers, {percent(segment['share'], 0)}"
    return _node(segment["description"], size_of, figure, "above" if segment["above"] else "below")


def _node(name: str, note: str, figure: str, kind: str) -> str:
    return (
        f'<div class="node {kind}"><span>{escape(name)}</span><strong>{escape(figure)}</strong>'
        f"<small>{escape(note)}</small></div>"
    )


def _effects(search: Search) -> str:
    unit = UNITS[search["metric"]]
    rows = [
        {
            "name": f"{segment['description']}: {amount(search, segment['effect']['estimate'])}",
            **{end: segment["effect"][end] * unit for end in ("estimate", "low", "high")},
        }
        for segment in search["segments"]
        if segment["effect"]
    ]
    title, number = AXIS[search["metric"]]
    average = search["average_effect"]["estimate"]
    alt = "Effects of the found segments with 95% intervals. " + " ".join(
        finding(search, segment) for segment in search["segments"]
    )
    x_title = f"{arm(search['treatment'])} against {arm(search['control'])}, {title}"
    note = paragraph(
        "Each dot is the effect in one segment, its bar the 95% interval: dots far apart with bars that do not meet "
        f"mean that the segments differ. The grey line is everyone ({amount(search, average)}); the dashed one is "
        "no effect.",
        "note",
    )
    return panel(found_charts.effects(rows, average * unit, x_title, number, alt)) + note


def _stability(found: list[Search]) -> str:
    """How often each segment was found again."""
    rows = [
        {"name": f"{segment['description']}: {again(search, segment)}", "share": segment["stability"]}
        for search in found
        for segment in search["segments"]
    ]
    if not rows:
        return ""
    steady = sum(row["share"] >= STABLE for row in rows)
    verdict = "all of them" if steady == len(rows) else f"{steady} of the {len(rows)}"
    alt = f"Share of repeated searches that found each segment again; {STABLE:.0%} is enough. " + "; ".join(
        row["name"] for row in rows
    )
    text = paragraph(
        "A search on other customers might find something else. So each was made again on random halves of its "
        f"customers; a segment found again in at least {STABLE:.0%} of them is steady enough to act on. "
        f"Here that holds for {verdict}."
    )
    return f"<h3>Would we find them again?</h3>{text}{panel(found_charts.stability(rows, STABLE, alt))}"


def _compared(found: list[Search]) -> str:
    """Both metrics of every found segment, on held-out customers."""
    rows = [_both(search, segment) for search in found for segment in search["segments"] if segment["comparisons"]]
    if not rows:
        return ""
    text = paragraph(
        "No segment is judged by one metric alone: here is what the same customers spent, whether that came from more "
        "buyers or from larger orders, and how often they visited (the proxy for satisfaction). These are their plain "
        "averages; the effects above also allow for who happened to get which e-mail, so they differ a little."
    )
    head: list[object] = [
        "segment",
        "revenue per customer",
        "chance it is up",
        Safe("more buyers?<small>chance</small>"),
    ]
    head += [Safe("larger orders?<small>chance</small>"), "visits", "chance it is up"]
    caption = "Lifts in each found segment: posterior mean, 95% interval under it"
    return f"<h3>Revenue and satisfaction there</h3>{text}{table(caption, head, rows)}"


def _both(search: Search, segment: Segment) -> tuple[object, ...]:
    revenue, visits = segment["comparisons"][REVENUE], segment["comparisons"][VISIT]
    split = revenue["decomposition"]
    low, high = interval(revenue["absolute"])
    v_low, v_high = interval(visits["absolute"])
    return (
        two_lines(segment["description"], f"{arm(search['treatment'])} against {arm(search['control'])}"),
        two_lines(
            money(revenue["absolute"]["mean"], sign=True), between(money(low, sign=True), money(high, sign=True))
        ),
        probability(revenue["prob_positive"]),
        probability(split["frequency"]["prob_positive"]),
        probability(split["severity"]["prob_positive"]),
        two_lines(points(visits["absolute"]["mean"]), between(points(v_low), points(v_high))),
        probability(visits["prob_positive"]),
    )


def _untold(loop: Loop) -> str:
    """Searches that found nothing: said, with what they could have seen."""
    rows = [
        (
            search["question"],
            f"no difference that can be told (p = {search['heterogeneity']['p_value']:.2f})",
            size(search, search["heterogeneity"]["smallest_detectable"]),
        )
        for search in searches(loop)
        if not search["segments"]
    ]
    if not rows:
        return ""
    text = paragraph(
        "“No difference that can be told” is not “no difference”: the last column is how large one between two halves "
        "of the customers must be to be seen four times in five."
    )
    head = ("question", "answer", "would have been seen")
    return f"<h3>What cannot be told</h3>{text}{table('Searches without a segment: nothing is claimed', head, rows)}"


def worth(loop: Loop) -> str:
    """What choosing the e-mail by segment would earn."""
    search = choice(loop)
    value = search["policy_value"]
    unit = UNITS[search["metric"]]
    options = (
        (f"against {arm(search['control'])} to everybody", value["against_none"]),
        (f"against {arm(search['treatment'])} to everybody", value["against_all"]),
    )
    rows = [
        {
            "name": f"{name}: {amount(search, gain['estimate'])}",
            **{end: gain[end] * unit for end in ("estimate", "low", "high")},
        }
        for name, gain in options
    ]
    title, number = AXIS[search["metric"]]
    said = [f"{name}: {amount(search, gain['estimate'])}, 95% {span(search, gain)}" for name, gain in options]
    picture = found_charts.effects(
        rows, None, f"gain of choosing the e-mail by segment, {title}", number,
        "What choosing the e-mail by segment gains. " + ". ".join(said) + ".",
    )  # fmt: skip
    note = paragraph(
        "Each dot is what choosing by segment would gain, its bar the 95% interval: a bar that crosses the dashed line "
        "means that the gain may as well be nothing.",
        "note",
    )
    text = paragraph(
        f"The rule the search would send by gives {arm(search['treatment'])} to "
        f"{percent(value['treated_share'], 0)} of the customers and {arm(search['control'])} to the others; every "
        "customer is judged by a rule learnt without them."
    )
    answer = f"<p><strong>{cell(policy_sentence(search))}</strong></p>"
    return f"{answer}{text}{panel(picture)}{note}{_policies(loop)}"


def _policies(loop: Loop) -> str:
    """Each e-mail against none: to whom it would go, and what that earns."""
    rows = []
    for search in searches(loop):
        value = search["policy_value"]
        if search["control"] == NONE:
            all_alike = value["treated_share"] in (0.0, 1.0)
            rows.append((
                two_lines(arm(search["treatment"]).capitalize(), f"judged by {what(search)}"),
                percent(value["treated_share"], 0),
                "the same" if all_alike else _gain(search, value["against_all"]),
                _gain(search, value["against_none"]),
            ))  # fmt: skip
    head = ("", "would go to", "against everybody", "against nobody")
    text = paragraph(
        "And leaving customers out altogether? A rule may withhold an e-mail from those it would harm; where it goes "
        "to everyone, nobody was found whom it harms."
    )
    return text + table("Sending each e-mail only where it helps: gain per customer, 95% interval under it", head, rows)


def _gain(search: Search, gain: Segment) -> object:
    told = badge("told apart", "good") if gain["distinguishable"] else badge("cannot be told apart")
    return Safe(f"{two_lines(amount(search, gain['estimate']), span(search, gain))}{told}")
