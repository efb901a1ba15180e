"""Statements that could carry a value past the sealing: each is answered as the
server answers for the table in the clear, or refused by name. Afterwards the
session goes on, its transaction is as it was, and the server holds envelopes."""

import pymysql
from pymysql.constants import CLIENT, ER

import statements
from people import COLUMNS, TWIN, PeopleCase
from raw_client import RawClient
from raw_packets import MULTI_STATEMENTS, QUERY_ATTRIBUTES, ServerError
from servers import ADMIN, APP, on_each_backend
from statements import REFUSED, RIGHT

ROWS = ("INSERT INTO people (id, name, note, code, latin, age, amount, plain) VALUES "
        "(1, 'Ana', 'first', 'A', 'ä', 42, 1.50, 'p'), (2, 'Bob', NULL, 'B', '', -1, 0, NULL); "
        "INSERT INTO orders VALUES (10, 1, 'book'), (11, 2, 'lamp');")

# Made on the server behind the proxy's back, as a database administrator would.
BESIDE = [
    "CREATE VIEW people_view AS SELECT id, name FROM people",
    "CREATE VIEW view_view AS SELECT * FROM people_view",
    "CREATE PROCEDURE store_name(v VARCHAR(99)) INSERT INTO people (name) VALUES (v)",
    "CREATE PROCEDURE run_text(q VARCHAR(999)) BEGIN SET @run = q; PREPARE r FROM @run; "
    "EXECUTE r; END",
    "CREATE FUNCTION store_one(v VARCHAR(99)) RETURNS INT DETERMINISTIC "
    "BEGIN INSERT INTO people (name) VALUES (v); RETURN 1; END",
    "CREATE TABLE letters (v VARCHAR(99))",
    "CREATE TRIGGER letter BEFORE INSERT ON letters FOR EACH ROW "
    "INSERT INTO people (name) VALUES (NEW.v)",
]


class Answer:
    """What a session got for some statements: results, or the first error."""

    def __init__(self, connection, texts):
        self.results, self.error, self.message = [], 0, ""
        try:
            for text in texts:
                self._run(connection, text)
        except pymysql.MySQLError as error:
            self.error, self.message = error.args[0], str(error.args[1])
        except pymysql.err.InterfaceError as error:
            self.error, self.message = -1, str(error)

    def _run(self, connection, text):
        cursor = connection.cursor()
        cursor.execute(text)
        while True:
            rows = [] if cursor.description is None else list(cursor.fetchall())
            self.results.append((rows, cursor.rowcount))
            if not cursor.nextset():
                return

    @property
    def refused(self):
        return self.message.startswith("sealgate: ")


@on_each_backend
class RefusalsTest(PeopleCase):
    """The table of statements.py, as text and prepared."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend.execute("SET GLOBAL log_bin_trust_function_creators = 1")
        with cls.backend.connect(ADMIN, cls.database) as connection:
            for text in BESIDE:
                connection.cursor().execute(text)
        run = cls.gate.command("catalog", "reload")
        if run.returncode != 0:
            raise RuntimeError(run.stdout + run.stderr)

    def fill(self):
        for database in (self.database, TWIN):
            self.backend.execute("TRUNCATE people; TRUNCATE orders", ADMIN, database)
        self.gate.execute(ROWS, APP, self.database)
        self.backend.execute(ROWS, APP, TWIN)

    def open(self, target, database):
        connection = target.connect(APP, database, autocommit=False,
                                    client_flag=CLIENT.MULTI_STATEMENTS)
        connection.begin()
        connection.cursor().execute("INSERT INTO orders VALUES (900, 1, 'open')")
        return connection

    def test_text(self):
        clean = False
        for statement in statements.ALL:
            with self.subTest(statement.name):
                if not clean:
                    self.fill()
                clean = self.check_text(statement)

    def check_text(self, statement):
        """True if the tables are as before."""
        gate = self.open(self.gate, self.database)
        try:
            own = Answer(gate, statement.filled("marker", self.database))
            self.check_nothing_plain()
            if own.refused:
                self.assertNotEqual(statement.must, RIGHT, own.message)
                self.check_session(gate)
                return True
            self.assertNotEqual(statement.must, REFUSED, f"{own.error} {own.message}")
            if statement.must != statements.CLOSED:
                self.check_right(statement, own, gate)
            return False
        finally:
            gate.close()

    def check_session(self, gate):
        """The session answers; its transaction is open and complete."""
        gate.query("SET sql_mode = DEFAULT")
        cursor = gate.cursor()
        cursor.execute("SELECT id FROM orders WHERE id = 900")
        self.assertEqual(cursor.fetchall(), ((900,),))
        cursor.execute("SELECT name FROM people WHERE name = 'ANA'")
        self.assertEqual(cursor.fetchall(), (("Ana",),))
        self.assertEqual(self.direct("SELECT id FROM orders WHERE id = 900"), ())
        gate.rollback()
        cursor.execute("SELECT id FROM orders WHERE id = 900")
        self.assertEqual(cursor.fetchall(), ())

    def check_right(self, statement, own, gate):
        twin = self.open(self.backend, TWIN)
        try:
            theirs = Answer(twin, statement.filled("marker", TWIN))
            self.assertEqual((own.error, own.results), (theirs.error, theirs.results),
                             f"{own.message} / {theirs.message}")
            gate.commit()
            twin.commit()
        finally:
            twin.close()
        for table in ("people", "orders"):
            sql = f"SELECT * FROM {table} ORDER BY id"
            self.assertEqual(self.gate.execute(sql, APP, self.database),
                             self.backend.execute(sql, APP, TWIN))

    def check_nothing_plain(self):
        """Also not in a transaction that is still open."""
        connection = self.backend.connect(ADMIN, self.database)
        with connection, connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED")
            cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM people")
            for row in cursor.fetchall():
                for value in row:
                    self.assertTrue(value is None or value[:1] == b"\xFE", row)

    def test_prepared(self):
        self.fill()
        with RawClient(self.gate.port, APP, self.database) as client:
            for statement in statements.ALL:
                texts = statement.filled("marker", self.database)
                if len(texts) > 1 or statement.must != REFUSED:
                    continue
                with self.subTest(statement.name):
                    with self.assertRaises(ServerError) as caught:
                        client.prepared_query(texts[0])
                    self.assertTrue(caught.exception.message.startswith("sealgate: "),
                                    str(caught.exception))
                    self.assertEqual(client.query("SELECT 1")[0].rows, [[b"1"]])
            self.check_nothing_plain()

    def test_names_in_the_message(self):
        """A refusal says which column and which construct, where, and no value."""
        with self.gate.connect(APP, self.database) as connection:
            for sql, word in (("UPDATE people SET name = UPPER('marker')", "literal"),
                              ("SELECT name FROM people WHERE name LIKE 'marker'", "LIKE"),
                              ("SELECT 'marker' FROM people ORDER BY name", "ORDER BY")):
                answer = Answer(connection, [sql])
                self.assertEqual(answer.error, ER.NOT_SUPPORTED_YET)
                for part in (f"{self.database}.people.name", word, "at character"):
                    self.assertIn(part, answer.message)
                self.assertNotIn("marker", answer.message)

    def test_set_option(self):
        """Two statements in one packet after COM_SET_OPTION allowed that."""
        self.fill()
        with RawClient(self.gate.port, APP, self.database) as client:
            with self.assertRaises(ServerError):
                client.query("SELECT 1; SELECT 2")
            client.command(0x1B, b"\0\0")
            client.answer()
            self.assertEqual([r.rows for r in client.query("SELECT 1; SELECT 2")],
                             [[[b"1"]], [[b"2"]]])
            with self.assertRaises(ServerError) as caught:
                client.query("SELECT 1; INSERT INTO people (name) VALUES (UPPER('marker'))")
            self.assertTrue(caught.exception.message.startswith("sealgate: "))
            client.query("SELECT 1; INSERT INTO people (name) VALUES ('marker')")
            rows = client.query("SELECT COUNT(*) FROM people WHERE name = 'marker'")
            self.assertEqual(rows[0].rows, [[b"1"]])
        self.check_nothing_plain()

    def test_query_attributes(self):
        """A client that sends query attributes: they do not hide the statement."""
        self.fill()
        add = QUERY_ATTRIBUTES | MULTI_STATEMENTS
        with RawClient(self.gate.port, APP, self.database, add=add) as client:
            self.assertEqual(bool(client.capabilities & QUERY_ATTRIBUTES), self.kind == "mysql")
            for attributes in ((), (("a", "1"), ("trace", "x" * 300))):
                client.query("DELETE FROM people WHERE name = 'cyd'", attributes)
                client.query("INSERT INTO people (name) VALUES ('Cyd')", attributes)
                rows = client.query("SELECT name FROM people WHERE name = 'CYD'", attributes)
                self.assertEqual(rows[0].rows, [[b"Cyd"]])
                with self.assertRaises(ServerError) as caught:
                    client.query("INSERT INTO people (name) VALUES (UPPER('x'))", attributes)
                self.assertTrue(caught.exception.message.startswith("sealgate: "))
        self.check_nothing_plain()

    def test_query_attributes_of_forged_types(self):
        """MySQL takes 15 bits of the two bytes for the type: a string, that ends where the
        statement does for who reads a number."""
        cover = b"SELECT 1 -- "
        for flags in (1, 2, 0x40, 0x7F, 0x81):
            with RawClient(self.gate.port, APP, self.database, add=QUERY_ATTRIBUTES) as client:
                if not client.capabilities & QUERY_ATTRIBUTES:
                    continue
                hidden = b"INSERT INTO people (name) VALUES ('forged-type')"
                head = b"\x01\x01\0\x01\x03" + bytes([flags]) + b"\x01n"
                client.command(0x03, head + bytes([3 + len(cover)]) + b"xxx" + cover + hidden)
                with self.assertRaises(ServerError) as caught:
                    client.results(binary=False)
                self.assertEqual(caught.exception.number, 1835)
                client.query("SELECT 1")
        self.assertNotIn(b"forged-type", self.arrived())

    def test_character_sets(self):
        """Bytes that are a quote or a backslash in one character set and half of
        a character in another."""
        self.fill()
        tricks = [b"INSERT INTO people (name) VALUES ('\xBF\\')",
                  b"INSERT INTO people (name) VALUES ('\xBF\\', '), (' or 1=1 -- ')",
                  b"INSERT INTO people (name) VALUES ('\x95\\\\')",
                  b"INSERT INTO people (name) VALUES ('\xC3\xA9\xFF')",
                  b"SELECT id FROM people WHERE name = '\xBF\\' OR 1=1 -- '"]
        for charset in ("gbk", "sjis", "big5", "cp932", "latin1", "utf8mb4"):
            for trick in tricks:
                with self.subTest(charset=charset, trick=trick):
                    self.check_trick(charset, trick)

    def check_trick(self, charset, trick):
        gate = self.gate.connect(APP, self.database)
        twin = self.backend.connect(APP, TWIN)
        with gate, twin:
            answers = []
            for connection in (gate, twin):
                connection.query(f"SET NAMES {charset}")
                answers.append(Answer(connection, [trick]))
                connection.query("SET NAMES utf8mb4")
            self.check_nothing_plain()
            if not answers[0].refused:
                self.assertEqual((answers[0].error, answers[0].results),
                                 (answers[1].error, answers[1].results), answers[0].message)
            with gate.cursor() as own, twin.cursor() as theirs:
                if answers[0].refused:
                    theirs.execute("DELETE FROM people WHERE id > 2")
                own.execute("SELECT name FROM people ORDER BY name IS NULL, id")
                theirs.execute("SELECT name FROM people ORDER BY name IS NULL, id")
                self.assertEqual(own.fetchall(), theirs.fetchall())
                for cursor in (own, theirs):
                    cursor.execute("DELETE FROM people WHERE id > 2")

    def test_no_way_around_the_session_tracking(self):
        """What Sealgate knows the session's modes by cannot be switched off."""
        with self.gate.connect(APP, self.database) as connection:
            for sql in ("SET session_track_system_variables = ''", "SET session_track_schema = OFF",
                        "SET @@session.session_track_system_variables = ''"):
                answer = Answer(connection, [sql])
                self.assertTrue(answer.refused, f"{sql}: {answer.error} {answer.message}")
