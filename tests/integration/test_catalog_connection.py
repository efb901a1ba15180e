"""The catalog account's own connection: given up when it is idle
(`catalog.idle_timeout`), and taken up again when there is something to ask."""

import time
from contextlib import suppress
from threading import Thread

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
        return self.arrived().count(f"{CATALOG.user}@".encode())

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


@on_each_backend
class OldCatalogTest(BackendCase):
    """What is known of the schema while it cannot be read, and while names are looked up."""

    def setUp(self):
        super().setUp()
        self.backend.execute(";".join((
            "CREATE TABLE items (id INT PRIMARY KEY, name VARCHAR(300))",
            "CREATE VIEW seen AS SELECT id, name FROM items")), APP, self.database)

    def gate(self, refresh):
        gate = Sealgate(self.backend, POLICY, overrides={"catalog": {"refresh": refresh}})
        self.addCleanup(gate.close)
        gate.start()
        gate.execute(";".join(TABLES), APP, self.database)
        return gate

    def lock(self):
        self.addCleanup(self.backend.execute, f"ALTER USER '{CATALOG.user}'@'%' ACCOUNT UNLOCK")
        self.backend.execute(f"ALTER USER '{CATALOG.user}'@'%' ACCOUNT LOCK")
        for number, in self.backend.execute("SELECT ID FROM information_schema.PROCESSLIST "
                                            f"WHERE USER = '{CATALOG.user}'"):
            self.backend.execute(f"KILL {number}")

    def refused(self, cursor, sql):
        logged = self.backend.general_log_size()
        with self.assertRaises(Exception) as caught:
            cursor.execute(sql.format(x="Zq9oldZ"))
        self.assertEqual(caught.exception.args[0], 1105)
        self.assertIn("cannot be read now", caught.exception.args[1])
        self.assertNotIn(b"Zq9oldZ", self.backend.general_log(logged))

    def unlock(self, cursor):
        self.backend.execute(f"ALTER USER '{CATALOG.user}'@'%' ACCOUNT UNLOCK")
        logged = self.backend.general_log_size()
        cursor.execute("INSERT INTO seen VALUES (7, 'Zq9oldZ')")
        cursor.execute("INSERT INTO people (id, name) VALUES (8, 'Zq8oldZ')")
        cursor.execute("SELECT name FROM seen WHERE name = 'zq9oldz'")
        self.assertEqual(cursor.fetchall(), (("Zq9oldZ",),))
        self.assertNotIn(b"Zq9oldZ", self.backend.general_log(logged))

    def test_after_a_change_of_a_sessions_own(self):
        gate = self.gate("1h")
        with gate.connect(APP, self.database) as connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO seen VALUES (1, 'plain')")
            self.lock()
            cursor.execute("INSERT INTO seen VALUES (2, 'plain')")
            cursor.execute("ALTER VIEW seen AS SELECT id, name FROM people")
            self.refused(cursor, "INSERT INTO seen VALUES (3, '{x}')")
            self.refused(cursor, "INSERT INTO people (id, name) VALUES (3, '{x}')")
            self.unlock(cursor)

    def test_after_several_looks(self):
        gate = self.gate("100ms")
        with gate.connect(APP, self.database) as connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO seen VALUES (1, 'plain')")
            self.lock()
            self.backend.execute("CREATE OR REPLACE VIEW seen AS SELECT id, name FROM people", ADMIN,
                                 self.database)
            time.sleep(2)
            self.refused(cursor, "INSERT INTO seen VALUES (3, '{x}')")
            self.unlock(cursor)

    def test_while_a_table_is_being_made(self):
        """MariaDB's information_schema waits for CREATE TABLE … SELECT. Who waits for the
        schema is told so, and what is known of it ends as ever."""
        gate = self.gate("500ms")
        maker = self.backend.connect(ADMIN, self.database)
        self.addCleanup(maker.close)
        slow = Thread(target=lambda: self.ended(maker, "CREATE TABLE slow AS SELECT SLEEP(100) AS a"))
        with gate.connect(APP, self.database) as connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO seen VALUES (1, 'plain')")
            slow.start()
            self.addCleanup(slow.join)
            self.addCleanup(self.backend.execute, f"KILL {maker.thread_id()}", ADMIN)
            wait_for(lambda: self.backend.execute(
                "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'CREATE TABLE slow%'"))
            self.backend.execute("CREATE OR REPLACE VIEW seen AS SELECT id, name FROM people", ADMIN,
                                 self.database)
            time.sleep(10)
            logged = self.backend.general_log_size()
            with suppress(Exception):
                cursor.execute("INSERT INTO seen VALUES (2, 'Zq9oldZ')")
            with suppress(Exception):
                cursor.execute("SELECT 1 FROM missing")
            self.assertTrue(slow.is_alive())
            self.assertNotIn(b"Zq9oldZ", self.backend.general_log(logged))

    @staticmethod
    def ended(connection, sql):
        with suppress(Exception), connection.cursor() as cursor:
            cursor.execute(sql)

    def test_looking_up_names_all_the_time_keeps_nobody_from_reading(self):
        gate = self.gate("500ms")
        with gate.connect(APP, self.database) as connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO seen VALUES (1, 'plain')")
            self.backend.execute("CREATE OR REPLACE VIEW seen AS SELECT id, name FROM people", ADMIN,
                                 self.database)
            until = time.monotonic() + 2
            while time.monotonic() < until:
                with self.assertRaises(Exception):
                    cursor.execute("SELECT 1 FROM missing")
                time.sleep(0.05)
            logged = self.backend.general_log_size()
            cursor.execute("INSERT INTO seen VALUES (2, 'Zq9oldZ')")
            self.assertNotIn(b"Zq9oldZ", self.backend.general_log(logged))
