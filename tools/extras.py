"""Prints the requirements of stoa-py from its pyproject.toml, one a line, so that pip can install them alone.

usage: extras.py PYPROJECT runtime|dev|spark
`runtime` is what the demo needs and the build tool; `dev` adds what the tests and the lints need; `spark` is what
`make test-spark` needs besides.
"""

import re
import sys
import tomllib
from pathlib import Path


def requirements(pyproject: Path, group: str) -> list[str]:
    """Requirements of one group, with `stoa-py[...]` replaced by what it stands for."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]

    def expand(names: list[str]) -> list[str]:
        found: list[str] = []
        for name in names:
            nested = re.fullmatch(r"stoa-py\[(.+)\]", name)
            if nested:
                for extra in nested[1].split(","):
                    found += expand(extras[extra.strip()])
            else:
                found.append(name)
        return found

    if group in ("dev", "spark"):
        return expand(extras[group])
    return project["dependencies"] + expand(extras["all"]) + [r for r in extras["dev"] if r.startswith("maturin")]


if __name__ == "__main__":
    print("\n".join(requirements(Path(sys.argv[1]), sys.argv[2])))
