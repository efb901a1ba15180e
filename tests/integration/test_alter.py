"""ALTER TABLE, CREATE INDEX, RENAME TABLE and CREATE TABLE … LIKE through the
proxy: afterwards the protected table shows and holds what its twin does."""

from servers import ADMIN, APP, BackendCase, ClientError, Sealgate, on_each_backend

TWIN = "shop_twin"
COLUMNS = {"holder": ("searchable", "name"), "owner": ("searchable", "name"),
           "tier": ("deterministic", "tier"), "note": ("random", "note"),
           "points": ("searchable", "points"), "extra": ("searchable", "name")}
POLICY = ("version: 1\ncolumns:\n" + "".join(
    f"  - {{column: shop.{table}.{name}, mode: {mode}, domain: {domain}}}\n"
    for table in ("card", "card_copy") for name, (mode, domain) in COLUMNS.items())
    + """roles:
  - {name: all, match: any, default: {reveal: clear, write: true}}
""")
TABLE = """CREATE TABLE card (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  holder VARCHAR(30), tier VARCHAR(20), note VARCHAR(40), points INT, plain VARCHAR(9),
  KEY plain (plain)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"""
ROWS = ("INSERT INTO card (holder, tier, note, points, plain) VALUES "
        "('Ana', 'gold', 'n', 7, 'x'), ('bob', NULL, '', -1, 'y')")
# What each step leaves is compared; the defaults of MariaDB are not shown there.
STEPS = (
    "ALTER TABLE card ADD COLUMN more INT NOT NULL DEFAULT 3 AFTER id",
    "ALTER TABLE card ADD COLUMN extra VARCHAR(30) AFTER holder",
    "UPDATE card SET extra = 'first' WHERE id = 1",
    "ALTER TABLE card MODIFY holder VARCHAR(200), MODIFY points BIGINT, MODIFY note TEXT",
    "ALTER TABLE card ADD INDEX holder (holder), ADD KEY mixed (plain, holder, tier)",
    "CREATE UNIQUE INDEX points ON card (points)",
    "ALTER TABLE card CHANGE holder owner VARCHAR(200) FIRST",
    "ALTER TABLE card RENAME COLUMN owner TO holder",
    "ALTER TABLE card ALTER COLUMN more SET DEFAULT 5",
    "ALTER TABLE card ALTER more DROP DEFAULT",
    "ALTER TABLE card MODIFY plain VARCHAR(30) NOT NULL DEFAULT '', ENGINE=InnoDB, COMMENT='c'",
    "ALTER TABLE card DROP INDEX mixed, DROP COLUMN extra, RENAME INDEX holder TO holder2",
    "DROP INDEX points ON card",
    "ALTER TABLE card ADD UNIQUE KEY tier (tier) -- the end",
    "ALTER TABLE card ADD extra VARCHAR(20) COLLATE utf8mb4_bin UNIQUE -- the end",
    "INSERT INTO card (holder, points, extra, more) VALUES ('Zoe', 99, 'mine', 1)",
    "ALTER TABLE card FORCE, ALGORITHM=COPY",
)
KEYS = ("SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS "
        "WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2, SEQ_IN_INDEX")
COMPARED = ("SHOW FULL COLUMNS FROM card", "SHOW INDEX FROM card", "SELECT * FROM card ORDER BY id",
            "SELECT id FROM card WHERE holder = 'ANA'", "SELECT id FROM card WHERE points = 7")


@on_each_backend
class AlterTest(BackendCase):

    def setUp(self):
        super().setUp()
        self.backend.execute(f"DROP DATABASE IF EXISTS {TWIN}; CREATE DATABASE {TWIN} "
                             "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", ADMIN)
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.both(TABLE)
        self.both(ROWS)

    def both(self, sql):
        self.gate.execute(sql, APP, self.database)
        self.backend.execute(sql, ADMIN, TWIN)

    def compare(self, statements=COMPARED):
        for sql in statements:
            try:
                ours = self.gate.execute(sql, ADMIN, self.database)
            except ClientError as error:
                ours = error.number
            try:
                twin = self.backend.execute(sql, ADMIN, TWIN)
            except ClientError as error:
                twin = error.number
            if sql.startswith("SHOW INDEX"):  # how many there are is an estimate
                ours, twin = ([row[:6] + row[7:] for row in rows] for rows in (ours, twin))
            self.assertEqual(ours, twin, sql)

    def test_every_step_leaves_what_the_twin_has(self):
        for sql in STEPS:
            with self.subTest(sql):
                self.both(sql)
                self.compare()
        log = self.arrived()
        self.assertNotIn(b"'mine'", log.replace(b"INSERT INTO card (holder, points, extra, more) "
                                                b"VALUES ('Zoe', 99, 'mine', 1)", b"", 1))

    def test_unique_keys_that_were_added_refuse_duplicates(self):
        self.both("ALTER TABLE card ADD UNIQUE KEY holder (holder)")
        for target, account, database in ((self.gate, APP, self.database),
                                          (self.backend, ADMIN, TWIN)):
            with self.assertRaises(ClientError) as caught:
                target.execute("INSERT INTO card (holder) VALUES ('ANA')", account, database)
            self.assertEqual(caught.exception.number, 1062)

    def test_defaults_of_new_columns_are_sealed(self):
        self.both("ALTER TABLE card ADD extra VARCHAR(30) NOT NULL DEFAULT 'alter-marker', "
                  "ALTER points SET DEFAULT 12")
        self.both("INSERT INTO card (holder) VALUES ('later')")
        self.compare(("SELECT id, extra, points FROM card ORDER BY id",
                      "SELECT COUNT(*) FROM card WHERE extra = 'alter-marker'"))
        stored = self.backend.execute("SELECT * FROM card", ADMIN, self.database)
        self.assertNotIn("alter-marker", str(stored))

    def test_a_default_that_was_dropped(self):
        """MySQL's UPDATE IGNORE stores '' for DEFAULT of such a column if that may be NULL."""
        drop = "ALTER TABLE card ALTER points DROP DEFAULT"
        if self.kind == "mysql":
            with self.assertRaises(ClientError) as caught:
                self.gate.execute(drop, APP, self.database)
            self.assertEqual(caught.exception.number, 1235)
        else:
            self.both(drop)
            self.compare()
        self.backend.execute(drop, ADMIN, self.database)
        for sql in ("UPDATE IGNORE card SET points = DEFAULT WHERE id = 1",
                    "INSERT IGNORE INTO card (id, points) VALUES (3, DEFAULT), (4, 5)",
                    "INSERT IGNORE INTO card (id) VALUES (2) ON DUPLICATE KEY UPDATE points = DEFAULT"):
            self.gate.execute(sql, APP, self.database)
        self.assertEqual(self.gate.execute("SELECT points FROM card ORDER BY id", APP,
                                           self.database), [["NULL"], ["NULL"], ["NULL"], ["5"]])

    def test_tables_change_places(self):
        self.both("CREATE TABLE card_copy LIKE card")
        self.both("INSERT INTO card_copy (holder, points) VALUES ('Copy', 5)")
        self.compare(("SELECT * FROM card_copy", "SHOW FULL COLUMNS FROM card_copy",
                      "SELECT id FROM card_copy WHERE holder = 'COPY'"))
        self.both("DROP TABLE card_copy")
        self.both("RENAME TABLE card TO card_copy")
        self.compare(("SELECT * FROM card_copy ORDER BY id",))
        self.both("ALTER TABLE card_copy RENAME TO card")
        self.compare()

    def test_keys_get_the_names_that_the_server_gives(self):
        self.both("ALTER TABLE card DROP KEY plain")
        for sql in ("ALTER TABLE card ADD KEY tier (plain)",
                    "ALTER TABLE card ADD KEY (holder), ADD extra VARCHAR(20) UNIQUE, "
                    "MODIFY tier VARCHAR(20) UNIQUE, MODIFY holder VARCHAR(30) UNIQUE",
                    "CREATE TABLE card_copy (id INT PRIMARY KEY, KEY tier (id), KEY (holder), "
                    "holder VARCHAR(20) UNIQUE, note TEXT, points INT UNIQUE, "
                    "UNIQUE (points, id)) COLLATE utf8mb4_bin",
                    "ALTER TABLE card_copy ADD tier VARCHAR(20) UNIQUE"):
            with self.subTest(sql):
                self.both(sql)
                self.compare((KEYS,))

    def test_a_column_that_may_be_there(self):
        if self.kind == "mysql":
            self.skipTest("IF EXISTS of a column is MariaDB's")
        for sql in ("ALTER TABLE card DROP COLUMN IF EXISTS gone, DROP COLUMN IF EXISTS plain",
                    "ALTER TABLE card ADD COLUMN IF NOT EXISTS holder VARCHAR(30), "
                    "ADD KEY k9 (holder)",
                    "ALTER TABLE card ADD COLUMN IF NOT EXISTS extra VARCHAR(30) UNIQUE"):
            with self.subTest(sql):
                self.both(sql)
                self.compare(COMPARED[:3])
        # MariaDB would make the key over what is stored.
        self.refused("ALTER TABLE card ADD COLUMN IF NOT EXISTS holder VARCHAR(30) UNIQUE", 1235)

    def test_a_new_name_beside_new_names_of_columns_is_refused(self):
        for sql in ("ALTER TABLE card RENAME COLUMN holder TO owner, RENAME TO card_copy",
                    "ALTER TABLE card ADD COLUMN owner VARCHAR(30) DEFAULT 'x', RENAME card_copy",
                    "ALTER TABLE card RENAME card_copy, CHANGE plain owner VARCHAR(30)"):
            with self.subTest(sql):
                self.refused(sql, 1235)
        self.both("ALTER TABLE card MODIFY holder VARCHAR(40), DROP plain, RENAME TO card_copy")
        self.compare(("SHOW FULL COLUMNS FROM card_copy", "SELECT * FROM card_copy ORDER BY id"))

    def test_what_would_lose_protection_is_refused(self):
        for sql in ("RENAME TABLE card TO elsewhere", "ALTER TABLE card RENAME TO elsewhere",
                    "CREATE TABLE elsewhere LIKE card", "ALTER TABLE card RENAME COLUMN holder TO x",
                    "ALTER TABLE card CHANGE plain owner VARCHAR(9)",
                    "ALTER TABLE card MODIFY holder VARCHAR(10)",
                    "ALTER TABLE card MODIFY holder VARCHAR(30) NOT NULL",
                    "ALTER TABLE card CONVERT TO CHARACTER SET latin1",
                    "ALTER TABLE card ADD extra VARCHAR(30) NOT NULL",
                    "CREATE TABLE card_copy (tier VARCHAR(9) PRIMARY KEY) PARTITION BY KEY ()",
                    "ALTER TABLE card PARTITION BY HASH (id)"):
            with self.subTest(sql), self.assertRaises(ClientError) as caught:
                self.gate.execute(sql, APP, self.database)
            self.assertEqual(caught.exception.number, 1235, sql)
        self.compare()

    def refused(self, sql, number):
        with self.assertRaises(ClientError, msg=sql) as caught:
            self.gate.execute(sql, APP, self.database)
        self.assertEqual(caught.exception.number, number)

    def test_convert_to_counts_whatever_the_definition_says(self):
        self.gate.execute("CREATE TABLE card_copy (id INT PRIMARY KEY, plain VARCHAR(9))", APP,
                          self.database)
        self.refused("ALTER TABLE card_copy ADD extra VARCHAR(9) CHARACTER SET utf8mb4 COLLATE "
                     "utf8mb4_bin, CONVERT TO CHARACTER SET latin1", 1235)
        self.gate.execute("ALTER TABLE card_copy CONVERT TO CHARACTER SET latin1, "
                          "ADD points INT", APP, self.database)

    def test_a_key_under_a_new_name(self):
        for sql in ("ALTER TABLE card RENAME COLUMN holder TO owner, ADD UNIQUE KEY o (owner)",
                    "ALTER TABLE card CHANGE owner holder VARCHAR(30), ADD UNIQUE KEY h (holder)"):
            self.both(sql)
            self.compare(("SHOW INDEX FROM card",))
        self.refused("INSERT INTO card (holder) VALUES ('ANA')", 1062)

    def test_a_primary_key_over_missing_values(self):
        self.gate.execute("ALTER TABLE card MODIFY id INT NOT NULL, DROP PRIMARY KEY", APP,
                          self.database)
        for sql in ("ALTER TABLE card ADD extra VARCHAR(20) PRIMARY KEY",
                    "ALTER TABLE card ADD extra VARCHAR(20), ADD PRIMARY KEY (id, extra)",
                    "ALTER TABLE card ADD PRIMARY KEY (tier)",
                    "ALTER TABLE card MODIFY tier VARCHAR(20) PRIMARY KEY"):
            self.refused(sql, 1235)
        self.gate.execute("ALTER TABLE card ADD extra VARCHAR(20) NOT NULL DEFAULT 'none', "
                          "ADD PRIMARY KEY (id, extra)", APP, self.database)
        rows = self.gate.execute("SELECT id FROM card WHERE extra = 'none'", APP, self.database)
        self.assertEqual(len(rows), 2)
