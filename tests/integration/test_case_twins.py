"""Tables and views whose names differ by case only from protected ones, where the
server tells them apart: they never take a protected one's place."""

from people import PeopleCase
from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, NOPASS, on_each_backend

SENTINEL = "Zq7caseZ"
MADE = """
CREATE TABLE People (id INT PRIMARY KEY, plain VARCHAR(400))
CREATE TABLE PEOPLE LIKE people
CREATE TABLE `People` SELECT 1 AS id
CREATE TEMPORARY TABLE People (id INT)
CREATE VIEW People AS SELECT 1 AS id
CREATE TABLE Shop.people (id INT)
CREATE TABLE V_people (id INT)
CREATE VIEW V_People AS SELECT id FROM people
RENAME TABLE orders TO People
RENAME TABLE people TO People
ALTER TABLE orders RENAME TO People
ALTER TABLE people RENAME PEOPLE
""".strip().split("\n")
USED = f"""
SELECT id FROM People
SELECT plain FROM People WHERE plain = '{SENTINEL}'
INSERT INTO People (id, plain) VALUES (5, '{SENTINEL}')
INSERT INTO People (id, name) VALUES (5, '{SENTINEL}')
UPDATE People p JOIN people q SET q.name = '{SENTINEL}'
SELECT id FROM Shop.people
ALTER TABLE People ADD COLUMN c INT
RENAME TABLE People TO mine
""".strip().split("\n")


@on_each_backend
class CaseTwinsTest(PeopleCase):

    # With one table alone, MariaDB is asked for it by its exact name.
    policy = PeopleCase.policy.replace(
        "columns:\n", "columns:\n  - {column: shop.second.name, mode: searchable}\n", 1)
    tables = (*PeopleCase.tables, "CREATE TABLE second (id INT PRIMARY KEY, name VARCHAR(90))")

    def setUp(self):
        super().setUp()
        self.backend.execute("DROP DATABASE IF EXISTS Shop; CREATE DATABASE Shop; "
                             "DROP TABLE IF EXISTS shop.People; DROP VIEW IF EXISTS shop.v_people;"
                             "CREATE VIEW shop.v_people AS SELECT id, name FROM shop.people", ADMIN)
        self.gate.admin("POST", "/v1/catalog/reload")
        self.client = RawClient(self.gate.port, NOPASS, self.database)
        self.addCleanup(self.client.close)
        self.client.query("INSERT INTO people (id, name) VALUES (1, 'Ana')")
        self.logged = self.backend.general_log_size()

    def works(self):
        """The protected table is what it was."""
        self.client.query(f"UPDATE people p, orders o SET name = '{SENTINEL}' WHERE p.id = 1")
        rows = self.client.query("SELECT p.id FROM people p WHERE name = 'Ana'")[0].rows
        self.assertEqual([(b"1",)], [tuple(row) for row in rows])
        self.assert_sealed()

    def tearDown(self):
        self.assertNotIn(SENTINEL.encode(), self.backend.general_log(self.logged))
        super().tearDown()

    def refused(self, sql, numbers):
        with self.subTest(sql):
            with self.assertRaises(ServerError) as raised:
                self.client.query(sql)
            self.assertIn("sealgate:", str(raised.exception))
            self.assertIn(raised.exception.number, numbers)

    def test_made_through_the_proxy(self):
        for sql in MADE:
            self.refused(sql, (1235,))
            self.works()

    def test_made_at_the_server(self):
        for twin in ("CREATE TABLE People (id INT PRIMARY KEY, plain VARCHAR(400))",
                     "CREATE TABLE People LIKE people",
                     "CREATE VIEW People AS SELECT id, plain FROM people",
                     "CREATE TABLE Shop.people (id INT, plain VARCHAR(400))"):
            self.backend.execute(twin, ADMIN, self.database)
            for reload in (False, True):
                if reload:
                    self.gate.admin("POST", "/v1/catalog/reload")
                for sql in USED:
                    self.refused(sql, (1146, 1235, 3850))
                self.works()
            self.backend.execute("DROP TABLE IF EXISTS People, Shop.people; "
                                 "DROP VIEW IF EXISTS People", ADMIN, self.database)

    def test_what_is_told_of_them(self):
        self.backend.execute("CREATE TABLE People (id INT, name TINYBLOB COMMENT 'theirs')", ADMIN,
                             self.database)
        self.gate.admin("POST", "/v1/catalog/reload")
        asked = "SELECT {} FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '{}' AND TABLE_NAME = '{}'"
        types = "COLUMN_NAME, DATA_TYPE, COLUMN_COMMENT"
        for shown in (types, types + ", TABLE_NAME", types + ", TABLE_NAME, TABLE_SCHEMA"):
            sql = asked.format(shown, "shop", "People")
            with self.subTest(sql):
                rows = [tuple(value.decode() for value in row)
                        for row in self.client.query(sql)[0].rows]
                self.assertEqual(rows, [tuple(row) for row in self.direct(sql)])
                self.assertIn("theirs", rows[1])
            # Were rows of people among them, they would be shown as they are stored.
            for schema, table in (("SHOP", "people"), ("shop", "PEOPLE"), ("Shop", "people")):
                self.assertEqual(self.client.query(asked.format(shown, schema, table))[0].rows, [])
        own = asked.format("DATA_TYPE, COLUMN_NAME", "shop", "people") + " AND COLUMN_NAME = 'name'"
        self.assertEqual(self.client.query(own)[0].rows, [[b"varchar", b"name"]])

    def test_the_schema_is_still_read(self):
        failures = "sealgate_catalog_reload_failures_total"
        before = self.gate.metrics()[failures]
        self.backend.execute("CREATE TABLE PEOPLE (id INT, name INT); CREATE TABLE Second (id INT); "
                             "CREATE VIEW V_PEOPLE AS SELECT id FROM second", ADMIN, self.database)
        self.addCleanup(self.backend.execute, "DROP TABLE PEOPLE, Second; DROP VIEW V_PEOPLE", ADMIN,
                        self.database)
        self.assertEqual(self.gate.admin("POST", "/v1/catalog/reload")[0], 200)
        self.works()
        self.client.query(f"INSERT INTO second VALUES (3, '{SENTINEL}')")
        self.backend.execute("DROP TABLE second; CREATE VIEW second AS SELECT id, name FROM people",
                             ADMIN, self.database)
        self.addCleanup(self.backend.execute, "DROP VIEW second; CREATE TABLE second (id INT "
                        "PRIMARY KEY, name VARCHAR(90))", ADMIN, self.database)
        self.gate.admin("POST", "/v1/catalog/reload")
        self.refused(f"INSERT INTO second VALUES (2, '{SENTINEL}')", (1146, 1235))
        self.assertEqual(self.gate.metrics()[failures], before)

    def test_schemas_have_their_own_default_collation(self):
        self.backend.execute("DROP DATABASE Shop; CREATE DATABASE Shop CHARACTER SET latin1; "
                             "DROP TABLE second", ADMIN, self.database)
        self.gate.admin("POST", "/v1/catalog/reload")
        self.client.query("CREATE TABLE second (id INT PRIMARY KEY, name VARCHAR(90))")
        self.client.query("SET NAMES utf8mb4")
        self.client.query("INSERT INTO second VALUES (1, 'Жук')")
        rows = self.client.query("SELECT name FROM second")[0].rows
        self.assertEqual(rows, [["Жук".encode()]])

    def test_it_can_be_dropped(self):
        self.backend.execute("CREATE TABLE People (id INT)", ADMIN, self.database)
        self.gate.admin("POST", "/v1/catalog/reload")
        self.client.query("DROP TABLE People")
        self.works()
