"""TIMESTAMP columns: sealed in UTC, and read and shown as the session's time_zone
says, beside a twin in the clear in the same zone."""

import struct

from people import TWIN, PeopleCase
from raw_client import RawClient
from raw_packets import QUERY_ATTRIBUTES, ServerError
from servers import ADMIN, APP, on_each_backend

TABLES = (
    "CREATE TABLE people (id INT NOT NULL PRIMARY KEY, seen TIMESTAMP NULL, "
    "exact TIMESTAMP(3) NOT NULL DEFAULT '2020-02-29 10:00:00.5', day DATE, KEY seen (seen))",
    "CREATE TABLE orders (id INT NOT NULL PRIMARY KEY, seen TIMESTAMP NULL)")
POLICY = """version: 1
columns:
  - {column: shop.people.seen, mode: searchable, domain: moments}
  - {column: shop.orders.seen, mode: searchable, domain: moments}
  - {column: shop.people.exact, mode: deterministic}
  - {column: shop.people.day, mode: searchable}
roles:
  - {name: app, match: any, default: {reveal: clear, write: true}}
"""
ZONES = ("+00:00", "+02:00", "-05:30", "SYSTEM")
STEPS = (
    ("INSERT INTO people (id, seen, day) VALUES (1, '2024-03-01 01:30:00', DATE'2024-03-01'), "
     "(2, TIMESTAMP'2024-03-01 01:30:00', NULL), (3, DATE'2024-03-01', '2024-03-01'), (4, NULL, NULL)",
     None),
    ("INSERT INTO people VALUES (?, ?, ?, ?)",
     [5, b"2038-01-01 00:00:00", b"1971-01-01 00:00:00.125", b"2000-01-01"]),
    ("INSERT INTO orders SELECT id, seen FROM people WHERE id < 3", None),
    ("SELECT id, seen FROM people WHERE seen = '2024-03-01 01:30:00'", None),
    ("SELECT id FROM people WHERE seen IN (TIMESTAMP'2024-03-01 01:30:00', DATE '2024-03-01')", None),
    ("SELECT id FROM people WHERE seen = ? OR exact = ?",
     [b"2024-03-01 00:00:00", b"1971-01-01 00:00:00.125"]),
    ("SELECT p.id, o.seen FROM people p JOIN orders o ON o.seen = p.seen", None),
    ("SELECT seen FROM people UNION SELECT seen FROM orders", None),
    ("SELECT id FROM people WHERE day = DATE'2024-03-01' OR day <=> NULL", None),
    ("UPDATE people SET seen = '2024-03-31 02:30:00' WHERE id = 4", None),
)


@on_each_backend
class TimeZoneTest(PeopleCase):
    policy = POLICY
    tables = TABLES

    def sessions(self, drop=0):
        return (RawClient(self.gate.port, APP, self.database, drop=drop),
                RawClient(self.backend.port, ADMIN, TWIN, drop=drop))

    def answer(self, client, sql, values=None):
        results = client.query(sql.encode()) if values is None else client.prepared_query(
            sql, [str(v).encode() if isinstance(v, int) else v for v in values])
        columns = [(c.name, c.type, c.length, c.decimals) for c in results[0].columns]
        return columns, sorted(map(str, results[0].rows or ()))

    def same(self, pair, sql, values=None):
        own, theirs = (self.answer(client, sql, values) for client in pair)
        self.assertEqual(own, theirs, sql)
        return theirs

    def test_zones(self):
        for zone in ZONES:
            with self.subTest(zone):
                self.setUp()
                pair = self.sessions()
                self.same(pair, f"SET time_zone = '{zone}'")
                for sql, values in STEPS:
                    self.same(pair, sql, values)
                for shown in ZONES:
                    self.same(pair, f"SET time_zone = '{shown}'")
                    rows = self.same(pair, "SELECT * FROM people ORDER BY id")[1]
                    self.assertEqual(len(rows), 5)
                    self.same(pair, "SELECT * FROM people ORDER BY id", [])
                for client in pair:
                    client.close()
                for row in self.direct("SELECT seen, exact FROM people"):
                    for value in row:
                        self.assertTrue(value is None or value[:1] == b"\xFE", value)

    def test_prepared_before_the_zone_changed(self):
        """The server reads literals by the zone of the execution."""
        pair = self.sessions()
        self.same(pair, "SET time_zone = '+00:00'")
        self.same(pair, "INSERT INTO people (id, seen) VALUES (1, '2024-03-01 01:30:00')")
        find = "SELECT id FROM people WHERE seen = '2024-03-01 03:30:00'"
        bound = "SELECT id FROM people WHERE seen = ?"
        own, theirs = pair
        literals = [client.prepare(find)[0] for client in pair]
        values = [client.prepare(bound)[0] for client in pair]
        self.assertEqual(own.execute(literals[0])[0].rows, [])
        self.same(pair, "SET time_zone = '+02:00'")
        self.assertEqual(len(theirs.execute(literals[1])[0].rows), 1)
        with self.assertRaises(ServerError) as raised:
            own.execute(literals[0])
        self.assertEqual(raised.exception.number, 1615)
        self.assertEqual(len(own.execute(own.prepare(find)[0])[0].rows), 1)
        moment = [b"2024-03-01 03:30:00"]
        for client, statement in zip(pair, values):
            self.assertEqual(len(client.execute(statement, moment)[0].rows), 1)
            client.close()

    def test_a_cursor_outlives_the_zone(self):
        """Rows that are fetched after the zone has changed are in the zone in which the
        server shows them, each one of them."""
        pair = self.sessions()
        self.same(pair, "SET time_zone = '+00:00'")
        self.same(pair, "INSERT INTO people (id, seen) VALUES " + ", ".join(
            f"({row}, '2024-03-01 0{row}:30:00')" for row in range(1, 7)))
        sql = "SELECT id, seen, exact FROM people ORDER BY id"
        opened = [client.prepare(sql)[0] for client in pair]
        columns = [client.open_cursor(statement) for client, statement in zip(pair, opened)]
        fetched = []
        for zone in ("+02:00", "-05:30", None):
            own, theirs = (client.fetch(statement, shown, 2)
                           for client, statement, shown in zip(pair, opened, columns))
            self.assertEqual(own, theirs, zone)
            self.assertEqual(len(theirs), 2)
            fetched += theirs
            if zone:
                self.same(pair, f"SET time_zone = '{zone}'")
        self.assertEqual([row[0] for row in fetched], list(range(1, 7)))
        for client in pair:
            client.close()

    def test_a_cursor_after_a_set_that_failed(self):
        """The session's zone has to be asked for before rows are shown in it, and what the
        asking disturbs stays refused after the FETCH."""
        pair = self.sessions()
        self.same(pair, "SET time_zone = '+05:00'")
        self.same(pair, "INSERT INTO people (id, seen) VALUES (1, '2024-03-01 01:30:00'), "
                        "(2, '2024-03-01 02:30:00'), (3, '2024-03-01 03:30:00')")
        sql = "SELECT id, seen FROM people ORDER BY id"
        opened = [client.prepare(sql)[0] for client in pair]
        columns = [client.open_cursor(statement) for client, statement in zip(pair, opened)]
        for change in ("SET time_zone = 'nowhere'", "SET @@sql_mode = @@sql_mode", "SELECT 1"):
            for client in pair:
                try:
                    client.query(change)
                except ServerError as error:
                    self.assertEqual(error.number, 1298)
            own, theirs = (client.fetch(statement, shown, 1)
                           for client, statement, shown in zip(pair, opened, columns))
            self.assertEqual(own, theirs, change)
            self.assertEqual(len(theirs), 1)
        own, _ = pair
        own.open_cursor(opened[0])
        with self.assertRaises(ServerError):
            own.query("SET time_zone = 'nowhere'")
        self.assertEqual(len(own.fetch(opened[0], columns[0], 1)), 1)
        with self.assertRaises(ServerError) as raised:
            own.query("SELECT ROW_COUNT()")
        self.assertEqual(raised.exception.number, 1235)
        for client in pair:
            client.close()

    def test_a_parameter_of_type_timestamp(self):
        """MariaDB makes it a moment first, and NULL of what is none."""
        pair = self.sessions(drop=QUERY_ATTRIBUTES)
        self.same(pair, "SET time_zone = '+02:00', sql_mode = ''")
        statements = [client.prepare("INSERT INTO people (id, day) VALUES (?, ?)")[0]
                      for client in pair]
        for row, (year, month, day) in enumerate(
                ((1950, 5, 5), (2024, 2, 29), (2040, 5, 5), (2024, 5, 0), (2024, 2, 29)), 1):
            moment = struct.pack("<BHBBBBB", 7, year, month, day, 10, 0, 0)
            refused = self.kind == "mariadb" and (year != 2024 or day == 0)
            for client, statement in zip(pair, statements):
                body = struct.pack("<IBIBB", statement, 0, 1, 0, 1) + b"\x08\0\x07\0"
                client.command(0x17, body + struct.pack("<q", row) + moment)
                if client is pair[0] and refused:
                    with self.assertRaises(ServerError) as raised:
                        client.results(binary=True)
                    self.assertEqual(raised.exception.number, 1235)
                else:
                    client.results(binary=True)
            if not refused:
                self.same(pair, f"SELECT day FROM people WHERE id = {row}")
        for client in pair:
            client.close()

    def test_a_prepared_statement_outlives_the_zone(self):
        """What it shows and stores is in the zone of the execution, as text and prepared;
        with a literal it is to be prepared again (1615)."""
        pair = self.sessions()
        self.same(pair, "SET time_zone = '+00:00'")
        show = [client.prepare("SELECT id, seen FROM people ORDER BY id")[0] for client in pair]
        store = [client.prepare("INSERT INTO people (id, seen) VALUES (?, ?)")[0]
                 for client in pair]
        change = pair[0].prepare("UPDATE people SET seen = '2024-03-01 01:30:00' WHERE id = 1")[0]
        for row, zone in enumerate(ZONES[:3], 1):
            self.same(pair, f"SET time_zone = '{zone}'")
            for client, statement in zip(pair, store):
                client.execute(statement, [str(row).encode(), b"2024-03-01 01:30:00"])
            own, theirs = (client.execute(statement)[0].rows
                           for client, statement in zip(pair, show))
            self.assertEqual(own, theirs, zone)
            self.assertEqual(len(theirs), row)
            self.same(pair, "SELECT id, seen FROM people ORDER BY id")
        before = self.direct("SELECT seen FROM people ORDER BY id")
        with self.assertRaises(ServerError) as raised:
            pair[0].execute(change)
        self.assertEqual(raised.exception.number, 1615)
        self.assertEqual(self.direct("SELECT seen FROM people ORDER BY id"), before)
        # The zone in which it was prepared is as good as ever.
        self.same(pair, "SET time_zone = '+00:00'")
        pair[0].execute(change)
        pair[1].query("UPDATE people SET seen = '2024-03-01 01:30:00' WHERE id = 1")
        self.same(pair, "SELECT id, seen FROM people ORDER BY id")
        for client in pair:
            client.close()

    def test_range(self):
        pair = self.sessions()
        self.same(pair, "SET time_zone = '+02:00'")
        for moment in ("1970-01-01 02:00:01", "2038-01-19 05:14:07"):
            self.same(pair, "DELETE FROM people")
            self.same(pair, f"INSERT INTO people (id, seen) VALUES (1, '{moment}')")
        for moment in ("1970-01-01 02:00:00", "2038-01-19 05:14:08", "2024-02-30 00:00:00"):
            for client in pair:
                with self.assertRaises(ServerError) as raised:
                    client.query(f"INSERT INTO people (id, seen) VALUES (2, '{moment}')".encode())
                self.assertEqual(raised.exception.number, 1292, moment)
        for client in pair:
            client.close()

    def test_other_zones(self):
        """A zone by name is the server's to know; the session goes on."""
        self.backend.execute(
            "INSERT IGNORE INTO mysql.time_zone (Time_zone_id, Use_leap_seconds) VALUES (901, 'N'); "
            "INSERT IGNORE INTO mysql.time_zone_name VALUES ('Sealgate/Test', 901); "
            "INSERT IGNORE INTO mysql.time_zone_transition_type VALUES (901, 0, 3600, 0, 'ST')",
            ADMIN)
        client = RawClient(self.gate.port, APP, self.database)
        client.query(b"INSERT INTO people (id, seen) VALUES (1, '2024-03-01 01:30:00')")
        statement = client.prepare("SELECT id, seen FROM people")[0]
        columns = client.open_cursor(statement)
        client.query(b"SET time_zone = 'Sealgate/Test'")
        with self.assertRaises(ServerError) as raised:
            client.fetch(statement, columns, 1)
        self.assertIn("time_zone", raised.exception.message)
        for sql in (b"SELECT seen FROM people", b"SELECT * FROM people",
                    b"INSERT INTO people (id, seen) VALUES (2, '2024-03-01 01:30:00')"):
            with self.assertRaises(ServerError) as raised:
                client.query(sql)
            self.assertIn("time_zone", raised.exception.message)
        self.assertEqual(client.query(b"SELECT id FROM people")[0].rows, [[b"1"]])
        client.query(b"SET time_zone = '+01:00'")
        self.assertEqual(len(client.query(b"SELECT seen FROM people")[0].rows), 1)
        with self.assertRaises(ServerError) as raised:
            client.query(b"SELECT /*+ SET_VAR(time_zone = '+05:00') */ seen FROM people")
        self.assertIn("SET_VAR", raised.exception.message)
        client.close()
