"""The registry of segments on disk: an append-only log that several processes may write."""

from __future__ import annotations

import getpass
import os
import threading
import warnings
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from ._log import LogFile
from ._registry_records import (
    ChangelogRecord,
    Healed,
    OpenQuestion,
    RegistryDiff,
    RegistryEntry,
    TornLogWarning,
)
from ._stoa import AttributeSchema, Experiment, FoundSegment, RegistryLog, Rule, Segment, Store

if TYPE_CHECKING:
    from ._registry_records import Lifecycle
    from ._types import Document, Now


class Registry:
    """Every segment that was ever proposed, who decided what about it, when and why.

    State is a fold over a hash-chained log, one JSON object a line. Every method first reads what other processes
    appended. An append takes the file's lock, is on the disk before it counts, and is refused as a whole or not at
    all. Times never go backwards: while the clock is behind the last event, its time is used.

    Example:
        >>> import stoa
        >>> import tempfile, pathlib
        >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
        >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", by="ana")
        >>> _ = reg.accept("repeat", by="bo", why="matches what support sees")
        >>> reg.deploy("repeat", by="bo").lifecycle
        'deployed'
        >>> [(r.actor, r.event) for r in reg.changelog()]
        [('ana', 'proposed'), ('bo', 'accepted'), ('bo', 'deployed')]
    """

    def __init__(self, path: str | os.PathLike[str], *, read_only: bool = False) -> None:
        """Opens a log; `Registry.open` says the same."""
        self._file = LogFile(path, read_only=read_only)
        self._mutex = threading.RLock()
        self._state = RegistryLog()
        self._read_from: os.stat_result | None = None
        self._last_line = b""
        self._healed: list[Healed] = []
        with self._mutex, self._file.locked(shared=read_only) as descriptor:
            self._catch_up(descriptor, heal=not read_only)

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, read_only: bool = False) -> Registry:
        """Opens a log, made when it is missing; a torn last line is healed, and a `TornLogWarning` says so.

        `read_only` never writes: the file must be there, and a torn last line is left where it is.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> len(stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl"))
            0
        """
        return cls(path, read_only=read_only)

    # Writing --------------------------------------------------------------------------------------------------

    def propose(
        self,
        segment: FoundSegment | Segment | Rule,
        key: str | None = None,
        *,
        by: str | None = None,
        why: str = "",
        at: Now | None = None,
        simulated: bool = False,
        evidence: Document | None = None,
    ) -> RegistryEntry:
        """Writes a segment down: a found one with its evidence, a `Segment`, or a bare `Rule`.

        A known key with another rule makes the next version; what is deployed stays so until the new one is.

        Args:
            segment: who belongs to it.
            key: its name; that of a `Segment` when left out.
            by: who; the user of this computer when left out.
            why: the reason.
            at: when; the clock when left out.
            simulated: whether it belongs to a simulation; the log and the changelog say so.
            evidence: what its effect rests on, when it was found elsewhere.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> repeat = stoa.Segment("repeat", stoa.Rule.parse("orders_count >= 2"))
            >>> reg.propose(repeat, by="ana", why="they come back").key
            'repeat'
        """
        key = getattr(segment, "key", "") if key is None else key
        return self._append("propose", key, by, why, at, simulated, segment=segment, evidence=evidence)

    def accept(
        self,
        key: str,
        *,
        by: str | None = None,
        why: str = "",
        at: Now | None = None,
        simulated: bool = False,
        version: int | None = None,
    ) -> RegistryEntry:
        """Agrees to the version proposed last, as this registry last showed it.

        When another process has proposed a newer one meanwhile, nothing is accepted and the error says so.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", by="ana")
            >>> reg.accept("repeat", by="bo").lifecycle
            'accepted'
        """
        return self._append("accept", key, by, why, at, simulated, version=version or self._meant(key)[0])

    def deploy(
        self,
        key: str,
        *,
        by: str | None = None,
        why: str = "",
        at: Now | None = None,
        simulated: bool = False,
        version: int | None = None,
    ) -> RegistryEntry:
        """Sends the accepted version to the storefront; the one deployed before is retired by it.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", by="ana")
            >>> try:
            ...     reg.deploy("repeat", by="bo")
            ... except stoa.StoaError as error:
            ...     str(error)
            'repeat must have an accepted version to be deployed, got version 1, proposed'
        """
        return self._append("deploy", key, by, why, at, simulated, version=version or self._meant(key)[0])

    def retire(
        self,
        key: str,
        *,
        why: str = "",
        by: str | None = None,
        at: Now | None = None,
        simulated: bool = False,
        version: int | None = None,
    ) -> RegistryEntry:
        """Keeps a segment for the record only, or one version of it: a proposal that is turned down.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", by="ana")
            >>> reg.retire("repeat", by="bo", why="too few of them").lifecycle
            'retired'
        """
        return self._append("retire", key, by, why, at, simulated, version=version)

    def confirm(
        self,
        key: str,
        *,
        evidence: Document,
        by: str | None = None,
        why: str = "",
        at: Now | None = None,
        simulated: bool = False,
        version: int | None = None,
    ) -> RegistryEntry:
        """Says that a later experiment found the effect again; the only way to the claim `confirmed`.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", by="ana")
            >>> reg.confirm("repeat", evidence={"experiment": "autumn_email"}, by="bo").claim
            'confirmed'
        """
        version = version or self._meant(key)[1]
        return self._append("confirm", key, by, why, at, simulated, version=version, evidence=evidence)

    def rename(
        self,
        key: str,
        *,
        to: str,
        by: str | None = None,
        why: str = "",
        at: Now | None = None,
        simulated: bool = False,
    ) -> RegistryEntry:
        """Gives a segment another key; the old one still leads to it.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", by="ana")
            >>> _ = reg.rename("repeat", to="repeat_buyers", by="ana")
            >>> reg.get("repeat").key
            'repeat_buyers'
        """
        return self._append("rename", key, by, why, at, simulated, to=to)

    def _append(
        self, action: str, key: str, by: str | None, why: str, at: Now | None, simulated: bool, **details: Any
    ) -> RegistryEntry:
        if self._file.read_only:
            raise PermissionError(f"the registry was opened to be read only: {self._file.path}")
        by = getpass.getuser() if by is None else by
        with self._mutex, self._file.locked() as descriptor:
            self._catch_up(descriptor, heal=True)
            clock = datetime.now(UTC)
            line = self._state.next_line(action, key, by, why, clock, at, simulated, **details)
            self._file.append(descriptor, line)
            self._take_in(line)
            return RegistryEntry._read(self._state.entry(key))

    # Reading --------------------------------------------------------------------------------------------------

    def get(self, key: str) -> RegistryEntry:
        """One segment, by its key or a former one.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", by="ana")
            >>> reg.get("repeat").history[0].actor
            'ana'
        """
        return RegistryEntry._read(self._fresh().entry(key))

    def segments(self, lifecycle: Lifecycle | None = None) -> list[Segment]:
        """Segments that stand there, by key; all with the version that stands for each when none is named.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", by="ana")
            >>> [s.key for s in reg.segments("proposed")], reg.segments("deployed")
            (['repeat'], [])
        """
        return self._fresh().segments(lifecycle)

    def changelog(self, since: Now | None = None) -> list[ChangelogRecord]:
        """What happened, the oldest first; since an instant, that instant included.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", at="2026-03-01T09:00:00Z")
            >>> [r.time for r in reg.changelog(since="2026-03-01T00:00:00Z")]
            ['2026-03-01T09:00:00.000000Z']
        """
        return [ChangelogRecord(**record) for record in self._fresh().changelog(since)]

    def diff(self, then: Now, now: Now) -> RegistryDiff:
        """What changed between two instants: added, changed (both rules), moved, retired, confirmed, renamed.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", at="2026-03-01T09:00:00Z")
            >>> reg.diff("2026-02-01T00:00:00Z", "2026-04-01T00:00:00Z").added
            ['repeat']
        """
        return RegistryDiff(**self._fresh().diff(then, now))

    def open_questions(self, schema: AttributeSchema | None = None) -> list[OpenQuestion]:
        """What waits for somebody, each with its segment and one sentence.

        A schema says what the storefront can evaluate today; without one the evidence says what it could when the
        segment was found.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", at="2026-03-01T09:00:00Z", by="ana")
            >>> reg.open_questions()[0].sentence.endswith("was proposed by ana on 2026-03-01 and waits for a decision.")
            True
        """
        return [OpenQuestion._read(question) for question in self._fresh().open_questions(schema)]

    def events(self) -> list[dict[str, Any]]:
        """The log itself: every event as a dict.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl").events()
            []
        """
        return self._fresh().events()

    def bundle(
        self,
        experiments: Iterable[Experiment] = (),
        store: Store | Document | str | os.PathLike[str] | None = None,
        schema: AttributeSchema | None = None,
    ) -> str:
        """What the storefront loads, as JSON: the experiments, the deployed segments and those that they name.

        An experiment that targets a segment which is not deployed is refused.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> stoa.Engine.from_json(reg.bundle()).experiments
            []
        """
        return self._fresh().bundle(list(experiments), store, schema)

    def verify(self) -> int:
        """Reads the whole log again from its first line; the number of its events.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl").verify()
            0
        """
        with self._mutex, self._file.locked(shared=True) as descriptor:
            self._start_again()
            self._catch_up(descriptor, heal=False)
            return len(self._state)

    def to_dict(self) -> dict[str, Any]:
        """The whole state: every segment with its versions and history, and the hash of the log's last line.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl").to_dict()["entries"]
            []
        """
        return self._fresh().to_dict()

    @property
    def path(self) -> str:
        """Where the log is."""
        return str(self._file.path)

    @property
    def head(self) -> str:
        """Hash of the last event: kept elsewhere, it also shows when whole lines were cut off the end."""
        return self._fresh().head

    @property
    def healed(self) -> list[Healed]:
        """Torn last lines that this object found and healed, the oldest first."""
        return list(self._healed)

    def __len__(self) -> int:
        """Number of events."""
        return len(self._fresh())

    def __repr__(self) -> str:
        """Path and size."""
        return f"<Registry {self._file.path}: {len(self.segments())} segments, {len(self)} events>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(s.key)}</td><td>{escape(s.lifecycle)}</td><td>{s.version}</td>"
            f"<td>{escape(s.description or s.rule.describe())}</td></tr>"
            for s in self.segments()
        )
        head = "<tr><th>segment</th><th>lifecycle</th><th>version</th><th>who</th></tr>"
        return f"<table><caption>{escape(repr(self))}</caption>{head}{rows}</table>"

    # The file ---------------------------------------------------------------------------------------------------

    def _meant(self, key: str) -> tuple[int | None, int | None]:
        with self._mutex:
            return self._state.meant(key)

    def _fresh(self) -> RegistryLog:
        """The state, with what others appended since."""
        with self._mutex:
            found = self._file.path.stat()
            if found.st_size != self._state.bytes or not self._is_same(found):
                with self._file.locked(shared=True) as descriptor:
                    self._catch_up(descriptor, heal=False)
            return self._state

    def _is_same(self, found: os.stat_result) -> bool:
        return self._read_from is not None and os.path.samestat(found, self._read_from)

    def _start_again(self) -> None:
        self._state, self._read_from, self._last_line = RegistryLog(), None, b""

    def _catch_up(self, descriptor: int, *, heal: bool) -> None:
        """Takes in what follows the part already read; under the lock."""
        found = os.fstat(descriptor)
        if not self._is_same(found):
            self._start_again()
            self._read_from = found
        self._state.check_length(found.st_size)
        begin = self._state.bytes - len(self._last_line)
        # The last line read is read again: it must still be there for anything to follow from it.
        more = self._file.read(descriptor, begin)
        if not more.startswith(self._last_line):
            self._start_again()
            more = self._file.read(descriptor, 0)
        torn = self._take_in(more[len(self._last_line) :])
        if torn is not None:
            self._mend(descriptor, torn, heal=heal)

    def _take_in(self, more: bytes) -> dict[str, Any] | None:
        before = self._state.bytes
        try:
            return self._state.extend(more)
        finally:
            taken = more[: self._state.bytes - before]
            if taken:
                self._last_line = taken[taken.rfind(b"\n", 0, -1) + 1 :]

    def _mend(self, descriptor: int, torn: dict[str, Any], *, heal: bool) -> None:
        where = f"{self._file.path}: {torn['bytes']} bytes after byte {torn['offset']}"
        if not heal:
            if self._file.read_only:
                warnings.warn(f"{where} are no complete line and were left out", TornLogWarning, stacklevel=4)
            return
        if torn["whole"]:
            self._file.append(descriptor, b"\n")
            self._take_in(self._file.read(descriptor, torn["offset"]))
            said, kept_in = "were an event without its line end, which was added", None
        else:
            kept_in = str(self._file.set_aside(descriptor, torn["offset"]))
            said = f"were no complete line; they were moved to {kept_in}"
        self._healed.append(Healed(torn["offset"], torn["bytes"], torn["whole"], kept_in))
        warnings.warn(f"{where} {said}", TornLogWarning, stacklevel=4)
