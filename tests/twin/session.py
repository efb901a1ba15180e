"""One connection to a server or to the proxy: a statement in, its answer out."""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from raw_client import RawClient
from raw_packets import CURSOR_EXISTS, LAST_ROW_SENT, QUERY_ATTRIBUTES, Cursor, ServerError

FOUND_ROWS = 1 << 1
# How a prepared statement is executed: once; with a cursor; twice, the second
# time without types or after a reset; with its texts as long data.
WAYS = ("",) * 12 + ("cursor", "cursor", "again", "reset", "long", "long")
STRINGS = (252, 253)
PREPARE_AGAIN = 1615
ONCE = ""  # the name of what is closed at once


@dataclass
class State:
    """What the session's variables say, as far as literals depend on it."""

    charset: str = "utf8mb4"
    no_backslash: bool = False
    ansi_quotes: bool = False
    other_results: bool = False  # character_set_results is not that of SET NAMES

    @property
    def codec(self):
        names = {"latin1": "cp1252", "gbk": "gbk", "ascii": "ascii", "cp1250": "cp1250"}
        return names.get(self.charset, "utf-8")


@dataclass
class Answer:
    error: int = 0
    sqlstate: str = ""
    message: str = ""
    results: list = field(default_factory=list)
    parameters: int = 0
    prepared: list = field(default_factory=list)

    @property
    def refused(self):
        return self.message.startswith("sealgate:")

    def shown(self, rows=8):
        if self.error:
            return f"ERROR {self.error} ({self.sqlstate}): {self.message}"
        out = []
        for result in self.results:
            out.append(f"affected {result.affected}, warnings {result.warnings}, "
                       f"info {result.info!r}, {len(result.rows)} rows of "
                       f"{[c.name for c in result.columns]}")
            out += [f"    {row}" for row in result.rows[:rows]]
        return "\n".join(out)


class Warned(NamedTuple):
    """A warning; its text may show a stored value, and is not compared."""

    level: bytes
    code: bytes
    message: bytes

    def __eq__(self, other):
        return self[:2] == other[:2]

    def __ne__(self, other):
        return self[:2] != other[:2]

    __hash__ = None


class Session(RawClient):
    def __init__(self, port, account, database, found_rows=False):
        super().__init__(port, account, database, add=FOUND_ROWS if found_rows else 0,
                         drop=QUERY_ATTRIBUTES, timeout=60)
        self.kept = {}  # name: (statement id, text)

    def run(self, sql):
        answer = Answer()
        try:
            answer.results = self.query(sql)
        except ServerError as error:
            self._failed(answer, error)
        return answer

    def run_prepared(self, sql, values, how=""):
        """Prepares, executes in one of WAYS, closes; the last execution counts.
        `values`: values.parameter of each."""
        answer = Answer()
        try:
            statement, answer.parameters = self.prepare(sql)
        except ServerError as error:
            self._failed(answer, error)
            return answer
        answer.prepared = self.prepared
        self.kept[ONCE] = statement, sql
        try:
            self._execute_kept(ONCE, values, how, answer)
        except ServerError as error:
            self._failed(answer, error)
        self.forget(ONCE)
        return answer

    def run_kept(self, verb, name, sql, values, how=""):
        """Prepares by a name of the client's own, executes what has it, or closes it. One
        that is not there gives an empty answer."""
        answer = Answer()
        try:
            if verb == "execute":
                self._execute_kept(name, values, how, answer)
            else:
                self.forget(name)
            if verb == "prepare":
                self._keep(name, sql, answer)
        except ServerError as error:
            if verb == "prepare":
                self.forget(name)
            self._failed(answer, error)
        return answer

    def _keep(self, name, sql, answer):
        self.kept[name] = None, sql
        statement, answer.parameters = self.prepare(sql)
        answer.prepared = self.prepared
        self.kept[name] = statement, sql

    def _execute_kept(self, name, values, how, answer):
        statement, sql = self.kept.get(name, (None, None))
        if sql is None:
            return
        try:
            if statement is not None:
                self._run_prepared(statement, values, how, answer)
                return
        except ServerError as error:
            if error.number != PREPARE_AGAIN:
                raise
            self.forget(name)
        # As drivers do.
        self._keep(name, sql, Answer())
        self._run_prepared(self.kept[name][0], values, how, answer)

    def forget(self, name):
        statement, _ = self.kept.pop(name, (None, None))
        if statement is not None:
            self.command(0x19, struct.pack("<I", statement))

    def reset(self):
        answer = Answer()
        self.kept = {}
        self.command(0x1F)
        try:
            self.answer()
        except ServerError as error:
            self._failed(answer, error)
        return answer

    def _run_prepared(self, statement, values, how, answer):
        long = {i for i, value in enumerate(values) if value[0] in STRINGS and value[2] is not None}
        if how in ("again", "reset"):
            self._execute(statement, values)
            self.results(binary=True)
            if how == "reset":
                self.command(0x1A, struct.pack("<I", statement))
                self.answer()
        elif how == "long":
            for i in long:
                self._send_long(statement, i, Cursor(values[i][2]).string())
        self._execute(statement, values, int(how == "cursor"), long if how == "long" else (),
                      how != "again")
        answer.results = self.results(binary=True)
        result = answer.results[-1]
        while result.status & CURSOR_EXISTS and not result.status & LAST_ROW_SENT:
            self.command(0x1C, struct.pack("<II", statement, 3))
            while self.read_row(result, True):
                pass

    def eof(self):
        self.last_eof = super().eof()
        return self.last_eof

    def read_row(self, result, binary):
        # After the columns of a cursor come no rows.
        if not result.rows and self.last_eof & CURSOR_EXISTS:
            result.status, self.last_eof = self.last_eof, 0
            return False
        return super().read_row(result, binary)

    def _send_long(self, statement, number, data):
        """In pieces; what is wrong with it is told by the execution."""
        for at in range(0, max(1, len(data)), 5):
            self.command(0x18, struct.pack("<IH", statement, number) + data[at:at + 5])

    def _execute(self, statement, values, flags=0, long=(), types=True):
        body = struct.pack("<IBI", statement, flags, 1)
        if values:
            nulls = sum(1 << i for i, value in enumerate(values) if value[2] is None)
            body += nulls.to_bytes((len(values) + 7) // 8, "little") + bytes([types])
            if types:
                body += b"".join(bytes(value[:2]) for value in values)
            body += b"".join(value[2] for i, value in enumerate(values)
                             if value[2] is not None and i not in long)
        self.command(0x17, body)

    def _failed(self, answer, error):
        answer.error, answer.sqlstate = error.number, error.sqlstate
        answer.message = error.message

    def warnings(self):
        """Those of SHOW WARNINGS, sorted."""
        answer = self.run(b"SHOW WARNINGS")
        if answer.error:
            return [Warned(b"error", str(answer.error).encode(), b"")]
        return sorted(Warned(*row) for row in answer.results[0].rows)
