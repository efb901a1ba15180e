"""What the server computes by itself from a sealed column: generated columns, defaults,
checks, functional keys that were made at the server."""

from servers import (ADMIN, APP, NOPASS, BackendCase, ClientError, Sealgate,
                     on_each_backend)

SENTINEL = "Zq7computedZ"
POLICY = """version: 1
columns:
  - {column: shop.people.ssn, mode: deterministic}
  - {column: shop.old.name, mode: searchable, plaintext: allow}
roles:
  - name: support
    match: [{user: nopass}]
    default: {reveal: mask}
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
TABLE = ("CREATE TABLE people (id INT PRIMARY KEY, ssn VARCHAR(40) DEFAULT 'none', "
         "kind VARCHAR(9) DEFAULT 'ssn', j INT DEFAULT 1, "
         "CHECK (kind IN ('ssn', 'tax')), h INT AS (id + 1)) CHARACTER SET utf8mb4")
LATIN1 = "VARCHAR(300) CHARACTER SET latin1"
# What is made, and how it is dropped.
MADE = (
    (f"ADD g {LATIN1} AS (CONCAT(ssn, 'x')) STORED", "DROP g", "generated column g"),
    (f"ADD d {LATIN1} DEFAULT (CONCAT(ssn, 'x'))", "DROP d", "default of column d"),
    ("ADD CONSTRAINT c CHECK (LENGTH(ssn) > 3)", "DROP CONSTRAINT c", "check c"),
)
FUNCTIONAL = ("ADD INDEX f ((UPPER(CAST(ssn AS CHAR(50) CHARACTER SET latin1))))", "DROP INDEX f",
              "functional key f")
COMPUTED = f"""
SELECT g FROM people
SELECT * FROM people
TABLE people
SELECT id FROM people WHERE g = '{SENTINEL}'
SELECT COUNT(*) FROM people GROUP BY second
SELECT id FROM people ORDER BY g
SELECT COUNT(*) FROM people p JOIN people q USING (g)
DELETE FROM people WHERE g = '{SENTINEL}'
SELECT (SELECT COUNT(*) FROM people WHERE second LIKE '{SENTINEL}%')
""".strip().split("\n")
WRITES = (f"INSERT INTO people (id, ssn) VALUES (7, '{SENTINEL}')",
          f"REPLACE INTO people (id, ssn) VALUES (1, '{SENTINEL}')",
          "UPDATE people SET kind = 'tax'")


@on_each_backend
class ServerExpressionsTest(BackendCase):

    def setUp(self):
        super().setUp()
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(TABLE, APP, self.database)
        self.gate.execute("INSERT INTO people (id, ssn) VALUES (1, 'a')", APP, self.database)
        self.logged = self.backend.general_log_size()

    def tearDown(self):
        self.assertNotIn(SENTINEL.encode(), self.backend.general_log(self.logged))
        super().tearDown()

    def alter(self, *changes):
        self.backend.execute(f"ALTER TABLE people {', '.join(changes)}", ADMIN, self.database)
        self.gate.admin("POST", "/v1/catalog/reload")

    def test_names_that_the_server_does_not_quote(self):
        if self.kind == "mysql":  # whose text would be written anew, without quotes, too
            self.alter("DROP CHECK people_chk_1")
        self.backend.execute("SET GLOBAL sql_quote_show_create = 0", ADMIN)
        self.addCleanup(self.backend.execute, "SET GLOBAL sql_quote_show_create = 1", ADMIN)
        other = Sealgate(self.backend, POLICY)
        self.addCleanup(other.close)
        other.start()
        self.backend.execute("ALTER TABLE people ADD y VARBINARY(300) DEFAULT (CONCAT('p', ssn))",
                             ADMIN, self.database)
        other.admin("POST", "/v1/catalog/reload")
        with self.assertRaises(ClientError) as raised:
            other.execute("INSERT INTO people (id, ssn) VALUES (9, 'b')", APP, self.database)
        self.assertIn("default of column y", str(raised.exception))

    def refused(self, sql, words, account=APP):
        with self.subTest(sql), self.assertRaises(ClientError) as raised:
            self.gate.execute(sql, account, self.database)
        self.assertIn("sealgate:", str(raised.exception))
        self.assertIn(words, str(raised.exception))

    def works(self):
        for sql in (f"INSERT INTO people (id, ssn) VALUES (2, '{SENTINEL}')",
                    "UPDATE people SET kind = 'tax' WHERE id = 2"):
            self.gate.execute(sql, APP, self.database)
        rows = self.gate.execute(f"SELECT id, kind FROM people WHERE ssn = '{SENTINEL}'", APP,
                                 self.database)
        self.assertEqual([["2", "tax"]], rows)
        self.gate.execute("DELETE FROM people WHERE id = 2", APP, self.database)

    def test_generated_columns_are_not_named(self):
        self.alter(f"ADD g {LATIN1} AS (CONCAT(ssn, 'x'))", f"ADD second {LATIN1} AS (LOWER(g))",
                   "ADD KEY (g)")
        for sql in COMPUTED:
            self.refused(sql, "computed by the server")
        self.refused("SELECT g FROM people", "computed by the server", NOPASS)
        rows = self.gate.execute("SELECT id, ssn, kind, h FROM people", APP, self.database)
        self.assertEqual([["1", "a", "ssn", "2"]], rows)
        for sql in WRITES:
            self.refused(sql, "generated column g is computed by the server")
        self.gate.execute("ALTER TABLE people DROP COLUMN second, DROP COLUMN g", APP,
                          self.database)
        self.works()

    def test_nothing_is_written_where_the_server_computes(self):
        made = MADE if self.kind == "mariadb" else (*MADE, FUNCTIONAL)
        for add, drop, name in made:
            self.works()
            self.alter(add)
            for sql in WRITES:
                self.refused(sql, f"{name} is computed by the server")
            rows = self.gate.execute("SELECT id, ssn FROM people", APP, self.database)
            self.assertEqual([["1", "a"]], rows)
            self.alter(drop)
        self.works()

    def test_check_names_them_and_the_proxy_does_not_start(self):
        self.alter(MADE[0][0], MADE[2][0])
        run = self.gate.command("check")
        self.assertEqual(1, run.returncode, run.stdout + run.stderr)
        for name in ("generated column g", "check c"):
            self.assertRegex(run.stdout, f"error: .*table shop.people: {name} is computed")
        self.alter(MADE[0][1], MADE[2][1])
        run = self.gate.command("check")
        self.assertEqual(0, run.returncode, run.stdout + run.stderr)

    def test_a_column_that_is_still_plaintext_may_be_computed_from(self):
        self.backend.execute("CREATE TABLE old (id INT PRIMARY KEY, name VARCHAR(40), "
                             "up VARCHAR(40) AS (UPPER(name)), CHECK (LENGTH(name) < 30))",
                             ADMIN, self.database)
        self.gate.admin("POST", "/v1/catalog/reload")
        self.gate.execute("INSERT INTO old (id, name) VALUES (1, 'b')", APP, self.database)
        rows = self.gate.execute("SELECT id, up FROM old WHERE up = 'B'", APP, self.database)
        self.assertEqual([["1", "B"]], rows)
