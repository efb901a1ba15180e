"""The write gate: `sealgate maintenance begin | status | end`."""

import json
import struct
import time

from people import PeopleCase
from raw_client import RawClient
from raw_packets import QUERY_ATTRIBUTES, ServerError, text
from servers import APP, NOPASS, on_each_backend
from test_faults import wait_for


class GateCase(PeopleCase):
    limits = {}

    @classmethod
    def setUpClass(cls):
        cls.gate_options = {"overrides": {"limits": {"hold": cls.limits}}}
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.clients = []
        self.addCleanup(self.gate.command, "maintenance", "end")

    def open(self):
        client = RawClient(self.gate.port, NOPASS, self.database)
        self.addCleanup(client.close)
        return client

    def maintenance(self, *arguments, status=0):
        run = self.gate.command("maintenance", *arguments)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run.stdout + run.stderr

    def reload(self):
        run = self.gate.command("catalog", "reload")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def state(self):
        return json.loads(self.maintenance("status", "--json"))

    def held(self):
        return self.gate.metrics()["sealgate_writes_held"]

    def ids(self):
        return [row[0] for row in self.direct("SELECT id FROM people ORDER BY id")]

    def hold(self, number, sql=None):
        """A session whose write waits at the gate."""
        client = self.open()
        client.start_query(sql or f"INSERT INTO people (id, name) VALUES ({number}, 'p{number}')")
        self.assertTrue(wait_for(lambda: self.held() == number), f"write {number} is not held")
        return client


@on_each_backend
class MaintenanceTest(GateCase):

    def test_writes_wait_and_reads_go_on(self):
        self.assertEqual(self.state()["state"], "open")
        text = self.maintenance("begin", "--for", "5m", "--reason", "adding an index", "--wait")
        self.assertIn("quiesced", text)
        clients = [self.hold(n) for n in (1, 2, 3)]
        self.assertEqual(self.ids(), [])
        with self.open() as reader:
            self.assertEqual(reader.query("SELECT COUNT(*) FROM people")[0].rows, [[b"0"]])
            self.assertEqual(reader.query("SELECT name FROM people WHERE name = 'p1'")[0].rows, [])
        state = self.state()
        self.assertEqual((state["state"], state["held"], state["reason"]),
                         ("quiesced", 3, "adding an index"))
        self.assertIn("adding an index", self.maintenance("status"))
        metrics = self.gate.metrics()
        self.assertEqual(metrics['sealgate_write_gate_state{state="quiesced"}'], 1)
        self.assertEqual(metrics['sealgate_write_gate_state{state="open"}'], 0)
        self.maintenance("end")
        for client in clients:
            self.assertEqual(client.results(False)[0].affected, 1)
        self.assertEqual(self.ids(), [1, 2, 3])
        self.assertTrue(wait_for(lambda: self.held() == 0))
        self.assertEqual(self.gate.metrics()['sealgate_write_gate_state{state="open"}'], 1)
        self.assert_sealed(3)

    def test_every_kind_of_write_is_held(self):
        self.gate.execute("INSERT INTO people (id, name) VALUES (1, 'a'), (2, 'b')", APP,
                          self.database)
        self.maintenance("begin", "--for", "5m")
        writes = ["INSERT INTO orders VALUES (1, 1, 'x')",
                  "UPDATE people SET name = 'c' WHERE id = 1", "DELETE FROM people WHERE id = 2",
                  "REPLACE INTO people (id, name) VALUES (3, 'd')",
                  "CREATE TABLE held_table (id INT)", "TRUNCATE TABLE orders",
                  "DROP TABLE IF EXISTS held_table"]
        clients = [self.hold(n + 1, sql) for n, sql in enumerate(writes)]
        prepared = self.open()
        statement, _ = prepared.prepare("INSERT INTO people (id, name) VALUES (4, ?)")
        prepared.start_execute(statement, (b"prepared",))
        self.assertTrue(wait_for(lambda: self.held() == len(writes) + 1))
        self.assertEqual(self.ids(), [1, 2])
        self.maintenance("end")
        for client in clients:
            client.results(False)
        prepared.results(True)
        self.assertEqual(self.ids(), [1, 3, 4])

    def test_a_client_that_leaves_takes_its_write_along(self):
        self.maintenance("begin", "--for", "5m")
        first, second = self.hold(1), self.hold(2)
        first.close()
        self.assertTrue(wait_for(lambda: self.held() == 1))
        self.maintenance("end")
        second.results(False)
        self.assertEqual(self.ids(), [2])

    def test_an_open_transaction_may_finish(self):
        client = self.open()
        client.query("BEGIN")
        client.query("INSERT INTO people (id, name) VALUES (1, 'begun')")
        self.maintenance("begin", "--for", "5m")
        self.assertEqual(self.state()["state"], "draining")
        client.query("INSERT INTO people (id, name) VALUES (2, 'finished')")
        client.query("COMMIT")
        self.assertTrue(wait_for(lambda: self.state()["state"] == "quiesced"))
        self.assertEqual(self.ids(), [1, 2])
        self.maintenance("end")

    def test_it_opens_by_itself(self):
        self.maintenance("begin", "--for", "1s")
        client = self.hold(1)
        start = time.monotonic()
        self.assertEqual(client.results(False)[0].affected, 1)
        self.assertLess(time.monotonic() - start, 3)
        self.assertEqual(self.state()["state"], "open")

    def test_what_it_refuses(self):
        self.assertIn("open", self.maintenance("end", status=1))
        self.assertIn("duration", self.maintenance("begin", "--for", "soon", status=2))
        self.assertIn("at most", self.maintenance("begin", "--for", "100h", status=1))
        self.assertEqual(self.state()["state"], "open")

    def test_without_the_token(self):
        for method, path in (("GET", "/v1/status"), ("GET", "/v1/maintenance"),
                             ("POST", "/v1/maintenance/begin"), ("POST", "/v1/maintenance/end"),
                             ("POST", "/v1/catalog/reload"), ("GET", "/v1/nothing")):
            status, body = self.gate.admin(method, path, token="wrong")
            self.assertEqual(status, 401, path)
            self.assertNotIn(self.gate.admin_token, body)
        self.assertEqual(self.state()["state"], "open")


@on_each_backend
class OrderTest(GateCase):
    def test_in_order(self):
        """Held writes to one row go to the server in the order of their arrival."""
        self.gate.execute("INSERT INTO people (id, plain) VALUES (1, '')", APP, self.database)
        self.maintenance("begin", "--for", "5m")
        clients = [self.hold(n, f"UPDATE people SET plain = CONCAT(plain, '{n} ') WHERE id = 1")
                   for n in range(1, 9)]
        self.maintenance("end")
        for client in clients:
            client.results(False)
        rows = self.direct("SELECT plain FROM people")
        self.assertEqual(rows, (("1 2 3 4 5 6 7 8 ",),))


@on_each_backend
class GateLimitsTest(GateCase):
    policy = GateCase.policy.replace(
        "roles:", "  - {column: shop.kinds.n, mode: searchable}\n"
        "  - {column: shop.small.n, mode: searchable, domain: shop.kinds.n}\nroles:")
    tables = (*GateCase.tables, "CREATE TABLE notes (id INT NOT NULL PRIMARY KEY, a BLOB, b BLOB)")
    limits = {"max_count": 3, "max_age": "1s", "drain": "1s"}

    def test_too_many(self):
        self.maintenance("begin", "--for", "5m", "--reason", "moving house")
        waiting = [self.hold(n) for n in (1, 2, 3)]
        with self.open() as late:
            with self.assertRaises(ServerError) as caught:
                late.query("INSERT INTO people (id, name) VALUES (4, 'late')")
            self.assertEqual((caught.exception.number, caught.exception.sqlstate),
                             (1290, "HY000"))
            self.assertTrue(caught.exception.message.startswith("sealgate: "))
            self.assertIn("moving house", caught.exception.message)
            self.assertEqual(late.query("SELECT 1")[0].rows, [[b"1"]])
        self.maintenance("end")
        for client in waiting:
            client.results(False)
        self.assertEqual(self.ids(), [1, 2, 3])
        name = 'sealgate_refusals_total{reason="gate"}'
        self.assertGreaterEqual(self.gate.metrics()[name], 1)

    def test_too_long(self):
        self.maintenance("begin", "--for", "5m")
        client = self.hold(1)
        with self.assertRaises(ServerError) as caught:
            client.results(False)
        self.assertEqual(caught.exception.number, 1290)
        self.assertEqual(client.query("SELECT 1")[0].rows, [[b"1"]])
        self.maintenance("end")
        self.assertEqual(self.ids(), [])
        client.query("INSERT INTO people (id, name) VALUES (1, 'again')")
        self.assertEqual(self.ids(), [1])
        name = 'sealgate_statements_total{class="write",outcome="held_expired"}'
        self.assertGreaterEqual(self.gate.metrics()[name], 1)

    def test_types_of_a_held_execution_are_to_come_again(self):
        """The server would read a text by the number's type, that it got last."""
        client = self.open()
        insert, _ = client.prepare("INSERT INTO notes (a, id) VALUES (?, 1)")
        client.execute(insert, [7])
        client.query("DELETE FROM notes")
        self.maintenance("begin", "--for", "5m", "--wait")
        with self.assertRaises(ServerError) as caught:
            client.execute(insert, [b"S3VEN77"])
        self.assertEqual(caught.exception.number, 1290)
        self.maintenance("end")
        named = client.capabilities & QUERY_ATTRIBUTES
        count = b"\1" if named else b""
        client.command(0x17, struct.pack("<IBI", insert, 8 if named else 0, 1) + count + b"\0\0" +
                       text(b"S3VEN77"))
        with self.assertRaises(ServerError) as caught:
            client.results(binary=True)
        self.assertEqual(caught.exception.number, 1615)
        client.execute(insert, [b"S3VEN77"])
        self.assertEqual(client.query("SELECT a FROM notes")[0].rows, [[b"S3VEN77"]])

    def test_long_data_of_a_held_execution_is_gone_with_it(self):
        """Of a statement that does without protected columns, it is at the server."""
        client = self.open()
        insert, _ = client.prepare("INSERT INTO notes (id, a, b) VALUES (?, ?, ?)")
        shown = "SELECT a, b FROM notes"
        for again in (None, b"again", b"long"):
            self.maintenance("begin", "--for", "5m", "--wait")
            client.send_long_data(insert, 1, b"long")
            with self.assertRaises(ServerError) as caught:
                client.execute(insert, [b"1", None, b"b"])
            self.assertEqual(caught.exception.number, 1290)
            self.maintenance("end")
            self.assertEqual(client.query(shown)[0].rows, [])
            if again == b"long":
                client.send_long_data(insert, 1, again)
            client.execute(insert, [b"1", None if again == b"long" else again, b"b"])
            self.assertEqual(client.query(shown)[0].rows, [[again, b"b"]])
            client.query("DELETE FROM notes")


@on_each_backend
class StopTest(PeopleCase):
    """SIGTERM."""

    def setUp(self):
        if not self.gate.running():
            self.gate.start()
        super().setUp()

    def test_while_writes_are_held(self):
        self.gate.command("maintenance", "begin", "--for", "5m")
        clients = []
        for number in range(1, 4):
            client = RawClient(self.gate.port, NOPASS, self.database)
            client.start_query(f"INSERT INTO people (id, name) VALUES ({number}, 'held')")
            clients.append(client)
        self.assertTrue(wait_for(lambda: self.gate.metrics()["sealgate_writes_held"] == 3))
        start = time.monotonic()
        self.assertEqual(self.gate.stop(), 0)
        self.assertLess(time.monotonic() - start, 15)
        refused = 0
        for client in clients:
            try:
                client.results(False)
            except ServerError as error:
                self.assertEqual(error.number, 1053)
                self.assertIn("shutting down", error.message)
                refused += 1
            client.close()
        # Each was told that its write did not happen; and it did not.
        self.assertEqual(refused, 3)
        self.assertEqual(self.direct("SELECT id FROM people"), ())

    def test_idle_sessions_are_closed(self):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            client.query("SELECT 1")
            start = time.monotonic()
            self.assertEqual(self.gate.stop(), 0)
            self.assertLess(time.monotonic() - start, 5)

    def test_a_running_statement_finishes(self):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            client.start_query("SELECT SLEEP(1), 'done'")
            self.assertTrue(wait_for(lambda: len(self.direct("SHOW PROCESSLIST")) > 1))
            time.sleep(0.2)
            self.assertEqual(self.gate.stop(), 0)
            self.assertEqual(client.results(False)[0].rows, [[b"0", b"done"]])


@on_each_backend
class HeldWritesTest(GateCase):
    """What is held was decided by the schema before."""

    tables = (*GateCase.tables, "CREATE TABLE later (id INT NOT NULL PRIMARY KEY, name VARCHAR(100))")

    def held(self):
        """As the gate counts now; the metric follows in a moment."""
        return self.state()["held"]

    def test_a_view_that_came_meanwhile_is_written_through(self):
        client, preparing = self.open(), self.open()
        statement, _ = preparing.prepare("INSERT INTO later (id, name) VALUES (?, ?)")
        self.maintenance("begin", "--for", "5m", "--wait")
        before = self.held()
        client.start_query("INSERT INTO later (id, name) VALUES (7, 'S3NT1NEL-text')")
        self.assertTrue(wait_for(lambda: self.held() == before + 1))
        preparing.start_execute(statement, [b"8", b"S3NT1NEL-bound"])
        self.assertTrue(wait_for(lambda: self.held() == before + 2))
        self.direct("RENAME TABLE later TO sooner")
        self.direct("CREATE VIEW later AS SELECT id, name FROM people")
        self.reload()
        self.maintenance("end")
        self.assertEqual(client.results(binary=False)[0].affected, 1)
        with self.assertRaises(ServerError) as error:
            preparing.results(binary=True)
        self.assertEqual(error.exception.number, 1615)
        with self.open() as reader:
            self.assertEqual(reader.query("SELECT name FROM people WHERE id = 7")[0].rows,
                             [[b"S3NT1NEL-text"]])
        self.assertNotIn("S3NT1NEL", str(self.direct("SELECT HEX(name), name FROM people")))

    def test_the_order_stays_when_the_schema_changes_meanwhile(self):
        self.direct("INSERT INTO people (id, plain) VALUES (1, '')")
        self.maintenance("begin", "--for", "5m", "--wait")
        sql = "UPDATE people SET plain = CONCAT(plain, '{0}'), name = 'p{0}' WHERE id = 1"
        before = self.held()
        clients = []
        for number in (1, 2, 3, 4):
            if number == 3:
                self.direct("CREATE VIEW seen AS SELECT id FROM people")
                self.addCleanup(self.direct, "DROP VIEW seen")
                self.reload()
            clients.append(self.open())
            clients[-1].start_query(sql.format(number))
            self.assertTrue(wait_for(lambda: self.held() == before + number))
        self.maintenance("end")
        for client in clients:
            self.assertEqual(client.results(False)[0].affected, 1)
        with self.open() as reader:
            self.assertEqual(reader.query("SELECT plain, name FROM people")[0].rows,
                             [[b"1234", b"p4"]])
        state = self.state()
        self.assertEqual((state["state"], state["held"]), ("open", 0))
        # Each has left the gate, which gets quiet again.
        self.assertIn("quiesced", self.maintenance("begin", "--for", "5m", "--wait"))

    def test_the_order_stays_when_names_change_at_their_turn(self):
        with self.open() as other:
            other.query("CREATE TABLE kinds (id INT PRIMARY KEY, n SMALLINT)")
            other.query("CREATE TABLE small (id INT PRIMARY KEY, n SMALLINT)")
            other.query("INSERT INTO kinds (id, n) VALUES (1, 0)")
            other.query("INSERT INTO small (id, n) VALUES (1, 0)")
        self.addCleanup(self.direct, "DROP TABLE kinds, small")
        self.maintenance("begin", "--for", "5m", "--wait")
        before = self.held()
        clients = []
        for number in range(1, 8):
            client = self.open()
            clients.append(client)
            client.start_query("RENAME TABLE kinds TO least, small TO kinds, least TO small"
                               if number == 3 else
                               f"UPDATE kinds SET n = {number} WHERE id = 1")
            self.assertTrue(wait_for(lambda: self.held() == before + number))
        self.maintenance("end")
        for client in clients:
            client.results(False)
        with self.open() as reader:
            self.assertEqual([reader.query(f"SELECT n FROM {table}")[0].rows
                              for table in ("small", "kinds")], [[[b"2"]], [[b"7"]]])
        self.assertIn("quiesced", self.maintenance("begin", "--for", "5m", "--wait"))

    def held_execution(self, statement, values):
        client = self.open()
        prepared, _ = client.prepare(statement)
        self.maintenance("begin", "--for", "5m", "--wait")
        before = self.held()
        client.start_execute(prepared, values)
        self.assertTrue(wait_for(lambda: self.held() == before + 1))
        return client

    def test_a_column_of_another_type_meanwhile(self):
        with self.open() as other:
            other.query("CREATE TABLE kinds (id INT PRIMARY KEY, n SMALLINT)")
            other.query("CREATE TABLE small (id INT PRIMARY KEY, n TINYINT)")
        self.addCleanup(self.direct, "DROP TABLE kinds")
        client = self.held_execution("INSERT INTO kinds (id, n) VALUES (?, ?)", [1, 500])
        self.direct("DROP TABLE kinds")
        self.direct("RENAME TABLE small TO kinds")
        self.reload()
        self.maintenance("end")
        with self.assertRaises(ServerError) as error:
            client.results(binary=True)
        self.assertEqual(error.exception.number, 1264)
        self.assertEqual(list(self.direct("SELECT * FROM kinds")), [])
        client.prepared_query("INSERT INTO kinds (id, n) VALUES (?, ?)", [1, 50])
        self.assertEqual(client.query("SELECT n FROM kinds WHERE n = 50")[0].rows, [[b"50"]])

    def test_a_policy_that_masks_meanwhile(self):
        if self.kind == "mysql":
            self.skipTest("RETURNING is MariaDB's")
        with self.open() as other:
            other.query("INSERT INTO people (id, name) VALUES (1, 'S3NT1NEL-name')")
        client = self.held_execution("DELETE FROM people WHERE id = ? RETURNING name", [1])
        self.addCleanup(self.gate.command, "catalog", "reload")
        self.addCleanup(self.gate.write_policy, self.policy)
        self.gate.write_policy(self.policy.replace("reveal: clear", "reveal: mask, search: true"))
        self.reload()
        self.maintenance("end")
        self.assertEqual(client.results(binary=True)[0].rows, [[b"*" * 13]])

    def test_long_data_that_was_bound_before_a_change(self):
        client = self.open()
        statement, _ = client.prepare("INSERT INTO people (id, plain, name) VALUES (?, ?, ?)")
        self.maintenance("begin", "--for", "5m", "--wait")
        before = self.held()
        client.send_long_data(statement, 1, b"long")
        client.start_execute(statement, [5, None, b"n"])
        self.assertTrue(wait_for(lambda: self.held() == before + 1))
        self.direct("CREATE VIEW seen AS SELECT id FROM people")
        self.addCleanup(self.direct, "DROP VIEW seen")
        self.reload()
        self.maintenance("end")
        with self.assertRaises(ServerError) as error:
            client.results(binary=True)
        self.assertEqual(error.exception.number, 1615)
        self.assertEqual(self.ids(), [])

    def test_long_data_of_an_execution_that_is_refused_is_gone(self):
        client = self.open()
        statement, _ = client.prepare("INSERT INTO people (id, plain, name) VALUES (?, ?, ?)")
        client.send_long_data(statement, 1, b"long")
        with self.assertRaises(ServerError) as error:
            client.execute(statement, [1, None, b"n" * 101])
        self.assertEqual(error.exception.number, 1406)
        client.execute(statement, [2, b"plain", b"S3NT1NEL-name"])
        self.assertEqual(client.query("SELECT plain, name FROM people")[0].rows,
                         [[b"plain", b"S3NT1NEL-name"]])
