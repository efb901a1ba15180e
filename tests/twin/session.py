"""One connection to a server or to the proxy: a statement in, its answer out."""

import struct
from dataclasses import dataclass, field

from raw_client import RawClient
from raw_packets import QUERY_ATTRIBUTES, ServerError

FOUND_ROWS = 1 << 1
# mysqld's flags of a column that tell of the plan, not of the column.
STATUS = 1 | 2  # in a transaction, autocommit


@dataclass
class State:
    """What the session's variables say, as far as literals depend on it."""

    charset: str = "utf8mb4"
    no_backslash: bool = False

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


class Session(RawClient):
    def __init__(self, port, account, database, found_rows=False):
        super().__init__(port, account, database, add=FOUND_ROWS if found_rows else 0,
                         drop=QUERY_ATTRIBUTES, timeout=60)

    def run(self, sql):
        answer = Answer()
        try:
            answer.results = self.query(sql)
        except ServerError as error:
            self._failed(answer, error)
        return answer

    def run_prepared(self, sql, values, times=1):
        """Prepares, executes `times` times, closes; the last execution counts.
        `values`: values.parameter of each."""
        answer = Answer()
        try:
            statement, answer.parameters = self.prepare(sql)
        except ServerError as error:
            self._failed(answer, error)
            return answer
        answer.prepared = self.prepared
        try:
            for _ in range(times):
                self._execute(statement, values)
                answer.results = self.results(binary=True)
        except ServerError as error:
            self._failed(answer, error)
        self.command(0x19, struct.pack("<I", statement))
        return answer

    def _execute(self, statement, values):
        body = struct.pack("<IBI", statement, 0, 1)
        if values:
            nulls = sum(1 << i for i, value in enumerate(values) if value[2] is None)
            body += nulls.to_bytes((len(values) + 7) // 8, "little") + b"\x01"
            body += b"".join(bytes(value[:2]) for value in values)
            body += b"".join(value[2] for value in values if value[2] is not None)
        self.command(0x17, body)

    def _failed(self, answer, error):
        answer.error, answer.sqlstate = error.number, error.sqlstate
        answer.message = error.message

    def warnings(self):
        """(level, code) of SHOW WARNINGS, sorted."""
        answer = self.run(b"SHOW WARNINGS")
        if answer.error:
            return [("error", answer.error)]
        return sorted((row[0], row[1]) for row in answer.results[0].rows)
