"""Types of arguments, for type checkers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias


class ArrowStream(Protocol):
    """Anything that hands over its columns as an Arrow C stream: pandas, polars, pyarrow, a DuckDB relation."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """A PyCapsule of the stream."""
        ...


class Array(Protocol):
    """Anything that numpy can read as an array."""

    def __array__(self) -> Any:
        """The numpy array."""
        ...


Frame: TypeAlias = ArrowStream | dict[str, Any]
Document: TypeAlias = Mapping[str, Any]
Features: TypeAlias = Frame | Array | Sequence[Sequence[float | None]]
Now: TypeAlias = str | datetime
Dialect: TypeAlias = Literal["duckdb", "postgres", "bigquery", "snowflake", "spark"]
