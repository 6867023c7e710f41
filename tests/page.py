"""Tables that commands write into the pages of docs/, between `<!-- NAME begins -->` and `<!-- NAME ends -->`."""

from __future__ import annotations

from pathlib import Path


def fill(page: Path, name: str, rows: list[str]) -> None:
    """Puts rows between the marks of that name."""
    begin, end = f"<!-- {name} begins -->", f"<!-- {name} ends -->"
    before, rest = page.read_text(encoding="utf-8").split(begin)
    after = rest.split(end)[1]
    page.write_text(f"{before}{begin}\n" + "\n".join(rows) + f"\n{end}{after}", encoding="utf-8")
