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
VARCHAR = 253


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
