"""The two sides: a plain server, and one of the same kind behind Sealgate."""

import json
import time
from threading import Thread

from servers import ADMIN, APP, Sealgate, Server

from compare import Weigher
from schema import DATABASE
from session import Session
from statement import Step

# What each session begins with. Nobody waits long for a lock.
USUAL_SESSION = ("SET timestamp = 1700000000", "SET time_zone = '+00:00'",
                 "SET lock_wait_timeout = 2, innodb_lock_wait_timeout = 1")


class Pair:
    """Both servers; for each world a proxy with its policy, and tables on both
    sides. Use as a context manager."""

    def __init__(self, kind):
        self.kind = kind
        # Else only one of them would ask for SUPER, for routines and triggers.
        trust = ["--log-bin-trust-function-creators=1"]
        # With a binary log MySQL counts an empty JSON that becomes null as unchanged.
        self.plain = Server(kind, general_log=False, binlog="ROW", options=trust)
        self.sealed = Server(kind, general_log=True, binlog="ROW", options=trust)
        self.gate = self.own = self.theirs = None
        self.beside = {}  # whose: sessions on both sides

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
        self._end_sessions()
        if self.gate:
            self.gate.close()
            self.gate = None

    def _end_sessions(self):
        for session in (self.own, self.theirs, *(s for pair in self.beside.values() for s in pair)):
            if session:
                session.close()
        self.own = self.theirs = None
        self.beside = {}

    def revived(self):
        """Whether a server had gone; it is there again."""
        gone = [server for server in (self.plain, self.sealed) if not server.running()]
        for server in gone:
            server.start()
        if self.plain in gone:
            self.weigher = Weigher(Session(self.plain.port, ADMIN, None))
        return bool(gone)

    def enter(self, policy, tables):
        """A new proxy and new tables; the texts that it refused."""
        self._leave()
        self.new_databases()
        self.policy = policy
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
                word = "PROCEDURE" if "q" in name else "VIEW"
                session.run(f"DROP {word} IF EXISTS {name}".encode())
                session.run(f"DROP TABLE IF EXISTS {name}".encode())

    def reconnect(self, found_rows=False):
        """New sessions; what was open is rolled back on both sides."""
        self._end_sessions()
        self.own, self.theirs = self._sessions(self.gate.port, APP, found_rows)

    def _sessions(self, own_port, account, found_rows=False):
        both = [Session(port, account, DATABASE, found_rows) for port in (own_port, self.plain.port)]
        for session in both:
            for text in USUAL_SESSION:
                session.run(text.encode())
        return both

    def sessions(self, who):
        """Those of Step.who, on both sides; made when they are asked for."""
        if not who:
            return self.own, self.theirs
        if who not in self.beside:
            port, account = ((self.sealed.port, ADMIN) if who == "server" else (self.gate.port, APP))
            self.beside[who] = self._sessions(port, account)
        return self.beside[who]

    def plain_admin(self):
        return self.sessions("server")[1]

    def sealed_admin(self):
        return self.sessions("server")[0]

    def ask(self, step):
        """(own answer, the plain server's or None when Sealgate refused)."""
        ours, other = self.sessions(step.who)
        own = self._held(ours, step) if step.during else _run(ours, step)
        if step.reload:
            self.reload()
        if own.refused:
            if step.kept.startswith("prepare"):
                other.forget(step.kept.split()[1])
            return own, None
        theirs = _run(other, step)
        _add_warnings((own, ours), (theirs, other))
        return own, theirs

    def _held(self, session, step):
        """The answer to a write that was sent while the gate was closed, the schema then
        changed at both servers, and the gate opened. What is not held changes nothing."""
        self._admin("POST", "/v1/maintenance/begin", {"for": "1m"})
        answers = []
        writer = Thread(target=lambda: answers.append(_run(session, step)))
        writer.start()
        try:
            while writer.is_alive() and not self._admin("GET", "/v1/maintenance")["held"]:
                time.sleep(0.005)
            if writer.is_alive():
                for each in step.during:
                    self.ask(each)
                self.reload()
        finally:
            self._admin("POST", "/v1/maintenance/end")
        writer.join(60)
        if not answers:
            raise RuntimeError(f"no answer to {step.shown()}\n{self.gate.logs()}")
        return answers[0]

    def objects(self, names):
        """What each of the names is: "table", "view" or None."""
        rows = self.plain_admin().run(
            b"SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES "
            b"WHERE TABLE_SCHEMA = DATABASE()").results[0].rows
        kinds = {name.decode(): "view" if kind == b"VIEW" else "table" for name, kind in rows}
        return {name: kinds.get(name) for name in names}

    def reload(self):
        status, text = self.gate.admin("POST", "/v1/catalog/reload")
        # The policy names columns that were dropped; the schema was read.
        if status != 200 and " has no column " not in text:
            raise RuntimeError(f"reload: {status} {text}")

    def _admin(self, method, path, body=None):
        status, text = self.gate.admin(method, path, body)
        if status != 200:
            raise RuntimeError(f"{method} {path}: {status} {text}")
        return json.loads(text)


def _add_warnings(*asked):
    """Their codes, beside their number, so that both are compared. `asked`: answers, each
    with its session."""
    if not all(answer.results for answer, _ in asked):
        return
    some = any(answer.results[-1].warnings for answer, _ in asked)
    for answer, session in asked:
        last = answer.results[-1]
        last.warnings = (last.warnings, session.warnings() if some else [])


def _run(session, step):
    if step.kept == "reset":
        return session.reset()
    if step.kept:
        return session.run_kept(*step.kept.split(), step.sql, step.values or (), step.how)
    if step.values is None:
        return session.run(step.sql)
    return session.run_prepared(step.sql, step.values, step.how)


def contents(table):
    """A statement that reads the whole of a table."""
    return Step(f"SELECT * FROM {table} ORDER BY id".encode(), None, "contents", True, {}, False,
                False)
