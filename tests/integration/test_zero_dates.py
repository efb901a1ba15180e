"""Dates with zeros, as old databases have them: 0000-00-00 and 2024-00-00 are stored,
found and shown where sql_mode lets them be, beside a twin in the clear."""

from people import TWIN, PeopleCase
from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, APP, on_each_backend

TABLES = (
    "CREATE TABLE people (id INT NOT NULL PRIMARY KEY, day DATE NOT NULL, "
    "at DATETIME(3), seen TIMESTAMP NULL, KEY day (day), KEY at (at))",
    "CREATE TABLE orders (id INT NOT NULL PRIMARY KEY, day DATE)")
POLICY = """version: 1
columns:
  - {column: shop.people.day, mode: searchable, domain: days}
  - {column: shop.orders.day, mode: searchable, domain: days}
  - {column: shop.people.at, mode: deterministic}
  - {column: shop.people.seen, mode: searchable}
roles:
  - {name: app, match: any, default: {reveal: clear, write: true}}
"""
STRICT = "STRICT_ALL_TABLES"
MODES = (STRICT, f"{STRICT},NO_ZERO_DATE", f"{STRICT},NO_ZERO_IN_DATE",
         f"{STRICT},NO_ZERO_DATE,NO_ZERO_IN_DATE")
DAYS = ("0000-00-00", "2024-00-00", "2023-00-31", "2024-02-00", "0001-01-01", "0999-12-31",
        "0000-01-01", "0000-02-28", "9999-12-31")
NO_DAYS = ("2024-13-00", "2024-00-32", "2023-02-29", "0000-02-29", "2023-02-30")


@on_each_backend
class ZeroDatesTest(PeopleCase):
    policy = POLICY
    tables = TABLES

    def setUp(self):
        super().setUp()
        self.pair = (RawClient(self.gate.port, APP, self.database),
                     RawClient(self.backend.port, ADMIN, TWIN))
        for client in self.pair:
            self.addCleanup(client.close)

    def answer(self, client, sql, values):
        try:
            results = (client.query(sql.encode()) if values is None
                       else client.prepared_query(sql, values))
        except ServerError as error:
            return error.number
        return sorted(map(str, results[0].rows or ()))

    def same(self, sql, values=None):
        own, theirs = (self.answer(client, sql, values) for client in self.pair)
        self.assertEqual(own, theirs, (sql, values))
        return theirs

    def test_what_each_mode_stores(self):
        for mode in MODES:
            self.same(f"SET sql_mode = '{mode}'")
            self.same("INSERT INTO people (id, day) VALUES (99, '2024-01-01')")
            stored = 0
            for number, day in enumerate(DAYS + NO_DAYS):
                text = f"INSERT INTO people (id, day, at) VALUES ({number}, '{day}', '{day}')"
                bound = "INSERT INTO people (id, day, seen) VALUES (?, ?, ?)"
                with self.subTest(mode=mode, day=day):
                    stored += self.same(text) == []
                    self.same(bound, [b"%d" % (100 + number), day.encode(),
                                      b"0000-00-00 00:00:00"])
                    self.same(f"UPDATE people SET day = '{day}' WHERE id = 99")
            self.assertEqual(stored, 5 + ("DATE" not in mode.replace("IN_DATE", ""))
                             + 3 * ("IN_DATE" not in mode))
            for values in (None, []):
                self.assertGreater(len(self.same("SELECT * FROM people", values)), 4)
            for client in self.pair:
                client.query("DELETE FROM people")

    def test_finding_them(self):
        self.same(f"SET sql_mode = '{STRICT}'")
        rows = ", ".join(f"({number}, '{day}', '{day}', '0000-00-00 00:00:00')"
                         for number, day in enumerate(DAYS))
        self.same(f"INSERT INTO people VALUES {rows}")
        self.same("INSERT INTO orders SELECT id, day FROM people")
        for zone in ("+00:00", "+05:00"):
            self.same(f"SET time_zone = '{zone}'")
            for day in DAYS:
                for column in ("day", "at"):
                    written = self.same(f"SELECT * FROM people WHERE {column} IN ('{day}')")
                    bound = self.same(f"SELECT * FROM people WHERE {column} = ?", [day.encode()])
                    self.assertEqual((len(written), len(bound)), (1, 1), (column, day))
            self.assertEqual(len(self.same(
                "SELECT id FROM people WHERE seen = '0000-00-00 00:00:00'")), len(DAYS))
        self.assertEqual(len(self.same(
            "SELECT p.id, o.day FROM people p JOIN orders o ON o.day = p.day")), len(DAYS))
        self.same("SELECT day, COUNT(*) FROM orders GROUP BY day")
        self.same("SELECT id FROM orders WHERE day IS NULL")
        self.same("SELECT id, day IS NULL FROM people")
        self.same("SELECT p.id FROM people p LEFT JOIN people q ON q.id = p.id + 1 "
                  "WHERE q.day IS NOT NULL")

    def test_is_null_is_refused_where_it_finds_them(self):
        own = self.pair[0]
        for condition in ("day IS NULL", "NOT (day IS NOT NULL)", "id = 1 OR (day IS NULL)"):
            with self.subTest(condition), self.assertRaises(ServerError) as raised:
                own.query(f"SELECT id FROM people WHERE {condition}".encode())
            self.assertEqual(raised.exception.number, 1235)
            self.assertIn("0000-00-00", str(raised.exception))

    def test_the_mode_changes_after_a_statement_was_prepared(self):
        self.same(f"SET sql_mode = '{STRICT}'")
        text = "INSERT INTO people (id, day) VALUES ({}, {})"
        literals = [client.prepare(text.format("?", "'0000-00-00'"))[0] for client in self.pair]
        values = [client.prepare(text.format("?", "?"))[0] for client in self.pair]
        for client, literal, value in zip(self.pair, literals, values):
            client.execute(literal, [b"1"])
            client.execute(value, [b"2", b"0000-00-00"])
        self.same(f"SET sql_mode = '{STRICT},NO_ZERO_DATE'")
        errors = []
        for client, literal, value in zip(self.pair, literals, values):
            for statement, row in ((literal, [b"3"]), (value, [b"4", b"0000-00-00"])):
                with self.assertRaises(ServerError) as raised:
                    client.execute(statement, row)
                errors.append(raised.exception.number)
        # 1615 has the driver prepare it again, and that gets 1292.
        self.assertEqual(errors, [1615, 1292, 1292, 1292])
        self.assertEqual(len(self.same("SELECT * FROM people")), 2)
