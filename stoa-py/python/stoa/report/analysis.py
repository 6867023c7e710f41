"""Sections of the report about everyone: the answer, how sure, the risk."""

from __future__ import annotations

from typing import Any

from . import charts
from .html import Safe, badge, card, panel, paragraph, table, two_lines
from .readout import CONVERSION, REVENUE, UNITS, VISIT, Entry, Loop, comparisons, interval, name, posterior
from .words import between, money, percent, points, probability

MOODS = {"ship": "good", "continue": "", "stop": "warn", "investigate": "warn", "invalid": "bad"}
ACCENTS = ("series-1", "series-2", "series-3")


def headline(loop: Loop) -> str:
    """The answer in one sentence."""
    best = max(comparisons(loop)[:2], key=lambda entry: _mean(entry, REVENUE))
    revenue = posterior(best, REVENUE)
    chance = probability(revenue["prob_positive"])
    low, high = interval(revenue["absolute"])
    who = "men's" if best["treatment"] == "mens_email" else "women's"
    verb = "earns more than" if _mean(best, REVENUE) > 0 else "earns less than"
    return (
        f"The {who} e-mail {verb} no e-mail: {money(_mean(best, REVENUE), sign=True)} per customer "
        f"(95%: {money(low)} to {money(high)}), chance that it is better {chance}"
    )


def lead(loop: Loop) -> str:
    """Two sentences under the headline: the other comparison that matters, and what its risks cost."""
    head_to_head = comparisons(loop)[2]
    revenue = posterior(head_to_head, REVENUE)
    return (
        f"Against the women's e-mail, the men's is ahead with a chance of {probability(revenue['prob_positive'])}. "
        f"Averaged over the chance of being wrong, choosing it loses {money(revenue['expected_loss_ship'])} per "
        f"customer; choosing the women's loses {money(revenue['expected_loss_keep'])}."
    )


def answer(loop: Loop) -> str:
    """One card per comparison."""
    cards = "".join(_card(entry, accent) for entry, accent in zip(comparisons(loop), ACCENTS, strict=True))
    srm = loop["experiment"]["srm"]
    check = paragraph(
        f"Checked first: the customers are split as planned (sample ratio p = {srm['p_value']:.2f}), "
        "so the groups can be compared.",
        "note",
    )
    return f'<div class="cards">{cards}</div>{_which(loop)}{check}'


def _which(loop: Loop) -> str:
    """Which e-mail to send when both verdicts say ship."""
    men, women, head_to_head = comparisons(loop)
    if {men["verdict"]["action"], women["verdict"]["action"]} != {"ship"}:
        return ""
    chance = posterior(head_to_head, REVENUE)["prob_positive"]
    better, worse = ("men's", "women's") if chance >= 0.5 else ("women's", "men's")
    return paragraph(
        f"Both e-mails beat sending none. To send one to everybody, take the {better}: it earns more than the {worse} "
        f"with a chance of {probability(max(chance, 1 - chance))}."
    )


def _card(entry: Entry, accent: str) -> str:
    revenue, visits = posterior(entry, REVENUE), posterior(entry, VISIT)
    low, high = interval(revenue["relative"])
    verdict = entry["verdict"]
    lines: list[tuple[str, object]] = [
        ("chance that it earns more", probability(revenue["prob_positive"])),
        ("per customer", money(revenue["absolute"]["mean"], sign=True)),
        ("revenue, 95%", between(percent(low, 0, sign=True), percent(high, 0, sign=True))),
        ("chance of more visits", probability(visits["prob_positive"])),
        ("visits", points(visits["absolute"]["mean"])),
    ]
    mark = badge(verdict["action"], MOODS.get(verdict["action"], ""))
    figure = f"{percent(revenue['relative']['mean'], 0, sign=True)} revenue"
    return card(name(entry), figure, lines, accent, mark, paragraph(verdict["sentence"], "note"))


def pictures(loop: Loop) -> str:
    """Posterior densities of the lift in revenue and in visits."""
    text = paragraph(
        "Each hill shows how plausible each size of the lift is, after the data. The dark part holds 95% of it. "
        "The less of a hill lies beyond the dashed line at zero, the surer the answer."
    )
    revenue = charts.densities(
        _ridges(loop, REVENUE), _order(loop), "Lift in revenue per customer, $", "+.2f", _alt(loop, REVENUE)
    )
    visits = charts.densities(
        _ridges(loop, VISIT), _order(loop), "Lift in visit rate, percentage points", "+.0f", _alt(loop, VISIT)
    )
    return (
        f"{text}<h3>Revenue per customer</h3>{panel(revenue)}<h3>Visits</h3>{panel(visits)}"
        f"{_lift_table(loop)}{_split_table(loop)}"
    )


def _order(loop: Loop) -> list[str]:
    return [name(entry) for entry in comparisons(loop)]


def _ridges(loop: Loop, metric: str) -> list[dict[str, Any]]:
    """Rows of the density picture, each hill scaled to height 1."""
    rows = []
    for entry in comparisons(loop):
        density = entry["metrics"][metric]["density"]
        if density is None:
            continue
        low, high = interval(posterior(entry, metric)["absolute"])
        top = max(density["density"])
        for x, height in zip(density["x"], density["density"], strict=True):
            if height > 1e-4 * top:
                inside = low <= x <= high
                shown = x * UNITS[metric]
                rows.append({"comparison": name(entry), "x": shown, "density": height / top, "inside": inside})
    return rows


def _alt(loop: Loop, metric: str) -> str:
    say = money if metric == REVENUE else points
    parts = []
    for entry in comparisons(loop):
        effect = posterior(entry, metric)["absolute"]
        low, high = interval(effect)
        parts.append(f"{name(entry)}: {say(effect['mean'])}, 95% between {say(low)} and {say(high)}")
    return "Posterior densities of the lift. " + ". ".join(parts) + "."


def _mean(entry: Entry, metric: str) -> float:
    return float(posterior(entry, metric)["absolute"]["mean"] or 0.0)


def _lift_table(loop: Loop) -> str:
    """Every overall lift, absolute and relative, with its interval."""
    rows = []
    for entry in comparisons(loop):
        for metric, title, say in (
            (REVENUE, "revenue per customer", lambda x: money(x, sign=True)),
            (VISIT, "visit rate", points),
            (CONVERSION, "conversion rate", lambda x: points(x, 3)),
        ):
            p = posterior(entry, metric)
            (a_low, a_high), (r_low, r_high) = interval(p["absolute"]), interval(p["relative"])
            rows.append((
                two_lines(title, name(entry)),
                two_lines(say(p["absolute"]["mean"]), between(say(a_low), say(a_high))),
                two_lines(
                    percent(p["relative"]["mean"], 1, sign=True),
                    between(percent(r_low, 1, sign=True), percent(r_high, 1, sign=True)),
                ),
                probability(p["prob_positive"]),
            ))  # fmt: skip
    return table("Lifts: posterior mean, and the central 95% under it", ("", "lift", "in %", "chance it is up"), rows)


def _split_table(loop: Loop) -> str:
    """Revenue lift split into how many buy and how much they spend."""
    rows = []
    for entry in comparisons(loop):
        split = posterior(entry, REVENUE)["decomposition"]
        cells: list[object] = [name(entry)]
        for part in ("frequency", "severity"):
            relative = split[part]["relative"]
            low, high = interval(relative)
            cells.append(
                two_lines(
                    percent(relative["mean"], 1, sign=True),
                    between(percent(low, 0, sign=True), percent(high, 0, sign=True)),
                )
            )
            cells.append(probability(split[part]["prob_positive"]))
        rows.append(cells)
    head: list[object] = ["", Safe("frequency<small>more buyers?</small>"), "chance it is up"]
    head += [Safe("severity<small>larger orders?</small>"), "chance it is up"]
    return table("Where the revenue comes from: on the log scale the two parts add up exactly", head, rows)


def _thousand(loss: float | None) -> float | None:
    return None if loss is None else 1000 * loss


def risk(loop: Loop) -> str:
    """Expected losses of shipping and of keeping."""
    rows = []
    for entry in comparisons(loop):
        revenue = posterior(entry, REVENUE)
        ship, keep = revenue["expected_loss_ship"], revenue["expected_loss_keep"]
        rows.append((name(entry), money(ship), money(_thousand(ship)), money(keep), money(_thousand(keep))))
    text = paragraph(
        "Every choice can be wrong. The expected loss is what a wrong choice costs, times how likely it is to be "
        "wrong: what shipping the first-named e-mail would cost if it were the worse one, and what keeping the other "
        "would cost if that were."
    )
    head = ("", "loss of shipping, a customer", "per 1,000", "loss of keeping, a customer", "per 1,000")
    return text + table("Expected loss in revenue", head, rows)
