"""What roles may do with a column that still holds plaintext, which nothing masks."""

from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, APP, NOPASS, BackendCase, Sealgate, on_each_backend

SECRET = b"Zq7plainZ"
POLICY = """version: 1
columns:
  - {column: shop.papers.c, mode: searchable}
  - {column: shop.letters.c, mode: searchable, plaintext: allow}
roles:
  - {name: support, match: [{user: nopass}], default: {reveal: mask}}
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
REFUSED = """
SELECT c FROM {}
SELECT * FROM {}
SELECT LEFT(c, 3) FROM {}
SELECT id FROM {} WHERE c > 'm'
SELECT g FROM {}
SELECT id FROM {} ORDER BY g
UPDATE {} SET c = 'x'
REPLACE INTO {} (id, c) VALUES (1, 'x')
INSERT INTO {} (id, c) VALUES (1, 'x') ON DUPLICATE KEY UPDATE c = 'y'
CREATE UNIQUE INDEX u ON {} (c)
ALTER TABLE {} ADD UNIQUE KEY (n, c)
ALTER TABLE {} MODIFY c INT
ALTER TABLE {} CHANGE c c VARCHAR(3)
ALTER TABLE {} CONVERT TO CHARACTER SET ascii
ALTER TABLE {} MODIFY g VARCHAR(60)
ALTER TABLE {} ADD UNIQUE KEY (g)
ALTER TABLE {} ADD CHECK (g <> 'Zq7plainZx')
ALTER TABLE {} DROP COLUMN n
SELECT d FROM {}
SELECT of_d FROM {}
""".strip().split("\n")
SHOWN = ("SHOW CREATE TABLE {}", "DESCRIBE {}", "SHOW FULL COLUMNS FROM {}",
         "SELECT COLUMN_NAME, COLUMN_DEFAULT, COLUMN_DEFAULT AS again FROM "
         "information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = '{}'")


@on_each_backend
class PlaintextRolesTest(BackendCase):

    def setUp(self):
        super().setUp()
        secret = SECRET.decode()
        for table in ("papers", "letters"):
            self.backend.execute(
                f"CREATE TABLE {table} (id INT PRIMARY KEY, n INT, c VARCHAR(50) "
                f"DEFAULT '{secret}', g VARCHAR(60) AS (CONCAT(c, 'x')) STORED, "
                "d VARCHAR(60) DEFAULT (c), of_d VARCHAR(70) AS (UPPER(d)), UNIQUE KEY u (n, c)) "
                f"CHARACTER SET utf8mb4; INSERT INTO {table} (id, n) VALUES (1, 1), (2, 2)",
                ADMIN, self.database)
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()

    def rows(self, client, sql):
        return [value for result in client.query(sql) for row in result.rows for value in row]

    def test_a_role_of_masks(self):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            for table in ("papers", "letters"):
                for sql in REFUSED:
                    with self.subTest(sql=sql, table=table):
                        with self.assertRaises(ServerError) as raised:
                            client.query(sql.format(table))
                        self.assertIn("sealgate:", raised.exception.message)
                        self.assertNotIn(SECRET.decode(), raised.exception.message)
                for sql in SHOWN:
                    shown = self.rows(client, sql.format(table))
                    self.assertNotIn(SECRET, b" ".join(value or b"" for value in shown), sql)
                    self.assertIn(b"(sealed)", b" ".join(value or b"" for value in shown), sql)
                self.assertEqual(self.rows(client, f"SELECT id FROM {table}"), [b"1", b"2"])

    def test_what_the_server_says_of_its_rows(self):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            with self.assertRaises(ServerError) as raised:
                client.query("UPDATE letters SET n = 1 WHERE id = 2")
            self.assertEqual(raised.exception.number, 1062)
            self.assertIn("is not shown to this role", raised.exception.message)
            said = self.rows(client, "SHOW WARNINGS")
            self.assertNotIn(SECRET, b" ".join(said))
            self.assertIn(b"is not shown to this role", b" ".join(said))
            with self.assertRaises(ServerError) as raised:
                client.query("SELECT nothing FROM letters")
            self.assertNotIn("is not shown", raised.exception.message)

    def test_by_texts_that_are_executed(self):
        self.backend.execute(
            "CREATE PROCEDURE shows() SHOW WARNINGS;"
            "CREATE VIEW who AS SELECT INFO FROM information_schema.PROCESSLIST",
            ADMIN, self.database)
        with RawClient(self.gate.port, APP, self.database) as client:
            if self.kind == "mariadb":
                client.query("CREATE PROCEDURE runs(a TEXT, b TEXT) EXECUTE IMMEDIATE CONCAT(a, b)")
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            client.query("SET @a = 'SHOW WARN', @b = 'INGS', @c = CONCAT('SHOW PROCESS', 'LIST')")
            for sql in ("PREPARE s FROM @c", "CALL shows()", "SELECT * FROM who",
                        "EXECUTE IMMEDIATE @c", "EXECUTE IMMEDIATE CONCAT(@a, @b)",
                        "EXECUTE IMMEDIATE CONCAT('SHOW WARN', 'INGS')",
                        "CALL runs('SHOW WARN', 'INGS')", "PREPARE s FROM 'CALL shows()'",
                        "SELECT 1 FROM (SELECT g FROM letters)"):
                if self.kind == "mysql" and ("IMMEDIATE" in sql or "runs" in sql):
                    continue  # MySQL has no such statement
                with self.subTest(sql):
                    with self.assertRaises(ServerError):
                        client.query("UPDATE letters SET n = 1 WHERE id = 2")
                    with self.assertRaises(ServerError) as raised:
                        client.query(sql)
                    self.assertIn("sealgate:", raised.exception.message)

    def test_in_letters_that_cannot_be_read(self):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            for name in ("ucs2", "utf16", "utf32", "swe7"):
                client.query(f"SET character_set_results = {name}")
                for sql in ("SHOW WARNINGS", *SHOWN):
                    with self.subTest(sql, name=name), self.assertRaises(ServerError) as raised:
                        client.query(sql.format("letters"))
                    self.assertEqual(raised.exception.number, 1235)

    def test_a_role_that_sees_it(self):
        with RawClient(self.gate.port, APP, self.database) as client:
            for table in ("papers", "letters"):
                self.assertEqual(self.rows(client, f"SELECT c FROM {table} WHERE c > 'A'"),
                                 [SECRET] * 2)
                for sql in SHOWN:
                    shown = self.rows(client, sql.format(table))
                    self.assertIn(SECRET, b" ".join(value or b"" for value in shown), sql)
            client.query("UPDATE letters SET c = CONCAT(c, '2') WHERE id = 2")
            client.query("CREATE UNIQUE INDEX uc ON letters (c)")
            with self.assertRaises(ServerError):
                client.query("UPDATE papers SET c = 'x'")

    def test_where_others_statements_are_shown(self):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            for sql in ("SHOW BINLOG EVENTS", "SHOW ENGINE INNODB STATUS",
                        "SELECT * FROM performance_schema.events_statements_current",
                        "SHOW PROCESSLIST", "EXPLAIN FOR CONNECTION 1",
                        "SELECT * FROM sys.x$processlist", "SELECT * FROM mysql.column_stats",
                        "SELECT * FROM information_schema.OPTIMIZER_TRACE",
                        "PREPARE s FROM 'SELECT * FROM mysql.general_log'"):
                with self.subTest(sql), self.assertRaises(ServerError) as raised:
                    client.query(sql)
                self.assertIn("may not read the server's logs", raised.exception.message)
