"""Compares out/loop.json with numbers computed from the same file independently of stoa; prints the worst.

usage: hillstrom_truth.py LOOP_JSON TRUTH_JSON

Targets (METHODS, Posteriors): counts and rates exact; probabilities 1e-9 absolute; lifts and losses
|error| <= 1e-9 * max(|x|, posterior sd), losses floored at 1e-15. What a search found is held against the truth's
95% intervals, its stability against 0.80. Exit code 1 when one is missed.
The truth's own quadrature is in double precision: its probabilities near 1 are off by some 1e-15.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

TARGET = 1e-9
LOSS_FLOOR = 1e-15
ARMS = {"No E-Mail": "no_email", "Mens E-Mail": "mens_email", "Womens E-Mail": "womens_email"}
METRICS = {"visit": "site_visit", "conversion": "conversion_rate"}
OVERALL = {
    "Mens_vs_none": "mens_email_vs_no_email",
    "Womens_vs_none": "womens_email_vs_no_email",
    "Mens_vs_Womens": "mens_email_vs_womens_email",
}
# What the found rules may speak of, and the truth's name for it.
HISTORY = {"bought_womens": "womens", "bought_mens": "mens"}
WIDTH, STABLE = 1.96, 0.8
BOUGHT = {"both": "both_lines", "mens only": "mens_only", "womens only": "womens_only"}
Json = dict[str, Any]


class Check(NamedTuple):
    """One number: what it is, found, wanted, and the error as a share of what is allowed (above 1 is a miss)."""

    name: str
    found: float
    wanted: float
    spent: float


def exact(name: str, found: float, wanted: float) -> Check:
    """A count or a rate: the same double."""
    return Check(name, found, wanted, 0.0 if found == wanted else float("inf"))


def probability(name: str, found: float, wanted: float) -> Check:
    """1e-9 absolute."""
    return Check(name, found, wanted, abs(found - wanted) / TARGET)


def figure(name: str, found: float, wanted: float, sd: float, floor: float = 0.0) -> Check:
    """1e-9 of the value or of the posterior sd, whichever is larger."""
    return Check(name, found, wanted, abs(found - wanted) / max(TARGET * max(abs(wanted), sd), floor))


def loss(name: str, found: float, wanted: float) -> Check:
    """An expected loss: relative to itself, not to the posterior sd, floored."""
    return figure(name, found, wanted, 0.0, LOSS_FLOOR)


def arms(loop: Json, truth: Json) -> Iterator[Check]:
    """Counts and rates of the three arms, and the sample ratio."""
    rows = {(row["segment"], row["variant"]): row for row in loop["analyze"]["arms"]}
    for name, key in ARMS.items():
        wanted, row = truth[f"hillstrom/arm/{name}"], rows["everyone", key]
        yield exact(f"{key} customers", row["customers"], wanted["n"])
        yield exact(f"{key} visits", row["visits"], wanted["visit"])
        yield exact(f"{key} orders", row["orders"], wanted["conversion"])
        # Sums of cents in another order: the last bits of the two sums differ.
        yield figure(f"{key} revenue", row["revenue"], wanted["spend_sum"], 0.0)
        yield figure(f"{key} revenue per customer", row["revenue_per_visitor"], wanted["spend_mean"], 0.0)
    wanted, found = truth["hillstrom/srm"], loop["experiment"]["srm"]
    yield figure("srm statistic", found["statistic"], wanted["chi2"], 0.0)
    yield probability("srm p", found["p_value"], wanted["p"])


def comparison(name: str, entry: Json, wanted: Json) -> Iterator[Check]:
    """One metric of one comparison: rates, lifts, probability, both expected losses."""
    observed, posterior = entry["observed"], entry["posterior"]
    yield exact(f"{name} rate of treatment", observed["treatment"], wanted["rate_t"])
    yield exact(f"{name} rate of control", observed["control"], wanted["rate_c"])
    yield figure(f"{name} lift", observed["difference"], wanted["diff"], wanted["se_unpooled"])
    yield figure(f"{name} relative lift", observed["relative"], wanted["rel_lift"], 0.0)
    yield probability(f"{name} P", posterior["prob_positive"], wanted["beta11_prob_t_gt_c"])
    yield loss(f"{name} loss of shipping", posterior["expected_loss_ship"], wanted["beta11_exp_loss_choose_t"])
    yield loss(f"{name} loss of keeping", posterior["expected_loss_keep"], wanted["beta11_exp_loss_choose_c"])


def overall(loop: Json, truth: Json) -> Iterator[Check]:
    """Visits and conversions of the three overall comparisons, and the one comparison near a coin toss."""
    entries = {(row["comparison"], row["segment"]): row for row in loop["analyze"]["comparisons"]}
    for theirs, ours in OVERALL.items():
        for metric, key in METRICS.items():
            entry = entries[ours, "everyone"]["metrics"][key]
            yield from comparison(f"{ours} {metric}", entry, truth[f"hillstrom/{metric}/{theirs}"])
        yield spend(ours, entries[ours, "everyone"], truth[f"hillstrom/spend/{theirs}"])
    entry = entries["mens_email_vs_womens_email", "womens_only"]["metrics"]["site_visit"]
    wanted = truth["hillstrom/visit/womens_only/Womens_vs_Mens"]
    yield from reversed_comparison("womens_only mens_vs_womens visit", entry, wanted)


def reversed_comparison(name: str, entry: Json, wanted: Json) -> Iterator[Check]:
    """A comparison whose arms the truth names in the other order."""
    posterior = entry["posterior"]
    yield figure(f"{name} lift", entry["observed"]["difference"], -wanted["diff"], wanted["se_unpooled"])
    yield probability(f"{name} P", posterior["prob_positive"], 1 - wanted["beta11_prob_t_gt_c"])
    yield loss(f"{name} loss of shipping", posterior["expected_loss_ship"], wanted["beta11_exp_loss_choose_c"])
    yield loss(f"{name} loss of keeping", posterior["expected_loss_keep"], wanted["beta11_exp_loss_choose_t"])


def spend(name: str, entry: Json, wanted: Json) -> Check:
    """The observed lift in revenue."""
    found = entry["metrics"]["revenue_per_visitor"]["observed"]["difference"]
    return figure(f"{name} revenue lift", found, wanted["diff"], wanted["se"])


def subgroups(loop: Json, truth: Json) -> Iterator[Check]:
    """Rates and effects of every purchase-history subgroup."""
    entries = {(row["comparison"], row["segment"]): row for row in loop["analyze"]["comparisons"]}
    for theirs, ours in BOUGHT.items():
        for arm in ("Mens", "Womens"):
            entry = entries[f"{arm.lower()}_email_vs_no_email", ours]["metrics"]
            name = f"{ours} {arm.lower()}_email"
            wanted = truth[f"hillstrom/hte/visit/{arm} E-Mail/bought={theirs}"]
            observed = entry["site_visit"]["observed"]
            yield exact(f"{name} visit rate", observed["treatment"], wanted["rate_t"])
            yield exact(f"{name} visit rate of control", observed["control"], wanted["rate_c"])
            yield figure(f"{name} visit lift", observed["difference"], wanted["diff"], wanted["se"])
            money = truth[f"hillstrom/hte/spend/{arm} E-Mail/bought={theirs}"]
            found = entry["revenue_per_visitor"]["observed"]["difference"]
            yield figure(f"{name} revenue lift", found, money["diff"], money["se"])


def within(name: str, found: float, wanted: float, half_width: float) -> Check:
    """A number inside an interval around the truth."""
    return Check(name, found, wanted, abs(found - wanted) / half_width)


def at_least(name: str, found: float, wanted: float) -> Check:
    """A share that has to be reached."""
    return Check(name, found, wanted, wanted / found if found else float("inf"))


def discoveries(loop: Json, truth: Json) -> Iterator[Check]:
    """Bar 2 of the loop: who responds differently is found, how much, how surely; and what cannot be told is not."""
    found = {(search["comparison"], search["metric"]): search for search in loop["discover"]["searches"]}
    women, choice = found["womens_email_vs_no_email", "site_visit"], found["womens_email_vs_mens_email", "site_visit"]
    for search in (women, choice):
        name = search["comparison"]
        yield exact(f"{name} difference detected", search["heterogeneity"]["detected"], True)
        rules = [segment["rule"].get("attr") in HISTORY for segment in search["segments"]]
        yield exact(f"{name} segments by purchase history", sum(rules), 2)
        for segment in search["segments"]:
            yield at_least(f"{name} stability", segment["stability"], STABLE)
    yield from segment_effects(women, truth)
    yield from policy(choice, truth)
    for (name, metric), search in found.items():
        if metric == "revenue_per_visitor":
            yield exact(f"{name} segments claimed on spend", len(search["segments"]), 0)


def segment_effects(search: Json, truth: Json) -> Iterator[Check]:
    """The women's e-mail against none: each found segment's effect inside the truth's 95% interval."""
    for segment in search["segments"]:
        rule = segment["rule"]
        group = f"{HISTORY[rule['attr']]}={int(rule['value'])}"
        names = [group, "bought=womens only"] if segment["above"] else [group]
        for name in names:
            wanted = truth[f"hillstrom/hte/visit/Womens E-Mail/{name}"]
            effect = segment["effect"]["estimate"]
            yield within(f"effect where {group}, truth of {name}", effect, wanted["diff"], WIDTH * wanted["se"])


def policy(search: Json, truth: Json) -> Iterator[Check]:
    """Choosing by segment against the men's e-mail to everybody: the interval holds 0 and the truth's own gain."""
    gain = search["policy_value"]["against_none"]
    half = (gain["high"] - gain["low"]) / 2
    by_segment, all_men = (
        truth[f"hillstrom/policy/{name}"]["visit"]
        for name in ("Mens, but Womens to womens-only buyers", "everybody Mens")
    )
    yield within("gain of choosing by segment, against nothing", gain["estimate"], 0.0, half)
    yield within("gain of choosing by segment, against the truth's", gain["estimate"], by_segment - all_men, half)


def main(loop_path: str, truth_path: str) -> int:
    """Prints the worst and the verdict; 0 when every target is met."""
    loop = json.loads(Path(loop_path).read_text(encoding="utf-8"))
    truth = json.loads(Path(truth_path).read_text(encoding="utf-8"))
    if loop["simulated"]:
        print(f"{loop_path} is of the simulated store: nothing to compare")
        return 0
    checks = [*arms(loop, truth), *overall(loop, truth), *subgroups(loop, truth), *discoveries(loop, truth)]
    missed = [check for check in checks if not check.spent <= 1]
    print(f"loop.json against the truth: {len(checks)} numbers; the worst, as a share of what is allowed:")
    for check in sorted(checks, key=lambda check: -check.spent)[: max(5, len(missed))]:
        print(f"  {check.spent:9.2e}  {check.name}: {check.found!r}, truth {check.wanted!r}")
    print(f"{len(checks) - len(missed)} passed, {len(missed)} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
