"""Views and routines that are made at the server, and used through the proxy at
once: there is no time in which a value goes through them in plaintext."""

from servers import (ADMIN, APP, CATALOG, BackendCase, ClientError, Sealgate,
                     on_each_backend)

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
        self.assertNotIn(b"window-sentinel", self.backend.general_log())

    def at_server(self, sql):
        self.backend.execute(sql, ADMIN, self.database)

    def test_a_new_view(self):
        for number in range(5):
            view = f"fresh_{number}"
            self.at_server(f"CREATE VIEW {view} AS SELECT id, email AS contact FROM customers")
            self.refused(f"INSERT INTO {view} (contact) VALUES ('window-sentinel')")
        self.at_server("CREATE VIEW read_view AS SELECT id, email AS contact FROM customers")
        self.refused("SELECT id FROM read_view WHERE contact = 'window-sentinel'")

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
        self.assertNotIn(b"window-sentinel", self.backend.general_log())

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
