"""Tables whose engine has them stand for others (MERGE, FEDERATED): over a protected table
they are refused, whoever made them, and over any other they work."""

from people import PeopleCase
from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, APP, on_each_backend

OPTIONS = {"mysql": ("--federated",), "mariadb": ("--plugin-load-add=ha_federatedx",)}
SENTINEL = "Zq5linkZ"


@on_each_backend
class LinkedTablesTest(PeopleCase):

    policy = PeopleCase.policy.replace(
        "columns:\n", "columns:\n  - {column: shop.boxes.name, mode: searchable}\n", 1)
    tables = (*PeopleCase.tables,
              "CREATE TABLE boxes (id INT, name VARCHAR(30)) ENGINE=MyISAM",
              "CREATE TABLE part (id INT, name VARCHAR(300)) ENGINE=MyISAM")

    @classmethod
    def setUpClass(cls):
        cls.server_options = {"options": OPTIONS[cls.kind]}
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.client = RawClient(self.gate.port, ADMIN, self.database)
        self.addCleanup(self.client.close)
        self.stored = self.direct("SELECT COLUMN_TYPE FROM information_schema.COLUMNS WHERE "
                                  "TABLE_NAME = 'boxes' AND COLUMN_NAME = 'name'")[0][0]
        self.at_server("CREATE VIEW seen AS SELECT id, name FROM boxes")
        self.addCleanup(self.at_server, "DROP VIEW seen")
        self.logged = self.backend.general_log_size()

    def tearDown(self):
        self.assertNotIn(SENTINEL.encode(), self.backend.general_log(self.logged))
        super().tearDown()

    def at_server(self, *statements):
        with RawClient(self.backend.port, ADMIN, self.database) as client:
            for sql in statements:
                client.query(sql)

    def far(self, table):
        return ("ENGINE=FEDERATED CONNECTION="
                f"'mysql://{APP.user}:{APP.password}@127.0.0.1:{self.backend.port}/{table}'")

    def refused(self, name):
        for sql in (f"INSERT INTO {name} VALUES (2, '{SENTINEL}')", f"SELECT name FROM {name}",
                    f"UPDATE {name} SET name = '{SENTINEL}'"):
            with self.subTest(sql):
                with self.assertRaises(ServerError) as raised:
                    self.client.query(sql)
                self.assertIn("sealgate:", str(raised.exception))

    def links(self):
        """Each with the table that it stands for."""
        merged = "ENGINE=MERGE INSERT_METHOD=LAST UNION="
        return {"merged": f"CREATE TABLE merged (id INT, name {self.stored}) {merged}(boxes)",
                "far": f"CREATE TABLE far (id INT, name {self.stored}) {self.far('shop/boxes')}",
                "view_of": f"CREATE TABLE view_of (id INT, name {self.stored}) "
                           f"{self.far('shop/seen')}"}

    def test_made_at_the_server(self):
        for name, sql in self.links().items():
            self.at_server(sql)
            self.addCleanup(self.at_server, f"DROP TABLE {name}")
            self.refused(name)
        self.at_server("CREATE VIEW over_far AS SELECT id, name FROM far")
        self.addCleanup(self.at_server, "DROP VIEW over_far")
        self.refused("over_far")

    def not_made(self, sql):
        with self.subTest(sql), self.assertRaises(ServerError) as raised:
            self.client.query(sql)
        self.assertIn("sealgate:", str(raised.exception))

    def test_made_through_the_proxy(self):
        for sql in self.links().values():
            self.not_made(sql)
            self.not_made(f"{sql} SELECT 2 AS id, '{SENTINEL}' AS name")

    def test_made_within(self):
        sql = self.links()["far"]
        write = f"INSERT INTO far VALUES (2, '{SENTINEL}')"
        texts = [f"{sql}; {write}", sql.replace("TABLE", "TEMPORARY TABLE", 1),
                 f"CREATE PROCEDURE links() BEGIN {sql}; {write}; END"]
        if self.kind == "mariadb":
            texts.append(f"BEGIN NOT ATOMIC {sql}; {write}; END")
        for text in texts:
            self.not_made(text)

    def test_like_one(self):
        self.at_server(self.links()["far"])
        self.addCleanup(self.at_server, "DROP TABLE far")
        for made in ("TABLE copied", "TEMPORARY TABLE copied",
                     "TEMPORARY TABLE IF NOT EXISTS shop.copied"):
            self.not_made(f"CREATE {made} LIKE far")
        if self.kind == "mariadb":
            self.not_made("CREATE TEMPORARY TABLE .copied LIKE far")

    def test_altered_through_the_proxy(self):
        self.client.query("CREATE TABLE turned (id INT, name VARCHAR(300))")
        self.addCleanup(self.at_server, "DROP TABLE turned")
        self.not_made(f"ALTER TABLE turned {self.far('shop/boxes')}")
        self.client.query("CREATE TEMPORARY TABLE turning (id INT, name VARCHAR(300))")
        self.not_made(f"ALTER TABLE turning {self.far('shop/boxes')}")

    def test_over_what_is_plain(self):
        for name, options in (("merged", "ENGINE=MERGE INSERT_METHOD=LAST UNION=(part)"),
                              ("far", self.far("shop/part"))):
            self.at_server(f"CREATE TABLE {name} (id INT, name VARCHAR(300)) {options}")
            self.addCleanup(self.at_server, f"DROP TABLE {name}")
            # Another one had its name a moment ago.
            self.assertEqual(self.gate.admin("POST", "/v1/catalog/reload")[0], 200)
            self.client.query(f"INSERT INTO {name} VALUES (1, 'plain')")
            asked = self.gate.metrics()["sealgate_catalog_lookups_total"]
            rows = self.client.query(f"SELECT name FROM {name} LIMIT 1")[0].rows
            self.assertEqual(rows, [[b"plain"]])
            self.assertEqual(self.gate.metrics()["sealgate_catalog_lookups_total"], asked)

    def test_a_definition_that_cannot_be_shown(self):
        self.at_server("CREATE TABLE other (id INT) ENGINE=MyISAM",
                       "CREATE TABLE lost (id INT) ENGINE=MERGE UNION=(other)", "DROP TABLE other")
        self.addCleanup(self.at_server, "DROP TABLE lost")
        failures = self.gate.metrics()["sealgate_catalog_reload_failures_total"]
        self.assertEqual(self.gate.admin("POST", "/v1/catalog/reload")[0], 200)
        with self.assertRaises(ServerError):
            self.client.query("SELECT id FROM lost")
        self.client.query("INSERT INTO boxes VALUES (1, 'plain')")
        self.assertEqual(self.gate.metrics()["sealgate_catalog_reload_failures_total"], failures)
