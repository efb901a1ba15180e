"""A marker that is written through the proxy in every way, supported or refused,
is found nowhere: not in what the server logged and stored, not in what the
proxy logged, counted or said.

Whether the search finds anything is tested in both directions: the same
statements sent to the server without the proxy leave the marker in its general
log, its data and its binlog in row and in statement format. A proxy that was
changed by hand to forward one statement unsealed makes test_through_the_proxy
fail for that statement.
"""

import base64
import os

from pymysql.constants import CLIENT

import statements
from people import POLICY, TABLES, TWIN
from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, APP, BackendCase, Sealgate, Server, on_each_backend
from test_refusals import BESIDE, Answer

PREPARED = [
    ("INSERT INTO people (name, note, code, latin, token, photo) VALUES (?, ?, ?, ?, ?, ?)", 6),
    ("INSERT INTO people SET name = ?, note = ?", 2),
    ("REPLACE INTO people (id, name, code) VALUES (1, ?, ?)", 2),
    ("UPDATE people SET note = ?, latin = ? WHERE name = ?", 3),
    ("INSERT INTO people (id, name) VALUES (2, ?) ON DUPLICATE KEY UPDATE note = ?", 2),
    ("SELECT * FROM people WHERE name = ? OR code IN (?, ?)", 3),
    ("SELECT id FROM people WHERE token <> ? AND latin = ?", 2),
    ("DELETE FROM people WHERE name = ? AND code = ?", 2),
    ("INSERT INTO people (name) VALUES (CONCAT(?, 'x'))", 1),
    ("INSERT INTO people (name) SELECT ?", 1),
    ("SELECT id FROM people WHERE note = ?", 1),
    ("SELECT id FROM people WHERE name LIKE ?", 1),
    ("SELECT id FROM people WHERE name < ? ORDER BY name", 1),
    ("INSERT INTO people (age) VALUES (?)", 1),
    ("INSERT INTO people (born, seen) VALUES (?, ?)", 2),
    ("INSERT INTO people (latin) VALUES (CASE WHEN 1 THEN ? END)", 1),
    ("CALL store_name(?)", 1),
]


def new_marker():
    # Letters only: none of the scenario's texts, no part of a number or a name.
    return "Zq" + "".join(chr(ord("a") + byte % 26) for byte in os.urandom(14)) + "qZ"


def forms(marker):
    """The marker as it could stand somewhere: as it is, in hex, in base64 at any
    offset, in UTF-16."""
    raw = marker.encode()
    found = {"raw": raw, "lower case": raw.lower(), "upper case": raw.upper(),
             "hex": raw.hex().encode(), "upper hex": raw.hex().upper().encode(),
             "utf-16": marker.encode("utf-16-le")}
    for shift in range(3):
        # The first and last groups also depend on the neighbours.
        whole = base64.b64encode(b"\0" * shift + raw)
        found[f"base64, {shift}"] = whole[4 if shift else 0:len(whole) // 4 * 4 - 4]
    return found


def places_of(marker, sources):
    """{(name of the source, form)} of every place where the marker stands."""
    wanted = forms(marker)
    return {(name, form) for name, data in sources.items() for form, bytes_ in wanted.items()
            if bytes_ in data}


@on_each_backend
class SentinelTest(BackendCase):
    """One server of its own, with a general log and a binlog."""

    @classmethod
    def setUpClass(cls):
        cls.backend = Server(cls.kind, general_log=True, binlog="ROW")
        cls.addClassCleanup(cls.backend.close)
        cls.backend.start()
        cls.backend.execute(f"CREATE DATABASE {cls.database} CHARACTER SET utf8mb4; "
                            f"CREATE DATABASE {TWIN} CHARACTER SET utf8mb4")
        cls.gate = Sealgate(cls.backend, POLICY, overrides={"log": {"level": "trace"}})
        cls.addClassCleanup(cls.gate.close)
        cls.gate.start()
        cls.gate.execute(";".join(TABLES), APP, cls.database)
        cls.backend.execute(";".join(TABLES), ADMIN, TWIN)
        cls.backend.execute("SET GLOBAL log_bin_trust_function_creators = 1")
        with cls.backend.connect(ADMIN, cls.database) as connection:
            for text in BESIDE:
                connection.cursor().execute(text)
        cls.gate.command("catalog", "reload")

    def setUp(self):
        for database in (self.database, TWIN):
            self.backend.execute("DELETE FROM people", ADMIN, database)

    def backend_sources(self):
        """Everything on the server's disk, after a clean restart."""
        self.backend.settle()
        return {str(p.relative_to(self.backend.basedir)): p.read_bytes()
                for p in self.backend.files()}

    def gate_sources(self, messages):
        sources = {f"proxy's {p.name}": p.read_bytes() for p in self.gate.files()}
        sources["metrics"] = self.gate.metrics_text().encode()
        sources["status"] = self.gate.admin("GET", "/v1/status")[1].encode()
        sources.update((f"error {number}: {message[:60]}", message.encode())
                       for number, message in enumerate(messages))
        return sources

    def set_binlog_format(self, name):
        self.backend.execute(f"SET GLOBAL binlog_format = '{name}'")

    # Sending.

    def send_texts(self, target, database, marker):
        """Every statement of the table, in sessions of its own; the messages."""
        messages = []
        for statement in statements.ALL:
            connection = target.connect(APP, database, client_flag=CLIENT.MULTI_STATEMENTS)
            try:
                answer = Answer(connection, statement.filled(marker, database))
                messages.append(f"{statement.name}: {answer.message}")
            finally:
                connection.close()
        return messages

    def send_prepared(self, target, database, marker):
        messages = []
        with RawClient(target.port, APP, database) as client:
            for statement in statements.ALL:
                *before, last = statement.filled(marker, database)
                try:
                    for text in before:
                        client.query(text)
                    messages.append(self.try_prepared(client, last, ()))
                except ServerError as error:
                    messages.append(error.message)
                client.query("SET sql_mode = DEFAULT")
            for sql, count in PREPARED:
                messages.append(self.try_prepared(client, sql, [marker.encode()] * count))
            messages.append(self.try_long_data(client, marker.encode()))
        return messages

    def try_prepared(self, client, sql, values):
        try:
            client.prepared_query(sql, values)
            return "done"
        except ServerError as error:
            return error.message

    def try_long_data(self, client, value):
        statement, _ = client.prepare("INSERT INTO people (photo) VALUES (?)")
        client.send_long_data(statement, 0, value)
        try:
            client.execute(statement, [value])
            return "done"
        except ServerError as error:
            return error.message

    def send_scenario(self, target, database, marker):
        """A driver's escaping."""
        connection = target.connect(APP, database)
        with connection, connection.cursor() as cursor:
            for sql in ("INSERT INTO people (name, note, latin) VALUES (%s, %s, %s)",
                        "REPLACE INTO people (id, name, note, code) VALUES (7, %s, %s, %s)",
                        "UPDATE people SET latin = %s WHERE name = %s OR code <=> %s"):
                count = sql.count("%s")
                cursor.execute(sql, [f"{marker} ' \\ é"] * count)

    def send_all(self, target, database, marker):
        messages = []
        for name in ("ROW", "STATEMENT"):
            self.set_binlog_format(name)
            messages += self.send_texts(target, database, marker)
            messages += self.send_prepared(target, database, marker)
            self.send_scenario(target, database, marker)
        self.set_binlog_format("ROW")
        return messages

    # Searching.

    def test_through_the_proxy(self):
        marker = new_marker()
        messages = self.send_all(self.gate, self.database, marker)
        self.assertGreater(sum(m.startswith("sealgate:") or ": sealgate:" in m
                               for m in messages), 100)
        # The last two writes are there, sealed; so something was stored.
        rows = self.gate.execute("SELECT name FROM people WHERE id = 7", APP, self.database)
        self.assertEqual(len(rows), 1)
        self.assertIn(marker, rows[0][0])
        sources = {**self.gate_sources(messages), **self.backend_sources()}
        self.assertIn("general.log", sources)
        self.assertIn(b"people", sources["general.log"])
        self.assertEqual(places_of(marker, sources), set())

    def test_the_search_finds_what_the_server_gets(self):
        """Each stored statement, sent without the proxy, is found in the general
        log, the table's file and the binlog of both formats."""
        for name in ("ROW", "STATEMENT"):
            self.set_binlog_format(name)
            for number, sql in enumerate((
                    "INSERT INTO people (name) VALUES ('{v}')",
                    "INSERT INTO people (id, name) VALUES (9, 'x') "
                    "ON DUPLICATE KEY UPDATE name = '{v}'",
                    "UPDATE people SET note = '{v}' WHERE id = 5",
                    "REPLACE INTO people (id, photo) VALUES (6, '{v}')")):
                with self.subTest(binlog=name, sql=sql):
                    self.setUp()
                    self.backend.execute(
                        "INSERT INTO people (id, name) VALUES (5, 'e'), (9, 'n')", APP, TWIN)
                    marker = new_marker()
                    before = {p.name for p in self.backend.binlogs()}
                    self.backend.execute(sql.replace("{v}", marker), APP, TWIN)
                    self.check_found(marker, before, data=number == 0)
        self.set_binlog_format("ROW")

    def check_found(self, marker, before, data):
        binlogs = {p.name: p.read_bytes() for p in self.backend.binlogs()}
        self.assertTrue(before)
        found = places_of(marker, {"log": self.backend.general_log(),
                                   "binlog": b"".join(binlogs.values())})
        self.assertIn(("log", "raw"), found)
        self.assertIn(("binlog", "raw"), found)
        if data:
            found = places_of(marker, {n: d for n, d in self.backend_sources().items()
                                       if n.startswith("data/") and n.endswith(".ibd")})
            self.assertIn((f"data/{TWIN}/people.ibd", "raw"), found)

    def test_the_search_finds_every_form(self):
        marker = new_marker()
        raw = marker.encode()
        for name, data in {"raw": b"x" + raw, "hex": b"X'" + raw.hex().encode(),
                           "upper hex": raw.hex().upper().encode(),
                           "lower case": raw.lower(), "upper case": raw.upper(),
                           "utf-16": marker.encode("utf-16-le")}.items():
            self.assertIn(("here", name), places_of(marker, {"here": data}))
        for shift in range(3):
            data = base64.b64encode(b"abc"[:shift] + raw + b"tail")
            self.assertIn(("here", f"base64, {shift}"), places_of(marker, {"here": data}))
        self.assertEqual(places_of(marker, {"here": raw[1:]}), set())
