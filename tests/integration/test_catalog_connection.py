"""The catalog account's own connection: given up when it is idle
(`catalog.idle_timeout`), and taken up again when there is something to ask."""

from people import POLICY, TABLES
from servers import ADMIN, APP, CATALOG, BackendCase, Sealgate, Server, on_each_backend
from test_failover import wait_for


@on_each_backend
class IdleTimeoutTest(BackendCase):

    def gate(self, backend, idle_timeout):
        # It never looks by itself while a test runs.
        gate = Sealgate(backend, POLICY, overrides={
            "catalog": {"refresh": "1h", "idle_timeout": idle_timeout}})
        self.addCleanup(gate.close)
        return gate.start()

    def connections(self):
        rows = self.backend.execute("SELECT COUNT(*) FROM information_schema.PROCESSLIST "
                                    f"WHERE USER = '{CATALOG.user}'", ADMIN)
        return int(rows[0][0])

    def connects(self):
        """Connections that there were so far, by the server's count of the account's logins."""
        return self.backend.general_log().count(f"{CATALOG.user}@".encode())

    def test_it_is_given_up_and_taken_up_again(self):
        gate = self.gate(self.backend, "300ms")
        self.assertTrue(wait_for(lambda: self.connections() == 0))
        for number in range(3):
            before = self.connects()
            # What the proxy does not know, it asks for: a view beside it that cannot be
            # written through leads to a protected table.
            gate.execute(";".join(TABLES), APP, self.database)
            self.backend.execute(f"CREATE VIEW beside{number} AS SELECT DISTINCT name FROM people", ADMIN,
                                 self.database)
            with gate.connect(APP, self.database) as connection, connection.cursor() as cursor:
                with self.assertRaises(Exception) as caught:
                    cursor.execute(f"INSERT INTO beside{number} (name) VALUES ('x')")
                self.assertEqual(caught.exception.args[0], 1235)
                cursor.execute("INSERT INTO people (id, name) VALUES (1, 'Ana')")
                cursor.execute("SELECT name FROM people WHERE name = 'ana'")
                self.assertEqual(cursor.fetchall(), (("Ana",),))
            self.assertGreater(self.connects(), before)
            self.assertTrue(wait_for(lambda: self.connections() == 0))
            self.backend.execute(f"DROP VIEW beside{number}; DROP TABLE people, orders", ADMIN,
                                 self.database)

    def test_it_is_there_while_the_schema_is_read_only(self):
        gate = self.gate(self.backend, "0s")
        self.assertTrue(wait_for(lambda: self.connections() == 0))
        gate.execute(";".join(TABLES), APP, self.database)
        self.assertTrue(wait_for(lambda: self.connections() == 0))
        gate.execute("INSERT INTO people (id, name) VALUES (1, 'Ana')", APP, self.database)
        self.assertEqual(gate.execute("SELECT name FROM people", APP, self.database), [["Ana"]])

    def test_it_stays_until_then(self):
        gate = self.gate(self.backend, "1h")
        before = self.connects()
        for _ in range(3):
            gate.execute(TABLES[1] + "; DROP TABLE orders", APP, self.database)
        self.assertEqual((self.connections(), self.connects()), (1, before))

    def test_a_server_that_was_restarted_meanwhile(self):
        with Server(self.kind, general_log=False) as server:
            server.execute(f"CREATE DATABASE {self.database} CHARACTER SET utf8mb4", ADMIN)
            gate = self.gate(server, "0s")
            server.restart()
            gate.execute(";".join(TABLES), APP, self.database)
            gate.execute("INSERT INTO people (id, name) VALUES (1, 'Ana')", APP, self.database)
            self.assertEqual(gate.execute("SELECT name FROM people", APP, self.database),
                             [["Ana"]])
