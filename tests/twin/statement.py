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
    who      "", "two" or "server": whose it is (others.py)
    kept     "prepare", "execute" or "close" and a name, or "reset"
    reload   Sealgate is told afterwards that the schema has changed
    marks    values that are nowhere else
    name     whose column they are compared with or stored in
    during   statements at the server while this one is held
    """

    parts: list
    kind: str
    ordered: bool = False
    folds: dict = field(default_factory=dict)
    writes: bool = False
    session: bool = False
    then: Callable = None
    as_text: bool = False
    who: str = ""
    kept: str = ""
    reload: bool = False
    marks: tuple = ()
    name: str = ""
    during: list = field(default_factory=list)

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
                    self.writes, self.session, how if prepared else "", self.who, self.kept,
                    self.reload, list(self.marks), self.name,
                    [s.step(state, False) for s in self.during])


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
    who: str = ""
    kept: str = ""
    reload: bool = False
    marks: list = field(default_factory=list)
    name: str = ""
    during: list = field(default_factory=list)

    def as_json(self):
        values = self.values and [[t, f, None if d is None else d.hex()] for t, f, d in self.values]
        text = self.sql.decode("utf-8", "replace")
        exact = text.encode() == self.sql
        found = {"sql": text if exact else "", "hex": "" if exact else self.sql.hex(),
                 "values": values, "kind": self.kind, "ordered": self.ordered,
                 "folds": self.folds, "writes": self.writes, "session": self.session,
                 "how": self.how}
        beside = {"who": self.who, "kept": self.kept, "reload": self.reload, "marks": self.marks,
                  "name": self.name, "during": [s.as_json() for s in self.during]}
        return found | {key: value for key, value in beside.items() if value}

    def shown(self):
        text = self.sql.decode("utf-8", "backslashreplace")
        text = "".join(f"[{word}] " for word in (self.who, self.kept) if word) + text
        text += "".join(f"\n    held, during {s.shown()}" for s in self.during)
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
                found.get("writes", False), found.get("session", False), found.get("how", ""),
                found.get("who", ""), found.get("kept", ""), found.get("reload", False),
                found.get("marks", []), found.get("name", ""),
                [step_from_json(s) for s in found.get("during", [])])


def joined(items, separator=", "):
    out = []
    for item in items:
        if out:
            out.append(separator)
        out.append(item)
    return out
