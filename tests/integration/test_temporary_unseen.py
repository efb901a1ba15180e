"""Temporary tables that the session made or dropped where no statement in the open says
so: they are never taken for a view over a protected table, nor such a view for them."""

from people import PeopleCase
from raw_client import RawClient
from raw_packets import MULTI_STATEMENTS, ServerError
from servers import ADMIN, APP, on_each_backend

TABLES = (
    "CREATE TABLE people (id INT NOT NULL PRIMARY KEY, name VARCHAR(100) CHARACTER SET utf8mb4 "
    "COLLATE utf8mb4_general_ci, plain VARCHAR(400), KEY name (name))",)
POLICY = """version: 1
columns:
  - {column: shop.people.name, mode: searchable}
roles:
  - {name: app, match: any, default: {reveal: clear, write: true}}
"""
REFUSED = 1235
VIEW = "CREATE VIEW t1 AS SELECT id, name AS nm FROM people"
MAKE = "CREATE TEMPORARY TABLE t1 (id INT, nm VARCHAR(60))"
DROP = "DROP TEMPORARY TABLE t1"
FILL = "INSERT INTO t1 (id, nm) VALUES (7, 'secret7')"


@on_each_backend
class TemporaryUnseen(PeopleCase):
    policy = POLICY
    tables = TABLES

    def setUp(self):
        self.assertTrue(self.gate.running(), self.gate.logs())
        self.at_server("DROP VIEW IF EXISTS t1", "DROP PROCEDURE IF EXISTS does",
                       "DROP TABLE IF EXISTS people, t1")
        run = self.gate.command("catalog", "reload")
        self.assertEqual(run.returncode, 0, run.stderr)
        with self.session() as client:
            client.query(TABLES[0])
            client.query("INSERT INTO people (id, name) VALUES (1, 'ana')")

    def session(self):
        return RawClient(self.gate.port, APP, self.database, add=MULTI_STATEMENTS)

    def at_server(self, *statements):
        with RawClient(self.backend.port, ADMIN, self.database) as client:
            for sql in statements:
                client.query(sql)

    def ways(self, does):
        yield "prepared", lambda c: c.prepared_query(does)
        yield "text", lambda c: (c.query(f"PREPARE s FROM '{does}'"), c.query("EXECUTE s"))
        yield "comment", lambda c: c.query(f"/*!50000 {does} */")
        yield "several", lambda c: c.query(f"SELECT 1; {does}")
        yield "call", lambda c: (c.query(f"CREATE PROCEDURE does() {does}"),
                                 c.query("CALL does()"))
        if self.kind == "mariadb":
            yield "set", lambda c: c.query(f"SET STATEMENT max_statement_time = 9 FOR {does}")
            yield "immediate", lambda c: c.query(f"EXECUTE IMMEDIATE '{does}'")

    def refused(self, client, sql):
        try:
            client.query(sql)
        except ServerError as error:
            self.assertEqual(error.number, REFUSED, error)
            return True
        return False

    def test_a_view_of_the_name_is_not_taken_for_it(self):
        for way, does in self.ways(MAKE):
            with self.subTest(way), self.session() as client, self.session() as other:
                self.setUp()
                does(client)
                client.query(FILL)
                other.query(VIEW)
                self.assertTrue(self.refused(
                    client, "INSERT INTO people (id, name) SELECT id + 100, nm FROM t1"))

    def test_one_that_was_renamed(self):
        with self.session() as client, self.session() as other:
            client.query(MAKE.replace("t1", "t0"))
            client.query("ALTER TABLE t0 RENAME TO t1")
            client.query(FILL)
            other.query(VIEW)
            self.assertTrue(self.refused(client, "SELECT id FROM t1 WHERE nm = 'secret7'"))

    def test_a_dropped_one_is_not_known(self):
        for way, does in self.ways(DROP):
            with self.subTest(way), self.session() as client:
                self.setUp()
                client.query(MAKE)
                inserting = client.prepare(FILL)[0]
                does(client)
                self.at_server(VIEW)
                self.assertTrue(self.refused(client, FILL))
                with self.assertRaises(ServerError):
                    client.execute(inserting)

    def test_procedures_that_touch_none_cost_nothing(self):
        with self.session() as client:
            client.query(VIEW)
            client.query("CREATE PROCEDURE does() SELECT 1")
            client.query("CALL does()")
            client.query("SELECT id FROM t1 WHERE nm = 'ana'")
