"""Views and routines that are made at the server, and used through the proxy at
once: there is no time in which a value goes through them in plaintext."""

import threading

from servers import (ADMIN, APP, CATALOG, BackendCase, ClientError, Sealgate,
                     on_each_backend)
from test_failover import wait_for
from test_sentinel import new_marker

POLICY = """version: 1
columns:
  - {column: shop.customers.email, mode: searchable}
roles:
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
SETUP = ("CREATE TABLE customers (id INT PRIMARY KEY AUTO_INCREMENT, email VARCHAR(100)); "
         "CREATE TABLE notes (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(100))")


@on_each_backend
class WindowTest(BackendCase):

    def setUp(self):
        super().setUp()
        # It never looks by itself while a test runs.
        self.gate = Sealgate(self.backend, POLICY, overrides={"catalog": {"refresh": "1h"}})
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(SETUP, APP, self.database)

    def refused(self, sql, number=1235):
        with self.assertRaises(ClientError) as caught:
            self.gate.execute(sql, APP, self.database)
        self.assertEqual(caught.exception.number, number, caught.exception)
        self.assertNotIn(b"window-sentinel", self.arrived())

    def at_server(self, sql):
        self.backend.execute(sql, ADMIN, self.database)

    def test_a_new_view(self):
        for number in range(5):
            view = f"fresh_{number}"
            self.at_server(f"CREATE VIEW {view} AS SELECT id, email AS contact FROM customers")
            self.gate.execute(f"INSERT INTO {view} (contact) VALUES ('window-sentinel')", APP,
                              self.database)
            self.assertNotIn(b"window-sentinel", self.arrived())
        self.gate.execute("INSERT INTO customers (email) VALUES ('window-sentinel')", APP,
                          self.database)
        self.at_server("CREATE VIEW read_view AS SELECT id, email AS contact FROM customers")
        self.assertEqual(self.gate.execute(
            "SELECT contact FROM read_view WHERE contact = 'window-sentinel'", APP, self.database),
            [["window-sentinel"]] * 6)
        self.assertNotIn(b"window-sentinel", self.arrived())

    def test_a_view_over_a_new_view(self):
        self.at_server("CREATE VIEW below AS SELECT id, email AS contact FROM customers; "
                       "CREATE VIEW above AS SELECT * FROM below")
        self.refused("UPDATE above SET contact = 'window-sentinel'")

    def test_a_new_procedure(self):
        self.at_server("CREATE PROCEDURE put(IN x VARCHAR(100)) "
                       "INSERT INTO customers (email) VALUES (x)")
        self.refused("CALL put('window-sentinel')")

    def test_a_new_function(self):
        self.at_server("SET GLOBAL log_bin_trust_function_creators = 1")
        self.at_server("CREATE FUNCTION keep(x VARCHAR(100)) RETURNS INT DETERMINISTIC "
                       "RETURN (SELECT COUNT(*) FROM customers WHERE email = x)")
        self.refused("SELECT keep('window-sentinel')")
        self.refused("INSERT INTO notes (id) VALUES (keep('window-sentinel'))")

    def test_a_copy_of_a_protected_table(self):
        self.at_server("CREATE TABLE copied LIKE customers")
        self.refused("INSERT INTO copied (email) VALUES ('window-sentinel')")

    def test_prepared(self):
        self.at_server("CREATE VIEW prepared_view AS SELECT id, email AS contact FROM customers")
        self.refused("PREPARE s FROM 'INSERT INTO prepared_view (contact) VALUES (?)'")

    def test_other_new_tables_work_at_once(self):
        self.at_server("CREATE TABLE plain (a VARCHAR(20)); CREATE VIEW plain_view AS "
                       "SELECT a FROM plain")
        self.gate.execute("INSERT INTO plain VALUES ('x'); INSERT INTO plain_view VALUES ('y')",
                          APP, self.database)
        self.assertEqual(self.gate.execute("SELECT COUNT(*) FROM plain_view", APP, self.database),
                         [["2"]])

    def test_a_table_that_is_not_there(self):
        self.refused("INSERT INTO nothing VALUES (1)", 1146)
        self.refused("SELECT nothing_like_it(1)", 1305)
        self.refused("CALL nothing_like_it(1)", 1305)

    def test_a_table_that_becomes_a_view(self):
        """Its name was known as harmless until it was dropped through the proxy."""
        statements = [("CREATE TABLE {0} (a INT)", "DROP TABLE {0}"),
                      ("CREATE TABLE {0} (a INT)", "DROP TABLE IF EXISTS nothing, shop.`{0}`"),
                      ("CREATE TABLE {0} (a INT)", "RENAME TABLE {0} TO elsewhere_1"),
                      ("CREATE TABLE {0} (a INT)", "ALTER TABLE {0} RENAME elsewhere_2"),
                      ("CREATE VIEW {0} AS SELECT 1 AS a", "DROP VIEW {0}"),
                      ("CREATE DATABASE apart; CREATE TABLE {0} (a INT)", "DROP DATABASE apart")]
        for number, (made, gone) in enumerate(statements):
            with self.subTest(gone):
                table = f"apart.turned_{number}" if "apart" in made else f"turned_{number}"
                self.at_server(made.format(table))
                self.gate.execute(f"SELECT * FROM {table}", ADMIN, self.database)
                self.gate.execute(gone.format(table), ADMIN, self.database)
                self.at_server("CREATE DATABASE IF NOT EXISTS apart; "
                               f"CREATE VIEW {table} AS "
                               f"SELECT id, email AS a FROM {self.database}.customers")
                self.gate.execute(f"INSERT INTO {table} (a) VALUES ('window-sentinel')", ADMIN,
                                  self.database)
                self.assertNotIn(b"window-sentinel", self.arrived())
                self.at_server("DROP DATABASE apart")

    def test_a_view_that_is_made_again(self):
        self.at_server("CREATE VIEW below AS SELECT 1 AS a; CREATE VIEW again AS SELECT 1 AS a")
        self.gate.execute("SELECT * FROM again", APP, self.database)
        self.at_server("DROP VIEW below; CREATE VIEW below AS SELECT email AS a FROM customers")
        self.gate.execute("CREATE OR REPLACE VIEW again AS SELECT * FROM below", APP,
                          self.database)
        self.refused("UPDATE again SET a = 'window-sentinel'")

    def test_a_name_in_another_case(self):
        self.at_server("CREATE TABLE plain (a INT)")
        self.gate.execute("SELECT * FROM plain", APP, self.database)
        self.at_server("CREATE VIEW Plain AS SELECT id, email AS a FROM customers")
        for sql in ("INSERT INTO Plain (a) VALUES ('window-sentinel')", "INSERT INTO plain VALUES (1)"):
            try:
                self.gate.execute(sql, APP, self.database)
            except ClientError as error:
                self.assertIn(error.number, (1146, 1235), error)
        self.assertNotIn(b"window-sentinel", self.arrived())
        self.assertEqual(self.backend.execute("SELECT email FROM customers WHERE LEFT(email, 1) <> X'FE'",
                                              ADMIN, self.database), [])

    def test_a_new_trigger(self):
        self.at_server("CREATE TABLE loud (a VARCHAR(20)); CREATE TRIGGER pass_on BEFORE INSERT "
                       "ON loud FOR EACH ROW INSERT INTO customers (email) VALUES (NEW.a)")
        self.refused("INSERT INTO loud VALUES ('window-sentinel')")
        self.gate.execute("CREATE TABLE quiet (a INT)", APP, self.database)
        self.gate.execute("INSERT INTO quiet VALUES (1)", APP, self.database)
        self.gate.execute("DROP TRIGGER pass_on", ADMIN, self.database)
        self.gate.execute("INSERT INTO loud VALUES ('known')", APP, self.database)

    def test_plain_tables_need_no_reading(self):
        def asked():
            figures = self.gate.metrics()
            return [figures[f"sealgate_catalog_{name}_total"] for name in ("reloads", "lookups")]

        before = asked()
        for number in range(5):
            table = f"made_{number}"
            self.gate.execute(
                f"CREATE TABLE {table} (a INT PRIMARY KEY, b VARCHAR(10)); "
                f"INSERT INTO {table} VALUES (1, 'x'); ALTER TABLE {table} ADD c INT; "
                f"UPDATE {table} SET c = 1; DROP TABLE {table}", APP, self.database)
        self.assertEqual(asked(), before)
        self.at_server("CREATE TABLE elsewhere (a INT)")
        self.gate.execute("INSERT INTO elsewhere VALUES (1); SELECT * FROM elsewhere", APP,
                          self.database)
        self.assertEqual(asked(), [before[0], before[1] + 1])

    def test_many_sessions_at_once(self):
        names = [f"crowd_{number}" for number in range(20)]
        self.at_server("".join(f"CREATE VIEW {name} AS SELECT id, email AS a FROM customers; "
                               for name in names))
        failures = []

        def insert(name):
            try:
                self.gate.execute(f"INSERT INTO {name} (a) VALUES ('window-sentinel')", APP,
                                  self.database)
            except ClientError as error:
                failures.append(str(error))

        threads = [threading.Thread(target=insert, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertNotIn(b"window-sentinel", self.arrived())

    def test_temporary_tables(self):
        connection = self.gate.connect(APP, self.database)
        self.addCleanup(connection.close)
        reloads = "sealgate_catalog_reloads_total"
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE scratch (a INT)")
            before = self.gate.metrics()[reloads]
            for number in range(20):
                cursor.execute(f"INSERT INTO scratch VALUES ({number})")
            cursor.execute("SELECT COUNT(*) FROM scratch")
            self.assertEqual(cursor.fetchall(), ((20,),))
            self.assertEqual(self.gate.metrics()[reloads], before)
            cursor.execute("DROP TEMPORARY TABLE scratch")
            self.at_server("CREATE VIEW scratch AS SELECT id, email AS a FROM customers")
            with self.assertRaises(Exception) as caught:
                cursor.execute("INSERT INTO scratch (a) VALUES ('window-sentinel')")
            self.assertEqual(caught.exception.args[0], 1235)
        self.assertNotIn(b"window-sentinel", self.arrived())

    def test_when_the_schema_cannot_be_read(self):
        # A table becomes known when it is first used.
        self.gate.execute("INSERT INTO notes (note) VALUES ('first')", APP, self.database)
        self.addCleanup(self.backend.execute, f"ALTER USER '{CATALOG.user}'@'%' ACCOUNT UNLOCK",
                        ADMIN)
        self.backend.execute(f"ALTER USER '{CATALOG.user}'@'%' ACCOUNT LOCK", ADMIN)
        for row in self.backend.execute("SHOW PROCESSLIST", ADMIN):
            if row[1] == CATALOG.user:
                self.backend.execute(f"KILL {row[0]}", ADMIN)
        self.at_server("CREATE VIEW unseen AS SELECT id, email AS contact FROM customers")
        self.refused("INSERT INTO unseen (contact) VALUES ('window-sentinel')", 1105)
        self.gate.execute("INSERT INTO notes (note) VALUES ('known')", APP, self.database)


@on_each_backend
class KnownNamesTest(BackendCase):
    """What a name means may also change at the server after the proxy has come to know
    it. It is seen within `catalog.refresh`."""

    CHANGES = (
        # Made, and used through the proxy; changed; then refused.
        ("CREATE VIEW known AS SELECT id, note AS a FROM notes", "SELECT a FROM known",
         "CREATE OR REPLACE VIEW known AS SELECT id, email AS a FROM customers",
         "UPDATE known SET a = '{v}'"),
        ("CREATE PROCEDURE known(x VARCHAR(99)) DO x", "CALL known('a')",
         "DROP PROCEDURE known; CREATE PROCEDURE known(x VARCHAR(99)) "
         "INSERT INTO customers (email) VALUES (x)", "CALL known('{v}')"),
        ("CREATE FUNCTION known(x VARCHAR(99)) RETURNS INT DETERMINISTIC RETURN 1",
         "SELECT known('a')",
         "DROP FUNCTION known; CREATE FUNCTION known(x VARCHAR(99)) RETURNS INT DETERMINISTIC "
         "RETURN (SELECT COUNT(*) FROM customers WHERE email = x)", "SELECT known('{v}')"),
        ("CREATE TABLE known (a VARCHAR(99))", "INSERT INTO known VALUES ('a')",
         "CREATE TRIGGER pass_on BEFORE INSERT ON known FOR EACH ROW "
         "INSERT INTO customers (email) VALUES (NEW.a)", "INSERT INTO known VALUES ('{v}')"),
        ("CREATE TABLE known (a VARCHAR(99))", "INSERT INTO known VALUES ('a')",
         "DROP TABLE known; CREATE VIEW known AS SELECT email AS a FROM customers",
         "INSERT INTO known VALUES ('{v}')"),
    )

    def setUp(self):
        super().setUp()
        self.backend.execute("SET GLOBAL log_bin_trust_function_creators = 1", ADMIN)
        self.gate = Sealgate(self.backend, POLICY, overrides={"catalog": {"refresh": "200ms"}})
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(SETUP, APP, self.database)

    def works(self, sql):
        """What the name meant in the case before may still be what is known of it."""
        try:
            self.gate.execute(sql, APP, self.database)
        except ClientError as error:
            self.assertEqual(error.number, 1235, sql)
            return False
        return True

    def arrives(self, sql):
        """Whether a value that stands in the statement comes to the server, with or without
        success."""
        marker = new_marker()
        try:
            self.gate.execute(sql.format(v=marker), APP, self.database)
        except ClientError as error:
            self.assertEqual(error.number, 1235, sql)
        return marker.encode() in self.arrived()

    def test_a_change_at_the_server_is_seen(self):
        for made, used, changed, then in self.CHANGES:
            with self.subTest(changed):
                self.backend.execute(made, ADMIN, self.database)
                self.assertTrue(wait_for(lambda: self.works(used)), self.gate.logs())
                self.backend.execute(changed, ADMIN, self.database)
                self.assertTrue(wait_for(lambda: not self.arrives(then)), self.gate.logs())
                self.assertFalse(self.arrives(then))
                for kind in ("VIEW", "TABLE", "PROCEDURE", "FUNCTION"):
                    self.backend.execute(f"DROP {kind} IF EXISTS {self.database}.known", ADMIN)

    def test_a_trigger_of_a_protected_table(self):
        """What it makes of a protected column is not sealed."""
        write = "INSERT INTO customers (email) VALUES ('{v}')"
        self.gate.execute(write.format(v="before"), APP, self.database)
        self.backend.execute("CREATE TRIGGER own BEFORE INSERT ON customers FOR EACH ROW "
                             "SET NEW.email = CONCAT(NEW.email, 'x')", ADMIN, self.database)

        def error():
            try:
                self.gate.execute(write.format(v="after"), APP, self.database)
            except ClientError as refusal:
                return refusal.number
            return 0

        self.assertTrue(wait_for(lambda: error() == 1235), self.gate.logs())
        self.gate.execute("DROP TRIGGER own", ADMIN, self.database)
        self.assertTrue(wait_for(lambda: error() == 0), self.gate.logs())
