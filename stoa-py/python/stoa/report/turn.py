"""Sections of the report about the next turn, and about how this one was computed."""

from __future__ import annotations

from .found import searches
from .html import code, paragraph, table
from .readout import Loop
from .words import count, escape, label, listed, percent


def follow_up(loop: Loop) -> str:
    """The next question, the experiment that asks it, and the proof that three languages agree on it."""
    following = loop["next"]
    question = f"<p><strong>{escape(following['question'])}</strong></p>"
    why = "".join(f"<li>{escape(reason)}</li>" for reason in following["why"])
    return f"{question}<p>Why this is open:</p><ul>{why}</ul>{_experiment(loop)}"


def _experiment(loop: Loop) -> str:
    """The follow-up experiment, when there is one."""
    turn = loop["assign"]
    if turn is None:
        return paragraph("No follow-up was written, because an experiment targets only what an operator has deployed.")
    shares = [f"{percent(v['weight'], 0)} {label(v['key'])}" for v in turn["contract"]["variants"]]
    text = paragraph(
        f"The experiment {turn['experiment']} asks exactly these customers: {listed(shares)}. Those without an e-mail "
        f"are the price of knowing. Its hypothesis: {turn['hypothesis']}"
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


def method(loop: Loop) -> str:
    """What was done, in words, and what this page does not promise."""
    contract = loop["experiment"]["contract"]
    proxy = contract["metrics"]["satisfaction"]["proxy_reason"]
    items = [
        "Rates have a Beta(1,1) prior; order values are log-normal; revenue per customer is their product. "
        "Every figure is computed by quadrature, none by simulation.",
        f"Satisfaction was judged by proxy, by visits to the shop: {proxy}",
        "False wins are held to 5% over all planned looks, for all treatments of a comparison together; in segments "
        "they are read one by one.",
        "Effects in segments are shown as they are, each on its own data; none is pulled towards the others.",
        _searching(loop),
    ]
    if loop["simulated"]:
        truth = ", ".join(
            f"{arm}: {percent(rates['visit_rate'])} visit, {percent(rates['conversion_rate'], 2)} buy"
            for arm, rates in loop["data"]["simulated_truth"]["arms"].items()
        )
        items.append(f"This store was simulated. What the simulation was told: {truth}.")
    body = "".join(paragraph(item) for item in items)
    source = paragraph(
        f"Source: {loop['data']['source']}. sha256 of the CSV: {loop['data']['csv_sha256']}. "
        f"stoa {loop['stoa_version']}.",
        "note",
    )
    return f"{body}{source}<p>Turn it again: {code('make demo')}</p>"


def _searching(loop: Loop) -> str:
    """How the segments were searched, with the settings used."""
    options = searches(loop)[0]["options"]
    return (
        f"Segments were searched by a causal forest of {options['n_trees']} trees and an exact tree of at most "
        f"{options['depth']} questions on its doubly robust scores, each segment at least "
        f"{percent(options['min_share'], 0)} of the customers; again with {options['stability_trees']} trees on "
        f"{2 * options['stability_pairs']} random halves, {loop['discover']['refits']} times in all. A segment is "
        f"searched only where a test says that the effect varies; each of the {len(searches(loop))} tests is wrong one "
        "time in twenty when it does not."
    )


def _experience(row: dict[str, str]) -> str:
    """What a customer meets: outside the experiment that is the control, which does not count there."""
    outside = "" if row["reason"] == "assigned" else " (outside the experiment: the control, not counted)"
    return f"{label(row['variant'])}{outside}"
