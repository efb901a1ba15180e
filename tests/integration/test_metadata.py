"""DESCRIBE and SHOW of protected tables tell what an unprotected twin tells."""

import itertools

from raw_client import RawClient
from raw_packets import ServerError
from servers import (ADMIN, APP, CHANGED, SUPPORT, BackendCase, ClientError, Sealgate,
                     on_each_backend)

TWIN = "shop_twin"
TABLE = """CREATE TABLE card (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  holder VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL DEFAULT '',
  tier VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT 'it''s',
  note TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, points INT NOT NULL DEFAULT -7,
  big BIGINT UNSIGNED, price DECIMAL(10,2) DEFAULT '1.50' COMMENT 'it''s \"dear\";x=1', born DATE COMMENT '', seen DATETIME(3),
  photo BLOB, plain VARCHAR(9) DEFAULT 'p' COMMENT 'left alone',
  UNIQUE KEY born (born), KEY holder (holder), KEY many (plain, holder, points), KEY tier (tier))
  DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"""
MODES = {"holder": "searchable", "tier": "deterministic", "note": "random", "points": "searchable",
         "big": "deterministic", "price": "random", "born": "searchable", "seen": "random",
         "photo": "random"}
POLICY = ("version: 1\ncolumns:\n"
          + "".join(f"  - {{column: shop.card.{name}, mode: {mode}}}\n"
                    for name, mode in MODES.items())
          + """  - {column: shop.parted.name, mode: searchable}
roles:
  - {name: operator, match: [{user: [other]}], default: {reveal: ciphertext, write: false}}
  - {name: masked, match: [{user: [support]}], default: {reveal: mask, write: false}}
  - {name: all, match: any, default: {reveal: clear, write: true}}
""")
DEFAULTS = {"holder": "", "tier": "it's", "points": "-7", "price": "1.50"}
STATEMENTS = (
    "DESCRIBE card", "DESC card", "EXPLAIN card", "DESCRIBE card holder", "DESCRIBE card '%o%'",
    "DESCRIBE `card`;", "SHOW COLUMNS FROM card", "SHOW FIELDS IN card LIKE 'p%'",
    "SHOW FULL COLUMNS FROM card", "SHOW FULL FIELDS FROM `card`",
    "SHOW INDEX FROM card", "SHOW KEYS IN card", "SHOW INDEXES FROM card",
    "SHOW COLUMNS FROM card WHERE Field = 'holder'",
    "SHOW FULL COLUMNS FROM card WHERE `Field` IN ('id', 'born') OR Field LIKE 'p%'",
    "SHOW INDEX FROM card WHERE Key_name = 'holder' AND Column_name <> 'x'",
)


@on_each_backend
class MetadataTest(BackendCase):

    def setUp(self):
        super().setUp()
        self.backend.execute(f"DROP DATABASE IF EXISTS {TWIN}; CREATE DATABASE {TWIN}", ADMIN)
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(TABLE, APP, self.database)
        self.backend.execute(TABLE, ADMIN, TWIN)

    def rows(self, sql, database, account=ADMIN, before="DO 1"):
        connection = (self.backend if database == TWIN else self.gate).connect(account, database)
        self.addCleanup(connection.close)
        with connection.cursor() as cursor:
            cursor.execute(before)
            cursor.execute(sql)
            return [d[0] for d in cursor.description], [list(row) for row in cursor.fetchall()]

    def logical(self, sql):
        """Rows through the proxy. MariaDB's own rows do not hold a default that
        is sealed, so the proxy cannot show it there; see docs/policy.md."""
        names, rows = self.rows(sql, self.database)
        if self.kind == "mariadb" and "Default" in names:
            at = names.index("Default")
            for row in rows:
                if row[0] in DEFAULTS:
                    self.assertEqual(row[at], "(sealed)")
                    row[at] = DEFAULTS[row[0]]
        return names, rows

    def test_a_clear_role_sees_the_logical_table(self):
        for sql in STATEMENTS:
            with self.subTest(sql):
                self.assertEqual(self.logical(sql), self.rows(sql, TWIN))

    def test_the_columns_of_a_view(self):
        for database, execute in ((self.database, self.gate), (TWIN, self.backend)):
            execute.execute("CREATE VIEW shown AS SELECT holder AS h, points, UPPER(plain) AS u, "
                            "seen, id FROM card", APP if database != TWIN else ADMIN, database)
        for columns in ("COLUMN_NAME, COLUMN_TYPE, COLUMN_COMMENT, COLLATION_NAME, IS_NULLABLE, "
                        "CHARACTER_MAXIMUM_LENGTH, DATA_TYPE, DATETIME_PRECISION",
                        "TABLE_NAME, COLUMN_NAME, COLUMN_TYPE"):
            sql = (f"SELECT {columns} FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "
                   "DATABASE() AND TABLE_NAME = 'shown' ORDER BY ORDINAL_POSITION")
            self.assertEqual(self.rows(sql, self.database), self.rows(sql, TWIN))
        physical = self.rows("SELECT COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA "
                             "= 'shop' AND TABLE_NAME = 'shown' AND COLUMN_NAME = 'h'", self.database,
                             CHANGED)[1]
        self.assertTrue(physical[0][0].startswith("varbinary"), physical)

    def test_the_columns_of_a_view_that_the_role_may_not_use(self):
        self.gate.execute("CREATE VIEW found AS SELECT holder, points, plain FROM card "
                          "WHERE holder = 'x'", APP, self.database)
        with self.assertRaises(ClientError):
            self.gate.execute("SELECT plain FROM found", SUPPORT, self.database)
        for sql in ("SHOW COLUMNS FROM found", "DESCRIBE found", "EXPLAIN found",
                    "SELECT COLUMN_NAME, COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE "
                    "TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'found'",
                    "SELECT COLUMN_DEFAULT, TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS "
                    "WHERE TABLE_SCHEMA = 'shop'"):
            shown = [row for row in self.rows(sql, self.database, SUPPORT)[1]
                     if "card" not in row]
            self.assertEqual(str(shown).count("(sealed)"), 3, shown)
            self.assertEqual(len(shown), 3, shown)

    def test_the_field_list_of_a_view(self):
        for execute, account, database in ((self.gate, APP, self.database),
                                           (self.backend, ADMIN, TWIN)):
            execute.execute("CREATE VIEW listed AS SELECT points, holder AS h, plain, seen FROM card",
                            account, database)
        self.assertEqual(self.field_list(self.gate, APP, self.database),
                         self.field_list(self.backend, ADMIN, TWIN))

    def field_list(self, target, account, database):
        with RawClient(target.port, account, database) as client:
            client.query("SET NAMES utf8mb4")
            return [(c.name, c.type, c.charset) for c in client.field_list("listed")]

    def test_a_column_that_is_not_there_is_not_dropped(self):
        for sql in ("ALTER TABLE card DROP COLUMN nope", "ALTER TABLE card DROP id, DROP nope"):
            for execute, account in ((self.gate, APP), (self.backend, ADMIN)):
                with self.assertRaises(ClientError) as caught:
                    execute.execute(sql, account, self.database)
                self.assertEqual(caught.exception.number, 1091, sql)

    def test_other_names_of_the_table(self):
        ours, twin = self.logical("DESCRIBE card"), self.rows("DESCRIBE card", TWIN)
        for sql in ("DESCRIBE shop.card", "SHOW COLUMNS FROM card FROM shop",
                    "SHOW COLUMNS IN `card` IN `shop`"):
            self.assertEqual(self.logical(sql), ours)
        self.assertEqual(ours, twin)

    def test_show_create_table_makes_the_same_table(self):
        _, rows = self.rows("SHOW CREATE TABLE card", self.database)
        text = rows[0][1]
        self.assertNotIn("sealgate:", text)
        self.assertNotIn("varbinary", text)
        self.assertIn("left alone", text)
        self.backend.execute(f"DROP TABLE card; {text}", ADMIN, TWIN)
        self.assertEqual(self.logical("SHOW FULL COLUMNS FROM card"),
                         self.rows("SHOW FULL COLUMNS FROM card", TWIN))
        # And through the proxy, the same protected table again.
        self.gate.execute(f"DROP TABLE card; {text}", APP, self.database)
        again = self.rows("SHOW CREATE TABLE card", self.database)[1][0][1]
        # MySQL tells a character set that was written out from one that was not.
        charset = " CHARACTER SET utf8mb4"
        self.assertEqual(again.replace(charset, ""), text.replace(charset, ""))

    def test_show_create_table_with_comments_that_run(self):
        if self.kind == "mariadb":
            table = ("CREATE TABLE parted (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) DEFAULT "
                     "'a */ b', extra TEXT COMPRESSED) DEFAULT CHARACTER SET utf8mb4 "
                     "ENCRYPTED=NO PAGE_COMPRESSED=0")
        else:
            table = ("CREATE TABLE parted (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) DEFAULT "
                     "'a */ b', extra INT INVISIBLE COMMENT 'x /*! y', "
                     "CHECK (extra > 0) NOT ENFORCED) DEFAULT CHARACTER SET utf8mb4 "
                     "PARTITION BY HASH (id) PARTITIONS 2")
        self.gate.execute(table, APP, self.database)
        self.backend.execute(table, ADMIN, TWIN)
        shown, expected = (self.rows("SHOW CREATE TABLE parted", name)[1][0][1]
                           for name in (self.database, TWIN))
        self.assertIn("/*", expected)
        charset = " CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"
        self.assertEqual(shown.replace(charset, ""), expected)
        # And through the proxy, the same protected table again.
        self.gate.execute(f"DROP TABLE parted; {shown}", APP, self.database)
        self.assertEqual(self.rows("SHOW CREATE TABLE parted", self.database)[1][0][1], shown)
        self.assertNotIn("a */ b", str(self.backend.execute(
            "SHOW CREATE TABLE parted", ADMIN, self.database)))
        if self.kind == "mysql":
            self.gate.execute("INSERT INTO parted (id, name) VALUES (1, 'a'), (2, 'b')", APP,
                              self.database)
            self.gate.execute("DELETE FROM parted AS p PARTITION (p0) WHERE p.id > 0", APP,
                              self.database)
            self.assertEqual(self.gate.execute("SELECT name FROM parted", APP, self.database),
                             [["a"]])

    def test_the_default_of_a_column_that_cannot_be_used(self):
        self.backend.execute("ALTER TABLE card MODIFY tier VARBINARY(30) DEFAULT "
                             "'sealed-default' COMMENT 'sealgate:1;type=varchar(20);"
                             "charset=latin1;collation=latin1_swedish_ci'", ADMIN, self.database)
        # It says what is wrong with the column, and goes by it.
        self.assertEqual(self.gate.command("catalog", "reload").returncode, 1)
        with self.assertRaises(ClientError):
            self.gate.execute("SELECT tier FROM card", APP, self.database)
        for sql in ("SHOW COLUMNS FROM card", "DESCRIBE card tier", "SHOW CREATE TABLE card",
                    "SELECT COLUMN_NAME, COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE "
                    "TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'card'",
                    "SELECT COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE "
                    "TABLE_NAME = 'card'"):
            with self.subTest(sql):
                try:
                    shown = self.gate.execute(sql, SUPPORT, self.database)
                except ClientError as error:
                    self.assertEqual(error.number, 1235)
                    continue
                self.assertNotIn("sealed-default", str(shown))
                self.assertNotIn(b"sealed-default".hex(), str(shown).lower())

    def test_show_create_table_in_each_mode(self):
        expected = self.rows("SHOW CREATE TABLE card", self.database)[1][0][1]
        with RawClient(self.gate.port, APP, self.database) as client:
            for names, mode in itertools.product(("utf8mb4", "utf8mb3", "latin1"),
                                                 ("", "NO_BACKSLASH_ESCAPES")):
                client.query(f"SET NAMES {names}")
                client.query(f"SET sql_mode = '{mode}'")
                with self.subTest(names=names, mode=mode):
                    if self.kind == "mysql" or names == "utf8mb4":
                        shown = client.query("SHOW CREATE TABLE card")[0].rows[0][1]
                        self.assertEqual(shown.decode(names.replace("mb4", "").replace("mb3", "")),
                                         expected)
                        continue
                    # MariaDB loses bytes of the defaults there.
                    with self.assertRaises(ServerError) as caught:
                        client.query("SHOW CREATE TABLE card")
                    self.assertEqual(caught.exception.number, 1235)

    def test_a_ciphertext_role_sees_the_stored_table(self):
        rows = self.gate.execute("SHOW FULL COLUMNS FROM card", CHANGED, self.database)
        # A stored default may hold what reads as the end of a line.
        types = {row[0]: row[1] for row in rows if len(row) > 1}
        self.assertTrue(types["holder"].startswith("varbinary"), types)
        self.assertEqual(types["id"], self.rows("DESCRIBE card id", TWIN)[1][0][1])
        rows = self.gate.execute("SHOW CREATE TABLE card", CHANGED, self.database)
        self.assertIn("sealgate:1;type=varchar(60)", str(rows))

    def test_a_table_that_is_not_there(self):
        self.gate.execute("DROP TABLE card", APP, self.database)
        for sql in ("DESCRIBE card", "SHOW CREATE TABLE card", "SHOW INDEX FROM card"):
            with self.assertRaises(ClientError) as caught:
                self.gate.execute(sql, APP, self.database)
            self.assertEqual(caught.exception.number, 1146)

    def test_conditions_on_what_is_sealed_are_refused(self):
        for sql in ("SHOW COLUMNS FROM card WHERE Type LIKE 'varchar%'",
                    "SHOW COLUMNS FROM card WHERE UPPER(Field) = 'X'",
                    "SHOW INDEX FROM card WHERE Sub_part IS NULL"):
            with self.assertRaises(ClientError) as caught:
                self.gate.execute(sql, APP, self.database)
            self.assertEqual(caught.exception.number, 1235)

    def test_tables_as_wholes(self):
        for sql in ("SHOW FULL TABLES LIKE 'card'", "SHOW TABLE STATUS LIKE 'card'",
                    'SHOW TABLES LIKE "card"', 'SHOW TABLE STATUS WHERE Name = "card"'):
            self.assertEqual(self.rows(sql, self.database)[1][0][0], "card", sql)

    def test_information_schema(self):
        """What introspecting tools ask: plain columns of one table's rows."""
        names = ("COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_MAXIMUM_LENGTH, "
                 "CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, "
                 "CHARACTER_SET_NAME, COLLATION_NAME, IS_NULLABLE, COLUMN_KEY, EXTRA, "
                 "COLUMN_COMMENT")
        for sql in (
                f"SELECT {names} FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() "
                "AND TABLE_NAME = 'card' ORDER BY ORDINAL_POSITION",
                f"select {names}, table_name from information_schema.columns c "
                "where c.table_schema = schema() and table_name in ('card') "
                "order by c.ordinal_position",
                "SELECT INDEX_NAME, COLUMN_NAME, SUB_PART, NON_UNIQUE FROM "
                "information_schema.STATISTICS WHERE TABLE_NAME = 'card' AND "
                "TABLE_SCHEMA = DATABASE() ORDER BY INDEX_NAME, SEQ_IN_INDEX"):
            with self.subTest(sql):
                self.assertEqual(self.rows(sql, self.database), self.rows(sql, TWIN))
        _, rows = self.rows("SELECT * FROM information_schema.COLUMNS WHERE TABLE_NAME = 'card' "
                            f"AND TABLE_SCHEMA = '{self.database}'", self.database)
        self.assertNotIn("sealgate:", str(rows))

    def test_information_schema_by_any_name_and_more_than_once(self):
        """Also where MySQL's answer does not say what is behind an alias."""
        of_card = "FROM information_schema.{} WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'card'"
        columns = ("COLUMN_NAME AS c, DATA_TYPE, DATA_TYPE AS t, CHARACTER_MAXIMUM_LENGTH AS n, "
                   "COLUMN_KEY AS k, COLUMN_KEY, EXTRA AS e, EXTRA, 'DATA_TYPE' AS COLUMN_TYPE "
                   + of_card.format("COLUMNS"))
        keys = "SUB_PART, COLUMN_NAME c, SUB_PART s, INDEX_NAME " + of_card.format("STATISTICS")
        for sql in (f"SELECT {columns} ORDER BY ORDINAL_POSITION",
                    f"SELECT SQL_BUFFER_RESULT {columns} ORDER BY ORDINAL_POSITION",
                    f"SELECT {keys} ORDER BY INDEX_NAME, SEQ_IN_INDEX"):
            for buffer in (0, 1):
                before = f"SET sql_buffer_result = {buffer}"
                with self.subTest(sql, buffer=buffer):
                    self.assertEqual(self.rows(sql, self.database, before=before),
                                     self.rows(sql, TWIN, before=before))

    def test_a_default_that_is_not_shown_by_any_name(self):
        rest = " FROM information_schema.COLUMNS c WHERE TABLE_NAME = 'card' AND TABLE_SCHEMA = 'shop'"
        for columns in ("COLUMN_NAME, COLUMN_DEFAULT, COLUMN_DEFAULT", "c.*, COLUMN_DEFAULT again",
                        "COLUMN_DEFAULT y, c.*, c.*", "COLUMN_NAME n, COLUMN_DEFAULT y"):
            for start in ("SELECT ", "SELECT SQL_BUFFER_RESULT "):
                for before in ("DO 1", "SET sql_buffer_result = 1"):
                    sql = start + columns + rest
                    with self.subTest(sql, before=before):
                        shown = self.rows(sql, self.database, SUPPORT, before)[1]
                        times = len(DEFAULTS) * sum(
                            columns.count(name) for name in ("COLUMN_DEFAULT", "c.*"))
                        self.assertEqual(str(shown).count("(sealed)"), times, shown)

    def test_how_a_default_is_made(self):
        """MySQL tells that a default is an expression, as each sealed one is."""
        told = "SELECT {} FROM information_schema.COLUMNS WHERE TABLE_NAME = 'card' AND TABLE_SCHEMA = "
        by_extra = ["SHOW COLUMNS FROM card WHERE Extra = ''", told.format("COLUMN_NAME")
                    + "'shop' AND EXTRA = 'INVISIBLE'"]
        if self.kind == "mariadb":
            self.assertEqual(self.logical(by_extra[0]), self.rows(by_extra[0], TWIN))
            return self.refused(by_extra[1])
        hide = "ALTER TABLE card ALTER COLUMN tier SET INVISIBLE"
        self.gate.execute(hide, APP, self.database)
        self.backend.execute(hide, ADMIN, TWIN)
        for sql in ("DESCRIBE card", told.format("COLUMN_NAME, EXTRA, EXTRA AS e")
                    + "DATABASE() ORDER BY ORDINAL_POSITION"):
            with self.subTest(sql):
                self.assertEqual(self.rows(sql, self.database), self.rows(sql, TWIN))
        self.gate.execute("CREATE VIEW seen AS SELECT * FROM card", APP, self.database)
        for sql in (*by_extra, "SHOW COLUMNS FROM seen WHERE Extra = ''"):
            self.refused(sql)
        shown = self.rows(by_extra[0], self.database, CHANGED)[1]
        self.assertNotIn("holder", [row[0] for row in shown])
        return None

    def test_information_schema_of_a_ciphertext_role(self):
        sql = ("SELECT COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE "
               "TABLE_NAME = 'card' AND TABLE_SCHEMA = DATABASE()")
        types = dict(self.rows(sql, self.database, CHANGED)[1])
        self.assertTrue(types["holder"].startswith("varbinary"), types)

    def test_information_schema_by_what_is_stored(self):
        columns = "SELECT COLUMN_NAME, TABLE_NAME, TABLE_SCHEMA FROM information_schema.COLUMNS "
        for rest in ("WHERE TABLE_SCHEMA = DATABASE() AND DATA_TYPE = 'varchar'",
                     "WHERE COLLATION_NAME IS NOT NULL", "WHERE COLUMN_COMMENT = ''",
                     "WHERE TABLE_NAME = 'card' HAVING MAX(CHARACTER_MAXIMUM_LENGTH) > 3",
                     "WHERE COLUMN_KEY = 'UNI'", "ORDER BY COLUMN_TYPE", "GROUP BY DATA_TYPE",
                     "AS c JOIN information_schema.COLUMNS AS d USING (NUMERIC_SCALE)"):
            with self.subTest(rest):
                with self.assertRaises(ClientError) as caught:
                    self.gate.execute(columns + rest, ADMIN, self.database)
                self.assertEqual(caught.exception.number, 1235)
                with self.assertRaises(ServerError):
                    self.prepared(columns + rest, self.gate.port, APP, self.database)
        for rest in ("WHERE TABLE_SCHEMA = 'mysql' AND DATA_TYPE = 'char' ORDER BY COLUMN_TYPE, 1, 2",
                     "WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_KEY = 'PRI'",
                     "WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_DEFAULT IS NOT NULL "
                     "AND EXTRA NOT LIKE '%auto_increment%' ORDER BY ORDINAL_POSITION"):
            with self.subTest(rest):
                ours = self.rows(columns + rest, self.database)[1]
                twin = self.rows(columns + rest, TWIN)[1]
                self.assertEqual([row[:2] for row in ours], [row[:2] for row in twin])
                self.assertTrue(ours)

    def test_information_schema_and_a_default_that_is_not_shown(self):
        query = "SELECT {} FROM information_schema.COLUMNS WHERE TABLE_NAME = 'card'"
        named = "COLUMN_NAME, TABLE_NAME, TABLE_SCHEMA, COLUMN_DEFAULT"
        for sql in (query.format("HEX(COLUMN_DEFAULT)"), query.format("COLUMN_DEFAULT"),
                    f"SELECT * FROM ({query.format(named)}) t"):
            with self.subTest(sql):
                with self.assertRaises(ClientError) as caught:
                    self.gate.execute(sql, SUPPORT, self.database)
                self.assertEqual(caught.exception.number, 1235)
        with self.assertRaises(ServerError):
            self.prepared(query.format(named), self.gate.port, SUPPORT, self.database)
        for columns in (named, "*"):
            shown = str(self.rows(query.format(columns), self.database, SUPPORT))
            self.assertIn("(sealed)", shown)
            self.assertNotIn("0xFE", shown)

    def refused(self, sql, account=ADMIN):
        with self.subTest(sql):
            with self.assertRaises(ClientError) as caught:
                self.gate.execute(sql, account, self.database)
            self.assertEqual(caught.exception.number, 1235, caught.exception)

    def test_information_schema_under_other_names(self):
        names = "SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS"
        for sql in (f"WITH x (a, b) AS ({names}) SELECT a FROM x WHERE b = 'varchar'",
                    f"SELECT a FROM (SELECT '' a, '' b UNION ALL {names}) x WHERE b = 'varchar'",
                    f"{names} NATURAL JOIN (SELECT 'varchar' DATA_TYPE) x", f"{names} ORDER BY 2",
                    "SELECT SUM(DATA_TYPE = 'varchar') FROM information_schema.COLUMNS",
                    "SELECT * FROM information_schema.COLUMNS ORDER BY 8 LIMIT 1",
                    "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_NAME = 'rest' "
                    "AND TABLE_SCHEMA = 'shop' AND EXISTS (SELECT 1 FROM information_schema.COLUMNS "
                    "WHERE TABLE_NAME LIKE 'car%' AND DATA_TYPE = 'varchar')"):
            self.refused(sql)

    def test_information_schema_in_other_statements(self):
        self.gate.execute("CREATE TABLE rest (a TEXT)", APP, self.database)
        self.gate.execute("INSERT INTO rest VALUES ('kept')", APP, self.database)
        within = ("(SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_NAME = 'card' "
                  "AND DATA_TYPE = 'varchar')")
        statements = [f"DELETE FROM rest WHERE 0 = {within}", f"UPDATE rest SET a = {within}",
                      f"INSERT INTO rest SELECT {within}", f"CREATE TABLE made AS SELECT {within}",
                      f"SET @n = {within}", f"DO {within}", f"SHOW TABLES WHERE 1 = {within}",
                      f"CREATE PROCEDURE made() SELECT {within}"]
        if self.kind == "mariadb":
            statements += [f'EXECUTE IMMEDIATE "SELECT {within}"',
                           f"BEGIN NOT ATOMIC IF {within} THEN DO 1; END IF; END"]
        # Makes a view that cannot be used, and nothing else.
        self.gate.execute(f"CREATE VIEW made AS SELECT {within} n", APP, self.database)
        statements.append("SELECT n FROM made")
        for sql in statements:
            self.refused(sql)
        self.gate.execute("DROP VIEW made", APP, self.database)
        self.refused(f'PREPARE s FROM "SELECT {within}"')
        with self.gate.connect(ADMIN, self.database) as connection, connection.cursor() as cursor:
            cursor.execute("SET @text = CONCAT('SELECT COLUMN_TYPE FROM information_schema.COL', "
                           "'UMNS')")
            with self.assertRaises(Exception) as caught:
                cursor.execute("PREPARE s FROM @text")
            self.assertEqual(caught.exception.args[0], 1235)
        by_names = within.replace("DATA_TYPE = 'varchar'", "COLUMN_NAME = 'holder'")
        self.gate.execute(f"DELETE FROM rest WHERE 0 = {by_names}", APP, self.database)
        self.assertEqual(self.gate.execute("SELECT a FROM rest", APP, self.database), [["kept"]])

    def test_programs_over_information_schema(self):
        """Made at the server, where nobody asks."""
        self.backend.execute(
            "CREATE VIEW told AS SELECT TABLE_NAME t, COLUMN_NAME c, DATA_TYPE d, COLUMN_DEFAULT e "
            "FROM information_schema.COLUMNS; CREATE VIEW above AS SELECT t, e FROM told; "
            "CREATE VIEW named AS SELECT TABLE_NAME t, COLUMN_NAME c FROM "
            "information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop'; "
            "CREATE FUNCTION f() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM "
            "information_schema.STATISTICS WHERE SUB_PART IS NULL)", ADMIN, self.database)
        for sql in ("SELECT c FROM told WHERE d = 'varchar'", "SELECT e FROM above", "SELECT f()"):
            self.refused(sql)
            self.refused(sql, SUPPORT)
        rows = self.gate.execute("SELECT c FROM named WHERE t = 'card' AND c = 'holder'", APP,
                                 self.database)
        self.assertEqual(rows, [["holder"]])

    def test_a_default_is_not_reached_otherwise(self):
        within = ("(SELECT COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE TABLE_NAME LIKE "
                  "'car%' AND COLUMN_NAME = 'tier' AND TABLE_SCHEMA = 'shop')")
        statements = [f"SET @d = {within}", f"DO {within}",
                      f"SELECT {within} FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "
                      "'mysql' AND TABLE_NAME = 'user' LIMIT 1",
                      "SELECT SQL_NO_CACHE * FROM information_schema.COLUMNS c JOIN "
                      "information_schema.TABLES t USING (TABLE_NAME)"]
        if self.kind == "mysql":
            statements += [f"VALUES ROW({within})", "TABLE information_schema.COLUMNS",
                           within.replace("COLUMNS", "`column\u017f`")]
        for sql in statements:
            self.refused(sql, SUPPORT)

    def prepared(self, sql, port, account, database):
        with RawClient(port, account, database) as client:
            return [list(row) for row in client.prepared_query(sql)[0].rows]

    def test_prepared(self):
        """By the binary protocol: what a driver that prepares everything sees."""
        for sql in ("DESCRIBE card", "SHOW FULL COLUMNS FROM card", "SHOW INDEX FROM card"):
            with self.subTest(sql):
                ours = self.prepared(sql, self.gate.port, APP, self.database)
                twin = self.prepared(sql, self.backend.port, ADMIN, TWIN)
                for row in ours:
                    default = DEFAULTS.get(bytes(row[0] or b"").decode())
                    if b"(sealed)" in row:
                        row[row.index(b"(sealed)")] = default.encode()
                self.assertEqual(self.without_privileges(ours), self.without_privileges(twin))
        shown = self.prepared("SHOW CREATE TABLE card", self.gate.port, APP, self.database)[0][1]
        self.assertNotIn(b"sealgate:", shown)
        self.assertNotIn(b"varbinary", shown)

    def without_privileges(self, rows):
        return [[cell for cell in row if not (isinstance(cell, bytes) and b"select," in cell)]
                for row in rows]
