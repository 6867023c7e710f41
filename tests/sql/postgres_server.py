"""A PostgreSQL of the tests' own: on a unix socket in a private folder, gone with the process that started it.

`with started() as server:` makes a cluster, and removes it at the end. A watching shell holds the server; when the pipe
to it closes, because the block ended or because Python died of whatever cause, it stops the server and removes the
folder. PostgreSQL refuses to run as root, so root's server runs as the user `postgres` that the package creates.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

# Arguments: programs, folder, the server's options.
WATCH = """
cd "$2"
trap '"$1/pg_ctl" -D data -m immediate stop >/dev/null 2>&1; rm -rf "$2"' EXIT
"$1/initdb" -D data -E UTF8 --locale=C.UTF-8 --auth=trust -U stoa --no-sync >log 2>&1 &&
  "$1/pg_ctl" -D data -w -o "$3" -l log start >/dev/null 2>&1 && echo ready || cat log
read -r end
"""


@dataclasses.dataclass(frozen=True)
class Server:
    """A running server."""

    programs: pathlib.Path
    folder: pathlib.Path

    @property
    def dsn(self) -> str:
        """What a driver connects to; the user may do everything."""
        return f"host={self.folder} user=stoa dbname=postgres"

    def psql(self, script: str, stop: bool = True) -> str:
        """What a script prints, one row a line; unless it shall not `stop`, its first error is raised."""
        program = shutil.which("psql", path=f"{self.programs}{os.pathsep}{os.environ['PATH']}") or "psql"
        command = [program, "-qAtX", "-v", f"ON_ERROR_STOP={int(stop)}", self.dsn]
        done = subprocess.run(command, input=script.encode(), capture_output=True, cwd=self.folder, check=False)
        if stop and done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout.decode()


def programs() -> pathlib.Path | None:
    """The folder of initdb and pg_ctl; Debian keeps it off the path."""
    versions = pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max((path.parent for path in versions), key=lambda path: float(path.parent.name), default=None)
    found = shutil.which("initdb")
    return newest or (pathlib.Path(found).resolve().parent if found else None)


@contextlib.contextmanager
def started(time_zone: str = "America/New_York") -> Iterator[Server]:
    """A server for the length of a block."""
    where = programs()
    if where is None:
        raise RuntimeError("PostgreSQL's programs are not here: run tools/servers, which installs them or says how")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="stoa-postgres-"))
    as_user = []
    if os.geteuid() == 0:
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    options = f"-c listen_addresses='' -k {folder} -c fsync=off -c jit=off -c timezone={time_zone}"
    # In a session of its own, so that an interrupt from the keyboard does not take the watch before it has cleaned up.
    watch = subprocess.Popen(
        [*as_user, "sh", "-c", WATCH, "watch", str(where), str(folder), options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        start_new_session=True,
    )
    try:
        said = watch.stdout.readline() if watch.stdout else ""
        if said != "ready\n":
            raise RuntimeError(f"PostgreSQL did not start: {said}{watch.communicate()[0]}")
        yield Server(where, folder)
    finally:
        watch.communicate()
