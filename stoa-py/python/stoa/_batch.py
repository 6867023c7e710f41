"""Decisions for many units, as columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Columns = tuple[str, list[str], bytes, bytes]


class Batch:
    """Decisions as columns: one row per experiment and unit, experiment by experiment, units in the order given.

    Example:
        >>> import stoa
        >>> batch = stoa.Engine(experiments=[]).assign_batch(["u1", "u2"], experiment="free_shipping")
        >>> batch.reason
        ['unknown_experiment', 'unknown_experiment']
    """

    def __init__(self, ids: Iterable[str], columns: Sequence[Columns], reasons: Sequence[str]) -> None:
        """Takes the codes that the core wrote; words are made when they are asked for."""
        self._ids, self._columns, self._reasons = ids, columns, reasons

    @property
    def experiments(self) -> list[str]:
        """Keys of the experiments decided."""
        return [key for key, *_ in self._columns]

    @property
    def visitor_id(self) -> list[str]:
        """The unit of each row."""
        listed = getattr(self._ids, "tolist", None) or getattr(self._ids, "to_list", None)
        return (listed() if listed else list(self._ids)) * len(self._columns)

    @property
    def experiment(self) -> list[str]:
        """The experiment of each row."""
        return list(chain.from_iterable([key] * len(codes) for key, _, codes, _ in self._columns))

    @property
    def variant(self) -> list[str | None]:
        """The variant of each row; None where there is none."""
        return list(chain.from_iterable(_words(variants, codes) for _, variants, codes, _ in self._columns))

    @property
    def reason(self) -> list[str]:
        """Why, of each row."""
        return [self._reasons[code] for _, _, _, codes in self._columns for code in codes]

    def __len__(self) -> int:
        """Number of rows."""
        return sum(len(codes) for _, _, codes, _ in self._columns)

    def __repr__(self) -> str:
        """Size and experiments."""
        return f"<Batch of {len(self)} decisions: {', '.join(self.experiments)}>"

    def to_dict(self) -> dict[str, list[Any]]:
        """The columns visitor_id, experiment, variant and reason.

        Example:
            >>> import stoa
            >>> stoa.Engine(experiments=[]).assign_batch(["u1"], experiment="x").to_dict()["visitor_id"]
            ['u1']
        """
        names = ("visitor_id", "experiment", "variant", "reason")
        return {name: getattr(self, name) for name in names}

    def to_arrow(self) -> pa.Table:
        """A pyarrow table of the four columns; variant, reason and experiment are dictionaries.

        Example:
            >>> import stoa
            >>> stoa.Engine(experiments=[]).assign_batch(["u1"], experiment="x").to_arrow().num_rows
            1
        """
        import pyarrow as pa

        columns: dict[str, Any] = {"visitor_id": pa.array(self.visitor_id, pa.string())}
        for name in ("experiment", "variant", "reason"):
            columns[name] = pa.array(getattr(self, name), pa.string()).dictionary_encode()
        return pa.table(columns)

    def to_pandas(self) -> pd.DataFrame:
        """A pandas frame of the four columns.

        Example:
            >>> import stoa
            >>> list(stoa.Engine(experiments=[]).assign_batch(["u1"], experiment="x").to_pandas().columns)
            ['visitor_id', 'experiment', 'variant', 'reason']
        """
        import pandas as pd

        return pd.DataFrame(self.to_dict())


def _words(variants: Sequence[str], codes: bytes) -> Iterator[str | None]:
    """Words of signed bytes: 255 is −1, no variant."""
    words: list[str | None] = [*variants, *[None] * (256 - len(variants))]
    return (words[code] for code in codes)
