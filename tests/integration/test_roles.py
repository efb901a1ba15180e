"""What each role may see, search and write."""

from people import COLUMNS, POLICY, PeopleCase
from raw_client import RawClient
from raw_packets import ServerError
from servers import (ADMIN, APP, CHANGED, Account, NOPASS, SUPPORT, BackendCase, ClientError, Sealgate,
                     on_each_backend)

ROLES = """
roles:
  - name: app
    match:
      - {user: app, from: 127.0.0.0/8}
    default: {reveal: clear, write: true}
  - name: elsewhere
    match:
      - {user: other, from: 10.0.0.0/8}
    default: {reveal: clear, write: true}
  - name: support
    match:
      - {user: support}
    default: {reveal: mask}
    columns:
      shop.people.name: {reveal: {mask: {keep_first: 1, keep_last: 2}}, search: true}
      shop.people.note: {reveal: "null", write: true}
      shop.people.code: {reveal: deny}
      shop.people.token: {reveal: ciphertext}
      shop.people.latin: {reveal: clear}
"""

INSERT = ("INSERT INTO people (id, name, note, code, latin, age, big, amount, born, seen, token, "
          "photo, plain) VALUES (1, 'Zoë Müller', 'note', 'code', 'Zürich', 42, 43, 44.50, "
          "'2001-02-03', '2004-05-06 07:08:09', X'01FF', X'02', 'plain'), "
          "(2, 'abc', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)")


@on_each_backend
class RolesTest(PeopleCase):
    policy = POLICY[:POLICY.index("\nroles:")] + ROLES

    def setUp(self):
        super().setUp()
        self.gate.execute(INSERT, APP, self.database)
        self.support = self.open(SUPPORT)

    def test_a_name_in_quotes(self):
        """The servers take them off, and it is the same account."""
        quoted = Account(f"'{SUPPORT.user}'", SUPPORT.password)
        for client in (self.support, self.open(quoted)):
            rows = client.query("SELECT CURRENT_USER(), note FROM people WHERE id = 1")[0].rows
            self.assertEqual(rows, [[b"support@%", None]])

    def open(self, account):
        client = RawClient(self.gate.port, account, self.database)
        self.addCleanup(client.close)
        return client

    def read(self, client, columns, where="id = 1"):
        """The same row as text and prepared."""
        sql = f"SELECT {columns} FROM people WHERE {where}"
        text = client.query(sql)[0]
        prepared = client.prepared_query(sql)[0]
        self.assertEqual([(c.name, c.type, c.charset) for c in text.columns],
                         [(c.name, c.type, c.charset) for c in prepared.columns])
        return text, prepared

    def refused(self, client, sql, number, *parts):
        for call in (client.query, client.prepared_query):
            with self.assertRaises(ServerError, msg=sql) as caught:
                call(sql)
            self.assertEqual(caught.exception.number, number, caught.exception.message)
            self.assertTrue(caught.exception.message.startswith("sealgate: "))
            for part in parts:
                self.assertIn(part, caught.exception.message)

    def test_clear(self):
        text, prepared = self.read(self.open(APP), "name, age, born, token")
        self.assertEqual(text.rows, [["Zoë Müller".encode(), b"42", b"2001-02-03", b"\x01\xFF"]])
        self.assertEqual(prepared.rows[0][:2], ["Zoë Müller".encode(), 42])

    def test_mask(self):
        text, prepared = self.read(self.support, "name")
        self.assertEqual(text.rows, [["Z*******er".encode()]])
        self.assertEqual(prepared.rows, text.rows)
        # No longer than what is kept: masked wholly.
        self.assertEqual(self.read(self.support, "name", "id = 2")[0].rows, [[b"***"]])
        text, prepared = self.read(self.support, "age, big, amount, born, seen, photo")
        self.assertEqual(text.rows, [[b"0", b"0", b"0.00", b"1970-01-01", b"1970-01-01 00:00:01",
                                      b""]])
        self.assertEqual(prepared.rows[0][:3], [0, 0, b"0.00"])
        self.assertEqual(prepared.rows[0][3], b"\xB2\x07\x01\x01")
        text, _ = self.read(self.support, "age, born, photo", "id = 2")
        self.assertEqual(text.rows, [[None, None, None]])

    def test_null(self):
        for result in self.read(self.support, "id, note"):
            self.assertIsNone(result.rows[0][1])

    def test_ciphertext(self):
        for result in self.read(self.support, "token"):
            self.assertEqual(result.rows[0][0][:2], b"\xFE\x02")
            self.assertEqual(result.columns[0].charset, 63)
        stored, = self.direct("SELECT token FROM people WHERE id = 1")
        self.assertEqual(self.read(self.support, "token")[0].rows[0][0], stored[0])

    def test_deny(self):
        for sql in ("SELECT code FROM people", "SELECT * FROM people",
                    "SELECT id FROM people WHERE code = 'code'", "SELECT COUNT(code) FROM people",
                    "SELECT id FROM people WHERE code IS NULL",
                    "SELECT p.id FROM people p JOIN people q ON p.code = q.code"):
            self.refused(self.support, sql, 1143, "shop.people.code")
        self.assertEqual(self.support.query("SELECT id, plain FROM people WHERE id = 1")[0].rows,
                         [[b"1", b"plain"]])

    def test_search(self):
        rows = self.support.query("SELECT id FROM people WHERE name = 'zoe muller'")[0].rows
        self.assertEqual(rows, [[b"1"]])
        rows = self.support.query("SELECT id FROM people WHERE latin = 'ZÜRICH'")[0].rows
        self.assertEqual(rows, [[b"1"]])  # clear implies search
        for sql in ("SELECT id FROM people WHERE age = 42",
                    "SELECT id FROM people WHERE born IN ('2001-02-03')",
                    "DELETE FROM people WHERE amount = 44.5"):
            self.refused(self.support, sql, 1143)

    def test_write(self):
        for sql in ("INSERT INTO people (name) VALUES ('x')", "UPDATE people SET name = 'x'",
                    "REPLACE INTO people (id, latin) VALUES (1, 'x')",
                    "INSERT INTO people (id) VALUES (1) ON DUPLICATE KEY UPDATE age = 1"):
            self.refused(self.support, sql, 1143, "write")
        self.support.query("UPDATE people SET note = 'by support', plain = 'new' WHERE id = 1")
        text, _ = self.read(self.open(APP), "name, note, plain")
        self.assertEqual(text.rows, [["Zoë Müller".encode(), b"by support", b"new"]])
        self.assert_sealed()

    def test_nobody_in_particular(self):
        """No role matches: everything protected is denied."""
        for account in (NOPASS, CHANGED):
            client = self.open(account)
            for column in COLUMNS:
                self.refused(client, f"SELECT {column} FROM people", 1143)
            self.refused(client, "INSERT INTO people (name) VALUES ('x')", 1143)
            self.assertEqual(client.query("SELECT plain FROM people WHERE id = 1")[0].rows,
                             [[b"plain"]])

    def test_change_user_changes_the_role(self):
        client = self.open(APP)
        self.assertEqual(client.query("SELECT code FROM people WHERE id = 1")[0].rows,
                         [[b"code"]])
        client.change_user(SUPPORT, self.database)
        self.refused(client, "SELECT code FROM people WHERE id = 1", 1143)
        self.assertEqual(client.query("SELECT name FROM people WHERE id = 1")[0].rows,
                         [[b"Z*******er"]])
        client.change_user(APP, self.database)
        self.assertEqual(client.query("SELECT code FROM people WHERE id = 1")[0].rows,
                         [[b"code"]])

    def test_one_plan_is_not_the_other_ones(self):
        """The same text by two roles in turn: the plan cache keeps them apart."""
        app = self.open(APP)
        sql = "SELECT name FROM people WHERE id = 1"
        for _ in range(3):
            self.assertEqual(app.query(sql)[0].rows, [["Zoë Müller".encode()]])
            self.assertEqual(self.support.query(sql)[0].rows, [[b"Z*******er"]])


HIDDEN = """version: 1
columns:
  - {column: shop.card.a, mode: searchable, domain: d}
  - {column: shop.card.b, mode: searchable, domain: d}
  - {column: shop.card.x, mode: deterministic}
roles:
  - name: support
    match: [{user: support}]
    default: {reveal: mask, write: true}
    columns:
      shop.card.b: {reveal: mask, write: true, search: true}
      shop.card.x: {reveal: mask}
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
CARD = """CREATE TABLE card (id INT PRIMARY KEY, a VARCHAR(20), b VARCHAR(20),
  x VARCHAR(20) COLLATE utf8mb4_bin DEFAULT 'none', n INT)
  DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"""


@on_each_backend
class HiddenTest(BackendCase):
    """What a role may not see or search by, it learns in no other way."""

    def setUp(self):
        super().setUp()
        self.gate = Sealgate(self.backend, HIDDEN)
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(CARD, APP, self.database)
        self.gate.execute("INSERT INTO card VALUES (1, 'secret', 'b', 'x', 1)", APP, self.database)
        self.support = RawClient(self.gate.port, SUPPORT, self.database)
        self.addCleanup(self.support.close)

    def refused(self, sql, number):
        with self.assertRaises(ServerError, msg=sql) as caught:
            self.support.query(sql)
        self.assertEqual(caught.exception.number, number, caught.exception.message)

    def test_nothing_is_searched_by_way_of_another_column(self):
        self.refused("SELECT id FROM card WHERE a = 'secret'", 1143)
        for sql in ("SELECT id FROM card WHERE IF(id = 0, b, a) = 'secret'",
                    "SELECT id FROM card WHERE COALESCE(a, b) IN ('secret')",
                    "SELECT id FROM (SELECT 0 AS id, b AS v FROM card UNION ALL "
                    "SELECT id, a FROM card) d WHERE v = 'secret'"):
            self.refused(sql, 1235)
        self.refused("UPDATE card SET b = a", 1143)
        self.support.query("UPDATE card SET a = b")

    def test_a_default_is_not_changed_without_write(self):
        self.refused("ALTER TABLE card ALTER x SET DEFAULT NULL", 1143)
        self.refused("ALTER TABLE card ALTER x DROP DEFAULT",
                     1143 if self.kind == "mariadb" else 1235)

    def test_explain_shows_no_stored_value(self):
        self.support.query("SET character_set_results = NULL")
        other = ("EXTENDED", "FORMAT=JSON") if self.kind == "mariadb" else (
            "FORMAT=JSON", "FORMAT=TREE", "ANALYZE")
        for form in other:
            self.refused(f"EXPLAIN {form} SELECT x FROM card WHERE id = 1", 1143)
        if self.kind == "mysql":
            self.support.query("SET explain_format = 'JSON'")
        plan = self.support.query("EXPLAIN SELECT x FROM card WHERE id = 1")[0]
        self.assertIn("select_type", [column.name for column in plan.columns])
        self.assert_sealed(plan.rows)
        self.gate.execute(f"EXPLAIN {other[0]} SELECT x FROM card WHERE id = 1", APP,
                          self.database)

    def test_a_sealed_default_is_not_shown(self):
        shown = self.support.query("SHOW CREATE TABLE card")[0].rows
        self.assertIn(b"DEFAULT '(sealed)'", shown[0][1])
        self.assert_sealed(shown)
        self.backend.execute("CREATE VIEW v AS SELECT id, x FROM card", ADMIN, self.database)
        self.gate.execute("SELECT id FROM card", APP, self.database)
        for account in (APP, SUPPORT):
            client = RawClient(self.gate.port, account, self.database)
            self.addCleanup(client.close)
            for table in (b"card", b"v"):
                self.assert_sealed([self.field_list(client, table)])

    def field_list(self, client, table):
        client.command(0x04, table + b"\0")
        payloads = []
        while True:
            payload = client.answer()
            if payload[0] in (0xFE, 0xFF) and len(payload) < 9:
                return payloads
            payloads.append(payload)

    def assert_sealed(self, rows):
        for row in rows:
            for cell in row:
                for part in (b"\xFE\x03", b"\xEF\xBF\xBD\x03", b"?\x03", b"fe03"):
                    self.assertNotIn(part, bytes(cell or b""))

    def test_no_histogram_of_stored_values(self):
        if self.kind == "mariadb":
            self.skipTest("MySQL's")
        self.refused("ANALYZE TABLE card UPDATE HISTOGRAM ON n, x", 1235)
        with self.assertRaises(ClientError):
            self.gate.execute("ANALYZE TABLE card UPDATE HISTOGRAM ON x", APP, self.database)
        self.support.query("ANALYZE TABLE card UPDATE HISTOGRAM ON n")

    def test_the_default_collation_stays(self):
        if self.kind == "mariadb":
            self.skipTest("MySQL's")
        for scope in ("", "SESSION ", "@@session.", "GLOBAL ", "PERSIST "):
            self.refused(f"SET {scope}default_collation_for_utf8mb4 = utf8mb4_general_ci", 1235)
        self.support.query("SET default_collation_for_utf8mb4 = utf8mb4_0900_ai_ci")
        self.support.query("/*!80011 SET @@session.default_collation_for_utf8mb4=255*/")


@on_each_backend
class DuplicatesTest(BackendCase):
    """Error 1062 tells what is stored to those who may see it."""
    policy = """version: 1
columns:
  - {column: shop.cards.number, mode: searchable}
  - {column: shop.cards.code, mode: deterministic}
roles:
  - {name: masked, match: [{user: support}], default: {reveal: mask, write: true}}
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
    inserts = ("INSERT INTO cards VALUES (2, 'p', 'x', 'CODE')",
               "INSERT INTO cards VALUES (2, 'p', 'number', 'y')")

    def setUp(self):
        super().setUp()
        self.gate = Sealgate(self.backend, self.policy)
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(
            "CREATE TABLE cards (id INT PRIMARY KEY, plain VARCHAR(9), number VARCHAR(30), "
            "code VARCHAR(30) COLLATE utf8mb4_bin UNIQUE, UNIQUE KEY two (plain, number))",
            APP, self.database)
        self.gate.execute("INSERT INTO cards VALUES (1, 'p', 'Number', 'CODE')", APP, self.database)

    def told(self, account, sql):
        """Of the error, of warnings as text and prepared, and of INSERT IGNORE."""
        with RawClient(self.gate.port, account, self.database) as client:
            for call in (client.query, client.prepared_query):
                with self.assertRaises(ServerError) as caught:
                    call(sql)
                self.assertEqual(caught.exception.number, 1062)
                yield caught.exception.message
            yield client.query("SHOW WARNINGS")[0].rows[0][2].decode()
            yield client.query("SHOW ERRORS LIMIT 1")[0].rows[0][2].decode()
            client.query(sql.replace("INSERT", "INSERT IGNORE"))
            if self.kind == "mariadb":  # MySQL prepares none
                yield client.prepared_query("SHOW WARNINGS")[0].rows[0][2].decode()
            yield client.query("SHOW WARNINGS")[0].rows[0][2].decode()

    def test_a_masked_role(self):
        for sql in self.inserts:
            with self.subTest(sql):
                for message in self.told(SUPPORT, sql):
                    self.assertRegex(message, r"^Duplicate entry '\(sealed\)' for key '\S+'$")
        with self.assertRaises(ClientError) as caught:
            self.gate.execute("INSERT INTO cards (id) VALUES (1)", SUPPORT, self.database)
        self.assertIn("'1'", str(caught.exception))

    def test_a_clear_role(self):
        for sql in self.inserts:
            for message in self.told(APP, sql):
                self.assertIn("\\xFE\\x0", message)
