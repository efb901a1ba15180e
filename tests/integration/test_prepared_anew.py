"""Statements that were prepared when their text meant something else: before a table
became a view over a protected one, or had a trigger that writes one, and before sql_mode
made names of what had been strings. Nothing of them reaches the server in clear."""

from people import PeopleCase
from raw_client import RawClient
from raw_packets import MULTI_STATEMENTS, ServerError
from servers import ADMIN, APP, on_each_backend

TABLES = (
    "CREATE TABLE people (id INT NOT NULL PRIMARY KEY, name VARCHAR(100) CHARACTER SET utf8mb4 "
    "COLLATE utf8mb4_general_ci, plain VARCHAR(400), KEY name (name))",
    "CREATE TABLE orders (id INT NOT NULL PRIMARY KEY, v VARCHAR(400))")
POLICY = """version: 1
columns:
  - {column: shop.people.name, mode: searchable}
roles:
  - {name: app, match: any, default: {reveal: clear, write: true}}
"""
STORE = "INSERT INTO orders (id, v) VALUES (?, ?)"
REFUSED = 1235
STALE = 1615
UNKNOWN = 1243


class AnewCase(PeopleCase):
    policy = POLICY
    tables = TABLES

    def setUp(self):
        self.assertTrue(self.gate.running(), self.gate.logs())
        self.at_server("DROP TABLE IF EXISTS people, orders", "DROP VIEW IF EXISTS orders",
                       "DROP PROCEDURE IF EXISTS runs")
        self.reload()
        with self.session() as client:
            for sql in TABLES:
                client.query(sql)
        self.client = self.session()
        self.addCleanup(self.client.close)
        self.client.query("SET @i = 77, @v = 'secret77'")

    def session(self):
        return RawClient(self.gate.port, APP, self.database, add=MULTI_STATEMENTS)

    def at_server(self, *statements):
        with RawClient(self.backend.port, ADMIN, self.database) as client:
            for sql in statements:
                client.query(sql)

    def reload(self):
        run = self.gate.command("catalog", "reload")
        self.assertEqual(run.returncode, 0, run.stderr)

    def error_of(self, sql, client=None):
        try:
            (client or self.client).query(sql)
        except ServerError as error:
            return error.number
        return None

    def become_a_view(self, at_server=False):
        change = ("DROP TABLE orders", "CREATE VIEW orders AS SELECT id, name AS v FROM people")
        if at_server:
            self.at_server(*change)
            return self.reload()
        with self.session() as client:
            for sql in change:
                client.query(sql)

    def assert_nothing_stored(self):
        self.assertEqual(list(self.direct("SELECT * FROM people")), [])


@on_each_backend
class PreparedByNameTest(AnewCase):
    def test_a_table_that_became_a_view(self):
        for at_server in (False, True):
            with self.subTest(at_server):
                self.setUp()
                self.client.query(f"PREPARE s FROM '{STORE}'")
                self.client.query("EXECUTE s USING @i, @v")
                self.become_a_view(at_server)
                for sql in ("EXECUTE s USING @i, @v", "EXECUTE `S` USING @i, @v",
                            "/*!40000 EXECUTE s USING @i, @v */", "EXECUTE s USING @i, @v; SELECT 1"):
                    self.assertEqual(self.error_of(sql), REFUSED, sql)
                self.assert_nothing_stored()
                # The session goes on.
                self.client.query("INSERT INTO people (id, name) VALUES (1, 'Ana')")
                self.client.query("PREPARE S FROM 'SELECT ?'")
                self.client.query("EXECUTE s USING @v")

    def test_of_a_text_in_a_variable(self):
        self.client.query(f"SET @q = '{STORE}'")
        self.client.query("PREPARE s FROM @q")
        self.client.query("EXECUTE s USING @i, @v")
        self.become_a_view()
        self.assertEqual(self.error_of("EXECUTE s USING @i, @v"), REFUSED)
        self.assert_nothing_stored()

    def test_a_table_that_got_a_trigger(self):
        self.client.query(f"PREPARE s FROM '{STORE}'")
        self.at_server("CREATE TRIGGER tr AFTER INSERT ON orders FOR EACH ROW "
                       "INSERT INTO people (id, name) VALUES (NEW.id, NEW.v)")
        self.reload()
        self.assertEqual(self.error_of("EXECUTE s USING @i, @v"), REFUSED)
        self.assert_nothing_stored()

    def test_a_name_that_the_server_takes_for_the_same(self):
        self.client.query("PREPARE s FROM 'SELECT 1'")
        self.client.query(f"PREPARE `ś` FROM '{STORE}'".encode())
        self.become_a_view()
        for sql in ("EXECUTE s USING @i, @v", "EXECUTE `ŝ` USING @i, @v"):
            self.assertNotIn(self.error_of(sql.encode()), (None, 1210))
        self.assert_nothing_stored()

    def test_blanks_at_the_end_of_a_name(self):
        """MySQL takes them for the same name."""
        self.client.query(f"PREPARE `s ` FROM '{STORE}'")
        self.become_a_view()
        self.assertIn(self.error_of("EXECUTE s USING @i, @v"), (REFUSED, UNKNOWN))
        self.assertEqual(self.error_of("EXECUTE `s ` USING @i, @v"), REFUSED)
        self.assert_nothing_stored()

    def test_a_text_in_other_letters(self):
        """With swe7 or ucs2 in between, the server reads another text than was looked at."""
        store = "INSERT INTO people (id, name) VALUES (5, 'secret5')"
        wide = "".join(chr(ord(a) << 8 | ord(b)) for a, b in zip(store[::2], store[1::2] + " "))
        odd = "INSERT INTO \u00e9people\u00e9 (id, name) VALUES (5, 'secret5')"
        quoted = ("UPDATE orders o, (SELECT '\\\\' x) d, people p SET p.name = \"secret5\" -- '")
        literal = "'" + quoted.replace("'", "''").replace("\\", "\\\\") + "'"
        self.client.query("INSERT INTO people (id, name) VALUES (1, 'Ana')")
        self.client.query("INSERT INTO orders (id, v) VALUES (1, 'x')")
        for variable, text in (("collation_connection = swe7_swedish_ci", odd),
                               ("collation_connection = ucs2_general_ci", wide),
                               ("collation_connection = swe7_swedish_ci", quoted),
                               ("collation_connection = sjis_japanese_ci", quoted),
                               ("character_set_client = swe7", quoted)):
            for sql in ("PREPARE s FROM @q", "EXECUTE IMMEDIATE @q", f"PREPARE s FROM {literal}",
                        f"EXECUTE IMMEDIATE {literal}"):
                with self.subTest(sql, variable=variable), self.session() as client:
                    client.query("SET @q = CONVERT(X'%s' USING utf8mb4)" % text.encode().hex())
                    client.query(f"SET {variable}")
                    self.error_of(sql, client)
                    self.error_of("EXECUTE s", client)
        self.assertEqual(len(list(self.direct("SELECT id FROM people"))), 1)
        self.assertFalse([row for row in self.direct("SELECT name FROM people") if "secret" in str(row)])

    def test_a_text_that_cannot_be_told(self):
        """A byte that is no character, in a comment: MySQL runs the text all the same."""
        text = b"INSERT INTO people (id, name) VALUES (5, 'secret5') /* \xff */".hex()
        self.client.query(f"SET @q = UNHEX('{text}')")
        for sql in ("PREPARE s FROM @q", "EXECUTE IMMEDIATE @q"):
            self.assertNotEqual(self.error_of(sql), None)
        self.assertEqual(self.error_of("EXECUTE s"), UNKNOWN)
        self.client.query("SET @q = NULL")
        self.assertNotIn(self.error_of("PREPARE s FROM @q"), (None, REFUSED))
        self.assert_nothing_stored()

    def test_what_ends_with_its_name_or_the_session(self):
        self.client.query(f"PREPARE s FROM '{STORE}'")
        self.client.query("DEALLOCATE PREPARE s")
        self.become_a_view()
        self.assertEqual(self.error_of("EXECUTE s USING @i, @v"), UNKNOWN)
        self.assertEqual(self.error_of(f"PREPARE s FROM '{STORE}'"), REFUSED)
        self.client.query("PREPARE s FROM 'SELECT 1'")
        self.client.command(0x1F)
        self.client.answer()
        self.assertEqual(self.error_of("EXECUTE s"), UNKNOWN)

    def test_an_other_name_beyond_ascii_does_not_matter(self):
        self.client.query("SET NAMES utf8mb4")
        self.client.query("PREPARE `ü` FROM 'SELECT 1'".encode())
        self.client.query("SET NAMES latin1")
        self.client.query("DEALLOCATE PREPARE `ü`".encode("latin1"))
        self.client.query("PREPARE sf FROM 'SELECT 1'")
        asked = self.arrived().count(b"CAST(@@sql_mode")
        for _ in range(3):
            self.client.query("EXECUTE sf")
        self.assertLessEqual(self.arrived().count(b"CAST(@@sql_mode"), asked + 1)

    def test_other_changes_do_not_matter(self):
        self.client.query(f"PREPARE s FROM '{STORE}'")
        for row, sql in enumerate(("CREATE TABLE other (a INT)", "ALTER TABLE orders ADD w INT",
                                   "DROP TABLE other", "ALTER TABLE orders DROP w"), 1):
            with self.session() as client:
                client.query(sql)
            self.client.query(f"SET @i = {row}")
            self.client.query("EXECUTE s USING @i, @v")
        self.assertEqual(len(self.direct("SELECT * FROM orders")), 4)

    def test_the_modes_of_its_preparation(self):
        self.client.query("INSERT INTO people VALUES (1, 'Ana', 'p')")
        self.client.query("PREPARE s FROM 'SELECT id, \"v\" FROM orders'")
        self.client.query("PREPARE named FROM 'SELECT id, ''of people'' || \"v\" FROM orders'")
        self.client.query("PREPARE plain FROM 'SELECT id FROM orders WHERE v = ''a'''")
        self.client.query("SET sql_mode = 'ANSI_QUOTES'")
        # Only where a protected name is in it, in whatever place.
        self.assertEqual(self.error_of("EXECUTE named"), STALE)
        self.client.query("EXECUTE plain")
        self.client.query("SET sql_mode = ''")
        self.client.query("EXECUTE s")

    def test_by_a_program_that_executes_what_it_finds(self):
        self.client.query("CREATE PROCEDURE runs() EXECUTE s USING @i, @v")
        self.client.query(f"PREPARE s FROM '{STORE}'")
        self.client.query("CALL runs()")
        self.become_a_view()
        self.assertEqual(self.error_of("CALL runs()"), REFUSED)
        statement = self.client.prepare("CALL runs()")[0]
        with self.assertRaises(ServerError) as raised:
            self.client.execute(statement)
        self.assertEqual(raised.exception.number, REFUSED)
        self.assert_nothing_stored()

    def test_by_a_text_that_executes_it_in_turn(self):
        if self.kind == "mysql":
            self.skipTest("MySQL has no compound statements outside of programs")
        self.client.query(f"PREPARE s FROM '{STORE}'")
        plain = "BEGIN NOT ATOMIC EXECUTE s USING @i, @v; END"
        self.client.query(f"SET @q = '{plain}'")
        self.client.query(f"PREPARE outer_1 FROM '{plain}'")
        self.client.query("PREPARE outer_2 FROM 'BEGIN NOT ATOMIC /*M! EXECUTE s USING @i, @v */; END'")
        self.client.query("PREPARE outer_3 FROM @q")
        self.client.query("PREPARE outer_4 FROM 'BEGIN NOT ATOMIC EXECUTE outer_1; END'")
        self.client.query("EXECUTE outer_4")
        self.become_a_view()
        for sql in ("EXECUTE outer_1", "EXECUTE outer_2", "EXECUTE outer_3", "EXECUTE outer_4",
                    f"EXECUTE IMMEDIATE '{plain}'", "EXECUTE IMMEDIATE @q",
                    "EXECUTE IMMEDIATE 'BEGIN NOT ATOMIC EX\\ECUTE s USING @i, @v; END'"):
            self.assertEqual(self.error_of(sql), REFUSED, sql)
        self.assert_nothing_stored()
        self.client.query("PREPARE s FROM 'SELECT ?, ?'")
        self.client.query("EXECUTE outer_4")

    def test_a_change_of_names_by_a_text_inside_a_text(self):
        if self.kind == "mysql":
            self.skipTest("MySQL has no compound statements outside of programs")
        self.client.query("PREPARE s FROM 'DROP TABLE orders'")
        self.client.query("PREPARE outer_1 FROM 'BEGIN NOT ATOMIC EXECUTE s; END'")
        self.client.query("EXECUTE outer_1")
        self.at_server("CREATE VIEW orders AS SELECT id, name AS v FROM people")
        self.assertEqual(self.error_of("INSERT INTO orders VALUES (5, 'secret5')"), REFUSED)
        self.assert_nothing_stored()

    def test_of_texts_that_only_the_server_sees(self):
        if self.kind == "mysql":
            self.skipTest("MySQL has no guards")
        self.client.query(f"BEGIN NOT ATOMIC PREPARE s FROM '{STORE}'; END")
        self.client.query("EXECUTE s USING @i, @v")
        for sql in ("CREATE TABLE other (a INT)", "CREATE VIEW ov AS SELECT a FROM other",
                    "DROP VIEW ov", "DROP TABLE other"):
            self.client.query(sql)
            self.client.query("SET @i = @i + 1")
            self.client.query("EXECUTE s USING @i, @v")
        self.become_a_view()
        self.assertEqual(self.error_of("EXECUTE s USING @i, @v"), STALE)
        self.assertEqual(self.error_of("BEGIN NOT ATOMIC EXECUTE s USING @i, @v; END"), STALE)
        self.assert_nothing_stored()
        self.client.query("BEGIN NOT ATOMIC PREPARE s FROM 'SELECT 1'; EXECUTE s; END")
        self.client.query("PREPARE s FROM 'SELECT 1'")
        self.client.query("EXECUTE s")


@on_each_backend
class PreparedByDriversTest(AnewCase):
    def error_of_execute(self, statement, values=()):
        try:
            self.client.execute(statement, list(values))
        except ServerError as error:
            return error.number
        return None

    def test_a_string_that_became_a_name(self):
        self.client.query("INSERT INTO people VALUES (1, 'Ana', 'p')")
        find = self.client.prepare('SELECT id FROM people WHERE "name" = ?')[0]
        change = self.client.prepare("UPDATE people SET plain = ? WHERE \"name\" = 'Ana'")[0]
        concat = self.client.prepare("SELECT id FROM people WHERE plain = 'a' || id")[0]
        escape = self.client.prepare("SELECT id FROM people WHERE plain = 'a\\'b'")[0]
        same = self.client.prepare("SELECT id FROM people WHERE name = ?")[0]
        for mode, stale in (("ANSI_QUOTES", (find, change)), ("PIPES_AS_CONCAT", (concat,)),
                            ("NO_BACKSLASH_ESCAPES", (escape,))):
            self.client.query(f"SET sql_mode = '{mode}'")
            with self.session() as other:
                other.query("ALTER TABLE people ADD KEY kp (plain(10))")
                other.query("ALTER TABLE people DROP KEY kp")
            for statement in (find, change, concat, escape):
                values = [b"Ana"] if statement in (find, change) else []
                self.assertEqual(self.error_of_execute(statement, values),
                                 STALE if statement in stale else None, (mode, statement))
            self.assertEqual(len(self.client.execute(same, [b"Ana"])[0].rows), 1)
        self.client.query("SET sql_mode = 'ANSI_QUOTES'")
        find = self.client.prepare('SELECT id FROM people WHERE "name" = ?')[0]
        self.assertEqual(len(self.client.execute(find, [b"Ana"])[0].rows), 1)

    def test_a_character_set_that_reads_it_otherwise(self):
        self.client.query("SET NAMES utf8mb4")
        umlaut = self.client.prepare("SELECT id FROM people WHERE plain = 'ö'")[0]
        other = self.client.prepare("SELECT id FROM orders WHERE v = 'ö'")[0]
        plain = self.client.prepare("SELECT id FROM orders WHERE v = 'o'")[0]
        self.client.query("SET NAMES latin1")
        self.assertEqual(self.error_of_execute(umlaut), STALE)
        self.assertEqual(self.error_of_execute(other), None)
        self.assertEqual(self.error_of_execute(plain), None)

    def test_a_table_that_became_a_view(self):
        store = self.client.prepare(STORE)[0]
        self.client.execute(store, [b"1", b"a"])
        self.become_a_view(at_server=True)
        self.assertEqual(self.error_of_execute(store, [b"77", b"secret77"]), STALE)
        self.assert_nothing_stored()

    def test_a_view_that_nobody_told_of(self):
        """The table is gone by a statement that Sealgate saw, and what has its name now was
        made at the server."""
        store = self.client.prepare(STORE)[0]
        self.client.query("DROP TABLE orders")
        self.at_server("CREATE VIEW orders AS SELECT id, name AS v FROM people")
        self.assertEqual(self.error_of_execute(store, [b"77", b"secret77"]), STALE)
        self.assert_nothing_stored()

    def test_long_data_of_names_that_are_nobodys(self):
        """Of a temporary table that a program made, nothing is known: the data waits for the
        execution."""
        self.at_server("CREATE PROCEDURE runs() CREATE TEMPORARY TABLE made (v LONGTEXT)")
        self.reload()
        self.client.query("CALL runs()")
        store = self.client.prepare("INSERT INTO made VALUES (?)")[0]
        for _ in range(2):
            self.client.send_long_data(store, 0, b"a" * 1000)
            self.client.send_long_data(store, 0, b"b" * 1000)
            self.client.execute(store, [None])
        rows = self.client.query("SELECT v FROM made")[0].rows
        self.assertEqual(rows, [[b"a" * 1000 + b"b" * 1000]] * 2)

    def test_the_last_statement_by_its_number(self):
        if self.kind == "mysql":
            self.skipTest("the number -1 is MariaDB's")
        self.client.prepare(STORE)
        last = 0xFFFFFFFF
        self.client.send_long_data(last, 1, b"long")
        self.client.execute(last, [1, None])
        self.client.send_long_data(last, 1, b"gone")
        self.client.command(0x1A, last.to_bytes(4, "little"))
        self.client.answer()
        self.client.execute(last, [2, b"b"])
        rows = self.client.query("SELECT v FROM orders ORDER BY id")[0].rows
        self.assertEqual(rows, [[b"long"], [b"b"]])
