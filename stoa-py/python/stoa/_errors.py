"""The one error of this package."""

from __future__ import annotations

from typing import Any


class StoaError(ValueError):
    """Everything stoa refuses, with the same codes in Rust, Python and TypeScript.

    Attributes:
        code: stable name of the kind of refusal, such as ``out_of_range``.
        field: JSON path, option or column; that of the first problem when there are several.
        rule: the rule that was broken, as a predicate that continues the field.
        value: the value found, shortened.
        hint: a near miss the caller may have meant, or None.
        problems: all problems as dicts with code, field, rule, value, message and sometimes hint; at least one.

    Example:
        >>> import stoa
        >>> try:
        ...     stoa.Rule.from_dict({"attr": "orders", "op": "gtee", "value": 2})
        ... except stoa.StoaError as error:
        ...     (error.code, error.value)
        ('unknown_operator', 'gtee')
    """

    code: str
    field: str
    rule: str
    value: str
    hint: str | None
    problems: list[dict[str, Any]]

    def __init__(self, message: str, problems: list[dict[str, Any]]) -> None:
        """Builds the error from its message and all its problems."""
        super().__init__(message)
        first = problems[0]
        self.code = first["code"]
        self.field = first["field"]
        self.rule = first["rule"]
        self.value = first["value"]
        self.hint = first.get("hint")
        self.problems = problems

    def __reduce__(self) -> tuple[type[StoaError], tuple[str, list[dict[str, Any]]]]:
        """Survives a process pool."""
        return (type(self), (str(self), self.problems))


def refusal(code: str, field: str, rule: str, value: object) -> StoaError:
    """The error of a refusal that needs no core."""
    shown = repr(value)[:80]
    message = f"{field} {rule}, got {shown}"
    return StoaError(message, [{"code": code, "field": field, "rule": rule, "value": shown, "message": message}])


def not_fitted(name: str) -> StoaError:
    """What every readout says before there is anything to read."""
    return refusal("missing_field", f"{name}.fit", "must be called before anything is read", "no call")
