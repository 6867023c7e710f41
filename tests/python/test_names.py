"""Every public name is in the one table that Rust, Python and TypeScript are held against, and the other way round."""

import inspect
from collections.abc import Iterator

from conftest import vectors

import stoa

LISTED = {row[1] for group in vectors("names")["groups"] for row in group["names"] if row[1]}


def exported() -> Iterator[str]:
    """What the package offers: names, and the methods of its classes; properties are keys of documents."""
    for name in stoa.__all__:
        item = getattr(stoa, name)
        yield name
        if inspect.isclass(item):
            members = (member for member in vars(item) if not member.startswith("_"))
            yield from (f"{name}.{member}" for member in members if callable(getattr(item, member)))
    yield from (f"catalog.{name}" for name in stoa.catalog.__all__)


def test_what_is_exported_is_what_is_listed() -> None:
    assert set(exported()) == LISTED
