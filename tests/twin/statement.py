"""One generated statement: text with values in it, and how to compare answers."""

from dataclasses import dataclass, field
from typing import Callable

from values import Value, literal, parameter


def flat(parts):
    """Nested lists of text and values as one list."""
    for part in parts:
        if isinstance(part, (list, tuple)) and not isinstance(part, Value):
            yield from flat(part)
        else:
            yield part


@dataclass
class Statement:
    """parts    text and values, nested
    kind     for the report: "select", "insert", …
    ordered  the rows come in an order that the statement fixes
    folds    {column of the result: collation}: which member of a group stands
             for it is the server's choice, so values count as their weights
    writes   changes rows
    session  changes the session: it belongs into every replay
    then     called when it succeeded on both sides
    as_text  is never prepared
    """

    parts: list
    kind: str
    ordered: bool = False
    folds: dict = field(default_factory=dict)
    writes: bool = False
    session: bool = False
    then: Callable = None
    as_text: bool = False

    def text(self):
        """Without its values."""
        return "".join("?" if isinstance(p, Value) else p for p in flat(self.parts))

    def step(self, state, prepared, how=""):
        """As it is sent: the values as literals, or as parameters."""
        text, values = [], []
        for part in flat(self.parts):
            if prepared and isinstance(part, Value):
                text.append("?")
                values.append(parameter(part, state))
            else:
                text.append(literal(part, state) if isinstance(part, Value) else part)
        sql = "".join(text).encode(state.codec, "replace")
        return Step(sql, values if prepared else None, self.kind, self.ordered, self.folds,
                    self.writes, self.session, how if prepared else "")


@dataclass
class Step:
    """A statement as it is sent; `values` is None for one as text. `how` a prepared
    one is executed: session.WAYS."""

    sql: bytes
    values: list
    kind: str
    ordered: bool
    folds: dict
    writes: bool
    session: bool
    how: str = ""

    def as_json(self):
        values = self.values and [[t, f, None if d is None else d.hex()] for t, f, d in self.values]
        text = self.sql.decode("utf-8", "replace")
        exact = text.encode() == self.sql
        return {"sql": text if exact else "", "hex": "" if exact else self.sql.hex(),
                "values": values, "kind": self.kind, "ordered": self.ordered,
                "folds": self.folds, "writes": self.writes, "session": self.session,
                "how": self.how}

    def shown(self):
        text = self.sql.decode("utf-8", "backslashreplace")
        if self.values is None:
            return text
        way = f" ({self.how})" if self.how else ""
        return f"{text}\n    with{way} {[d for _, _, d in self.values]}"


def step_from_json(found):
    values = found["values"]
    if values is not None:
        values = [(t, f, None if d is None else bytes.fromhex(d)) for t, f, d in values]
    sql = bytes.fromhex(found["hex"]) if found.get("hex") else found["sql"].encode()
    folds = {int(n): c for n, c in found.get("folds", {}).items()}
    return Step(sql, values, found.get("kind", "case"), found.get("ordered", False), folds,
                found.get("writes", False), found.get("session", False), found.get("how", ""))


def joined(items, separator=", "):
    out = []
    for item in items:
        if out:
            out.append(separator)
        out.append(item)
    return out
