"""What the tests of compression share: clients that compress, and a conversation."""

import struct
from pathlib import Path

import drivers
import scenario
import test_clients
from drivers import Target
from people import POLICY, TABLES, TWIN, PeopleCase
from raw_client import RawClient
from raw_packets import (COMPRESS, DEPRECATE_EOF, MAX_FRAME, SESSION_TRACK, ServerError,
                         ZSTD_COMPRESSION)
from servers import APP, CHANGED, NOPASS, clients

PHP = Path(__file__).resolve().parents[1] / "clients" / "php_mysqli.php"
FILES = "CREATE TABLE files (id INT NOT NULL PRIMARY KEY, body LONGBLOB, secret LONGBLOB)"
FILES_POLICY = POLICY.replace("\nroles:", "  - {column: shop.files.secret, mode: random}\n\nroles:")
NOISE = bytes((i * i * 31 + (i >> 7)) & 0xFF for i in range(200_000))


class CompressionCase(PeopleCase):
    policy = FILES_POLICY
    tables = (*TABLES, FILES)
    check_expected = test_clients.MatrixCase.check_expected

    def setUp(self):
        super().setUp()
        self.backend.execute("TRUNCATE files", database=self.database)

    def check_scenario(self, run, through=None, mode="text"):
        """The scenario on the server with `run` and through the proxy with
        `through`, or the same: nothing differs."""
        direct, own = (
            used(Target(server.port, database, mode,
                        server.certificates and server.certificates.ca))
            for used, server, database in ((run, self.backend, TWIN),
                                           (through or run, self.gate, self.database)))
        self.assertEqual(len(direct), len(scenario.STEPS))
        for a, b in zip(own, direct):
            with self.subTest(b["name"]):
                message = a.pop("message", "")
                b.pop("message", "")
                self.assertEqual(a, b, message)
        self.check_expected(own)
        self.assertEqual(self.assert_sealed(), test_clients.SEALED_AT_THE_END)

    def check_command_line(self, client, *options):
        """By a stock client, compressed through the proxy and not directly; what
        it shows is the same."""
        plain = clients.CLIENTS[client]

        def compressed(target):
            def args(*arguments):
                line = plain(*arguments)
                return [*line[:-1], *options, line[-1]]
            clients.CLIENTS[client] = args
            try:
                return drivers.command_line(client)(target)
            finally:
                clients.CLIENTS[client] = plain
        self.check_scenario(drivers.command_line(client), compressed)

    def check_mysqli(self, mode):
        run = drivers.program("php", str(PHP))
        self.check_scenario(
            run, lambda target: run(target._replace(mode=mode + "-compressed")), mode)

    def check_conversation(self, client):
        """Commands without answers, cursors' kin, big messages both ways."""
        client.query("INSERT INTO people (id, name) VALUES (1, 'comp'), (2, 'ress')")
        statement, _ = client.prepare("INSERT INTO files (id, body, secret) VALUES (?, ?, ?)")
        for part in (NOISE, b"", b"a" * 300_000):
            client.send_long_data(statement, 1, part)
            client.send_long_data(statement, 2, part)
        body = struct.pack("<IBI", statement, 0, 1)
        client.command(0x17, body + b"\0\x01" + b"\x08\0\xFC\0\xFC\0" + struct.pack("<q", 1))
        client.results(True)
        client.command(0x19, struct.pack("<I", statement))
        long = NOISE + b"a" * 300_000
        self.assertTrue(client.query("SELECT body, secret FROM files")[0].rows == [[long, long]])
        big = NOISE * 90  # over 16 MiB
        self.assertGreater(len(big), MAX_FRAME)
        client.prepared_query("INSERT INTO files VALUES (2, ?, ?)", [big, big[::-1]])
        result = client.prepared_query("SELECT secret, body FROM files WHERE id = 2")[0]
        self.assertTrue(result.rows == [[big[::-1], big]])
        client.command(0x0E)
        self.assertEqual(client.answer()[:1], b"\0")
        with self.assertRaises(ServerError):
            client.query("SELECT * FROM nowhere")
        with self.assertRaises(ServerError) as caught:
            client.query("SELECT UPPER(name) FROM people")
        self.assertEqual(caught.exception.number, 1235)
        self.assertEqual(client.query("SELECT name FROM people ORDER BY id")[0].rows,
                         [[b"comp"], [b"ress"]])
        client.change_user(CHANGED, self.database)
        client.command(0x1F)
        client.answer()
        self.assertEqual(client.query("SELECT COUNT(*) FROM people")[0].rows, [[b"2"]])

    def check_raw(self, algorithm, tls=False):
        for add in (0, DEPRECATE_EOF | SESSION_TRACK):
            self.backend.execute("TRUNCATE files; TRUNCATE people", database=self.database)
            with self.subTest(add=add), \
                    RawClient(self.gate.port, NOPASS, self.database, add=add | algorithm,
                              tls=tls, timeout=60) as client:
                self.assertTrue(client.compressed)
                self.check_conversation(client)
                self.assertGreater(client.socket.shrunk, 0)
                self.assert_sealed(2)

    def test_raw_zlib(self):
        self.check_raw(COMPRESS, self.gate.certificates is not None)

    def test_raw_zstd(self):
        self.check_raw(ZSTD_COMPRESSION, self.gate.certificates is not None)

    def test_raw_plain(self):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            self.check_conversation(client)

    def test_mariadb_zlib(self):
        self.check_command_line("mariadb", "--compress")

    def test_the_servers_leg(self):
        rows = self.gate.execute("SHOW SESSION STATUS LIKE 'Compression%'", APP)
        shown = {name: value for name, value in rows}
        self.assertEqual(shown["Compression"], "ON" if self.server_algorithm() else "OFF")
        if self.kind == "mysql" and self.server_algorithm():
            self.assertEqual(shown["Compression_algorithm"], self.server_algorithm())

    def server_algorithm(self):
        wanted = self.gate_options.get("overrides", {}).get("backend", {}).get("compression")
        return None if wanted == "zstd" and self.kind == "mariadb" else wanted
