"""MariaDB's bulk execution (rows of parameters in one packet) and its extended
metadata, beside protected columns."""

import struct

from people import TABLES, TWIN, PeopleCase
from raw_client import RawClient
from raw_packets import (DEPRECATE_EOF, EXTENDED_METADATA, SESSION_TRACK, STMT_BULK_OPERATIONS,
                         ServerError, bulk_execute, parse_ok)
from servers import NOPASS, on_each_backend

DEFAULTS = ("CREATE TABLE defaults (id INT NOT NULL PRIMARY KEY AUTO_INCREMENT, "
            "name VARCHAR(80) DEFAULT 'nobody', age INT, plain VARCHAR(20) DEFAULT 'p')")
STRING, LONG, LONGLONG, NULL, DEFAULT, IGNORE = 0xFD, 3, 8, "null", "default", "ignore"


@on_each_backend
class BulkTest(PeopleCase):
    policy = PeopleCase.policy.replace(
        "\nroles:", "  - {column: shop.defaults.name, mode: random}\n"
                    "  - {column: shop.defaults.age, mode: random}\n\nroles:")
    tables = (*TABLES, DEFAULTS)

    def setUp(self):
        super().setUp()
        for database in (self.database, TWIN):
            self.backend.execute("TRUNCATE defaults", database=database)

    def client(self, port=None, database=None, add=0):
        return RawClient(port or self.gate.port, NOPASS, database or self.database,
                         mariadb=STMT_BULK_OPERATIONS, add=add)

    def test_offered_as_by_the_server(self):
        with self.client() as gate, self.client(self.backend.port, TWIN) as direct:
            self.assertEqual(gate.mariadb & STMT_BULK_OPERATIONS,
                             direct.mariadb & STMT_BULK_OPERATIONS)
            self.assertEqual(bool(gate.mariadb), self.kind == "mariadb")

    def test_command_without_the_capability(self):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            statement, _ = client.prepare("INSERT INTO people (id, name) VALUES (?, ?)")
            client.send(bulk_execute(statement, [LONG, STRING], [[1, b"secret"]]), 0)
            with self.assertRaises(ServerError) as caught:
                client.answer()
            self.assertEqual(caught.exception.number, 1235)
            self.assertEqual(client.query("SELECT COUNT(*) FROM people")[0].rows, [[b"0"]])

    def bulk(self, client, statement, types, rows, **options):
        client.send(bulk_execute(statement, types, rows, **options), 0)
        return client.results(True)

    def test_rows_with_indicators(self):
        if self.kind != "mariadb":
            return  # has no bulk execution; the two tests above say so
        for add in (0, DEPRECATE_EOF | SESSION_TRACK):
            with self.subTest(add=add):
                self.setUp()
                self.check_rows(add)

    def check_rows(self, add):
        rows = [[1, b"Ana", 7, b"x"], [2, NULL, NULL, NULL], [3, DEFAULT, -1, DEFAULT],
                [4, b"", 0, IGNORE], [5, IGNORE, IGNORE, b"y"], [6, "Zoë 😀".encode(), 6, b"z"]]
        seen = []
        for port, database in ((self.gate.port, self.database), (self.backend.port, TWIN)):
            with self.client(port, database, add) as client:
                statement, _ = client.prepare(
                    "INSERT INTO defaults (id, name, age, plain) VALUES (?, ?, ?, ?)")
                ok = self.bulk(client, statement, [LONG, STRING, LONG, STRING], rows)[0]
                # Again without types.
                more = [[10 + n, b"more %d" % n, n, b"m"] for n in range(500)]
                again = self.bulk(client, statement, [LONG, STRING, LONG, STRING], more,
                                  types_sent=False)[0]
                # And once more row by row, with the types of the bulk.
                client.execute(statement, [9, b"alone", 9, b"a"])
                update, _ = client.prepare("UPDATE defaults SET name = ?, plain = ? WHERE id = ?")
                changed = self.bulk(client, update, [STRING, STRING, LONG],
                                    [[b"New", IGNORE, 1], [b"N", b"n", 6], [NULL, b"k", 4]])[0]
                result = client.query("SELECT id, name, age, plain FROM defaults ORDER BY id")[0]
                seen.append((ok.affected, again.affected, changed.affected, result.rows))
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(len(seen[0][3]), 507)
        stored = self.direct("SELECT name, age FROM defaults")
        for row in stored:
            for value in row:
                self.assertTrue(value is None or bytes(value)[:1] == b"\xFE")

    def test_search(self):
        if self.kind != "mariadb":
            return
        with self.client() as client:
            insert, _ = client.prepare("INSERT INTO people (id, name, plain) VALUES (?, ?, ?)")
            self.bulk(client, insert, [LONG, STRING, STRING],
                      [[n, b"person %d" % n, b"p"] for n in range(1, 101)])
            delete, _ = client.prepare("DELETE FROM people WHERE name = ?")
            gone = self.bulk(client, delete, [STRING], [[b"PERSON %d" % n] for n in range(1, 51)])
            self.assertEqual(gone[0].affected, 50)
            self.assert_sealed(50)
            for indicator in (DEFAULT, IGNORE):
                with self.assertRaises(ServerError) as caught:
                    self.bulk(client, delete, [STRING], [[b"PERSON 51"], [indicator]])
                self.assertEqual(caught.exception.number, 1235)
            self.assertEqual(client.query("SELECT COUNT(*) FROM people")[0].rows, [[b"50"]])

    def test_ignore_in_an_update(self):
        """MariaDB makes the type's empty value of a NULL, which is no sealed one."""
        if self.kind != "mariadb":
            return
        with self.client() as client:
            client.query("INSERT INTO people (id, name, plain) VALUES (1, NULL, 'a'), (2, 'n', 'b')")
            for sql in ("UPDATE people SET name = ?, plain = ? WHERE id = 1",
                        "INSERT INTO people (id, name, plain) VALUES (1, 'm', 'x') "
                        "ON DUPLICATE KEY UPDATE name = ?, plain = ?"):
                statement, _ = client.prepare(sql)
                with self.assertRaises(ServerError) as caught:
                    self.bulk(client, statement, [STRING, STRING], [[IGNORE, b"y"]])
                self.assertEqual(caught.exception.number, 1235)
                self.assertIn("IGNORE", str(caught.exception))
            self.assertEqual(client.query("SELECT name, plain FROM people ORDER BY id")[0].rows,
                             [[None, b"a"], [b"n", b"b"]])

    def test_the_last_prepared(self):
        """MariaDB's clients may send an execution behind a preparation."""
        if self.kind != "mariadb":
            return
        last = 0xFFFFFFFF
        with self.client() as client:
            client.prepare("INSERT INTO people (id, name) VALUES (?, ?)")
            client.execute(last, [1, b"Ana"])
            self.bulk(client, last, [LONGLONG, STRING], [[2, b"Bob"], [3, NULL]])
            with self.assertRaises(ServerError):
                client.prepare("SELECT UPPER(name) FROM people")
            for execute in (lambda: client.execute(last, [4, b"secret"]),
                            lambda: self.bulk(client, last, [LONG, STRING], [[4, b"secret"]])):
                with self.assertRaises(ServerError) as caught:
                    execute()
                self.assertEqual(caught.exception.number, 1243)
            rows = client.query("SELECT id, name FROM people ORDER BY id")[0].rows
            self.assertEqual(rows, [[b"1", b"Ana"], [b"2", b"Bob"], [b"3", None]])
        self.assert_sealed(2)

    def test_refusals_and_rubbish(self):
        if self.kind != "mariadb":
            return
        with self.client() as client:
            insert, _ = client.prepare("INSERT INTO people (id, age) VALUES (?, ?)")
            with self.assertRaises(ServerError) as caught:
                self.bulk(client, insert, [LONG, LONGLONG], [[1, 7], [2, 2**40]])
            self.assertEqual(caught.exception.number, 1264)
            good = bulk_execute(insert, [LONG, LONG], [[1, 7]])
            for bad in (good[:-1], good + b"\0", good + b"\4", good[:7] + good[11:], good[:11],
                        good[:5] + struct.pack("<H", 1) + good[7:], good[:5]):
                client.send(bad, 0)
                with self.subTest(bad), self.assertRaises(ServerError) as caught:
                    client.answer()
                # Types that came in what cannot be read are to come again.
                self.assertIn(caught.exception.number, (1835, 1615))
            self.assertEqual(client.query("SELECT COUNT(*) FROM people")[0].rows, [[b"0"]])
            parse_ok(client_ping(client), client.capabilities)


def client_ping(client):
    client.command(0x0E)
    return client.answer()


@on_each_backend
class ExtendedMetadataTest(PeopleCase):
    """MariaDB tells the names of types that have no number of their own."""

    def test_definitions(self):
        if self.kind == "mariadb":
            columns = "doc JSON, spot POINT, address INET6, tag UUID"
            values = "'{}', POINT(1, 2), '::1', '123e4567-e89b-12d3-a456-426614174000'"
        else:
            columns, values = "doc JSON, spot POINT", "'{}', POINT(1, 2)"
        for database in (self.database, TWIN):
            self.backend.execute(f"CREATE TABLE kinds (id INT, {columns}); "
                                 f"INSERT INTO kinds VALUES (1, {values})", database=database)
        seen = []
        for port, database in ((self.gate.port, self.database), (self.backend.port, TWIN)):
            with RawClient(port, NOPASS, database, mariadb=EXTENDED_METADATA) as client:
                client.query("INSERT INTO people (id, name, note) VALUES (1, 'Ana', 'n')")
                sql = "SELECT p.name, k.*, p.note, p.age FROM people p JOIN kinds k ON k.id = p.id"
                shown = []
                for result in (client.query(sql)[0], client.prepared_query(sql)[0]):
                    shown.append(([(c.name, c.type, c.charset, c.extended)
                                   for c in result.columns], result.rows))
                client.prepare(sql + " WHERE p.name = ? AND k.doc <> ?")
                shown.append([(c.name, c.type, c.extended) for c in client.prepared])
                shown.append(len(client.parameters))
                if self.kind == "mariadb":
                    shown.append([(c.name, c.type, c.extended) for c in client.field_list("kinds")])
                seen.append(shown)
        self.assertEqual(seen[0], seen[1])
        if self.kind == "mariadb":
            self.assertTrue(any(b"json" in extended for *_, extended in seen[0][0][0]))
