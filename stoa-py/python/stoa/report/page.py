"""The report of one turn of the loop: one HTML file that opens anywhere, offline, for someone who decides.

A pure function of the document `out/loop.json` (docs/LOOP.md): whatever the page shows, that file holds.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from . import analysis, discover, registry, segments, turn
from .words import count, escape

Loop = dict[str, Any]

SECTIONS = (
    ("answer", "Did it work?"),
    ("sure", "By how much, and how sure?"),
    ("risk", "What is the risk?"),
    ("who", "Who are the customers?"),
    ("where", "Does it work the same for everyone?"),
    ("discover", "Where does it differ?"),
    ("worth", "Is choosing by segment worth it?"),
    ("known", "What do we now know?"),
    ("next", "What next?"),
    ("method", "How was this computed?"),
)


def page(loop: Loop) -> str:
    """The whole HTML page of a loop document."""
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    title = analysis.headline(loop)
    bodies = {
        "answer": analysis.answer(loop),
        "sure": analysis.pictures(loop),
        "risk": analysis.risk(loop),
        "who": segments.who(loop),
        "where": segments.where(loop),
        "discover": discover.where(loop),
        "worth": discover.worth(loop),
        "known": registry.known(loop),
        "next": turn.follow_up(loop),
        "method": turn.method(loop),
    }
    parts = "".join(f'<section id="{key}"><h2>{escape(name)}</h2>{bodies[key]}</section>' for key, name in SECTIONS)
    links = "".join(f'<li><a href="#{key}">{escape(name)}</a></li>' for key, name in SECTIONS)
    kind = "simulated store" if loop["simulated"] else "real experiment"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main><header>"
        f"{banner(loop)}"
        f'<p class="kicker">stoa {escape(loop["stoa_version"])} · one turn of the loop · '
        f"{count(loop['data']['customers'])} customers · {kind}</p>"
        f'<h1>{unbroken(escape(title))}</h1><p class="lead">{escape(analysis.lead(loop))}</p>'
        f'<nav aria-label="Questions"><ul>{links}</ul></nav></header>{parts}'
        f"<footer><p>{escape(loop['data']['source'])}. Every number of this page is in loop.json beside it, "
        "at full precision.</p></footer></main></body></html>\n"
    )


def unbroken(text: str) -> str:
    """The word e-mail stays on one line."""
    return text.replace("e-mail", "e\u2011mail")


def banner(loop: Loop) -> str:
    """Says, when it is so, that no such store exists."""
    if not loop["simulated"]:
        return ""
    return f'<p class="simulated" role="note">SIMULATED: {escape(loop["data"]["reason"])}. No such store exists.</p>'
