"""Names that stand for an expression or for one of two columns: what the servers make of
them over a sealed table is what they make of them over a plain one, or it is refused."""

from raw_client import RawClient
from raw_packets import ServerError
from servers import APP, BackendCase, ClientError, Sealgate, on_each_backend

POLICY = """version: 1
columns:
  - {column: shop.people.email, mode: searchable}
  - {column: shop.people.other, mode: searchable, domain: shop.people.email}
roles:
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
COLUMNS = "(id INT PRIMARY KEY, email VARCHAR(60), other VARCHAR(60))"
ROWS = "VALUES (1, 'bob', 'ann'), (2, 'Bob', 'bob'), (3, 'ann', 'zed'), (4, NULL, NULL)"
SETUP = (f"CREATE TABLE people {COLUMNS}; CREATE TABLE plain {COLUMNS}; "
         f"INSERT INTO people {ROWS}; INSERT INTO plain {ROWS}; "
         "CREATE TABLE notes (id INT PRIMARY KEY, note VARCHAR(60)); "
         "INSERT INTO notes VALUES (1, 'one'), (2, 'ann'), (3, 'zed')")

COUNTED = ("SELECT IF((@n := @n + 1) % 2, email, 'ann') AS q FROM {} HAVING q NOT IN ('bob', 'ann')",
           "SELECT IF((@n := @n + 1) % 2, email, 'ann') AS q FROM {} HAVING q IN ('x', 'y', 'z')",
           "SELECT IF((@n := @n + 1) % 2, email, 'ann') AS q FROM {} HAVING NOT q <=> 'zed'")
DRAWN = ("SELECT COUNT(*) FROM (SELECT IF(RAND() < 0.5, a.email, 'ann') AS e FROM people a, "
         "people b, people c WHERE a.email = 'bob') d WHERE e NOT IN ('bob', 'ann')")
ALIASES = ("SELECT p.id, p.email AS note {} ORDER BY note = 'zed' DESC, p.id",
           "SELECT MIN(p.email IS NULL) AS m, p.other AS note {} GROUP BY p.id, note IN ('ann', 'zed')",
           "SELECT p.id, p.email AS note {} GROUP BY p.id, n.note HAVING note = 'zed'",
           "SELECT p.id, p.email AS note, COUNT(*) OVER w {} WINDOW w AS (PARTITION BY note = 'a')")
ORDERED = ("COUNT(*)", "SUM(id)", "ROW_NUMBER() OVER (ORDER BY id)")


@on_each_backend
class NamesTwiceTest(BackendCase):

    def setUp(self):
        super().setUp()
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(SETUP, APP, self.database)

    def refused(self, sql):
        with self.assertRaises(ClientError, msg=sql) as caught:
            self.gate.execute(sql, APP, self.database)
        self.assertEqual(caught.exception.number, 1235, sql)

    def test_an_expression_is_evaluated_as_often_as_it_is_named(self):
        with RawClient(self.gate.port, APP, self.database) as client:
            def counted(sql):
                client.query("SET @n = 0")
                rows = client.query(sql)[0].rows
                return rows, client.query("SELECT @n")[0].rows

            for sql in COUNTED:
                self.assertEqual(counted(sql.format("people")), counted(sql.format("plain")), sql)
            for _ in range(20):
                self.assertEqual(client.query(DRAWN)[0].rows, client.query(
                    DRAWN.replace("people", "plain"))[0].rows)

    def test_an_alias_beside_tables_outside_the_policy(self):
        for sql in ALIASES:
            self.refused(sql.format("FROM people p JOIN notes n ON n.id = p.id"))
        rows = self.gate.execute("SELECT p.id, p.email AS note FROM people p JOIN notes n ON "
                                 "n.id = p.id HAVING note IN ('ann', 'one')", APP, self.database)
        self.assertEqual(rows, [["3", "ann"]])

    def test_a_set_operation_is_not_ordered_by_what_is_of_its_groups(self):
        for order in ORDERED:
            self.refused(f"SELECT id, email FROM people UNION SELECT id, other FROM people "
                         f"ORDER BY {order}")

    def test_a_hint_of_the_whole_statement_is_not_lost(self):
        union = "SELECT {} email FROM people WHERE SLEEP(0.2) = 0 UNION SELECT other FROM people"
        # The servers' own clients leave comments out.
        with RawClient(self.gate.port, APP, self.database) as client:
            self.assertEqual(len(client.query(union.format("/*+ BKA() */"))[0].rows), 4)
            if self.kind == "mysql":
                with self.assertRaises(ServerError) as caught:
                    client.query(union.format("/*+ MAX_EXECUTION_TIME(100) */"))
                self.assertEqual(caught.exception.number, 1235)
