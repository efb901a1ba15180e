"""What goes to the server before Sealgate knows the session's modes: whatever these
are, the first statement of a session is treated as a later one is; what asking for
them disturbs is refused and never wrong; and what refuses to be asked (an expired
password, a failed init_connect) is told as the server tells it."""

import re

from people import POLICY, TABLES, TWIN
from raw_client import RawClient
from raw_packets import ProtocolError, ServerError
from servers import ADMIN, APP, CHANGED, Account, BackendCase, Sealgate, Server, on_each_backend
from test_refusals import BESIDE

# Of rewrite/screen/unasked.h.
ALIKE = (b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
         b" \t\n\r!#$%&'()*+,-./:;<=>?@_\"")
EXTENDED_NAME = re.compile(rb"@[A-Za-z0-9_.$]+@|@@@")
PLACES = (b"SELECT 1 %c 2", b"SELECT a%cb", b"SELECT 'a%cb'", b"SELECT 1 AS a%cb", b"SELECT @a%cb",
          b"SELECT @@sql_mode%c", b"SELECT @a%c@b", b"SELECT COUNT%c(1)", b"SELECT 1 -%c- 2",
          b"SELECT 'x'%c'y'", b"SELECT 1/%c* 2 */", b"SET @v=%c1", b"%cSELECT 1",
          b"SELECT 1 FROM a%c.b", b"SELECT x%c'41'", b"SELECT _latin1%c'41'", b"SELECT 1 %c%c 2")

M = "MARKER"
TRICKS = [text.encode() for text in (
    f"INSERT INTO people (name) VALUES ('{M}')",
    f'INSERT INTO people (name) VALUES ("{M}")',
    f"SELECT id FROM people WHERE name = '{M}'",
    f'SELECT id FROM people WHERE name = "{M}"',
    f'SELECT id FROM "people" WHERE name = \'{M}\'',
    f"SELECT id FROM `people` WHERE name = '{M}'",
    f"SELECT id FROM shop.people WHERE name = '{M}'",
    f'SELECT "\\"", id FROM people WHERE name = \'{M}\' -- "',
    f"SELECT '\\', id FROM people WHERE name = '{M}' -- '",
    f"SELECT '\\\\', id FROM people WHERE name = '{M}' -- '",
    f"SELECT 'x' || id FROM people WHERE name = 'a' || '{M}'",
    f"SELECT 1 /*! FROM people WHERE name = '{M}' */",
    f"SELECT 1 /*M! FROM people WHERE name = '{M}' */",
    f"SELECT 1 FROM [people] WHERE name = '{M}'",
    f"SELECT 1; INSERT INTO people (name) VALUES ('{M}')",
    f"SET @q = 'INSERT INTO people (name) VALUES (''{M}'')'",
    f"SET @@sql_mode = 'ANSI_QUOTES', @x = (SELECT id FROM people WHERE name = '{M}')",
    f"EXECUTE IMMEDIATE 'INSERT INTO people (name) VALUES (''{M}'')'",
    f"PREPARE s FROM 'SELECT 1 FROM people WHERE name = ''{M}'''",
    f"SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR SELECT 1 FROM \"people\" WHERE name = '{M}'",
    f"EXPLAIN SELECT id FROM people WHERE name = '{M}'",
    f"SELECT 1 FROM people_view WHERE name = '{M}'",
    f"SELECT store_one('{M}')", f"CALL store_name('{M}')", f"INSERT INTO letters VALUES ('{M}')",
    f"SELECT 1 FROM item UNION SELECT id FROM people WHERE name = '{M}'",
    f"SELECT @a@people FROM people WHERE name = '{M}'",
    f"BEGIN NOT ATOMIC INSERT INTO people (name) VALUES ('{M}'); END",
    f"SELECT '{M}' AS x",
    f"SELECT \"people\", '{M}'",
)] + [
    b"SELECT '\xBF\\' FROM people WHERE name = '" + M.encode() + b"' -- '",
    b"SELECT '\x81\\', id FROM people WHERE name = '" + M.encode() + b"' -- '",
    b"SELECT 1 AS \xC3\x60, id FROM people WHERE name = '" + M.encode() + b"'",
    b"SELECT 1 FROM {people} WHERE name = '" + M.encode() + b"'",
    b"SELECT 1\xA0FROM\xA0people\xA0WHERE name = '" + M.encode() + b"'",
]
MODES = ("", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT", "IGNORE_SPACE",
         "ANSI,NO_BACKSLASH_ESCAPES")
MARIADB_MODES = ("ORACLE", "MSSQL")
CHARSETS = ("swe7", "gbk", "sjis", "big5", "latin1")

LEAVES = (None, "SELECT plain FROM people", "SELECT 1", "SET @a = 1", "SHOW TABLES", "BEGIN",
          "SELECT plain FROM people WHERE id = -1", "SHOW VARIABLES LIKE 'sql%'",
          "SELECT CAST('x' AS SIGNED)", "SELECT nosuch FROM people_plain", "SET sql_mode = ''",
          "INSERT INTO item VALUES (5), (6)", "UPDATE item SET a = 9", "SET insert_id = 77",
          "SET TRANSACTION READ ONLY", "SELECT SQL_CALC_FOUND_ROWS a FROM item LIMIT 1")
BETWEEN = ((), (b"\x02", "%s"), (b"\x03", "SET @b = '|'"), (b"\x03", "SET @b = '\\\\'"), (b"\x03", "SELECT '\\\\'"),
           (b"\x16", "SELECT 1"))
READS = ("SELECT FOUND_ROWS(), '\\\\'", "SELECT FOUND_ROWS()", "SELECT ROW_COUNT()",
         "SELECT ROW_COUNT(), '\\\\'", "SELECT @@warning_count, @@error_count", "SHOW WARNINGS",
         "SHOW ERRORS", "SELECT LAST_INSERT_ID(), '|'", "SELECT @@warning_count, '|'",
         "INSERT INTO item VALUES (7)", "SELECT @@autocommit, '|'")


def marked(trick, number):
    marker = b"Zq%dqZ" % number
    return trick.replace(M.encode(), marker), marker


def outcome(client, sql):
    """What a client sees: the rows, or the number of the error."""
    try:
        return [sorted(map(str, result.rows)) if result.rows else [] for result in client.query(sql)]
    except ServerError as error:
        return error.number
    except (ProtocolError, OSError):
        return "closed"


@on_each_backend
class ReadsAlikeTest(BackendCase):
    """The bytes that unasked.h lists, at the server itself."""

    def test_every_character_set(self):
        expected = {}
        with RawClient(self.backend.port, ADMIN) as client:
            names = [row[0].decode() for row in client.query("SHOW CHARACTER SET")[0].rows]
        tried = 0
        for name in names:
            with RawClient(self.backend.port, ADMIN) as client:
                if outcome(client, f"SET character_set_client = {name}") != [[]]:
                    self.assertIn(name, ("ucs2", "utf16", "utf16le", "utf32"))
                    continue
                tried += 1
                for byte in ALIKE:
                    # Of letters and digits, one place tells enough.
                    for place in PLACES[:4] if chr(byte).isalnum() else PLACES:
                        sql = place.replace(b"%c", bytes([byte]))
                        if EXTENDED_NAME.search(sql):
                            continue
                        got = outcome(client, sql)
                        got = got if isinstance(got, int) else len(got[0])
                        self.assertEqual(got, expected.setdefault(sql, got), (name, sql))
        self.assertGreater(tried, 30)


class UnaskedCase(BackendCase):
    @classmethod
    def setUpClass(cls):
        cls.backend = Server(cls.kind)
        cls.addClassCleanup(cls.backend.close)
        cls.backend.start()
        cls.backend.execute(f"CREATE DATABASE {cls.database} CHARACTER SET utf8mb4; "
                            f"CREATE DATABASE {TWIN} CHARACTER SET utf8mb4")
        cls.gate = Sealgate(cls.backend, POLICY.replace("[app,", "[late, few, app,"))
        cls.addClassCleanup(cls.gate.close)
        cls.gate.start()
        plain = ("CREATE TABLE item (a INT)", "CREATE TABLE people_plain (a INT)")
        cls.gate.execute(";".join(TABLES + plain), APP, cls.database)
        cls.backend.execute(";".join(TABLES + plain), ADMIN, TWIN)

    def setUp(self):
        self.assertTrue(self.gate.running(), self.gate.logs())
        for database in (self.database, TWIN):
            self.backend.execute("DELETE FROM people; DELETE FROM item", ADMIN, database)

    def reload(self):
        run = self.gate.command("catalog", "reload")
        self.assertEqual(run.returncode, 0, run.stderr)


@on_each_backend
class FirstStatementTest(UnaskedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend.execute("SET GLOBAL log_bin_trust_function_creators = 1")
        with cls.backend.connect(ADMIN, cls.database) as connection:
            for text in BESIDE:
                connection.cursor().execute(text)
        cls.gate.command("catalog", "reload")
        cls.cleaner = RawClient(cls.backend.port, ADMIN, cls.database)
        cls.addClassCleanup(cls.cleaner.close)
        cls.number = 0

    def session(self):
        return RawClient(self.gate.port, APP, self.database)

    def at_login(self):
        return self.session()

    def asked(self):
        client = self.session()
        outcome(client, "SELECT '|'")
        return client

    def after_a_statement(self):
        client = self.session()
        outcome(client, "SELECT 1")
        return client

    def after_another_schema(self):
        client = RawClient(self.gate.port, APP)
        client.command(0x02, self.database.encode())
        client.answer()
        return client

    def after_a_reset(self):
        client = self.asked()
        client.command(0x1F)
        client.answer()
        return client

    def after_a_change_of_user(self):
        client = self.asked()
        client.change_user(CHANGED, self.database)
        return client

    def treatment(self, start, trick):
        """Its answer, and whether the server saw the marker."""
        type(self).number += 1
        sql, marker = marked(trick, self.number)
        with start() as client:
            before = self.backend.general_log_size()
            answer = outcome(client, sql)
        seen = marker in self.backend.general_log(before)
        # A plan that EXPLAIN shows has what was sealed.
        answer = re.sub("0x[0-9a-f]{16,}", "0x…", str(answer).replace(marker.decode(), M))
        for table in ("people", "letters"):
            self.cleaner.query(f"DELETE FROM {table}")
        return answer, seen

    def check(self, *starts):
        for trick in TRICKS:
            expected = self.treatment(self.asked, trick)
            for start in starts:
                self.assertEqual(self.treatment(start, trick), expected, (start.__name__, trick))

    def with_globals(self, settings, *starts):
        with self.subTest(settings):
            self.backend.execute("; ".join(f"SET GLOBAL {name} = {value}"
                                           for name, value in settings.items()))
            self.reload()
            try:
                self.check(*starts)
            finally:
                self.backend.execute("; ".join(f"SET GLOBAL {name} = DEFAULT" for name in settings))
                self.reload()

    def test_global_modes(self):
        for mode in MODES + (MARIADB_MODES if self.kind == "mariadb" else ()):
            self.with_globals({"sql_mode": f"'{mode}'"}, self.at_login)

    def test_every_start(self):
        for mode in ("", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES"):
            self.with_globals({"sql_mode": f"'{mode}'"}, self.after_a_statement,
                              self.after_another_schema, self.after_a_reset, self.after_a_change_of_user)

    def test_init_connect(self):
        for charset in CHARSETS:
            self.with_globals({"init_connect": f"'SET NAMES {charset}, sql_mode = \"\"'"},
                              self.at_login)
        self.with_globals({"init_connect": f"'USE {self.database}'"}, self.at_login)

    def test_without_the_servers_own_tracking(self):
        self.with_globals({"session_track_system_variables": "''", "session_track_schema": "OFF",
                           "sql_mode": "'ANSI_QUOTES'"}, self.at_login, self.after_a_reset)

    def test_another_schema_by_init_connect(self):
        """A view that nobody knows yet, where the login did not say."""
        self.backend.execute(f"SET GLOBAL init_connect = 'USE {self.database}'")
        self.reload()
        self.backend.execute("CREATE DATABASE IF NOT EXISTS shop_other; CREATE TABLE IF NOT EXISTS "
                             "shop_other.fresh (name VARCHAR(9))")
        self.reload()
        try:
            self.backend.execute("CREATE VIEW fresh AS SELECT name FROM people", ADMIN, self.database)
            before = self.backend.general_log_size()
            with RawClient(self.gate.port, APP, "shop_other") as client:
                self.assertEqual(outcome(client, "SELECT * FROM fresh WHERE name = 'Zq0qZ'"), [[]])
            self.assertNotIn(b"Zq0qZ", self.backend.general_log(before))
        finally:
            self.backend.execute(f"SET GLOBAL init_connect = ''; DROP VIEW {self.database}.fresh")
            self.reload()

    def test_values_are_right_from_the_first_statement_on(self):
        with self.session() as client:
            client.query("INSERT INTO people (id, name) VALUES (1, \"Ana\")")
        with self.session() as client:
            self.assertEqual(client.query("SELECT name FROM people WHERE name = 'ana'")[0].rows,
                             [[b"Ana"]])


@on_each_backend
class CountsTest(UnaskedCase):
    def pair(self):
        return (RawClient(self.gate.port, APP, self.database),
                RawClient(self.backend.port, ADMIN, TWIN))

    def test_plain_sessions_are_not_asked(self):
        """As many statements at the server as the client sent."""
        questions = "SHOW SESSION STATUS LIKE 'Questions'"
        own, theirs = self.pair()
        for sql in ("SELECT 1", "SET autocommit = 1", "SELECT a FROM item", questions):
            self.assertEqual(outcome(own, sql), outcome(theirs, sql), sql)
        for client in (own, theirs):
            client.command(0x1F)
            client.answer()
        self.assertEqual(outcome(own, questions), outcome(theirs, questions))

    def run_all(self, client, database, first, between, read):
        if first:
            outcome(client, first)
        if between:
            command, text = between
            client.command(command[0], (text % database if "%s" in text else text).encode())
            if command[0] == 0x16:
                client.receive()  # no parameters
                client.receive()
                if not client.capabilities & (1 << 24):
                    client.receive()
            else:
                client.results(False)
        return outcome(client, read)

    def warm_up(self):
        """A session of MariaDB's begins with the FOUND_ROWS() of another that its thread had."""
        sessions = self.pair() + self.pair()
        for client in sessions:
            outcome(client, "SELECT 1")
        for client in sessions:
            client.close()

    def test_what_the_question_disturbs(self):
        self.warm_up()
        refused = 0
        for first in LEAVES:
            for between in BETWEEN:
                for read in READS:
                    answers = []
                    for client, database in zip(self.pair(), (self.database, TWIN)):
                        with client:
                            answers.append(self.run_all(client, database, first, between, read))
                    if answers[0] == 1235:
                        refused += 1
                        continue
                    self.assertEqual(*answers, (first, between, read))
        self.assertGreater(refused, 50)

    def ask_both(self, *statements):
        """The last one's outcome through Sealgate, which is the server's or a refusal."""
        answers = []
        for client in self.pair():
            with client:
                answers.append([outcome(client, sql) for sql in statements])
        if answers[0][-1] != 1235:
            self.assertEqual(*answers, statements)
        return answers[0][-1]

    def make_in_both(self, *statements):
        with self.pair()[0] as own, self.pair()[1] as theirs:
            for sql in statements:
                own.query("SELECT 1")
                own.query(sql)
                theirs.query(sql)

    def drop_programs(self):
        for database in (self.database, TWIN):
            self.backend.execute("DROP FUNCTION found_count; DROP VIEW found_view; " + "; ".join(
                f"DROP PROCEDURE {name}" for name in ("shows_found", "calls_it", "changes", "finds")),
                                 ADMIN, database)
        self.reload()

    def test_what_the_question_disturbs_for_programs(self):
        self.backend.execute("SET GLOBAL log_bin_trust_function_creators = 1")
        self.addCleanup(self.drop_programs)
        self.make_in_both("INSERT INTO item VALUES (1), (2), (3)",
                          "CREATE FUNCTION found_count() RETURNS INT RETURN FOUND_ROWS()",
                          "CREATE PROCEDURE shows_found() SELECT FOUND_ROWS()",
                          "CREATE PROCEDURE calls_it() CALL shows_found()",
                          "CREATE VIEW found_view AS SELECT FOUND_ROWS() AS x",
                          "CREATE PROCEDURE changes() BEGIN UPDATE item SET a = a + 9; "
                          "SELECT ROW_COUNT(); END",
                          "CREATE PROCEDURE finds() BEGIN SELECT SQL_CALC_FOUND_ROWS a FROM item LIMIT 1; "
                          "SELECT FOUND_ROWS(); END")
        lost = ("SELECT a FROM item", "SET time_zone = 'no such zone'")
        for sql in ("SELECT found_count()", "SELECT FOUND_ROWS()", "CALL shows_found()", "CALL calls_it()",
                    "SELECT * FROM found_view", "SELECT 1; DO found_count()"):
            self.assertEqual(self.ask_both(*lost, sql), 1235, sql)
            # After a statement of its own, it is the server's.
            self.assertNotEqual(self.ask_both(*lost, "SELECT a FROM item LIMIT 2", sql), 1235, sql)
        prepared = ("PREPARE s FROM 'SELECT FOUND_ROWS()'", "PREPARE t FROM 'CALL calls_it()'")
        for sql in ("EXECUTE s", "EXECUTE t"):
            self.assertEqual(self.ask_both("SELECT 1", *prepared, *lost, sql), 1235, sql)
            self.assertNotEqual(self.ask_both("SELECT 1", *prepared, *lost, "SELECT a FROM item", sql),
                                1235, sql)
        with self.pair()[0] as own:
            outcome(own, "SELECT 1")
            for sql in ("SELECT found_count()", "CALL calls_it()"):
                statement = own.prepare(sql)[0]
                outcome(own, lost[0])
                outcome(own, lost[1])
                with self.assertRaises(ServerError) as raised:
                    own.execute(statement)
                self.assertEqual(raised.exception.number, 1235, sql)
        # Those that read what they have counted themselves, also as the first of a session.
        for sql in ("CALL changes()", "CALL finds()"):
            self.assertNotEqual(self.ask_both(sql), 1235, sql)
            self.assertNotEqual(self.ask_both(*lost, sql), 1235, sql)

    def test_what_the_question_for_a_text_disturbs(self):
        self.make_in_both("INSERT INTO item VALUES (1), (2), (3)")
        texts = ("SET @f = 'SELECT FOUND_ROWS()'", "SET @r = 'SELECT ROW_COUNT()'",
                 "SET @w = 'SHOW WARNINGS'", "SET @p = 'SELECT ?'", "SELECT a FROM item")
        self.assertEqual(self.ask_both(*texts, "PREPARE s FROM @f", "SELECT FOUND_ROWS()"), 1235)
        self.assertEqual(self.ask_both(*texts, "PREPARE s FROM @f", "EXECUTE s"), 1235)
        self.ask_both(*texts, "PREPARE s FROM @r", "EXECUTE s")
        self.ask_both(*texts, "PREPARE s FROM @r", "SELECT ROW_COUNT()")
        self.ask_both(*texts, "PREPARE s FROM @f", "SELECT 1", "EXECUTE s")
        if self.kind == "mysql":
            return
        for sql in ("EXECUTE IMMEDIATE @f", "EXECUTE IMMEDIATE @r",
                    "EXECUTE IMMEDIATE @p USING ROW_COUNT()"):
            self.assertEqual(self.ask_both(*texts, sql), 1235, sql)
        for sql in ("EXECUTE IMMEDIATE @w", "EXECUTE IMMEDIATE @p USING 1"):
            self.ask_both(*texts, "SELECT CAST('x' AS INT)", sql)

    def test_one_shot_transactions(self):
        for isolation in ("READ ONLY", "ISOLATION LEVEL SERIALIZABLE"):
            answers = []
            for client in self.pair():
                with client:
                    outcome(client, f"SET TRANSACTION {isolation}")
                    answers.append([outcome(client, "INSERT INTO item VALUES (1)")])
            self.assertEqual(*answers, isolation)

    def test_a_transaction_goes_on(self):
        own, _ = self.pair()
        with own:
            own.query("START TRANSACTION READ ONLY")
            self.assertEqual(outcome(own, "INSERT INTO item VALUES (1)"), 1792)
        own, _ = self.pair()
        with own:
            own.query("SET autocommit = 0")
            own.query("INSERT INTO people (id, name) VALUES (1, 'Ana')")
            own.query("ROLLBACK")
            self.assertEqual(own.query("SELECT COUNT(*) FROM people")[0].rows, [[b"0"]])


@on_each_backend
class RefusedQuestionTest(UnaskedCase):
    def test_an_expired_password(self):
        self.backend.execute("DROP USER IF EXISTS late@'%'; CREATE USER late@'%' IDENTIFIED BY 'old'; "
                             f"GRANT ALL ON {self.database}.* TO late@'%'; "
                             "ALTER USER late@'%' PASSWORD EXPIRE")
        self.addCleanup(self.backend.execute, "DROP USER late@'%'")
        with RawClient(self.gate.port, Account("late", "old"), self.database,
                       add=1 << 22) as client:
            for _ in range(2):
                for sql in ("SELECT 1", "SELECT name FROM people", "SELECT '\\\\'",
                            "PREPARE s FROM 'SELECT 1'", 'SELECT name FROM "people"'):
                    self.assertEqual(outcome(client, sql), 1820, sql)
            change = ("SET PASSWORD = PASSWORD('new')" if self.kind == "mariadb"
                      else "ALTER USER USER() IDENTIFIED BY 'new'")
            self.assertEqual(outcome(client, change), [[]])
            self.assertEqual(outcome(client, "SELECT name FROM people"), [[]])
            self.assertEqual(outcome(client, "INSERT INTO people (name) VALUES ('Ana')"), [[]])
        with RawClient(self.gate.port, Account("late", "new"), self.database) as client:
            self.assertEqual(client.query("SELECT name FROM people")[0].rows, [[b"Ana"]])

    def test_an_expired_password_is_set_by_a_prepared_statement(self):
        self.backend.execute(
            "DROP USER IF EXISTS late@'%'; CREATE USER late@'%' IDENTIFIED BY 'old'; "
            f"GRANT ALL ON {self.database}.* TO late@'%'; ALTER USER late@'%' PASSWORD EXPIRE")
        self.addCleanup(self.backend.execute, "DROP USER late@'%'")
        prepare = "PREPARE s FROM \"SET PASSWORD = PASSWORD('')\""
        with RawClient(self.gate.port, Account("late", "old"), self.database,
                       add=1 << 22) as client:
            self.assertEqual(outcome(client, "SELECT 1"), 1820)
            if self.kind == "mysql":  # which prepares nothing then
                self.assertEqual(outcome(client, prepare), 1820)
                return
            for sql in (prepare, "DEALLOCATE PREPARE s", prepare, "EXECUTE s",
                        "SELECT name FROM people"):
                self.assertEqual(outcome(client, sql), [[]], sql)

    def test_a_failing_init_connect(self):
        self.backend.execute("SET GLOBAL init_connect = 'no such statement'")
        self.addCleanup(self.backend.execute, "SET GLOBAL init_connect = ''")
        for sql in ("SELECT 1", "SELECT name FROM people", "SELECT a FROM item"):
            answers = []
            for port in (self.gate.port, self.backend.port):
                with RawClient(port, APP, self.database) as client:
                    answers.append([outcome(client, sql), outcome(client, sql)])
            self.assertEqual(*answers, sql)

    def test_a_limit_of_queries(self):
        self.backend.execute("DROP USER IF EXISTS few@'%'; CREATE USER few@'%' IDENTIFIED BY 'x' "
                             f"WITH MAX_QUERIES_PER_HOUR 2; GRANT ALL ON {self.database}.* TO few@'%'")
        self.addCleanup(self.backend.execute, "DROP USER few@'%'")
        with RawClient(self.gate.port, Account("few", "x"), self.database) as client:
            self.assertEqual([outcome(client, "SELECT a FROM item") for _ in range(3)],
                             [[[]], [[]], 1226])
            self.assertEqual(outcome(client, "SELECT name FROM people"), 1226)
            self.assertEqual(outcome(client, "SELECT 1"), 1226)
