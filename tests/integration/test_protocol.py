"""The protocol itself, packet by packet, through the proxy and directly: every
command that is handled, with and without the optional capabilities."""

import struct

from people import POLICY, TABLES, TWIN, PeopleCase
from raw_client import RawClient
from raw_packets import (CURSOR_EXISTS, Column, Cursor, DEPRECATE_EOF, EXTENDED_METADATA,
                         IN_TRANSACTION,
                         LAST_ROW_SENT, MAX_FRAME, MORE_RESULTS, MULTI_STATEMENTS,
                         PROGRESS, ProtocolError, QUERY_ATTRIBUTES, Result, SESSION_TRACK,
                         STMT_BULK_OPERATIONS, ServerError, text)
from servers import ADMIN, CHANGED, NOPASS, on_each_backend

FLAVOURS = {"oldest": 0, "EOF deprecated": DEPRECATE_EOF, "tracking": SESSION_TRACK,
            "newest": DEPRECATE_EOF | SESSION_TRACK | QUERY_ATTRIBUTES | MULTI_STATEMENTS}
FILES = ("CREATE TABLE files (id INT NOT NULL PRIMARY KEY, body LONGBLOB, secret LONGBLOB)")
FILES_POLICY = POLICY.replace("\nroles:", "  - {column: shop.files.secret, mode: random}\n\nroles:")
NUMBERS = "(1), (2), (3), (4), (5)"


def each_flavour(test):
    """Runs a test with a client of the proxy and one of the server, by flavour."""
    def run(self):
        for name, add in FLAVOURS.items():
            with self.subTest(name), \
                    RawClient(self.gate.port, NOPASS, self.database, add=add) as gate, \
                    RawClient(self.backend.port, NOPASS, TWIN, add=add) as direct:
                test(self, gate, direct)
    return run


@on_each_backend
class ProtocolTest(PeopleCase):
    policy = FILES_POLICY
    tables = (*TABLES, FILES)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for database in (cls.database, TWIN):
            with cls.backend.connect(ADMIN, database) as connection:
                for sql in ("CREATE TABLE numbers (n INT)",
                            f"INSERT INTO numbers VALUES {NUMBERS}",
                            "CREATE PROCEDURE two() BEGIN SELECT n FROM numbers ORDER BY n; "
                            "SELECT 'b' AS b, NULL AS c; END",
                            "CREATE PROCEDURE fails() BEGIN SELECT 1; SIGNAL SQLSTATE '45000'; "
                            "END"):
                    connection.cursor().execute(sql)
        cls.gate.command("catalog", "reload")

    def setUp(self):
        super().setUp()
        self.backend.execute("TRUNCATE files", ADMIN, self.database)

    def assert_same(self, own, theirs):
        self.assertEqual(len(own), len(theirs))
        for a, b in zip(own, theirs):
            self.assertEqual(a.rows, b.rows)
            self.assertEqual(a.status & ~0x4020, b.status & ~0x4020)
            self.assertEqual([(c.name, c.type, c.charset, c.length, c.flags) for c in a.columns],
                             [(c.name, c.type, c.charset, c.length, c.flags) for c in b.columns])

    def both(self, gate, direct, call):
        """The same call on both; the results or the error numbers are the same."""
        outcomes = []
        for client in (gate, direct):
            try:
                outcomes.append(call(client))
            except ServerError as error:
                outcomes.append((error.number, error.sqlstate))
        return outcomes

    def test_greeting(self):
        with RawClient(self.gate.port, login=False) as own, \
                RawClient(self.backend.port, login=False) as theirs:
            self.assertEqual(own.version, theirs.version)
            self.assertEqual(own.plugin, theirs.plugin)
            compression = 1 << 5 | 1 << 26  # offered whatever the server does
            self.assertEqual(own.offered & ~theirs.offered & ~compression, 0)
            unknown = 1 << 25 | 1 << 28
            self.assertEqual(own.offered & unknown, 0)
            # MariaDB's own flags: what else there is, is not handled.
            handled = PROGRESS | STMT_BULK_OPERATIONS | EXTENDED_METADATA
            self.assertEqual(int.from_bytes(own.offered_mariadb, "little"),
                             handled & int.from_bytes(theirs.offered_mariadb, "little"))

    @each_flavour
    def test_results(self, gate, direct):
        for sql in ("SELECT 1, NULL, 'x'", "SELECT n FROM numbers ORDER BY n", "SET @a = 1",
                    "SELECT n FROM numbers WHERE n > 99", "DO 1", "CALL two()",
                    f"SELECT '{'y' * 70000}' AS long_text"):
            self.assert_same(gate.query(sql), direct.query(sql))
        statements = [c.prepare("SELECT n, ? AS p, ? AS q FROM numbers WHERE n < ?")[0]
                      for c in (gate, direct)]
        for values in ((b"a", None, 3), (None, b"", 1), (b"x" * 300, 7, 9)):
            own, theirs = (c.execute(s, values)
                           for c, s in zip((gate, direct), statements))
            self.assert_same(own, theirs)
        own, theirs = (c.prepared_query("CALL two()") for c in (gate, direct))
        self.assert_same(own, theirs)
        self.assertEqual([len(r.rows) for r in own], [5, 1, 0])

    @each_flavour
    def test_multi_results(self, gate, direct):
        if gate.capabilities & MULTI_STATEMENTS:
            sql = "SELECT 1; SET @x = 2; SELECT @x, NULL; DO 0"
            own = gate.query(sql)
            self.assert_same(own, direct.query(sql))
            self.assertEqual([bool(r.status & MORE_RESULTS) for r in own],
                             [True, True, True, False])
        for client in (gate, direct):
            client.start_query("CALL fails()")
            first = client._result(False)
            self.assertEqual(first.rows, [[b"1"]])
            with self.assertRaises(ServerError) as caught:
                client._result(False)
            self.assertEqual((caught.exception.number, caught.exception.sqlstate),
                             (1644, "45000"))
            self.assertEqual(client.query("SELECT 2")[0].rows, [[b"2"]])

    @each_flavour
    def test_error_in_the_middle_of_a_result(self, gate, direct):
        sql = ("SELECT n, IF(n < 4, n, (SELECT a.n + b.n FROM numbers a, numbers b "
               "WHERE a.n <= numbers.n AND b.n <= numbers.n)) FROM numbers")
        seen = []
        for client in (gate, direct):
            client.start_query(sql)
            result_rows = self.rows_until_error(client)
            seen.append(result_rows)
            self.assertEqual(client.query("SELECT 1")[0].rows, [[b"1"]])
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(seen[0][1], 1242)

    def rows_until_error(self, client):
        result = Result()
        try:
            result.columns = client.columns(Cursor(client.answer()).lenenc())
            while client.read_row(result, False):
                pass
        except ServerError as error:
            return result.rows, error.number
        return result.rows, None

    @each_flavour
    def test_errors(self, gate, direct):
        for sql in ("SELECT * FROM nowhere", "SELEKT", "SELECT 1/0 FROM", ""):
            own, theirs = self.both(gate, direct, lambda c, text=sql: c.query(text))
            self.assertIsInstance(theirs, tuple)
            self.assertEqual(own, theirs)

    @each_flavour
    def test_simple_commands(self, gate, direct):
        for client in (gate, direct):
            client.command(0x0E)
            self.assertEqual(client.answer()[:1], b"\0")  # COM_PING
            client.command(0x09)
            self.assertIn(b"Uptime", client.answer())  # COM_STATISTICS
            client.command(0x02, b"shop_none")
            with self.assertRaises(ServerError) as caught:
                client.answer()  # COM_INIT_DB
            self.assertEqual(caught.exception.number, 1049)
        gate.command(0x01)
        with self.assertRaises(ProtocolError):
            gate.receive()  # COM_QUIT

    @each_flavour
    def test_a_text_with_the_nul_that_ends_it(self, gate, direct):
        for sql in ("SELECT 1\0", "\0", "SELECT 1;\0", "SELECT 1\0\0", "SELECT 'a\0"):
            answers = []
            for client in (gate, direct):
                try:
                    answers.append([result.rows for result in client.query(sql)])
                except ServerError as error:
                    answers.append(error.number)
            self.assertEqual(*answers, repr(sql))
        gate.query("DELETE FROM people\0")
        gate.query("INSERT INTO people (id, name) VALUES (1, 'Nul')\0")
        self.assertEqual(gate.query("SELECT id FROM people WHERE name = 'NUL'\0")[0].rows, [[b"1"]])
        self.assert_sealed(1)

    @each_flavour
    def test_unknown_commands(self, gate, direct):
        for byte in (0x00, 0x0F, 0x1D, 0x7F, 0xFF):
            gate.command(byte, b"SELECT 1")
            with self.assertRaises(ServerError) as caught:
                gate.answer()
            self.assertEqual(caught.exception.number, 1047, hex(byte))
        for byte in (0x05, 0x08, 0x12, 0x15, 0x1E, 0x20):
            gate.command(byte, b"x")
            with self.assertRaises(ServerError) as caught:
                gate.answer()
            needs_role = byte in (0x12, 0x15, 0x1E)
            self.assertEqual(caught.exception.number, 1227 if needs_role else 1235, hex(byte))
            self.assertTrue(caught.exception.message.startswith("sealgate: "))
        self.assertEqual(gate.query("SELECT 1")[0].rows, [[b"1"]])

    def test_init_db_names_the_table(self):
        for name, add in FLAVOURS.items():
            with self.subTest(name), RawClient(self.gate.port, NOPASS, add=add) as client:
                client.command(0x02, self.database.encode())
                client.answer()
                client.query(f"INSERT INTO people (name) VALUES ('{name}')")
                rows = client.query(f"SELECT name FROM people WHERE name = '{name}'")[0].rows
                self.assertEqual(rows, [[name.encode()]])
        self.assert_sealed(len(FLAVOURS))

    @each_flavour
    def test_field_list(self, gate, direct):
        own, theirs = self.both(gate, direct, self.field_list)
        self.assertEqual(own, theirs)
        if self.kind == "mariadb":
            self.assertEqual(own[1][0], "name")

    def field_list(self, client):
        return [(c.name, c.type, c.charset, c.length, c.flags) for c in client.field_list("people")]

    @each_flavour
    def test_reset_connection(self, gate, direct):
        gate.query("SET @a = 1, sql_mode = 'ANSI_QUOTES'")
        statement, _ = gate.prepare("SELECT 1")
        gate.command(0x1F)
        gate.answer()
        self.assertEqual(gate.query("SELECT @a")[0].rows, [[None]])
        with self.assertRaises(ServerError) as caught:
            gate.execute(statement)
        self.assertEqual(caught.exception.number, 1243)
        # The session's modes are known again, whatever the reset did to them.
        gate.query("INSERT INTO people (name) VALUES (\"reset\")")
        gate.query("SET sql_mode = 'ANSI_QUOTES'")
        gate.query('DELETE FROM "people" WHERE "name" = \'RESET\'')
        self.assertEqual(gate.query("SELECT COUNT(*) FROM people")[0].rows, [[b"0"]])

    @each_flavour
    def test_change_user(self, gate, direct):
        for client, database in ((gate, self.database), (direct, TWIN)):
            client.query("SET @a = 1")
            client.change_user(CHANGED, database)
            rows = client.query("SELECT SUBSTRING_INDEX(USER(), '@', 1), DATABASE(), @a")
            self.assertEqual(rows[0].rows, [[b"other", database.encode(), None]])
        gate.query("REPLACE INTO people (id, name) VALUES (1, 'changed')")
        self.assertEqual(gate.query("SELECT name FROM people WHERE name = 'CHANGED'")[0].rows,
                         [[b"changed"]])
        self.assert_sealed()

    def test_change_user_wrong_password(self):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            with self.assertRaises((ServerError, ProtocolError)) as caught:
                client.change_user(CHANGED._replace(password="wrong"), self.database)
            if isinstance(caught.exception, ServerError):
                self.assertEqual(caught.exception.number, 1045)

    def test_process_kill(self):
        """COM_PROCESS_KILL does what it does without a proxy; MySQL has none."""
        outcomes = []
        for port in (self.gate.port, self.backend.port):
            with RawClient(port, NOPASS, self.database) as killer, \
                    RawClient(port, NOPASS, self.database) as victim:
                number = int(victim.query("SELECT CONNECTION_ID()")[0].rows[0][0])
                self.assertEqual(number, victim.connection_id)
                killer.command(0x0C, struct.pack("<I", number))
                try:
                    killer.answer()
                    outcomes.append("killed")
                except ServerError as error:
                    outcomes.append(error.number)
                    continue
                with self.assertRaises((ServerError, ProtocolError, ConnectionError)):
                    victim.query("SELECT 1")
                self.assertEqual(killer.query("SELECT 1")[0].rows, [[b"1"]])
        self.assertEqual(outcomes[0], outcomes[1])
        self.assertEqual(outcomes[0] == "killed", self.kind == "mariadb")

    def test_set_option(self):
        with RawClient(self.gate.port, NOPASS, self.database, add=MULTI_STATEMENTS) as client:
            client.command(0x1B, b"\1\0")
            client.answer()
            with self.assertRaises(ServerError) as caught:
                client.query("SELECT 1; SELECT 2")
            self.assertEqual(caught.exception.number, 1064)
            client.command(0x1B, b"\0\0")
            client.answer()
            self.assertEqual(len(client.query("SELECT 1; SELECT 2")), 2)

    def test_transaction_status(self):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            self.assertFalse(client.query("DO 1")[0].status & IN_TRANSACTION)
            self.assertTrue(client.query("BEGIN")[0].status & IN_TRANSACTION)
            result = client.query("SELECT name FROM people")[0]
            self.assertTrue(result.status & IN_TRANSACTION)
            self.assertFalse(client.query("COMMIT")[0].status & IN_TRANSACTION)

    @each_flavour
    def test_session_tracking(self, gate, direct):
        """What clients track for themselves reaches those that asked for it."""
        if gate.capabilities & SESSION_TRACK:
            seen = []
            for client in (gate, direct):
                kinds = set()
                for sql in ("SET SESSION session_track_state_change = 1",
                            "SET session_track_transaction_info = 'CHARACTERISTICS'", "BEGIN",
                            "SELECT name FROM people", "COMMIT", f"USE {TWIN}", "SET @a = 1"):
                    for result in client.query(sql):
                        changes = Cursor(result.changes or b"")
                        while changes.at < len(changes.data):
                            kinds.add(changes.int(1))
                            changes.string()
                seen.append(kinds & {1, 2, 4, 5})
            self.assertEqual(seen[0], seen[1])
            self.assertTrue(seen[0] >= {1, 2, 5})
        for sql in ("SET session_track_system_variables = ''", "SET session_track_schema = OFF",
                    "SET SESSION session_track_state_change = 1, session_track_schema = OFF"):
            with self.assertRaises(ServerError) as caught:
                gate.query(sql)
            self.assertEqual(caught.exception.number, 1235)

    @each_flavour
    def test_cursor(self, gate, direct):
        """COM_STMT_EXECUTE with a cursor, then COM_STMT_FETCH, over plain columns."""
        self.check_cursor(gate, direct, "SELECT n, 'x' FROM numbers ORDER BY n")

    @each_flavour
    def test_cursor_over_protected_columns(self, gate, direct):
        for client in (gate, direct):
            client.query("DELETE FROM people")
            client.query("INSERT INTO people (id, name, age, note) VALUES (1, 'a', 7, NULL), "
                         "(2, 'b', -1, 'n'), (3, 'ü', NULL, ''), (4, 'd', 4, 'x'), (5, 'e', 5, 'y')")
        self.check_cursor(gate, direct, "SELECT id, name, age, note FROM people ORDER BY id")

    @each_flavour
    def test_cursor_and_character_sets(self, gate, direct):
        """MariaDB converts to the session's character set, MySQL to the one that the cursor
        was opened in."""
        pair = (gate, direct)
        for client in pair:
            client.query("DELETE FROM people")
            client.query("INSERT INTO people (id, name) VALUES (1, 'ä'), (2, 'ü'), (3, 'é')")
        opened = [client.prepare("SELECT id, name FROM people ORDER BY id")[0] for client in pair]
        columns = [client.open_cursor(statement) for client, statement in zip(pair, opened)]
        for charset in ("latin1", "cp1250", "utf8mb4"):
            for client in pair:
                client.query(f"SET NAMES {charset}")
            if charset == "cp1250" and self.kind == "mariadb":
                with self.assertRaises(ServerError) as raised:
                    gate.fetch(opened[0], columns[0], 1)
                self.assertEqual(raised.exception.number, 1235)
                continue
            own, theirs = (client.fetch(statement, shown, 1)
                           for client, statement, shown in zip(pair, opened, columns))
            self.assertEqual(own, theirs, charset)
            self.assertEqual(len(theirs), 1)

    def check_cursor(self, gate, direct, sql):
        outcomes = []
        for client in (gate, direct):
            statement, _ = client.prepare(sql)
            client.start_execute(statement, (), 1)
            result = Result()
            count = Cursor(client.answer()).lenenc()
            result.columns = [Column(client.answer()) for _ in range(count)]
            status = struct.unpack_from("<H", client.answer(), 3)[0]
            self.assertTrue(status & CURSOR_EXISTS)
            fetches = 0
            while not result.status & LAST_ROW_SENT:
                client.command(0x1C, struct.pack("<II", statement, 2))
                fetches += 1
                while client.read_row(result, True):
                    pass
                # Another result in between takes nothing from the cursor.
                self.assertEqual(client.query("SELECT 1 + 1")[0].rows, [[b"2"]])
                client.query("SELECT name FROM people")
            outcomes.append((fetches, result.rows))
        self.assertEqual(outcomes[0], outcomes[1])
        self.assertEqual(len(outcomes[0][1]), 5)

    @each_flavour
    def test_long_data(self, gate, direct):
        """COM_STMT_SEND_LONG_DATA: for a plain column as ever, for a protected
        one kept, joined and sealed."""
        gate.query("DELETE FROM files")
        statement, _ = gate.prepare("INSERT INTO files (id, body, secret) VALUES (1, ?, ?)")
        self.send_long_data(gate, statement, 0)
        gate.results(True)
        rows = gate.query("SELECT body, secret FROM files")[0].rows
        self.assertEqual(rows, [[b"one two", b"short"]])
        gate.command(0x1A, struct.pack("<I", statement))
        gate.answer()
        gate.query("DELETE FROM files")
        self.send_long_data(gate, statement, 1)
        gate.results(True)
        rows = gate.query("SELECT body, secret FROM files")[0].rows
        self.assertEqual(rows, [[b"short", b"one two"]])
        stored = self.direct("SELECT secret FROM files")[0][0]
        self.assertEqual(bytes(stored)[:1], b"\xFE")
        # Both at once: one goes on to the server, the other one does not.
        gate.query("DELETE FROM files")
        for part in (b"to ", b"join"):
            gate.send_long_data(statement, 0, part)
            gate.send_long_data(statement, 1, part)
        self.execute_long(gate, statement, b"")
        gate.results(True)
        rows = gate.query("SELECT body, secret FROM files")[0].rows
        self.assertEqual(rows, [[b"to join", b"to join"]])
        # None of it is left for the next execution.
        gate.query("DELETE FROM files")
        gate.execute(statement, [b"a", b"b"])
        self.assertEqual(gate.query("SELECT body, secret FROM files")[0].rows, [[b"a", b"b"]])

    def send_long_data(self, client, statement, parameter):
        """Executes with one parameter sent in pieces and the other one inline."""
        for part in (b"one ", b"two"):
            client.send_long_data(statement, parameter, part)
        self.execute_long(client, statement, text(b"short"))

    def execute_long(self, client, statement, inline):
        attributes = client.capabilities & QUERY_ATTRIBUTES
        name = b"\0" if attributes else b""
        body = struct.pack("<IBI", statement, 8 if attributes else 0, 1)
        body += b"\x02" if attributes else b""
        client.command(0x17, body + b"\0\x01" + (b"\xFC\0" + name) * 2 + inline)

    def test_long_payloads(self):
        """At and over 16 MiB, both ways, in the clear and sealed."""
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            head = len("\x03SELECT LENGTH('')")
            for length in (MAX_FRAME - head - 1, MAX_FRAME - head, MAX_FRAME - head + 1,
                           2 * MAX_FRAME - head):
                rows = client.query(b"SELECT LENGTH('" + b"z" * length + b"')")[0].rows
                self.assertEqual(rows, [[str(length).encode()]])
            for length in (MAX_FRAME - 5, MAX_FRAME - 4, MAX_FRAME, 2 * MAX_FRAME):
                row = client.query(f"SELECT REPEAT('y', {length})")[0].rows[0]
                self.assertEqual(row, [b"y" * length])

    def test_long_sealed_values(self):
        value = bytes(range(256)) * (17 * 4096)
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            client.prepared_query("INSERT INTO files VALUES (1, ?, ?)", [b"plain", value])
            client.query(b"INSERT INTO files VALUES (2, NULL, X'" + value.hex().encode() + b"')")
            for result in (client.query("SELECT secret FROM files ORDER BY id")[0],
                           client.prepared_query("SELECT secret FROM files ORDER BY id")[0]):
                self.assertTrue(result.rows == [[value], [value]])
        heads = self.direct("SELECT LEFT(secret, 1), LENGTH(secret) FROM files")
        self.assertEqual(heads, ((b"\xFE", len(value) + 46),) * 2)

    def test_many_sessions(self):
        clients = [RawClient(self.gate.port, NOPASS, self.database) for _ in range(60)]
        try:
            for number, client in enumerate(clients):
                client.start_query(f"INSERT INTO people (id, name) VALUES ({number + 1}, "
                                   f"'person {number}')")
            for client in clients:
                client.results(False)
            for number, client in enumerate(clients):
                client.start_query(f"SELECT id FROM people WHERE name = 'PERSON {number}'")
            for number, client in enumerate(clients):
                self.assertEqual(client.results(False)[0].rows, [[str(number + 1).encode()]])
        finally:
            for client in clients:
                client.close()
        self.assert_sealed(60)
