"""The README's examples run as shown."""

import re
import subprocess
import sys
from pathlib import Path

import stoa

ROOT = Path(__file__).resolve().parents[2]


def blocks(language: str, page: str = "README.md") -> list[str]:
    """A page's code blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_python_example_runs_in_a_fresh_interpreter() -> None:
    (source,) = blocks("python")
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "chance it is better" in done.stdout


def test_the_blocks_of_deciding_are_one_program() -> None:
    source = "\n".join(blocks("python", "docs/DECIDING.md"))
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "day 14: z = " in done.stdout and "more buyers" in done.stdout


def test_the_experiment_validates(tmp_path: Path) -> None:
    (source,) = blocks("yaml")
    path = tmp_path / "own.yaml"
    path.write_text(source, encoding="utf-8")
    assert stoa.Experiment.from_file(path).problems() == []


def test_every_language_has_its_five_lines() -> None:
    for language in ("python", "ts", "rust"):
        (source,) = blocks(language)
        assert len(source.splitlines()) == 5


def test_every_link_leads_to_a_file() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / target).exists(), target


def test_the_stories_of_python_and_node_agree(tmp_path: Path) -> None:
    bundle = str(tmp_path / "bundle.json")
    python, node = (
        subprocess.run([*command, bundle], cwd=ROOT, capture_output=True, text=True, check=False)
        for command in ([sys.executable, "examples/loop.py"], ["node", "examples/loop.mjs"])
    )
    assert python.returncode == 0, python.stderr
    assert node.returncode == 0, node.stderr
    told = [line for line in python.stdout.splitlines() if not line.startswith(("discover", "register"))]
    assert node.stdout.splitlines() == told
    assert "usual_basket" in next(line for line in python.stdout.splitlines() if line.startswith("discover"))
    assert told[-1].endswith("(assigned)")
