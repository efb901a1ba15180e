"""mariadb-dump and mysqldump through the proxy, and back."""

import subprocess

from servers import ADMIN, APP, CHANGED, BackendCase, Sealgate, mysql, on_each_backend, ports

TWIN = "shop_twin"
POLICY = """version: 1
columns:
  - {column: shop.card.holder, mode: searchable}
  - {column: shop.card.tier, mode: deterministic}
  - {column: shop.card.note, mode: random}
  - {column: shop.card.points, mode: searchable}
  - {column: shop.card.photo, mode: random}
roles:
  - {name: operator, match: [{user: [other]}], default: {reveal: ciphertext, write: false}}
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
TABLES = """CREATE TABLE card (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  holder VARCHAR(60) DEFAULT NULL, tier VARCHAR(20) DEFAULT NULL, note TEXT, points INT,
  photo BLOB, plain VARCHAR(9), UNIQUE KEY holder (holder), KEY mixed (plain, holder))
  DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE TABLE items (id INT PRIMARY KEY, note VARCHAR(20))"""
ROWS = r"""INSERT INTO card VALUES
  (1, 'Ana O''Neil \\ "x"', 'gold', 'line 1\nline 2\t%', 7, X'00FF275C221A', 'p'),
  (2, 'Zoë 😀', '', NULL, -1, NULL, NULL), (3, NULL, NULL, '', NULL, X'', '*/ --');
INSERT INTO items VALUES (1, 'card')"""
PROGRAMS = {"mariadb": lambda: ["/usr/bin/mariadb-dump"],
            "mysql": lambda: mysql.program("bin/mysqldump")}


@on_each_backend
class DumpTest(BackendCase):

    def setUp(self):
        super().setUp()
        self.backend.execute(f"DROP DATABASE IF EXISTS {TWIN}; CREATE DATABASE {TWIN}", ADMIN)
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(TABLES, APP, self.database)
        for statement in ROWS.split(";\n"):
            self.gate.execute(statement, APP, self.database)

    def dump(self, account, *options):
        tls = "--skip-ssl" if self.kind == "mariadb" else "--ssl-mode=DISABLED"
        key = [] if self.kind == "mariadb" else ["--get-server-public-key", "--no-tablespaces",
                                                 "--set-gtid-purged=OFF"]
        run = subprocess.run(
            [*PROGRAMS[self.kind](), "--no-defaults", "--protocol=tcp", f"--host={ports.LOOPBACK}",
             f"--port={self.gate.port}", f"--user={account.user}",
             f"--password={account.password}", tls, *key, "--default-character-set=utf8mb4",
             *options, self.database], capture_output=True, timeout=60, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        # MySQL's asks for masking policies, which only administrators may read.
        errors = [line for line in run.stderr.splitlines()
                  if b"rror" in line and b"masking policies" not in line]
        self.assertEqual(errors, [])
        return run.stdout

    def rows(self, target, account, database):
        connection = target.connect(account, database)
        self.addCleanup(connection.close)
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM card ORDER BY id")
            rows = list(cursor.fetchall())
            cursor.execute("SELECT * FROM items")
            return rows + list(cursor.fetchall())

    def test_a_clear_dump_restores_the_same(self):
        before = self.rows(self.gate, APP, self.database)
        text = self.dump(APP, "--hex-blob")
        self.assertIn("Zoë 😀".encode(), text)
        for word in (b"sealgate:", b"varbinary"):
            self.assertNotIn(word, text)
        # At the server: the plain tables.
        self.backend.execute(text, ADMIN, TWIN)
        self.assertEqual(self.rows(self.backend, ADMIN, TWIN), before)
        # Through the proxy: the protected ones, although the dump drops them first.
        self.gate.execute(text, APP, self.database, client=self.kind)
        self.assertEqual(self.rows(self.gate, APP, self.database), before)
        stored = self.backend.execute("SELECT HEX(holder), HEX(photo) FROM card WHERE id = 1",
                                      ADMIN, self.database)[0]
        self.assertEqual([value[:4] for value in stored], ["FE02", "FE01"])
        found = self.gate.execute("SELECT id FROM card WHERE holder = 'zoe 😀'", APP, self.database)
        self.assertEqual(found, [["2"]])

    def test_a_dump_with_defaults_and_neighbours_into_an_empty_database(self):
        """Names with a protected one's in them, one with a trigger, a view and a view of it, and a
        DEFAULT of a searchable column whose collation no column has by then."""
        self.gate.execute(
            "CREATE TABLE card_types (id INT PRIMARY KEY, t VARCHAR(9)); "
            "INSERT INTO card_types VALUES (1, 'of a card'); "
            "CREATE VIEW cards_shown AS SELECT id, holder FROM card; "
            "CREATE VIEW a_view_of_it AS SELECT holder AS h FROM cards_shown WHERE id > 0; "
            "CREATE VIEW z_view_of_it AS SELECT holder AS h FROM cards_shown WHERE id > 0; "
            "ALTER TABLE card ALTER holder SET DEFAULT 'nobody'",
            APP, self.database)
        self.backend.execute(
            f"DELIMITER //\nCREATE DEFINER = '{APP.user}'@'%' TRIGGER typed "
            "BEFORE INSERT ON card_types FOR EACH ROW "
            "BEGIN SET NEW.t = LOWER(NEW.t); SET NEW.id = NEW.id + 1; END//", ADMIN, self.database)
        before = self.rows(self.gate, APP, self.database)
        text = self.dump(APP, "--hex-blob", "--triggers")
        self.assertIn(b"TRIGGER", text)
        self.backend.execute(f"DROP DATABASE {self.database}; CREATE DATABASE {self.database}",
                             ADMIN)
        self.gate.restart()
        self.gate.execute(text, APP, self.database, client=self.kind)
        self.gate.execute("INSERT INTO card_types VALUES (5, 'X')", APP, self.database)
        self.assertEqual(self.gate.execute("SELECT t FROM card_types WHERE id = 6", APP,
                                           self.database), [["x"]])
        self.gate.execute("DELETE FROM card_types WHERE id = 6", APP, self.database)
        self.gate.execute("INSERT INTO card (id) VALUES (9)", APP, self.database)
        for view in ("a_view_of_it", "z_view_of_it"):
            self.assertEqual(self.gate.execute(f"SELECT h FROM {view} WHERE h = 'Nobody'", APP,
                                               self.database), [["nobody"]])
        found = self.gate.execute("SELECT holder FROM cards_shown WHERE holder = 'NOBODY'", APP,
                                  self.database)
        self.assertEqual(found, [["nobody"]])
        self.gate.execute("DELETE FROM card WHERE id = 9", APP, self.database)
        self.assertEqual(self.rows(self.gate, APP, self.database), before)
        self.assertEqual(self.gate.execute("SELECT t FROM card_types", APP, self.database),
                         [["of a card"]])

    def test_a_physical_dump_restores_at_the_server(self):
        before = self.rows(self.gate, APP, self.database)
        text = self.dump(CHANGED, "--hex-blob")
        self.assertNotIn("Zoë".encode(), text)
        self.assertIn(b"sealgate:1;", text)
        self.backend.execute(f"DROP DATABASE {self.database}; CREATE DATABASE {self.database}",
                             ADMIN)
        self.backend.execute(text, ADMIN, self.database)
        self.gate.restart()
        self.assertEqual(self.rows(self.gate, APP, self.database), before)
