"""What a registry answers with: frozen records that the core fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ._records import Record
from ._stoa import Segment

if TYPE_CHECKING:
    from typing import TypeAlias

    Lifecycle: TypeAlias = Literal["proposed", "accepted", "deployed", "retired"]
    ClaimLevel: TypeAlias = Literal["exploratory", "honest", "confirmed"]


class TornLogWarning(UserWarning):
    """A log ended in the middle of a line: a writer was stopped there, and the log was healed.

    Example:
        >>> import stoa
        >>> issubclass(stoa.TornLogWarning, UserWarning)
        True
    """


@dataclass(frozen=True, slots=True)
class Healed(Record):
    """What was done about a torn last line: completed when only its end was missing, else set aside.

    Example:
        >>> import stoa
        >>> stoa.Healed(offset=512, bytes=40, completed=False, kept_in="registry.jsonl.torn-512").bytes
        40
    """

    offset: int
    bytes: int
    completed: bool
    kept_in: str | None


@dataclass(frozen=True, slots=True)
class ChangelogRecord(Record):
    """One event in words.

    Example:
        >>> import stoa
        >>> import tempfile, pathlib
        >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
        >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", by="ana")
        >>> reg.changelog()[0].sentence
        'ana proposed repeat (version 1), whose visitor orders_count is at least 2.'
    """

    seq: int
    time: str
    actor: str
    event: str
    key: str
    version: int | None
    reason: str
    simulated: bool
    sentence: str
    hash: str


@dataclass(frozen=True, slots=True)
class RegistryEntry(Record):
    """One segment of a registry: the version that stands for it (the one deployed, or else the last), and the others.

    `evidence`, `confirmations`, `pending` and `versions` are documents: dicts with the keys of the log.

    Example:
        >>> import stoa
        >>> import tempfile, pathlib
        >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
        >>> entry = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", by="ana")
        >>> entry.lifecycle, entry.version, entry.claim, entry.segment.rule.attributes()
        ('proposed', 1, None, ['orders_count'])
    """

    key: str
    former_keys: list[str]
    lifecycle: Lifecycle
    version: int
    claim: ClaimLevel | None
    segment: Segment
    evidence: dict[str, Any] | None
    confirmations: list[dict[str, Any]]
    simulated: bool
    pending: dict[str, Any] | None
    versions: list[dict[str, Any]]
    history: list[ChangelogRecord]

    @classmethod
    def _read(cls, document: dict[str, Any]) -> RegistryEntry:
        segment = Segment.from_dict(document["segment"])
        history = [ChangelogRecord(**record) for record in document["history"]]
        return cls(**{**document, "segment": segment, "history": history})

    def to_dict(self) -> dict[str, Any]:
        """The entry as a dict, with the keys that Rust writes too.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> entry = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", by="ana")
            >>> entry.to_dict()["segment"]["version"]
            1
        """
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {**plain, "segment": self.segment.to_dict(), "history": [r.to_dict() for r in self.history]}


@dataclass(frozen=True, slots=True)
class OpenQuestion(Record):
    """One thing that waits for somebody: undecided, undeployed, unconfirmed or not_targetable.

    Example:
        >>> import stoa
        >>> import tempfile, pathlib
        >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
        >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", by="ana")
        >>> [(q.key, q.kind) for q in reg.open_questions()]
        [('repeat', 'undecided')]
    """

    key: str
    version: int
    kind: Literal["undecided", "undeployed", "unconfirmed", "not_targetable"]
    segment: Segment
    missing_attributes: list[str]
    since: str
    sentence: str

    @classmethod
    def _read(cls, document: dict[str, Any]) -> OpenQuestion:
        return cls(**{**document, "segment": Segment.from_dict(document["segment"])})

    def to_dict(self) -> dict[str, Any]:
        """The question as a dict, with the keys that Rust writes too.

        Example:
            >>> import stoa
            >>> import tempfile, pathlib
            >>> reg = stoa.Registry.open(pathlib.Path(tempfile.mkdtemp()) / "registry.jsonl")
            >>> _ = reg.propose(stoa.Rule.parse("orders_count >= 2"), key="repeat", by="ana")
            >>> reg.open_questions()[0].to_dict()["segment"]["lifecycle"]
            'proposed'
        """
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {**plain, "segment": self.segment.to_dict()}


@dataclass(frozen=True, slots=True)
class RegistryDiff(Record):
    """What changed between two instants; keys are those of the later one.

    Example:
        >>> import stoa
        >>> stoa.RegistryDiff(["repeat"], [], [], [], [], []).added
        ['repeat']
    """

    added: list[str]
    changed: list[dict[str, Any]]
    moved: list[dict[str, str]]
    retired: list[str]
    confirmed: list[str]
    renamed: list[dict[str, str]]
