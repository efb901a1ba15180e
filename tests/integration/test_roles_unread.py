"""Statements and programs that cannot be read to their end, or that mean something only in
other modes: by none of them does a role that sees masks get to see a value."""

import time

from raw_client import RawClient
from raw_packets import MULTI_STATEMENTS, ServerError
from servers import ADMIN, APP, NOPASS, BackendCase, Sealgate, on_each_backend

SECRET = b"Zq7plainZ"
POLICY = """version: 1
columns:
  - {column: shop.letters.c, mode: searchable, plaintext: allow}
roles:
  - {name: support, match: [{user: nopass}], default: {reveal: mask}}
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
TABLES = (
    "CREATE TABLE letters (id INT PRIMARY KEY, n INT, c VARCHAR(50), UNIQUE KEY u (n, c)) "
    f"CHARACTER SET utf8mb4; INSERT INTO letters VALUES (1, 1, '{SECRET.decode()}'), "
    f"(2, 2, '{SECRET.decode()}'); CREATE TABLE plain (id INT)")
PROGRAMS = (
    "CREATE PROCEDURE shows() SHOW WARNINGS",
    "CREATE PROCEDURE calls() CALL shows()",
    "CREATE FUNCTION `user`() RETURNS TEXT RETURN says()",
    "CREATE FUNCTION says() RETURNS TEXT BEGIN DECLARE m TEXT; "
    "GET DIAGNOSTICS CONDITION 1 m = MESSAGE_TEXT; RETURN m; END",
    "CREATE VIEW who AS SELECT INFO FROM information_schema.PROCESSLIST",
    "CREATE PROCEDURE hints() BEGIN SELECT /*+ \\ */ 1; CALL shows(); END",
    "CREATE PROCEDURE quotes() BEGIN SET @a = \"\\\"\"; SHOW WARNINGS; /* \" */ SET @b = 1; END")
BOTH = [
    b"SHOW /*+ \\ */ WARNINGS", b"/*+ \\ */ SHOW WARNINGS", b"/*! SHOW WARNINGS */ -- diagnostics",
    b"SELECT 1; /*! */ SHOW WARNINGS -- diagnostics", b"SHOW WARNINGS; SELECT 1",
    b"GET /*+ \\ */ DIAGNOSTICS CONDITION 1 @m = MESSAGE_TEXT",
    b"SELECT /*+ \\ */ INFO FROM information_schema.PROCESSLIST",
    b"CALL calls() /*! */", b"/*!50000 CALL shows() */", b"CALL /*+ \\ */ shows()",
    b"USE shop; CALL calls()", b"USE information_schema; SELECT INFO FROM processlist",
    b"SELECT * FROM /*! who */", b"SELECT `user`()", b"SELECT says/*!()*/",
    b"OPTIMIZE TABLE letters", b"CHECK LOCAL TABLE letters", b"CALL hints()", b"CALL quotes()",
    b"SET sql_mode = 'NO_BACKSLASH_ESCAPES'; "
    b"SELECT '\\', INFO FROM information_schema.PROCESSLIST -- '",
    b"SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SET @a = '\\'; SHOW WARNINGS; -- '",
    b"SET sql_mode = 'ANSI_QUOTES'; SELECT * FROM \"who\"",
    b"SET sql_mode = 'ANSI_QUOTES' /*! */; SELECT * FROM \"who\"",
    b"SET NAMES gbk; SELECT '\xbf\\', says() -- '"]
GBK = [b"SELECT '\xbf\\', INFO FROM information_schema.PROCESSLIST -- '",
       b"SELECT '\xbf\\', says() -- '"]
ORACLE = [b"BEGIN shows; END", b"BEGIN shop.shows; END", b"CALL bare()",
          b"IF 1 = 1 THEN calls; END IF", b"CALL handles()", b"BEGIN `md5`(); END", b"CREATE PROCEDURE mine AS BEGIN shows; END",
          b"CALL shop.pack.p()", b"BEGIN pack.p; END"]


@on_each_backend
class UnreadTest(BackendCase):

    def setUp(self):
        super().setUp()
        self.backend.execute(TABLES, ADMIN, self.database)
        with RawClient(self.backend.port, ADMIN, self.database) as client:
            for sql in PROGRAMS:
                client.query(sql)
            if self.kind == "mariadb":
                client.query("SET sql_mode = 'ORACLE'")
                client.query("CREATE PROCEDURE bare AS BEGIN shows; END")
                client.query("CREATE PROCEDURE handles AS BEGIN DECLARE EXIT HANDLER FOR SQLSTATE "
                             "'42S02', 1146 shows; BEGIN SELECT * FROM nowhere; END; END")
                client.query("CREATE PROCEDURE `md5` AS BEGIN SHOW WARNINGS; END")
                client.query("CREATE PACKAGE pack AS PROCEDURE p; END")
                client.query("CREATE PACKAGE BODY pack AS PROCEDURE p AS BEGIN SHOW WARNINGS; "
                             "END; END")
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()

    def session(self, account=NOPASS):
        return RawClient(self.gate.port, account, self.database, add=MULTI_STATEMENTS)

    def hide(self, client):
        with self.assertRaises(ServerError) as raised:
            client.query("UPDATE letters SET n = 1 WHERE id = 2")
        self.assertIn("is not shown to this role", raised.exception.message)

    def refuse(self, client, sql, numbers=(1235,), before="DO 1"):
        with self.subTest(sql):
            client.query("SET NAMES utf8mb4, sql_mode = ''")
            self.hide(client)
            client.query(before)
            with self.assertRaises(ServerError) as raised:
                client.query(sql)
            self.assertIn(raised.exception.number, numbers, raised.exception.message)
            self.assertIn("sealgate:", raised.exception.message)

    def test_texts(self):
        with self.session() as client:
            for sql in BOTH:
                self.refuse(client, sql)
            for sql in GBK:
                self.refuse(client, sql, before="SET NAMES gbk")

    def test_programs_with_accents_in_their_names(self):
        self.backend.execute("SET NAMES utf8mb4; CREATE FUNCTION wörds() RETURNS TEXT READS SQL "
                             "DATA RETURN says(); CREATE PROCEDURE tölls() SHOW WARNINGS", ADMIN,
                             self.database)
        self.gate.admin("POST", "/v1/catalog/reload")
        with self.session() as client:
            for sql in ("SELECT words()", "CALL tolls()", "SELECT wórds()"):
                self.refuse(client, sql)

    def test_programs_by_their_names_alone(self):
        with self.session() as client:
            if self.kind == "mysql":
                with self.assertRaises(ServerError):  # there is no such mode
                    client.query("SET sql_mode = 'ORACLE'")
                return
            for sql in ORACLE:
                self.refuse(client, sql, before="SET sql_mode = 'ORACLE'")

    def test_messages_in_letters_that_came_meanwhile(self):
        with self.session() as client:
            asks = [lambda: client.query("SHOW WARNINGS")]
            if self.kind == "mariadb":  # MySQL does not prepare it
                said, *_ = client.prepare("SHOW WARNINGS")
                asks.append(lambda: client.execute(said))
            for setting in ("SET @@character_set_results = ucs2",
                            "SET character_set_results = utf16"):
                for ask in asks:
                    client.query("SET NAMES utf8mb4")
                    self.hide(client)
                    client.query(setting)
                    try:
                        rows = [row for result in ask() for row in result.rows]
                    except ServerError as error:
                        self.assertIn(error.number, (1235, 1615), error.message)
                    else:
                        self.assertEqual(rows, [])  # MySQL's SET clears them

    def test_what_was_harmless_when_its_plan_was_made(self):
        with self.session(APP) as app, self.session() as client:
            app.query("CREATE FUNCTION later() RETURNS TEXT RETURN 'x'")
            prepared, *_ = client.prepare("SELECT later()")
            for _ in range(2):
                client.query("SELECT later()")
                client.execute(prepared)
            app.query("DROP FUNCTION later")
            app.query("CREATE FUNCTION later() RETURNS TEXT RETURN says()")
            self.refuse(client, "SELECT later()")
            self.hide(client)
            with self.assertRaises(ServerError) as raised:
                client.execute(prepared)
            self.assertIn(raised.exception.number, (1235, 1615))

    # Which account the server took a login for is not known before it was asked.
    def test_the_first_statement_of_a_session(self):
        for sql in ("SHOW FULL PROCESSLIST", "SELECT * FROM who", "CALL shows()"):
            with self.session() as client:
                with self.assertRaises(ServerError) as raised:
                    client.query(sql)
                self.assertEqual(raised.exception.number, 1235)

    # By way of a text that nobody reads, nothing is made or changed unseen.
    def test_names_that_change_in_such_a_text(self):
        with self.session(APP) as client:
            client.query("CREATE TABLE later (id INT, c VARCHAR(300))")
            client.query("SELECT /*+ \\ */ 1; DROP TABLE later")
            self.backend.execute("CREATE VIEW later AS SELECT id, c FROM letters", ADMIN,
                                 self.database)
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                try:
                    client.query("INSERT INTO later VALUES (9, 'x')")
                    client.query("DELETE FROM later WHERE id = 9")
                    break
                except ServerError as error:
                    self.assertIn("sealgate:", error.message)
                    break
            else:
                self.fail("the view was never found")
