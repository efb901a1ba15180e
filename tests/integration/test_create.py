"""CREATE TABLE through the proxy: what the protected columns of the new table do."""

from raw_client import RawClient
from servers import ADMIN, APP, NOPASS, BackendCase, ClientError, Sealgate, on_each_backend

POLICY = """version: 1
columns:
  - {column: shop.card.holder, mode: searchable}
  - {column: shop.card.tier, mode: deterministic}
  - {column: shop.card.note, mode: random}
  - {column: shop.card.points, mode: searchable}
  - {column: shop.pass.name, mode: searchable}
roles:
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
TABLE = """CREATE TABLE card (id INT NOT NULL PRIMARY KEY,
  holder VARCHAR(60) NOT NULL DEFAULT '', tier VARCHAR(20) NOT NULL DEFAULT 'standard-marker',
  note VARCHAR(40) DEFAULT 'none-marker', points INT NOT NULL DEFAULT -7, plain INT DEFAULT 3,
  KEY holder (holder(10)), KEY tier (tier))"""


@on_each_backend
class CreateTest(BackendCase):

    def setUp(self):
        super().setUp()
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(TABLE, APP, self.database)

    def test_defaults_are_stored_sealed_and_read_in_the_clear(self):
        self.gate.execute("INSERT INTO card (id) VALUES (1); INSERT INTO card VALUES "
                          "(2, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT), "
                          "(3, 'Ana', 'gold', NULL, 5, 4)", APP, self.database)
        rows = self.gate.execute("SELECT * FROM card ORDER BY id", APP, self.database)
        ours = ["", "standard-marker", "none-marker", "-7", "3"]
        self.assertEqual(rows, [["1", *ours], ["2", *ours],
                                ["3", "Ana", "gold", "NULL", "5", "4"]])
        found = self.gate.execute("SELECT id FROM card WHERE holder = '' AND points = -7 "
                                  "AND tier = 'standard-marker' ORDER BY id", APP, self.database)
        self.assertEqual(found, [["1"], ["2"]])
        stored = self.backend.execute(
            "SELECT HEX(holder), HEX(tier), HEX(note), HEX(points) FROM card WHERE id = 1", ADMIN,
            self.database)[0]
        self.assertEqual([value[:4] for value in stored], ["FE02", "FE03", "FE01", "FE02"])

    def test_the_server_never_learns_a_default(self):
        shown = self.backend.execute("SHOW CREATE TABLE card", ADMIN, self.database)
        self.assertNotIn("marker", str(shown))
        self.assertNotIn(b"standard-marker", self.arrived())

    def test_an_index_over_a_prefix_still_finds_rows(self):
        self.gate.execute("INSERT INTO card (id, holder) VALUES (1, 'a long name of one'), "
                          "(2, 'a long name of two')", APP, self.database)
        self.assertEqual(self.gate.execute("SELECT id FROM card WHERE holder = 'A LONG NAME OF TWO'",
                                           APP, self.database), [["2"]])
        parts = self.backend.execute("SELECT SUB_PART FROM information_schema.STATISTICS WHERE "
                                     "TABLE_SCHEMA = 'shop' AND INDEX_NAME = 'holder'", ADMIN)
        self.assertEqual(parts, [["22"]])

    def refused(self, sql, text):
        with self.subTest(sql):
            with self.assertRaises(ClientError) as caught:
                self.gate.execute(sql, APP, self.database)
            self.assertEqual(caught.exception.number, 1235, caught.exception)
            self.assertIn(text, str(caught.exception))

    def test_a_unique_key_of_a_memory_table(self):
        """MySQL's MEMORY has hashes as keys, which are not unique over a stored prefix."""
        table = "CREATE TABLE pass (id INT PRIMARY KEY, name VARCHAR(30) UNIQUE)"
        insert = "INSERT INTO pass VALUES (1, 'a'), (2, 'A')"
        if self.kind == "mariadb":
            self.gate.execute(f"{table} ENGINE=MEMORY", APP, self.database)
            with self.assertRaises(ClientError) as caught:
                self.gate.execute(insert, APP, self.database)
            return self.assertEqual(caught.exception.number, 1062)
        self.refused(f"{table} ENGINE=MEMORY", "ENGINE=MEMORY")
        self.refused("ALTER TABLE card ENGINE = HEAP", "ENGINE=MEMORY")
        # By the session's default, or at the server.
        self.gate.execute(f"SET default_storage_engine = MEMORY; {table}", APP, self.database)
        for sql in (insert, "REPLACE INTO pass VALUES (1, 'a')", "UPDATE pass SET name = 'a'"):
            self.refused(sql, "of MySQL's engine MEMORY")
        self.assertEqual(self.gate.execute("SELECT * FROM pass", APP, self.database), [])
        self.gate.execute("ALTER TABLE pass ENGINE = InnoDB", APP, self.database)
        with self.assertRaises(ClientError) as caught:
            self.gate.execute(insert, APP, self.database)
        self.assertEqual(caught.exception.number, 1062)
        return None


MADE = "CREATE TABLE pass (id INT PRIMARY KEY, name VARCHAR(30) COLLATE {c} DEFAULT 'Größe-marker')"


@on_each_backend
class FirstDefaultTest(BackendCase):
    """A searchable column's DEFAULT in a collation that no protected column has yet: its
    weights are read before the definition is sealed."""

    def setUp(self):
        super().setUp()
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.logged = self.backend.general_log_size()

    def found(self, name):
        """Whether rows with the default are found by what equals it."""
        self.gate.execute("INSERT INTO pass (id) VALUES (1)", APP, self.database)
        rows = self.gate.execute(f"SELECT id, name FROM pass WHERE name = '{name}'", APP,
                                 self.database)
        self.gate.execute("DROP TABLE pass", APP, self.database)
        self.assertNotIn(b"-marker", self.backend.general_log(self.logged))
        return rows == [["1", "Größe-marker"]]

    def test_as_text(self):
        self.gate.execute(MADE.format(c="utf8mb4_general_ci"), APP, self.database)
        self.assertTrue(self.found("GRÖSE-MARKER"))

    def test_several_statements(self):
        self.gate.execute("SELECT 1; " + MADE.format(c="utf8mb4_unicode_ci") + "; SELECT 2", APP,
                          self.database)
        self.assertTrue(self.found("GROSSE-Marker"))

    def test_by_the_binary_protocol(self):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            client.prepared_query(MADE.format(c="latin1_swedish_ci"))
        self.assertTrue(self.found("größe-MARKER"))

    def test_a_column_that_is_added(self):
        self.gate.execute("CREATE TABLE pass (id INT PRIMARY KEY)", APP, self.database)
        self.gate.execute("ALTER TABLE pass ADD name VARCHAR(30) COLLATE utf8mb4_bin "
                          "DEFAULT 'Größe-marker'", APP, self.database)
        self.assertTrue(self.found("Größe-marker"))

    def test_explain(self):
        result = self.gate.command("explain", "--schema", self.database,
                                   MADE.format(c="utf8mb4_general_ci"))
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("sealed", result.stdout)
