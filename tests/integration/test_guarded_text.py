"""Dynamic SQL whose text exists only at the server: MariaDB looks at it through a
guard that Sealgate writes into the statement. What is harmless runs as without
Sealgate; what names a protected table in whatever way does not run."""

import time

import pymysql

from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, APP, BackendCase, Sealgate

POLICY = """version: 1
columns:
  - {column: shop.customers.email, mode: searchable}
roles:
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
SETUP = ("CREATE TABLE customers (id INT PRIMARY KEY AUTO_INCREMENT, email VARCHAR(100)); "
         "CREATE TABLE notes (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(100))")
# Each gives 'INSERT INTO customers (email) VALUES (1)' from @head = 'INSERT INTO cust'.
WAYS = [
    "CONCAT(@head, 'omers (email) VALUES (1)')",
    "CONCAT(@head, 'OMERS (email) VALUES (1)')",
    "CONCAT(@head, X'6F6D657273', ' (email) VALUES (1)')",
    "CONCAT('\\n\\n', @head, 'omers\\n(email) VALUES (1)')",
    "CONCAT(REPLACE(@head, ' cust', ' `cust'), 'omers` (email) VALUES (1)')",
    "CONVERT(CONCAT(@head, 'omers (email) VALUES (1)') USING ucs2)",
    "CAST(CONCAT(@head, 'omers (email) VALUES (1)') AS BINARY)",
    "CONCAT('/*! ', @head, 'omers (email) VALUES (1) */')",
    "CONCAT(@head, 'omers (email) VALUES (', \"'\", 'é', \"'\", ')')",
    "CONCAT('EXEC', 'UTE IMMEDIATE CONCAT(@head, ''omers (email) VALUES (1)'')')",
    "CONCAT('PRE', 'PARE t FROM @later')",
    "CONCAT(REPEAT(' ', 2000000), @head, 'omers (email) VALUES (1)')",
    "CONCAT(REPEAT('\\n', 300), @head, 'omers (email) VALUES (1)')",
    "CONCAT('BIN', 'LOG @later')",
    "CONCAT('BEGIN NOT ATOMIC EXEC', 'UTE IMMEDIATE /* grant execute on */ @later; END')",
    "CONCAT('CALL sys.`éxe', 'cute_prepared_stmt`(CONCAT(@head, ''omers (email) VALUES (1)''))')",
]
# Programs that put the same text together by their own means.
INSERT = "CONCAT('INSERT INTO cust', 'omers (email) VALUES (1)')"
PROGRAMS = [
    f"DECLARE q TEXT; SET q = {INSERT}; EXECUTE IMMEDIATE q",
    f"DECLARE q TEXT DEFAULT {INSERT}; PREPARE s FROM q; EXECUTE s; DEALLOCATE PREPARE s",
    f"SET @q = {INSERT}; PREPARE s FROM @q; EXECUTE s",
    f"SET sql_mode = 'ANSI_QUOTES'; EXECUTE IMMEDIATE REPLACE({INSERT}, 'customers', "
    "CONCAT(CHAR(34), 'customers', CHAR(34)))",
    "SET default_regex_flags = 'EXTENDED,EXTENDED_MORE,UNGREEDY'; "
    f"EXECUTE IMMEDIATE CONCAT(CHAR(10), {INSERT})",
    f"SET character_set_client = latin1, character_set_connection = ucs2; EXECUTE IMMEDIATE {INSERT}",
    f"SET character_set_connection = utf32; EXECUTE IMMEDIATE {INSERT}",
    f"SET @q = 'DO 1'; PREPARE s FROM @q; SET @q = {INSERT}; PREPARE s FROM @q; EXECUTE s",
    f"FOR i IN 1..2 DO EXECUTE IMMEDIATE IF(i = 1, 'DO 1', {INSERT}); END FOR",
    f"DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN EXECUTE IMMEDIATE {INSERT}; END; "
    f"EXECUTE IMMEDIATE {INSERT}",
    f"DECLARE CONTINUE HANDLER FOR 1235 SET @caught = 1; SET @q = {INSERT}; PREPARE s FROM @q; "
    "EXECUTE s",
    f"DECLARE CONCAT INT DEFAULT 0; BEGIN DECLARE q TEXT DEFAULT {INSERT}; EXECUTE IMMEDIATE q; END",
    f"CASE 1 WHEN 1 THEN BEGIN IF 1 THEN EXECUTE IMMEDIATE {INSERT}; END IF; END; END CASE",
    "DECLARE q TEXT; SELECT GROUP_CONCAT(w SEPARATOR '') INTO q FROM (SELECT 'INSERT INTO cust' w "
    "UNION ALL SELECT 'omers (email) VALUES (1)') x; EXECUTE IMMEDIATE q",
    "DECLARE q TEXT; SELECT note INTO q FROM notes WHERE id = 77; EXECUTE IMMEDIATE q",
    "DECLARE q TEXT DEFAULT (SELECT note FROM notes WHERE id = 77); PREPARE s FROM q; EXECUTE s",
    "DECLARE q TEXT DEFAULT made_text(); EXECUTE IMMEDIATE q",
    "CALL make_text(@q); EXECUTE IMMEDIATE @q",
]
FLAGS = "DOTALL,DUPNAMES,EXTENDED,EXTENDED_MORE,EXTRA,MULTILINE,UNGREEDY"


class GuardedTextTest(BackendCase):
    kind = "mariadb"

    def setUp(self):
        super().setUp()
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(SETUP, APP, self.database)
        self.connection = self.gate.connect(APP, self.database)
        self.addCleanup(self.connection.close)

    def run_sql(self, sql):
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def fails(self, sql):
        with self.assertRaises(pymysql.MySQLError, msg=sql) as caught:
            self.run_sql(sql)
        return caught.exception.args

    def refused(self, sql):
        self.assertEqual(self.fails(sql)[0], 1235)

    def wait_until_refused(self, sql):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self.run_sql(sql)
            except pymysql.MySQLError as error:
                return self.assertEqual(error.args[0], 1235)
            time.sleep(0.2)
        self.fail(f"never refused: {sql}")

    def wait_until_made(self, sql):
        deadline = time.monotonic() + 30
        while True:
            try:
                return self.run_sql(sql)
            except pymysql.MySQLError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)

    def stored(self):
        return self.backend.execute("SELECT COUNT(*) FROM customers", ADMIN, self.database)

    def test_what_is_harmless_runs(self):
        self.run_sql("SET @word = 'note'")
        self.run_sql("EXECUTE IMMEDIATE CONCAT('INSERT INTO notes (', @word, ') VALUES (?)') "
                          "USING 'a'")
        self.run_sql(
            "BEGIN NOT ATOMIC DECLARE i INT DEFAULT 0; WHILE i < 3 DO "
            "EXECUTE IMMEDIATE CONCAT('INSERT INTO notes (note) VALUES (', i, ')'); "
            "SET i = i + 1; END WHILE; END")
        self.run_sql(
            "CREATE PROCEDURE add_note(n VARCHAR(20)) BEGIN "
            "PREPARE s FROM CONCAT('INSERT INTO notes (note) VALUES (?)'); "
            "EXECUTE s USING n; DEALLOCATE PREPARE s; END")
        self.run_sql("CALL add_note('é')")
        self.run_sql("EXECUTE IMMEDIATE CONCAT('INSERT INTO notes (note) ', REPEAT(' ', 600000), "
                     "'VALUES (''long'')')")
        rows = self.run_sql("SELECT note FROM notes ORDER BY id")
        self.assertEqual([row[0] for row in rows], ["a", "0", "1", "2", "é", "long"])

    def test_a_privilege_is_no_dynamic_sql(self):
        self.run_sql("CREATE PROCEDURE add_note() INSERT INTO notes (note) VALUES ('x')")
        role = f"caller_{self.database}"
        self.gate.execute(
            f"CREATE ROLE {role}; CREATE PROCEDURE let(who VARCHAR(100)) EXECUTE IMMEDIATE "
            f"CONCAT('GRANT EXECUTE ON PROCEDURE add_note TO ', who); CALL let('{role}')",
            ADMIN, self.database)
        try:
            grants = self.backend.execute(f"SHOW GRANTS FOR {role}", ADMIN)
        finally:
            self.backend.execute(f"DROP ROLE {role}", ADMIN)
        self.assertIn("GRANT EXECUTE ON PROCEDURE", str(grants))

    def test_the_text_may_have_any_character_set(self):
        for charset in ("utf8mb4", "latin1", "ucs2", "utf32", "binary"):
            self.run_sql("BEGIN NOT ATOMIC EXECUTE IMMEDIATE CONVERT("
                              f"'INSERT INTO notes (note) VALUES (''x'')' USING {charset}); END")
        self.assertEqual(self.run_sql("SELECT COUNT(*) FROM notes")[0][0], 5)

    def test_nothing_reaches_a_protected_table(self):
        self.run_sql("SET @head = 'INSERT INTO cust'")
        self.run_sql("SET @later = CONCAT(@head, 'omers (email) VALUES (1)')")
        for flags, mode in (("", ""), (FLAGS, "ANSI_QUOTES"), (FLAGS, "NO_BACKSLASH_ESCAPES")):
            self.run_sql(f"SET default_regex_flags = '{flags}', sql_mode = '{mode}'")
            for way in WAYS:
                if mode != "ANSI_QUOTES" or '"' not in way:
                    self.nothing_by(way)
        self.assertEqual(self.stored(), [["0"]])

    def nothing_by(self, way):
        for sql in (f"EXECUTE IMMEDIATE {way}", f"BEGIN NOT ATOMIC EXECUTE IMMEDIATE {way}; END",
                    f"BEGIN NOT ATOMIC PREPARE s FROM {way}; EXECUTE s; END"):
            self.fails(sql)
        self.run_sql("DROP PROCEDURE IF EXISTS p")
        try:
            self.run_sql(f"CREATE PROCEDURE p() EXECUTE IMMEDIATE {way}")
        except pymysql.MySQLError as error:
            return self.assertIn(error.args[0], (1235, 1064))
        self.fails("CALL p()")

    def test_programs_reach_no_protected_table(self):
        self.run_sql(f"INSERT INTO notes (id, note) VALUES (77, {INSERT})")
        self.run_sql(f"CREATE FUNCTION made_text() RETURNS TEXT RETURN {INSERT}")
        self.run_sql(f"CREATE PROCEDURE make_text(OUT q TEXT) SET q = {INSERT}")
        for program in PROGRAMS:
            self.run_program(f"BEGIN NOT ATOMIC {program}; END", None)
            self.run_program(f"CREATE OR REPLACE PROCEDURE p() BEGIN {program}; END", "CALL p()")
            self.assertEqual(self.stored(), [["0"]], program)
        # Each of them would have, without the proxy.
        for program in PROGRAMS:
            with self.backend.connect(ADMIN, self.database) as direct, direct.cursor() as cursor:
                cursor.execute("DELETE FROM customers")
                cursor.execute(f"BEGIN NOT ATOMIC {program}; END")
                cursor.execute("SELECT COUNT(*) > 0 FROM customers")
                self.assertEqual(cursor.fetchone(), (1,), program)
        self.backend.execute("DELETE FROM customers", ADMIN, self.database)

    def test_routines_by_other_letters(self):
        """Accents in any character set, also those that swe7 has signs for."""
        with RawClient(self.backend.port, ADMIN, self.database) as client:
            client.query("CREATE PROCEDURE save(x VARCHAR(100)) INSERT INTO customers (email) "
                         "VALUES (x)")
            client.query("CREATE PROCEDURE saves() INSERT INTO customers (email) VALUES (2)")
            client.query("CREATE FUNCTION saved(x VARCHAR(100)) RETURNS INT BEGIN INSERT INTO "
                         "customers (email) VALUES (x); RETURN 1; END")
        self.gate.admin("POST", "/v1/catalog/reload")
        accent = "CHAR(0xC3, 0xA1 USING utf8mb4)"
        for program in (f"EXECUTE IMMEDIATE CONCAT('CALL s', {accent}, 've(''x'')')",
                        f"EXECUTE IMMEDIATE CONCAT('DO s', {accent}, 'ved(''x'')')",
                        "SET NAMES cp850; EXECUTE IMMEDIATE CONCAT('CALL s', CHAR(0xA0 USING cp850), "
                        "'ve(''x'')')",
                        "SET character_set_client = swe7; SET sql_mode = 'ANSI_QUOTES'; EXECUTE "
                        "IMMEDIATE CAST('CALL \"s{ve\"(''x'')' AS BINARY)",
                        "SET character_set_client = swe7; EXECUTE IMMEDIATE "
                        "CAST('CALL `sav@`(''x'')' AS BINARY)",
                        "SET sql_mode = 'ORACLE'; EXECUTE IMMEDIATE CONCAT('BEGIN s', "
                        f"{accent}, 'ves; END')"):
            self.run_program(f"BEGIN NOT ATOMIC {program}; END", None)
            self.run_program(f"CREATE OR REPLACE PROCEDURE p() BEGIN {program}; END", "CALL p()")
            self.assertEqual(self.stored(), [["0"]], program)
        self.run_program(f"EXECUTE IMMEDIATE CONCAT('CALL s', {accent}, 've(''x'')')", None)
        self.run_program("SET NAMES cp850", "EXECUTE IMMEDIATE CONCAT('CALL s', CHAR(0xA0 USING "
                         "cp850), 've(''x'')')")
        self.assertEqual(self.stored(), [["0"]])

    def run_program(self, sql, then):
        """In a session of its own, of which it may change everything; as text and prepared."""
        for prepared in (False, True):
            with RawClient(self.gate.port, APP, self.database) as client:
                try:
                    for text in (sql, then):
                        if text is not None:
                            (client.prepared_query if prepared else client.query)(text)
                except ServerError as error:
                    self.assertIn(error.number, (1235, 1295, 1231, 1064, 1305), f"{sql}: {error}")

    def test_an_event(self):
        """It runs at the server, without a session of the proxy's."""
        self.backend.execute("SET GLOBAL event_scheduler = ON", ADMIN)
        self.addCleanup(self.backend.execute, "SET GLOBAL event_scheduler = OFF", ADMIN)
        try:
            self.run_sql("CREATE EVENT e ON SCHEDULE AT CURRENT_TIMESTAMP ON COMPLETION PRESERVE DO "
                         f"BEGIN INSERT INTO notes (note) VALUES ('ran'); EXECUTE IMMEDIATE {INSERT}; "
                         "INSERT INTO notes (note) VALUES ('through'); END")
        except pymysql.MySQLError as error:
            return self.assertEqual(error.args[0], 1235)
        deadline = time.monotonic() + 20
        while not self.run_sql("SELECT 1 FROM notes WHERE note = 'ran'"):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        self.assertEqual(self.stored(), [["0"]])

    def test_parameters(self):
        """Texts that come as parameters of a prepared statement."""
        texts = [b"INSERT INTO cust", b"omers (email) VALUES (1)"]
        with RawClient(self.gate.port, APP, self.database) as client:
            for sql, values in (("EXECUTE IMMEDIATE CONCAT(?, ?)", texts),
                                ("EXECUTE IMMEDIATE ?", [b"".join(texts)]),
                                ("PREPARE s FROM ?", [b"".join(texts)]),
                                ("BEGIN NOT ATOMIC EXECUTE IMMEDIATE CONCAT(?, ?); END", texts),
                                ("SET @q = CONCAT(?, ?)", texts)):
                try:
                    client.prepared_query(sql, values)
                except ServerError as error:
                    self.assertIn(error.number, (1235, 1064, 1295), f"{sql}: {error}")
            for sql in ("PREPARE s FROM @q", "EXECUTE IMMEDIATE @q"):
                for send in (client.query, client.prepared_query):
                    with self.assertRaises(ServerError) as caught:
                        send(sql)
                    self.assertIn(caught.exception.number, (1235, 1295), sql)
            # A harmless one is still good.
            client.prepared_query("SET @q = CONCAT(?, ?)", [b"INSERT INTO notes (note) ", b"VALUES (7)"])
            client.query("EXECUTE IMMEDIATE @q")
        self.assertEqual(self.run_sql("SELECT COUNT(*) FROM notes")[0][0], 1)
        self.assertEqual(self.stored(), [["0"]])

    def test_the_refusal_says_what(self):
        self.run_sql("SET @head = 'INSERT INTO cust'")
        number, message = self.fails(f"BEGIN NOT ATOMIC EXECUTE IMMEDIATE {WAYS[0]}; END")
        self.assertEqual(number, 1235)
        self.assertIn("sealgate: dynamic SQL", message)

    def test_a_routine_made_at_the_server_has_no_guard(self):
        self.backend.execute("CREATE PROCEDURE run(q TEXT) EXECUTE IMMEDIATE q", ADMIN,
                             self.database)
        self.refused("CALL run('INSERT INTO notes (note) VALUES (1)')")

    def test_a_routine_is_refused_once_its_guard_is_outdated(self):
        self.run_sql("CREATE PROCEDURE run(q TEXT) EXECUTE IMMEDIATE q")
        self.run_sql("CALL run('DO 1')")
        self.backend.execute("CREATE VIEW seen AS SELECT * FROM customers", ADMIN, self.database)
        self.wait_until_refused("CALL run('DO 1')")
        self.backend.execute("DROP PROCEDURE run", ADMIN, self.database)
        self.wait_until_made("CREATE PROCEDURE run(q TEXT) EXECUTE IMMEDIATE q")
        self.run_sql("CALL run('DO 1')")
        self.refused("CALL run('INSERT INTO seen (email) VALUES (1)')")

    def test_a_dump_of_a_routine_can_be_restored(self):
        self.run_sql("CREATE PROCEDURE run(q TEXT) EXECUTE IMMEDIATE q")
        body = self.run_sql("SHOW CREATE PROCEDURE run")[0][2]
        self.run_sql("DROP PROCEDURE run")
        self.run_sql(body)
        self.run_sql("CALL run('INSERT INTO notes (note) VALUES (1)')")
        self.assertEqual(self.run_sql("SHOW CREATE PROCEDURE run")[0][2], body)
