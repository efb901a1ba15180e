"""What somebody made in the servers' own schemas, or in one whose name is nearly that of
such a schema, over a protected table; and the servers' own there, which works as ever."""

from people import PeopleCase
from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, SUPPORT, on_each_backend

POLICY_ROLE = """  - name: support
    match: [{user: support}]
    default: {reveal: deny}
"""
# A schema, and whether triggers can be made there.
SCHEMAS = {"sys": True, "mysql": False, "SYS": True, "mýsql": True, "oracle_schema": True,
           "mariadb_schema": True}
OWN = {"mariadb": """
SELECT COUNT(*) FROM mysql.user
SELECT user FROM mysql.global_priv LIMIT 0
SELECT sys.format_bytes(1), sys.version_major()
SELECT * FROM sys.version
SELECT * FROM sys.session LIMIT 0
SELECT mariadb_schema.substr('abc', 2)
CALL sys.table_exists('shop', 'orders', @kind)
""", "mysql": """
SELECT COUNT(*) FROM mysql.user
SELECT sys.format_bytes(1), sys.version_major()
SELECT * FROM sys.version
SELECT * FROM sys.session LIMIT 0
UPDATE sys.sys_config SET value = value
CALL sys.table_exists('shop', 'orders', @kind)
"""}


@on_each_backend
class SystemSchemasTest(PeopleCase):

    policy = PeopleCase.policy + POLICY_ROLE

    def setUp(self):
        super().setUp()
        self.number = 0
        self.client = RawClient(self.gate.port, ADMIN, self.database)
        self.addCleanup(self.client.close)
        self.client.query("INSERT INTO people (id, name) VALUES (1, 'Ana')")

    def at_server(self, *statements):
        with RawClient(self.backend.port, ADMIN, self.database) as client:
            for sql in statements:
                client.query(sql)

    def unseen(self, sql, refused=False):
        """Whatever comes of it, the value in it is not in what the server gets."""
        self.number += 1
        value = f"Zs{self.number}{self.kind}Z"
        logged = self.backend.general_log_size()
        with self.subTest(sql):
            try:
                self.client.query(sql.format(x=value))
                self.assertFalse(refused)
            except ServerError as error:
                self.assertTrue(str(error).find("sealgate:") >= 0 and refused, str(error))
            self.assertNotIn(value.encode(), self.backend.general_log(logged))

    def made_in(self, schema, make):
        """Views as elsewhere; what is made by `make`."""
        own = schema in ("sys", "mysql")
        if not own:
            self.at_server(f"CREATE DATABASE `{schema}`")
            self.addCleanup(self.at_server, f"DROP DATABASE `{schema}`")
        make(f"CREATE VIEW `{schema}`.zv AS SELECT id, name FROM shop.people")
        make(f"CREATE VIEW shop.zw AS SELECT id, name FROM `{schema}`.zv")
        self.addCleanup(self.at_server, f"DROP VIEW IF EXISTS `{schema}`.zv, shop.zw")
        self.number += 10
        self.unseen(f"INSERT INTO `{schema}`.zv VALUES ({self.number}, '{{x}}')")
        self.unseen("SELECT id FROM shop.zw WHERE name = '{x}'")
        self.unseen(f"UPDATE `{schema}`.zv SET name = '{{x}}' WHERE id = {self.number}")
        rows = self.client.query(f"SELECT name FROM `{schema}`.zv WHERE id = 1")[0].rows
        self.assertEqual(rows, [[b"Ana"]])
        self.assert_sealed()

    def test_views_made_through_the_proxy(self):
        for schema in SCHEMAS:
            self.made_in(schema, self.client.query)
            self.doCleanups()
            self.setUp()

    def test_views_made_at_the_server(self):
        for schema in SCHEMAS:
            self.made_in(schema, self.at_server)
            self.doCleanups()
            self.setUp()

    def test_with_the_definer_of_the_servers_own(self):
        definer = f"`{self.kind}.sys`@localhost"
        self.at_server(f"CREATE DEFINER={definer} SQL SECURITY INVOKER VIEW sys.zv AS "
                       "SELECT id, name FROM shop.people")
        self.addCleanup(self.at_server, "DROP VIEW sys.zv")
        self.unseen("INSERT INTO sys.zv VALUES (2, '{x}')")
        self.assert_sealed()

    def test_programs_of_the_servers_own_that_run_texts(self):
        calls = {"mysql": ("CALL sys.execute_prepared_stmt('SELECT ''{x}'' FROM shop.people')",
                           "CALL sys.statement_performance_analyzer('overall', NULL, '{x}')"),
                 "mariadb": ("CALL sys.execute_prepared_stmt('SELECT ''{x}'' FROM shop.people')",
                             "CALL mysql.AddGeometryColumn('', 'shop', 'people', '{x}', 0)",
                             "CALL sys.statement_performance_analyzer('overall', NULL, '{x}')")}
        for sql in calls[self.kind]:
            self.unseen(sql, refused=True)

    def programs(self, name, triggers):
        self.at_server(
            f"CREATE PROCEDURE {name}p(i INT, x VARCHAR(90)) INSERT INTO shop.people (id, name) "
            "VALUES (i, x)",
            f"CREATE FUNCTION {name}f(x VARCHAR(90)) RETURNS INT READS SQL DATA RETURN "
            "(SELECT MAX(id) FROM shop.people WHERE name = x)",
            f"CREATE PROCEDURE {name}d(x VARCHAR(90)) BEGIN SET @zq = CONCAT('SELECT ', x); "
            "PREPARE zs FROM @zq; EXECUTE zs; END",
            f"CREATE TABLE {name}t (id INT, v VARCHAR(90))")
        self.addCleanup(self.at_server, f"DROP PROCEDURE {name}p", f"DROP FUNCTION {name}f",
                        f"DROP PROCEDURE {name}d", f"DROP TABLE {name}t")
        if triggers:
            self.at_server(f"CREATE TRIGGER {name}g BEFORE INSERT ON {name}t FOR EACH ROW INSERT "
                           "INTO shop.people (id, name) VALUES (NEW.id, NEW.v)")
        self.unseen(f"CALL {name}p(50, '{{x}}')", refused=True)
        self.unseen(f"CALL {name}d('{{x}}')", refused=True)
        self.unseen(f"SELECT {name}f('{{x}}')", refused=True)
        if triggers:
            self.unseen(f"INSERT INTO {name}t VALUES (51, '{{x}}')", refused=True)

    def test_routines_and_triggers(self):
        for number, (schema, triggers) in enumerate(SCHEMAS.items()):
            if schema not in ("sys", "mysql"):
                self.at_server(f"CREATE DATABASE `{schema}`")
                self.addCleanup(self.at_server, f"DROP DATABASE `{schema}`")
            self.programs(f"`{schema}`.z{number}", triggers)
            self.doCleanups()
            self.client = RawClient(self.gate.port, ADMIN, self.database)
            self.addCleanup(self.client.close)

    def test_a_role_that_may_not_read_is_not_shown_stored_bytes(self):
        self.at_server("CREATE VIEW sys.zv AS SELECT id, name FROM shop.people",
                       f"GRANT SELECT ON sys.zv TO '{SUPPORT.user}'@'%'")
        self.addCleanup(self.at_server, "DROP VIEW sys.zv",
                        f"REVOKE SELECT ON sys.zv FROM '{SUPPORT.user}'@'%'")
        with RawClient(self.gate.port, SUPPORT, self.database) as client:
            with self.assertRaises(ServerError) as raised:
                client.query("SELECT name FROM sys.zv")
            self.assertEqual(raised.exception.number, 1143)

    def test_the_servers_own(self):
        self.gate.admin("POST", "/v1/catalog/reload")
        for sql in OWN[self.kind].strip().split("\n"):
            with self.subTest(sql):
                self.client.query(sql)
                reloads = self.gate.metrics()["sealgate_catalog_lookups_total"]
                self.client.query(sql)
                asked = self.gate.metrics()["sealgate_catalog_lookups_total"] - reloads
                self.assertEqual(asked, int("mariadb_schema" in sql))
