"""Results of unusual shapes and types beside protected columns: thousands of
columns, an empty first one, JSON, GEOMETRY, BIT, VECTOR; statements executed
again, reset, and with more than 16 MiB either way."""

import struct

from people import TABLES, TWIN, PeopleCase
from raw_client import RawClient
from raw_packets import (DEPRECATE_EOF, MAX_FRAME, MULTI_STATEMENTS, QUERY_ATTRIBUTES,
                         SESSION_TRACK, ServerError, text)
from servers import ADMIN, NOPASS, on_each_backend

KINDS = {"mariadb": "doc JSON, spot POINT, area GEOMETRY, flag BIT(1), bits BIT(64), "
                    "blank VARCHAR(9) DEFAULT '', tag UUID",
         "mysql": "doc JSON, spot POINT, area GEOMETRY, flag BIT(1), bits BIT(64), "
                  "blank VARCHAR(9) DEFAULT '', place VECTOR(3)"}
VALUES = {"mariadb": "'{\"a\": [1, null]}', POINT(1, 2), ST_GeomFromText('LINESTRING(0 0,1 1)'), "
                     "b'1', b'1010101', '', '123e4567-e89b-12d3-a456-426614174000'",
          "mysql": "'{\"a\": [1, null]}', POINT(1, 2), ST_GeomFromText('LINESTRING(0 0,1 1)'), "
                   "b'1', b'1010101', '', STRING_TO_VECTOR('[1,2,3]')"}


@on_each_backend
class ShapesTest(PeopleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for database in (cls.database, TWIN):
            cls.backend.execute(
                f"CREATE TABLE kinds (id INT, {KINDS[cls.kind]}); "
                f"INSERT INTO kinds VALUES (1, {VALUES[cls.kind]}), "
                f"(2{', NULL' * (KINDS[cls.kind].count(',') + 1)}); "
                "CREATE TABLE blobs (id INT, body LONGBLOB)", ADMIN, database)

    def setUp(self):
        super().setUp()
        self.fill("INSERT INTO people (id, name, note, age) VALUES (1, 'Ana', '', 7), "
                  "(2, 'Zoë', NULL, NULL), (3, '', 'n', -1)")

    def fill(self, sql):
        for client in self.pair():
            with client:
                client.query(sql)

    def pair(self, add=DEPRECATE_EOF | SESSION_TRACK):
        return (RawClient(self.gate.port, NOPASS, self.database, add=add),
                RawClient(self.backend.port, NOPASS, TWIN, add=add))

    def same(self, sql, values=(), add=DEPRECATE_EOF | SESSION_TRACK):
        """Text and prepared; the same from both. Returns the text's rows."""
        seen = []
        for client in self.pair(add):
            with client:
                results = [client.prepared_query(sql, values)[0]]
                if not values:
                    results.append(client.query(sql)[0])
                seen.append([([(c.name, c.type, c.charset, c.length, c.flags, c.decimals)
                               for c in r.columns], r.rows) for r in results])
        self.assertEqual(seen[0], seen[1])
        return seen[0][-1][1]

    def test_widths(self):
        for width in (1, 250, 251, 252, 253, 256, 1000, 4096):
            for add in (0, DEPRECATE_EOF | SESSION_TRACK | QUERY_ATTRIBUTES):
                fillers = ", ".join(f"{n} AS c{n}" for n in range(width - 1))
                sql = f"SELECT {fillers}{', ' if fillers else ''}name FROM people ORDER BY id"
                with self.subTest(width=width, add=add):
                    rows = self.same(sql, add=add)
                    self.assertEqual([row[-1] for row in rows],
                                     [b"Ana", "Zoë".encode(), b""])
                    self.assertEqual(len(rows[0]), width)

    def test_more_columns_than_a_table_can_have(self):
        """A select list may be longer."""
        columns = ", ".join(["name"] * 5000)
        seen = []
        for client in self.pair():
            with client:
                try:
                    rows = client.query(f"SELECT {columns} FROM people ORDER BY id")[0].rows
                    seen.append([len(rows[0]), set(rows[0])])
                except ServerError as error:
                    seen.append(error.number)
        self.assertEqual(seen[0], seen[1])

    def test_many_protected_columns(self):
        columns = ", ".join("name" if n % 2 else "age" for n in range(600))
        rows = self.same(f"SELECT {columns} FROM people ORDER BY id")
        self.assertEqual(rows[0], [b"7", b"Ana"] * 300)

    def test_empty_first_column(self):
        for first in ("''", "note", "NULL", "k.blank", "name"):
            with self.subTest(first):
                self.same(f"SELECT {first}, p.name, p.age FROM people p "
                          "LEFT JOIN kinds k ON k.id = p.id ORDER BY p.id")

    def test_types(self):
        rows = self.same("SELECT p.name, k.*, p.note FROM people p JOIN kinds k ON k.id = p.id "
                         "ORDER BY p.id")
        self.assertEqual(len(rows), 2)
        self.same("SELECT k.flag, k.bits, p.name FROM people p JOIN kinds k ON k.id = p.id "
                  "WHERE p.name = ?", [b"ANA"])

    def test_big_values_beside_protected_ones(self):
        for client in self.pair():
            with client:
                for length in (MAX_FRAME - 20, MAX_FRAME, MAX_FRAME + 7):
                    client.query("DELETE FROM blobs")
                    client.prepared_query("INSERT INTO blobs VALUES (1, ?)", [b"b" * length])
                    sql = ("SELECT p.name, b.body, p.age FROM people p JOIN blobs b "
                           "ON b.id = p.id")
                    for result in (client.query(sql)[0], client.prepared_query(sql)[0]):
                        name, body, _ = result.rows[0]
                        self.assertEqual((name, len(body)), (b"Ana", length))
                        self.assertTrue(body == b"b" * length)

    def test_execute_again_without_types(self):
        for add in (0, QUERY_ATTRIBUTES):
            with self.subTest(add=add):
                self.check_again(add)

    def check_again(self, add):
        for client in self.pair(add):
            with client:
                statement, _ = client.prepare("SELECT id, name, age FROM people "
                                              "WHERE name = ? OR age = ? ORDER BY id")
                first = client.execute(statement, [b"ana", -1])[0].rows
                self.assertEqual([row[1] for row in first], [b"Ana", b""])
                for value, age, found in ((b"", 7, [b"Ana", b""]), (b"ana", 7, [b"Ana"])):
                    self.execute_without_types(client, statement, value, age)
                    rows = client.results(True)[0].rows
                    self.assertEqual([row[1] for row in rows], found)
                client.command(0x1A, struct.pack("<I", statement))  # COM_STMT_RESET
                client.answer()
                self.execute_without_types(client, statement, b"none", 7)
                self.assertEqual(len(client.results(True)[0].rows), 1)

    def execute_without_types(self, client, statement, value, age):
        attributes = client.capabilities & QUERY_ATTRIBUTES
        body = struct.pack("<IBI", statement, 8 if attributes else 0, 1)
        body += b"\x02" if attributes else b""
        client.command(0x17, body + b"\0\0" + text(value) + struct.pack("<q", age))

    def test_results_without_definitions(self):
        """MySQL's optional metadata is not negotiated, so the server itself says no."""
        if self.kind == "mysql":
            for client in self.pair(1 << 25):
                with client:
                    if client.capabilities & 1 << 25:
                        continue  # the server's own
                    with self.assertRaises(ServerError):
                        client.query("SET SESSION resultset_metadata = 'NONE'")
                        client.query("SELECT name FROM people")

    def test_several_statements(self):
        add = MULTI_STATEMENTS | DEPRECATE_EOF
        sql = ("INSERT INTO people (id, name) VALUES (9, 'new'); SELECT 1, 'x'; "
               "SELECT name, age FROM people ORDER BY id; DO 0; UPDATE people SET note = 'z' "
               "WHERE name = 'NEW'; SELECT note, name FROM people WHERE id = 9")
        for text_sql in (sql.replace("DO 0; ", ""), sql.replace("DO 0; ", "") + ";  "):
            seen = []
            for client in self.pair(add):
                with client:
                    client.query("DELETE FROM people WHERE id = 9")
                    results = client.query(text_sql)
                    seen.append([(r.affected, r.rows, [(c.name, c.type) for c in r.columns])
                                 for r in results])
            self.assertEqual(seen[0], seen[1])
            self.assertEqual(len(seen[0]), 5)
        with RawClient(self.gate.port, NOPASS, self.database, add=add) as client:
            for refused in (sql, "DELETE FROM people; SELECT UPPER(name) FROM people",
                            "DELETE FROM people; SET NAMES latin1; SELECT name FROM people"):
                with self.subTest(refused), self.assertRaises(ServerError) as caught:
                    client.query(refused)
                self.assertEqual(caught.exception.number, 1235)
            # Nothing of a text that is refused has run.
            self.assertEqual(client.query("SELECT COUNT(*) FROM people")[0].rows, [[b"4"]])
            # The second one fails: the third does not run, and the first has.
            client.start_query("DELETE FROM people WHERE id = 9; SELECT * FROM nowhere; "
                               "DELETE FROM people")
            client._result(False)
            with self.assertRaises(ServerError):
                client._result(False)
            self.assertEqual(client.query("SELECT COUNT(*) FROM people")[0].rows, [[b"3"]])
