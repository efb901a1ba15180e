"""LOAD DATA LOCAL INFILE into tables without protected columns, as without a
proxy. Into others: test_load.py."""

import subprocess
import tempfile
from pathlib import Path

import pymysql

from people import PeopleCase
from raw_client import RawClient
from raw_packets import (COMPRESS, LOCAL_FILES, MULTI_STATEMENTS, ProtocolError, ServerError,
                         ZSTD_COMPRESSION, parse_ok)
from servers import ADMIN, APP, NOPASS, clients, on_each_backend

LOAD = "LOAD DATA LOCAL INFILE 'file' INTO TABLE loaded"


@on_each_backend
class LocalInfileTest(PeopleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend.execute("SET GLOBAL local_infile = 1", ADMIN)
        cls.backend.execute("CREATE TABLE loaded (id INT PRIMARY KEY, body LONGTEXT)", ADMIN,
                            cls.database)

    def setUp(self):
        super().setUp()
        self.backend.execute("TRUNCATE loaded", ADMIN, self.database)

    def client(self, add=0):
        return RawClient(self.gate.port, NOPASS, self.database, add=LOCAL_FILES | add)

    def load(self, client, parts, sql=LOAD):
        client.start_query(sql)
        request = client.receive()
        self.assertEqual(request, b"\xFBfile")
        for part in parts:
            client.send(part)
        client.send(b"")
        return client.answer()

    def test_streams_of_all_sizes(self):
        """Many packets, one of more than 16 MiB, none at all."""
        for add in (0, COMPRESS, ZSTD_COMPRESSION):
            with self.subTest(add=add), self.client(add) as client:
                self.backend.execute("TRUNCATE loaded", ADMIN, self.database)
                many = [f"{n}\tbody {n}\n".encode() for n in range(1000)]
                ok = parse_ok(self.load(client, many), client.capabilities)
                self.assertEqual(ok.affected, 1000)
                big = b"2000\t" + b"x" * (17 << 20) + b"\n"
                ok = parse_ok(self.load(client, [big]), client.capabilities)
                self.assertEqual(ok.affected, 1)
                ok = parse_ok(self.load(client, []), client.capabilities)
                self.assertEqual(ok.affected, 0)
                rows = client.query("SELECT COUNT(*), MAX(LENGTH(body)) FROM loaded")[0].rows
                self.assertEqual(rows, [[b"1001", str(17 << 20).encode()]])

    def test_executed_as_a_text(self):
        if self.kind == "mysql":
            self.skipTest("MySQL prepares no LOAD DATA")
        with self.client() as client:
            text = LOAD.replace("'", "''")
            client.query(f"PREPARE s FROM '{text}'")
            for row, sql in enumerate((f"EXECUTE IMMEDIATE '{text}'", "EXECUTE s")):
                ok = parse_ok(self.load(client, [b"%d\tx\n" % row], sql), client.capabilities)
                self.assertEqual(ok.affected, 1)

    def test_errors(self):
        with self.client() as client:
            with self.assertRaises(ServerError) as caught:
                client.query(LOAD.replace("loaded", "nowhere"))  # asks for nothing
            self.assertEqual(caught.exception.number, 1146)
            with self.assertRaises(ServerError) as caught:  # after the file
                self.load(client, [b"1\ta\n"] * 5000,
                          LOAD + " (id, @x) SET body = (SELECT 1 UNION SELECT @x)")
            self.assertEqual(caught.exception.number, 1242)
            self.assertEqual(client.query("SELECT 1")[0].rows, [[b"1"]])

    def test_what_is_refused_asks_for_nothing(self):
        with self.client(MULTI_STATEMENTS) as client:
            for sql in ("LOAD DATA LOCAL INFILE 'file' INTO TABLE people (id, @n) SET name = @n",
                        "SELECT 1; LOAD DATA LOCAL INFILE 'file' INTO TABLE people (id, plain)",
                        "LOAD DATA LOCAL INFILE 'file' INTO TABLE loaded (id, @x) SET body = "
                        "(SELECT name FROM people LIMIT 1)"):
                with self.subTest(sql), self.assertRaises(ServerError) as caught:
                    client.query(sql)
                self.assertEqual(caught.exception.number, 1235)
            self.assertEqual(client.query("SELECT 1")[0].rows, [[b"1"]])

    def test_among_several_statements(self):
        with self.client(MULTI_STATEMENTS) as client:
            client.start_query(f"SELECT 1; {LOAD}; SELECT COUNT(*) FROM loaded")
            self.assertEqual(client._result(False).rows, [[b"1"]])
            self.assertEqual(client.receive(), b"\xFBfile")
            client.send(b"1\ta\n2\tb\n")
            client.send(b"")
            self.assertEqual(client._result(False).affected, 2)
            self.assertEqual(client._result(False).rows, [[b"2"]])

    def test_client_without_the_capability(self):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            with self.assertRaises(ServerError) as caught:
                client.query(LOAD)
            self.assertIn(caught.exception.number, (1148, 3948, 4166))
            self.assertEqual(client.query("SELECT 1")[0].rows, [[b"1"]])

    def test_client_that_leaves_loads_nothing(self):
        with self.client() as client:
            client.start_query(LOAD)
            client.receive()
            client.send(b"1\ta\n")
        with self.client() as client:
            client.start_query(LOAD)
            client.receive()
            client.send(b"2\tb\n", 77)  # a wrong number
            with self.assertRaises((ServerError, ProtocolError, ConnectionError)):
                while True:
                    client.receive()
        self.assertTrue(self.gate.running())

    def test_stock_clients(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "rows.txt"
            path.write_text("".join(f"{n}\tbody {n}\n" for n in range(50_000)), encoding="utf-8")
            sql = LOAD.replace("file", str(path))
            for client, options in (("mariadb", ["--local-infile=1"]),
                                    ("mariadb", ["--local-infile=1", "--compress"]),
                                    ("mysql", ["--local-infile=1"])):
                if client == "mysql" and self.kind == "mariadb":
                    continue  # cannot log in, see test_clients.py
                with self.subTest(client, options=options):
                    arguments = clients.CLIENTS[client](self.gate.port, APP, self.database)
                    done = subprocess.run([*arguments[:-1], *options, arguments[-1], "-e",
                                           f"TRUNCATE loaded; {sql}"], capture_output=True,
                                          timeout=60, check=False)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    rows = self.direct("SELECT COUNT(*) FROM loaded")
                    self.assertEqual(rows, ((50_000,),))
            connection = pymysql.connect(host="127.0.0.1", port=self.gate.port, user=APP.user,
                                         password=APP.password, database=self.database,
                                         local_infile=True)
            with connection, connection.cursor() as cursor:
                cursor.execute("TRUNCATE loaded")
                self.assertEqual(cursor.execute(sql), 50_000)
