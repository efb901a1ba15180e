"""Session modes that the server changes without saying so, or says otherwise than they
are: every statement is read by the modes that hold, beside a twin in the clear."""

import re

from people import TWIN, PeopleCase
from raw_client import RawClient
from raw_packets import MULTI_STATEMENTS, ServerError
from servers import ADMIN, APP, on_each_backend

TABLES = (
    "CREATE TABLE people (id INT NOT NULL PRIMARY KEY, name VARCHAR(100) CHARACTER SET utf8mb4 "
    "COLLATE utf8mb4_general_ci, seen TIMESTAMP NULL, plain VARCHAR(400), KEY name (name))",
    "CREATE TABLE orders (id INT NOT NULL PRIMARY KEY, v VARCHAR(400))",
    "CREATE TABLE events (id INT NOT NULL PRIMARY KEY)")
POLICY = """version: 1
columns:
  - {column: shop.people.name, mode: searchable}
  - {column: shop.people.seen, mode: searchable}
roles:
  - {name: app, match: any, default: {reveal: clear, write: true}}
"""
QUOTES = "ANSI_QUOTES,NO_ENGINE_SUBSTITUTION"
SET = (f"SET @@sql_mode = '{QUOTES}'", f"SET @@session.sql_mode = '{QUOTES}'",
       "SET @@character_set_client = latin1", "SET @@time_zone = '+05:00'",
       f"SET autocommit = 1, @@time_zone = '-03:00', @@local.sql_mode = '{QUOTES}'",
       f"/*!40101 SET @@sql_mode = '{QUOTES}' */", f"SELECT 1; SET @@sql_mode = '{QUOTES}'",
       (f"PREPARE m FROM 'SET @@sql_mode = ''{QUOTES}'''", "EXECUTE m"),
       f"SET sql_mode = '{QUOTES}', no_such_variable = 1",
       "SET time_zone = '+05:00', no_such_variable = 1",
       "SET time_zone = '+05:00'; SELECT no_such_column FROM orders",
       f"SET sql_mode = '{QUOTES}'; SELECT no_such_column FROM orders",
       "SELECT /*+ SET_VAR(time_zone = '+05:00') */ 1",
       f"SELECT /*+ SET_VAR(sql_mode = '{QUOTES}') */ 1")
# MySQL finds variables by names with accents, too.
REFUSED_HINT = "SELECT /*+ SET_VAR(tíme_zone = '+05:00') */ seen FROM people"
MARIADB_SET = (
    f"SET STATEMENT sql_mode = '{QUOTES}' FOR SELECT 1", "SET STATEMENT time_zone = '+05:00' FOR DO 1",
    "SET STATEMENT character_set_client = latin1 FOR SET @a = 1",
    f"EXECUTE IMMEDIATE 'SET @@sql_mode = \"{QUOTES}\"'",
    f"BEGIN NOT ATOMIC SET sql_mode = '{QUOTES}'; SIGNAL SQLSTATE '45000'; END",
    f"IF 1 THEN SET @@sql_mode = '{QUOTES}'; END IF")
# A program of these has a name, and what runs it.
BODIES = ("SET time_zone = '+05:00'", "SET @@time_zone = '+05:00'",
          "SET time_zone = '+05:00'; SIGNAL SQLSTATE '45000'",
          "SET @@time_zone = '+05:00'; SIGNAL SQLSTATE '45000'",
          f"SET sql_mode = '{QUOTES}'", "SET NAMES latin1")
PROCEDURE_BODIES = (f"SET sql_mode = '{QUOTES}'; SELECT 1; SET @a = 1", "SET NAMES latin1; SELECT 1",
                    "SET @q = 'SET @@time_zone = ''+05:00'''; PREPARE q FROM @q; EXECUTE q")
CHECKS = ("SELECT id FROM people WHERE \"name\" = 'Ana'",
          "INSERT INTO people (id, name, seen) VALUES (2, 'é', '2024-03-01 12:00:00')",
          "SELECT id, name, seen FROM people WHERE seen = '2024-03-01 12:00:00'",
          "SET NAMES utf8mb4", "SET time_zone = '+00:00'", "SET sql_mode = ''",
          "SELECT id, name, seen FROM people ORDER BY id", "SELECT DATABASE()")


def of_twin(sql):
    """The twin's program has another name: one with dynamic SQL, and no guard, is protected."""
    return re.sub(r"\b(ch[aà]ng[eé]r)\b", r"\1_of_twin", sql)


class ModesCase(PeopleCase):
    policy = POLICY
    tables = TABLES

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.kind == "mysql":
            cls.backend.execute("SET GLOBAL log_bin_trust_function_creators = 1", ADMIN)

    def sessions(self):
        pair = (RawClient(self.gate.port, APP, self.database, add=MULTI_STATEMENTS),
                RawClient(self.backend.port, ADMIN, TWIN, add=MULTI_STATEMENTS))
        for client in pair:
            self.addCleanup(client.close)
            for sql in ("SET NAMES utf8mb4", "SET time_zone = '+00:00'", "SET sql_mode = ''"):
                client.query(sql)
        return pair

    def outcome(self, client, sql):
        try:
            return [sorted(map(str, result.rows)) if result.rows else []
                    for result in client.query(sql.encode())]
        except ServerError as error:
            return error.number

    def same(self, pair, sql):
        own, theirs = (self.outcome(client, each) for client, each in zip(pair, (sql, of_twin(sql))))
        theirs = [[row.replace(TWIN, self.database) for row in rows] for rows in theirs] \
            if isinstance(theirs, list) else theirs
        self.assertEqual(own, theirs, sql)
        return theirs

    def read_alike(self, pair, *statements):
        self.setUp()
        self.same(pair, "INSERT INTO people VALUES (1, 'Ana', '2024-03-01 09:00:00', 'p')")
        for sql in statements + CHECKS:
            self.same(pair, sql)
        for name, seen in self.direct("SELECT name, seen FROM people"):
            self.assertTrue(all(value[:1] == b"\xFE" for value in (name, seen)), statements)


@on_each_backend
class ModesTest(ModesCase):
    def test_statements_that_set_them_unseen(self):
        for sql in SET + (MARIADB_SET if self.kind == "mariadb" else ()):
            with self.subTest(sql):
                self.read_alike(self.sessions(), *((sql,) if isinstance(sql, str) else sql))

    def test_a_set_that_fails_at_its_end(self):
        pair = self.sessions()
        for client, name in zip(pair, ("own", "theirs")):
            client.query("SET autocommit = 0")
            client.query(f"XA START '{name}'")
        self.same(pair, f"SET sql_mode = '{QUOTES}', autocommit = 1")
        self.same(pair, "SELECT id FROM people WHERE \"name\" = 'Ana'")
        self.same(pair, "SET time_zone = '+05:00', autocommit = 1")
        for client, name in zip(pair, ("own", "theirs")):
            for verb in ("END", "PREPARE", "ROLLBACK"):
                client.query(f"XA {verb} '{name}'")
        self.read_alike(pair, "SET autocommit = 1")

    def test_a_variable_with_accents(self):
        own, _ = self.sessions()
        self.assertEqual(self.outcome(own, REFUSED_HINT), 1235)

    def test_prepared(self):
        own, theirs = pair = self.sessions()
        self.setUp()
        self.same(pair, "INSERT INTO people VALUES (1, 'Ana', '2024-03-01 09:00:00', 'p')")
        store = "INSERT INTO people (id, seen) VALUES (?, ?)"
        kept = [client.prepare(store)[0] for client in pair]
        for number, sql in enumerate(("SET time_zone = '+05:00', no_such_variable = 1",
                                      "SET @@time_zone = '-02:00'"), 2):
            self.same(pair, sql)
            zone = [client.prepare("SET @@time_zone = '+07:00'")[0] for client in pair]
            for client, statement, change in zip(pair, kept, zone):
                client.execute(statement, [str(number).encode(), b"2024-03-01 12:00:00"])
                client.execute(change)
                client.execute(statement, [str(number * 10).encode(), b"2024-03-01 12:00:00"])
        self.same(pair, "SET time_zone = '+00:00'")
        self.assertEqual(len(self.same(pair, "SELECT id, seen FROM people")[0]), 5)

    def test_what_is_asked_for_after_an_error(self):
        """An error and its count stay to be seen, and the number of rows found."""
        pair = self.sessions()
        for sql in ("SELECT SQL_CALC_FOUND_ROWS 1 FROM orders LIMIT 0",
                    "SET sql_mode = '', no_such_variable = 1", "SHOW ERRORS", "SELECT @@error_count",
                    "GET DIAGNOSTICS @n = NUMBER", "SELECT @n"):
            self.same(pair, sql)

    def test_no_limit_of_rows_hides_them(self):
        pair = self.sessions()
        self.same(pair, "SET sql_select_limit = 0, no_such_variable = 1")
        self.same(pair, "SET @@sql_select_limit = 0")
        self.read_alike(pair, "SET sql_select_limit = DEFAULT")


@on_each_backend
class ProgramModesTest(ModesCase):
    def make(self, *statements):
        with (RawClient(self.gate.port, APP, self.database) as own,
              RawClient(self.backend.port, ADMIN, TWIN) as theirs):
            for sql in statements:
                own.query(sql)
                theirs.query(of_twin(sql))

    def test_procedures(self):
        for body in BODIES + PROCEDURE_BODIES:
            if "PREPARE" in body and self.kind == "mysql":
                continue
            with self.subTest(body):
                self.make("DROP PROCEDURE IF EXISTS changer", f"CREATE PROCEDURE changer() BEGIN {body}; END")
                self.read_alike(self.sessions(), "CALL changer()")
                # The twin's dynamic SQL has no guard, and is a new name that the guard has not.
                if self.kind == "mariadb" and "PREPARE" not in body:
                    self.read_alike(self.sessions(), "EXECUTE IMMEDIATE 'CALL changer()'")
        self.make("DROP PROCEDURE changer")

    def run_each(self, statements):
        for sql in statements:
            for database in (TWIN, self.database):
                self.backend.execute("DELETE FROM events", ADMIN, database)
            self.read_alike(self.sessions(), sql)

    def test_functions(self):
        for body in BODIES:
            with self.subTest(body):
                self.make("DROP FUNCTION IF EXISTS changer",
                          f"CREATE FUNCTION changer() RETURNS INT BEGIN {body}; RETURN 1; END")
                self.run_each(("SELECT changer()", "DO changer()", "SET @a = changer()",
                               "INSERT INTO events VALUES (changer() + 7)"))
        self.make("DROP FUNCTION changer")

    def test_functions_by_other_names(self):
        """With accents, and behind a USE."""
        for body in BODIES:
            self.make("DROP FUNCTION IF EXISTS changer",
                      f"CREATE FUNCTION changer() RETURNS INT BEGIN {body}; RETURN 1; END")
            with self.subTest(body):
                self.run_each(("SELECT chànger()", "DO `chàngér`()"))
                own, theirs = self.sessions()
                self.outcome(own, f"USE {self.database}; SELECT changer()")
                self.outcome(theirs, of_twin(f"USE {TWIN}; SELECT changer()"))
                for sql in CHECKS:
                    self.same((own, theirs), sql)
        self.make("DROP FUNCTION changer")

    def test_triggers(self):
        for body in BODIES:
            with self.subTest(body):
                self.make("DROP TRIGGER IF EXISTS changer", "CREATE TRIGGER changer BEFORE INSERT ON events "
                          f"FOR EACH ROW BEGIN {body}; END")
                self.run_each(("INSERT INTO events VALUES (1)", "REPLACE INTO events VALUES (2)"))
        self.make("DROP TRIGGER changer")

    def test_in_front_of_what_is_sealed(self):
        """In one text or statement: what was planned by the modes before is refused."""
        self.make("DROP FUNCTION IF EXISTS changer", "DROP FUNCTION IF EXISTS plus",
                  "CREATE FUNCTION changer() RETURNS INT BEGIN SET time_zone = '+05:00'; RETURN 5; END",
                  "CREATE FUNCTION plus(x VARCHAR(9) CHARACTER SET utf8mb4) RETURNS INT RETURN 7")
        store = "INSERT INTO people (id, name, seen) VALUES ({}, 'x', '2024-03-01 12:00:00')"
        own, _ = self.sessions()
        for sql in (f"SELECT changer(); {store.format(3)}", store.format("changer()"),
                    "SELECT changer(), seen FROM people"):
            self.assertEqual(self.outcome(own, sql), 1235, sql)
        self.read_alike(self.sessions(), store.format("plus('x')"),
                        f"SELECT plus('x'); {store.format(8)}")
        self.make("DROP FUNCTION changer", "DROP FUNCTION plus")

    def test_each_way_to_set_one_in_front_of_what_is_sealed(self):
        store = "INSERT INTO people (id, name, seen) VALUES ({}, 'x', '2024-03-01 12:00:00')"
        hidden = ("SET @a = '\\'; SET time_zone = '+05:00'; SET @b = \"'\"; /* \" */ SET @c = 1")
        bodies = ["SET @@time_zone = '+05:00'", "SET @@session.time_zone = '+05:00'",
                  "SET @@`time_zone` = '+05:00'", "SET @a = 1, @@LOCAL.time_zone = '+05:00'", hidden]
        if self.kind == "mariadb":
            bodies.append("time_zone := '+05:00'")
        for body in bodies:
            with self.subTest(body):
                mode = "ORACLE" if ":=" in body else "NO_BACKSLASH_ESCAPES"
                kind = "RETURN INT AS" if ":=" in body else "RETURNS INT NO SQL"
                with RawClient(self.backend.port, ADMIN, self.database) as client:
                    for sql in (f"SET sql_mode = '{mode}'", "DROP FUNCTION IF EXISTS changer",
                                f"CREATE FUNCTION changer() {kind} BEGIN {body}; RETURN 5; END"):
                        client.query(sql)
                self.assertEqual(self.gate.command("catalog", "reload").returncode, 0)
                own, _ = self.sessions()
                for sql in (store.format("changer()"), f"SELECT changer(); {store.format(3)}",
                            "SELECT changer(), seen FROM people"):
                    self.assertEqual(self.outcome(own, sql), 1235, sql)
        self.backend.execute("DROP FUNCTION changer", ADMIN, self.database)

    def test_a_default_schema_that_a_procedure_takes(self):
        if self.kind == "mysql":
            self.skipTest("MySQL has no such program")
        pair = self.sessions()
        self.make("CREATE PROCEDURE away() BEGIN EXECUTE IMMEDIATE 'USE information_schema'; "
                  "SIGNAL SQLSTATE '45000'; END")
        self.same(pair, "CALL away()")
        self.same(pair, "SELECT id FROM people")
        self.same(pair, "SELECT DATABASE()")
        self.make("DROP PROCEDURE away")


@on_each_backend
class TrackingTest(ModesCase):
    """The server's own reports cannot be turned off."""

    LIST = "session_track_system_variables"
    VALUES = (r"'autocommit\0'", r"'autocommit\\'", "'autocommit;'", "'a''b'", "@l", "X'61'",
              "CONCAT('auto', 'commit')", "_utf8mb4'autocommit'", "N'autocommit'", "NULL", "''",
              "'autocommit' '\\0'", "(SELECT 'autocommit')")

    def test_no_list_cuts_off_what_sealgate_needs(self):
        own, theirs = pair = self.sessions()
        own.query("SET @l = 'autocommit'")
        for value in self.VALUES:
            for name in (self.LIST, f"SESSION {self.LIST}", f"@@{self.LIST}",
                         f"@@session.{self.LIST}", f"LOCAL `{self.LIST}`"):
                self.assertEqual(self.outcome(own, f"SET {name} = {value}"), 1235, (name, value))
        for text in (f"SET PERSIST {self.LIST} = 'autocommit'", f"SET GLOBAL {self.LIST} = 'autocommit'",
                     f"CREATE PROCEDURE off() SET {self.LIST} = 'autocommit'",
                     f"PREPARE s FROM 'SET {self.LIST} = ''autocommit'''",
                     f"SELECT 1; SET {self.LIST} = 'autocommit'"):
            self.assertEqual(self.outcome(own, text), 1235, text)
        self.read_alike(pair, f"SET sql_mode = '{QUOTES}'")

    def test_all_and_the_default(self):
        own, _ = pair = self.sessions()
        for value, modes in (("'*'", QUOTES), ("DEFAULT", ""), ("'*'", ""), ("default", QUOTES)):
            own.query(f"SET @@session.{self.LIST} = {value}")
            self.read_alike(pair, f"SET sql_mode = '{modes}'")

    def test_a_name_with_accents(self):
        own, theirs = pair = self.sessions()
        for name in ("sessíon_track_system_variables", "`ſeſſion_track_system_variables`",
                     "SESSION śéssion_track_system_variables", "@@session_tráck_schema"):
            self.assertEqual(self.outcome(own, f"SET {name} = 'autocommit'"), 1235, name)
            self.assertEqual(self.outcome(own, f"/*!40000 SET {name} = 'autocommit' */"), 1235, name)
        self.read_alike(pair, f"SET sql_mode = '{QUOTES}'")

    def test_the_clients_own_list_stays(self):
        own, theirs = pair = self.sessions()
        for name in ("autocommit", "sql_mode , autocommit"):
            own.query(f"SET SESSION {self.LIST} = '{name}'")
            shown = own.query(f"SELECT @@{self.LIST}")[0].rows
            self.read_alike(pair, f"SET @@sql_mode = '{QUOTES}'",
                            f"SET sql_mode = '{QUOTES}', no_such_variable = 1")
            self.assertEqual(own.query(f"SELECT @@{self.LIST}")[0].rows, shown)
