"""Parameters of types that a server does not read as the others do: what stands behind such a
one would be another value to it."""

import struct

from raw_client import RawClient
from raw_packets import ServerError, text
from servers import ADMIN, APP, BackendCase, Sealgate, on_each_backend

POLICY = """version: 1
columns:
  - {column: shop.people.name, mode: searchable}
roles:
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
TYPES = {"bit": 16, "json": 245, "geometry": 255}
DOUBLE, LONGLONG, VARCHAR = 5, 8, 253


@on_each_backend
class ParameterTypesTest(BackendCase):

    def setUp(self):
        super().setUp()
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()
        with RawClient(self.gate.port, APP, self.database) as client:
            client.query("CREATE TABLE people (id INT, note VARCHAR(90), name VARCHAR(50) "
                         "CHARACTER SET utf8mb4)")

    def test_what_stands_behind_is_sealed(self):
        with RawClient(self.gate.port, APP, self.database) as client:
            for name, kind in TYPES.items():
                with self.subTest(name):
                    statement, _ = client.prepare(
                        "INSERT INTO people (note, name) VALUES (COALESCE(?, 'n'), ?)")
                    body = struct.pack("<IBI", statement, 0, 1) + b"\0\x01"
                    body += struct.pack("<HH", kind, VARCHAR)
                    body += text(b"Zq7secret") + text(b"Zq8secret")
                    client.command(0x17, body)
                    try:
                        client.results(binary=True)
                    except ServerError as error:
                        self.assertIn(error.number, (1210, 1235, 1835), error.message)
        with RawClient(self.backend.port, ADMIN, self.database) as client:
            for (name,) in client.query("SELECT name FROM people")[0].rows:
                self.assertEqual(name[:1], b"\xFE", name)

    def execute(self, client, statement, values, types=()):
        """Without types, the server reads by those that it has got."""
        body = struct.pack("<IBI", statement, 0, 1) + b"\0" + bytes([bool(types)])
        body += b"".join(struct.pack("<H", kind) for kind in types)
        client.command(0x17, body + b"".join(values))
        return client.results(binary=True)

    def test_types_of_an_execution_that_was_refused(self):
        """A server keeps them: values behind it are of these."""
        with RawClient(self.gate.port, APP, self.database) as client:
            statement, _ = client.prepare("INSERT INTO people (id, name) VALUES (?, ?)")
            self.execute(client, statement, [struct.pack("<d", 1), text(b"a")], (DOUBLE, VARCHAR))
            client.query("SET NAMES latin1")
            with self.assertRaises(ServerError) as caught:
                self.execute(client, statement, [struct.pack("<q", 2), text(b"b")], (LONGLONG, VARCHAR))
            self.assertEqual(caught.exception.number, 1615)
            client.query("SET NAMES utf8mb4")
            with self.assertRaises(ServerError) as caught:
                self.execute(client, statement, [struct.pack("<q", 4617315517961601024), text(b"c")])
            self.assertEqual(caught.exception.number, 1615)
            self.execute(client, statement, [struct.pack("<q", 3), text(b"d")], (LONGLONG, VARCHAR))
            self.execute(client, statement, [struct.pack("<q", 4), text(b"e")])
            rows = client.query("SELECT id, name FROM people ORDER BY id")[0].rows
        self.assertEqual(rows, [[b"1", b"a"], [b"3", b"d"], [b"4", b"e"]])

    def test_the_character_set_of_the_types(self):
        """Servers read texts by what it was when the types came."""
        with RawClient(self.gate.port, APP, self.database) as client:
            client.query("SET character_set_client = utf8mb4")
            statement, _ = client.prepare("INSERT INTO people (note, name) VALUES (?, ?)")
            self.execute(client, statement, [text(b"a"), text(b"a")], (VARCHAR, VARCHAR))
            client.query("SET character_set_client = latin1")
            accent = [text("\u00e9".encode())] * 2
            with self.assertRaises(ServerError) as caught:
                self.execute(client, statement, accent)
            self.assertEqual(caught.exception.number, 1615)
            client.query("SET character_set_client = utf8mb4")
            self.execute(client, statement, accent)
            rows = client.query("SELECT note, name FROM people ORDER BY note")[0].rows
        self.assertEqual(rows, [[b"a", b"a"], ["\u00e9".encode()] * 2])
