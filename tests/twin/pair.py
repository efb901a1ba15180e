"""The two sides: a plain server, and one of the same kind behind Sealgate."""

from servers import ADMIN, APP, Sealgate, Server

from compare import Weigher
from schema import DATABASE
from session import Session
from statement import Step

TIMESTAMP = b"SET timestamp = 1700000000"


class Pair:
    """Both servers; for each world a proxy with its policy, and tables on both
    sides. Use as a context manager."""

    def __init__(self, kind):
        self.kind = kind
        self.plain = Server(kind, general_log=False)
        self.sealed = Server(kind, general_log=True, binlog="ROW")
        self.gate = self.own = self.theirs = None

    def __enter__(self):
        try:
            self.plain.start()
            self.sealed.start()
            self.weigher = Weigher(Session(self.plain.port, ADMIN, None))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        self._leave()
        self.plain.close()
        self.sealed.close()

    def _leave(self):
        for session in (self.own, self.theirs):
            if session:
                session.close()
        self.own = self.theirs = None
        if self.gate:
            self.gate.close()
            self.gate = None

    def enter(self, policy, tables):
        """A new proxy and new tables; the texts that it refused."""
        self._leave()
        self.new_databases()
        self.gate = Sealgate(self.sealed, policy)
        self.gate.start()
        return self.create(tables)

    def new_databases(self):
        for server in (self.plain, self.sealed):
            server.execute(f"DROP DATABASE IF EXISTS {DATABASE}; "
                           f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")

    def create(self, tables):
        """Makes the tables on both sides; the texts that the proxy refused."""
        self.reconnect()
        refused = []
        for text in tables:
            own = self.own.run(text.encode())
            if own.error:
                refused.append(f"{text}\n    {own.message}")
                continue
            theirs = self.theirs.run(text.encode())
            if theirs.error:
                raise RuntimeError(f"the plain server refuses {text}: {theirs.message}")
        return refused

    def drop(self, names):
        """Without the tables again, in new sessions on both sides."""
        self.reconnect()
        for session in (self.own, self.theirs):
            for name in names:
                session.run(f"DROP VIEW IF EXISTS {name}".encode())
                session.run(f"DROP TABLE IF EXISTS {name}".encode())

    def reconnect(self, found_rows=False):
        """New sessions; what was open is rolled back on both sides."""
        for session in (self.own, self.theirs):
            if session:
                session.close()
        self.own = Session(self.gate.port, APP, DATABASE, found_rows)
        self.theirs = Session(self.plain.port, APP, DATABASE, found_rows)
        for session in (self.own, self.theirs):
            session.run(TIMESTAMP)
            session.run(b"SET time_zone = '+00:00'")

    def ask(self, step):
        """(own answer, the plain server's or None when Sealgate refused)."""
        own = _run(self.own, step)
        if own.refused:
            return own, None
        theirs = _run(self.theirs, step)
        self._add_warnings(own, theirs)
        return own, theirs

    def _add_warnings(self, own, theirs):
        """Their codes, beside their number, so that both are compared."""
        if not own.results or not theirs.results:
            return
        pairs = [a.results[-1] for a in (own, theirs)]
        some = any(r.warnings for r in pairs)
        for result, session in zip(pairs, (self.own, self.theirs)):
            result.warnings = (result.warnings, session.warnings() if some else [])


def _run(session, step):
    if step.values is None:
        return session.run(step.sql)
    return session.run_prepared(step.sql, step.values, step.how)


def contents(table):
    """A statement that reads the whole of a table."""
    return Step(f"SELECT * FROM {table} ORDER BY id".encode(), None, "contents", True, {}, False,
                False)
