"""Statements at random (adversary.py), as text and prepared: each works or is
refused; the server's general log, which has every text that reached the server,
never shows the marker, and everything stored is an envelope.

SEALGATE_ADVERSARY_STATEMENTS (default 1500) and SEALGATE_ADVERSARY_SEED (1)
make it longer or another."""

import os

import pymysql
from pymysql.constants import CLIENT

from adversary import Adversary
from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, APP, BackendCase, Sealgate, Server, on_each_backend
from test_sentinel import new_marker

COUNT = int(os.environ.get("SEALGATE_ADVERSARY_STATEMENTS", "1500"))
SEED = int(os.environ.get("SEALGATE_ADVERSARY_SEED", "1"))
POLICY = """\
version: 1
columns:
  - {column: shop.vault.a, mode: searchable}
  - {column: shop.vault.b, mode: random}
  - {column: shop.vault.c, mode: deterministic}
roles:
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
TABLE = ("CREATE TABLE vault (a VARCHAR(60), b VARCHAR(60), c VARCHAR(60), KEY (a)) "
         "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci")
PLAIN = "SELECT COUNT(*) FROM vault WHERE " + " OR ".join(
    f"HEX(LEFT({name},1)) <> 'FE'" for name in "abc")


@on_each_backend
class AdversaryTest(BackendCase):
    @classmethod
    def setUpClass(cls):
        cls.backend = Server(cls.kind, general_log=True)
        cls.addClassCleanup(cls.backend.close)
        cls.backend.start()
        cls.backend.execute(f"CREATE DATABASE {cls.database} CHARACTER SET utf8mb4")
        cls.gate = Sealgate(cls.backend, POLICY)
        cls.addClassCleanup(cls.gate.close)
        cls.gate.start()

    def setUp(self):
        self.marker = new_marker()
        self.gate.execute("DROP TABLE IF EXISTS vault; " + TABLE, APP, self.database)

    def check(self, done, refused):
        """Both kinds came up, or the stream tests nothing."""
        self.assertGreater(done, COUNT // 50)
        self.assertGreater(refused, COUNT // 4)
        log = self.backend.general_log()
        shown = [line for line in log.split(b"\n") if self.marker.encode() in line]
        self.assertEqual(shown, [])
        self.assertIn(b"vault", log)
        stored = self.backend.execute(PLAIN, ADMIN, self.database)
        self.assertEqual(stored[0][0], "0")

    def test_text(self):
        stream = Adversary(SEED, self.marker, self.database)
        done = refused = 0
        connection = self.gate.connect(APP, self.database, client_flag=CLIENT.MULTI_STATEMENTS)
        with connection, connection.cursor() as cursor:
            for _ in range(COUNT):
                sql = stream.statement()
                try:
                    cursor.execute(sql)
                    while cursor.nextset():
                        pass
                    done += 1
                except pymysql.MySQLError as error:
                    message = str(error.args[1])
                    self.assertNotIn(self.marker, message, sql)
                    self.assertNotIn(error.args[0], (2006, 2013), sql)
                    refused += message.startswith("sealgate: ")
        self.check(done, refused)

    def test_prepared(self):
        stream = Adversary(SEED + 1, self.marker, self.database)
        done = refused = 0
        with RawClient(self.gate.port, APP, self.database) as client:
            for _ in range(COUNT):
                sql = stream.statement()
                try:
                    client.prepared_query(sql, ())
                    done += 1
                except ServerError as error:
                    self.assertNotIn(self.marker, error.message, sql)
                    refused += error.message.startswith("sealgate: ")
        self.check(done, refused)
