"""Sections of the report about the next turn, and about how this one was computed."""

from __future__ import annotations

from .html import code, paragraph, table
from .readout import Loop
from .words import count, label, percent, probability


def follow_up(loop: Loop) -> str:
    """The follow-up experiment, and the proof that three languages agree on it."""
    turn = loop["assign"]
    segment = label(turn["segment"])
    chance = turn["why"]["metrics"]["site_visit"]["posterior"]["prob_positive"]
    text = paragraph(
        f"Among the {segment} customers the women's e-mail brings more visits than the men's with a chance of "
        f"{probability(chance)}: {settled(chance)}. So the next experiment, {turn['experiment']}, asks exactly them. "
        f"Its hypothesis: {turn['hypothesis']}"
    )
    rows = [(_experience(row), row["reason"].replace("_", " "), count(row["customers"])) for row in turn["decisions"]]
    who = table("Every customer's decision", ("experience", "why", "customers"), rows)
    differences = turn["differences"]
    proof = [
        (title, *(count(differences[key][part]) for part in ("membership", "variant", "reason")))
        for key, title in (("python_node", "Python and Node"), ("python_sql", "Python and DuckDB SQL"))
    ]  # fmt: skip
    caption = f"Differences over {count(loop['data']['customers'])} customers"
    check = table(caption, ("compared", "membership", "variant", "reason"), proof)
    note = paragraph(
        "The storefront, the notebook and the warehouse decide alone and agree, so an assignment can be replayed "
        "anywhere, at any time.",
        "note",
    )
    return f"{text}{who}{check}{note}"


def settled(chance: float) -> str:
    """What a chance found in a segment is worth."""
    return "that settles nothing" if 0.05 < chance < 0.95 else "a finding to confirm on fresh data"


def method(loop: Loop) -> str:
    """What was done, in words, and what this page does not promise."""
    contract = loop["experiment"]["contract"]
    proxy = contract["metrics"]["satisfaction"]["proxy_reason"]
    items = [
        "Rates have a Beta(1,1) prior; order values are log-normal; revenue per customer is their product. "
        "Every figure is computed by quadrature, none by simulation.",
        f"Satisfaction was judged by proxy, by visits to the shop: {proxy}",
        "The verdicts carry no error guarantee yet: they say what the posterior says today, and looking often makes "
        "any such verdict too eager.",
        "Effects in segments are shown as they are, each on its own data; none is pulled towards the others.",
    ]
    if loop["simulated"]:
        truth = ", ".join(
            f"{arm}: {percent(rates['visit_rate'])} visit, {percent(rates['conversion_rate'], 2)} buy"
            for arm, rates in loop["data"]["simulated_truth"]["arms"].items()
        )
        items.append(f"This store was simulated. What the simulation was told: {truth}.")
    listed = "".join(paragraph(item) for item in items)
    source = paragraph(
        f"Source: {loop['data']['source']}. sha256 of the CSV: {loop['data']['csv_sha256']}. "
        f"stoa {loop['stoa_version']}.",
        "note",
    )
    return f"{listed}{source}<p>Turn it again: {code('make demo')}</p>"


def _experience(row: dict[str, str]) -> str:
    """What a customer meets: outside the experiment that is the control, which does not count there."""
    outside = "" if row["reason"] == "assigned" else " (outside the experiment: the control, not counted)"
    return f"{label(row['variant'])}{outside}"
