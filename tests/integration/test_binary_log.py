"""The binary log through the proxy: read with the servers' own programs, and
applied again, by a role that may."""

import subprocess
import tempfile
import time
from pathlib import Path

from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, APP, BackendCase, ClientError, Sealgate, clients, mysql, on_each_backend
from servers.ports import LOOPBACK
from servers.server import Server

POLICY = """version: 1
columns:
  - {column: shop.people.name, mode: searchable}
roles:
  - name: app
    match: [{user: app}]
    default: {reveal: clear, write: true}
  - name: replica
    match: [{user: dba}]
    replication: true
"""
TABLES = ("CREATE TABLE people (id INT NOT NULL PRIMARY KEY, name VARCHAR(100)) "
          "CHARACTER SET utf8mb4; "
          "CREATE TABLE plain (id INT NOT NULL PRIMARY KEY, body LONGTEXT) CHARACTER SET utf8mb4")
SENTINEL = "Sentinel Quimby"
LONG = 17 << 20  # more than a frame


@on_each_backend
class BinaryLogTest(BackendCase):
    def setUp(self):
        self.backend = Server(self.kind, binlog="ROW")
        self.addCleanup(self.backend.close)
        self.backend.start()
        self.backend.execute(f"CREATE DATABASE {self.database} CHARACTER SET utf8mb4")
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(TABLES, APP, self.database)
        self.backend.execute("FLUSH BINARY LOGS")
        self.gate.execute(f"INSERT INTO people VALUES (1, '{SENTINEL}'), (2, NULL)", APP,
                          self.database)
        self.gate.execute("INSERT INTO plain VALUES (1, 'as it is')", APP, self.database)
        self.log = self.backend.binlogs()[-1]

    def program(self, *arguments):
        """The server's own mysqlbinlog; what it prints."""
        command = ["/usr/bin/mariadb-binlog"] if self.kind == "mariadb" else mysql.program(
            "bin/mysqlbinlog")
        run = subprocess.run([*command, "--no-defaults", *arguments], capture_output=True,
                             timeout=60, check=False)
        if run.returncode != 0:
            raise ClientError(run.stderr.decode(errors="replace"))
        return run.stdout

    def from_gate(self, account, *arguments):
        plain = ["--skip-ssl"] if self.kind == "mariadb" else ["--ssl-mode=DISABLED",
                                                               "--get-server-public-key"]
        return self.program("--read-from-remote-server", "--protocol=tcp", f"--host={LOOPBACK}",
                            f"--port={self.gate.port}", f"--user={account.user}",
                            f"--password={account.password}", *plain, *arguments, self.log.name)

    def test_the_log_is_read_as_it_is(self):
        self.gate.execute(f"INSERT INTO plain VALUES (2, REPEAT('x', {LONG}))", APP,
                          self.database)
        self.backend.execute("FLUSH BINARY LOGS")
        with tempfile.TemporaryDirectory() as folder:
            self.from_gate(ADMIN, "--raw", f"--result-file={folder}/")
            read = (Path(folder) / self.log.name).read_bytes()
        # The end of a log that was in use is marked in its first event afterwards.
        written = self.log.read_bytes()
        self.assertGreater(len(written), LONG)
        self.assertEqual(read[64:], written[64:])
        self.assertIn(b"as it is", read)
        self.assertNotIn(SENTINEL.encode(), read)

    def test_others_may_not(self):
        self.backend.execute(f"GRANT REPLICATION SLAVE ON *.* TO {APP.user}")
        with self.assertRaises(ClientError) as caught:
            self.from_gate(APP)
        self.assertIn("'replication: true'", str(caught.exception))
        with RawClient(self.gate.port, APP, self.database) as client:
            for command in (0x12, 0x15, 0x1E):
                client.command(command, bytes(20))
                with self.assertRaises(ServerError) as refused:
                    client.answer()
                self.assertEqual(refused.exception.number, 1227)
            self.assertEqual(client.query("SELECT 1")[0].rows, [[b"1"]])

    def test_the_server_decides_too(self):
        """A role that may, as an account that may not."""
        self.backend.execute(f"REVOKE REPLICATION SLAVE ON *.* FROM {ADMIN.user}")
        with self.assertRaises(ClientError) as caught:
            self.from_gate(ADMIN)
        self.assertNotIn("sealgate", str(caught.exception))

    def test_events_are_applied_again(self):
        self.backend.execute("FLUSH BINARY LOGS")
        # MySQL would leave out a transaction that it has carried out already.
        again = ["--skip-gtids"] if self.kind == "mysql" else []
        events = self.program(*again, str(self.log))
        self.assertIn(b"BINLOG '", events)
        self.gate.execute("DELETE FROM people; DELETE FROM plain", APP, self.database)
        self.backend.execute(f"GRANT ALL PRIVILEGES ON *.* TO {APP.user}")
        with self.assertRaises(ClientError) as caught:
            clients.execute(self.client(APP), events)
        self.assertIn("sealgate: ", caught.exception.message)
        self.assertEqual(self.gate.execute("SELECT id FROM people", APP, self.database), [])
        clients.execute(self.client(ADMIN), events)
        self.assertEqual(
            self.gate.execute("SELECT id, name FROM people ORDER BY id", APP, self.database),
            [["1", SENTINEL], ["2", "NULL"]])
        self.assertEqual(self.gate.execute("SELECT body FROM plain", APP, self.database),
                         [["as it is"]])
        stored = self.backend.execute("SELECT HEX(LEFT(name, 1)) FROM people WHERE id = 1",
                                      database=self.database)
        self.assertEqual(stored, [["FE"]])

    def client(self, account):
        return clients.CLIENTS[self.kind](self.gate.port, account, self.database) + [
            "--binary-mode"]

    def test_a_replica(self):
        """Another server reads through the proxy, from the beginning."""
        replica = Server(self.kind, options=["--server-id=2"])
        self.addCleanup(replica.close)
        replica.start()
        source, word, more = ("MASTER", "SLAVE", "") if self.kind == "mariadb" else (
            "SOURCE", "REPLICA", ", SOURCE_SSL = 0, GET_SOURCE_PUBLIC_KEY = 1")
        change = "CHANGE MASTER TO" if self.kind == "mariadb" else "CHANGE REPLICATION SOURCE TO"
        replica.execute(
            f"{change} {source}_HOST = '{LOOPBACK}', {source}_PORT = {self.gate.port}, "
            f"{source}_USER = '{ADMIN.user}', {source}_PASSWORD = '{ADMIN.password}', "
            f"{source}_LOG_FILE = '{self.backend.binlogs()[0].name}', {source}_LOG_POS = 4{more}; "
            f"START {word}")
        self.gate.execute("INSERT INTO people VALUES (9, 'last')", APP, self.database)
        self.wait_until(lambda: self.stored(replica)[-1:] == [["9", "FE"]])
        self.assertEqual(self.stored(replica), [["1", "FE"], ["2", "NULL"], ["9", "FE"]])
        self.assertEqual(replica.execute("SELECT body FROM plain", database=self.database),
                         [["as it is"]])

    def stored(self, server):
        try:
            return server.execute("SELECT id, HEX(LEFT(name, 1)) FROM people ORDER BY id",
                                  database=self.database)
        except ClientError:  # not there yet
            return []

    def wait_until(self, holds):
        for _ in range(600):
            if holds():
                return
            time.sleep(0.05)
        self.fail("it does not come")

    def test_a_reader_that_goes_away(self):
        """A dump that waits for more ends with its client."""
        with RawClient(self.gate.port, ADMIN) as client:
            for sql in ("SET @master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32'",
                        "SET @mariadb_slave_capability = 4"):
                client.query(sql)
            name = self.log.name.encode()
            client.command(0x12, (4).to_bytes(4, "little") + bytes(2) +
                           (77).to_bytes(4, "little") + name)
            self.assertEqual(client.receive()[:1], b"\0")
            self.gate.execute("INSERT INTO plain VALUES (3, 'while it reads')", APP, self.database)
            while b"while it reads" not in client.receive():
                pass
        self.wait_until(lambda: self.gate.metrics()["sealgate_connections"] == 0)
