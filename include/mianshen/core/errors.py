"""The one exception that county staff read: what was found, where, why it matters, what to do next."""

from __future__ import annotations

from mianshen.core.codes import Reason, reason
from mianshen.core.redaction import redact


class MianshenError(Exception):
    """A refusal with a reason from the closed list, Chinese first, English second.

    `found` is quoted in brackets and must never be a name, an id number, a phone or an account: numbers that could be one are
    blotted out. `where` is a file and line, or a table and key.
    """

    def __init__(self, code: str, *, found: str, where: str) -> None:
        self.reason: Reason = reason(code)
        self.found = redact(found)
        self.where = where
        super().__init__(self.message())

    @property
    def code(self) -> str:
        """The reason code, one of `core.codes`."""
        return self.reason.code

    def message(self) -> str:
        """One Chinese line and one English line: found, where, why, what to do."""
        known = self.reason
        return (
            f"[{known.code}] {known.zh}:发现【{self.found}】,位置 {self.where}。处理:{known.remedy_zh}\n"
            f"[{known.code}] {known.en}: found [{self.found}] in {self.where}. What to do: {known.remedy_en}"
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.reason.code, self.found, self.where))


def _rebuild(kind: type[MianshenError], code: str, found: str, where: str) -> MianshenError:
    return kind(code, found=found, where=where)
