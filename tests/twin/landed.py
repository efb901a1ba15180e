"""Where a statement's marks may stand, and whether they stand anywhere else. A mark is a
value that no other statement has: the plain server tells whether it is one of a
protected column."""

import re

PROTECTED = re.compile(r"column: (\w+)\.(\w+)\.(\w+)")
NAMES = re.compile(r"`([a-z]+\d+)`")


class Landed:
    """Of one statement; begin() before it is asked."""

    def __init__(self, pair, step):
        self.pair, self.step = pair, step
        self.columns = [(table, column) for _, table, column in PROTECTED.findall(pair.policy)]
        log = pair.sealed.general_log_path
        self.log_begins = log.stat().st_size if log.exists() else 0

    def lines(self, theirs):
        """What is wrong."""
        if theirs is None or not self.step.marks:
            return []
        stored = any(self._stored(self.pair.plain_admin(), mark) for mark in self.step.marks)
        if not stored and not self._is_protected(self.step.name):
            return []
        marks = [mark.encode() for mark in self.step.marks]
        with open(self.pair.sealed.general_log_path, "rb") as log:
            log.seek(self.log_begins)
            text = log.read()
        found = [f"LEAK: {mark!r} in the server's log" for mark in marks if mark in text]
        return found + [f"LEAK: {mark!r} in a protected column" for mark in self.step.marks
                        if self._stored(self.pair.sealed_admin(), mark)]

    def _stored(self, admin, mark):
        for table, column in self.columns:
            answer = admin.run(f"SELECT 1 FROM {table} WHERE {column} LIKE '%{mark}%'".encode())
            if not answer.error and answer.results[0].rows:
                return True
        return False

    def _is_protected(self, name, depth=4):
        """Whether `v` of that name is a protected column to the session that asked."""
        if name.startswith("t"):
            return True
        if not name or not depth:
            return False
        answer = self.pair.sessions(self.step.who)[1].run(f"SHOW CREATE TABLE {name}".encode())
        if answer.error or answer.results[0].columns[0].name != "View":
            return False
        _, _, source = answer.results[0].rows[0][1].decode().partition(" from ")
        return any(self._is_protected(each, depth - 1) for each in NAMES.findall(source))
