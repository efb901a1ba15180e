"""A view or routine over a protected table that was made at the server just now is
looked up before a statement goes out, wherever in it its name stands."""

from contextlib import suppress

from people import PeopleCase
from servers import ADMIN, NOPASS, Sealgate, on_each_backend
from raw_client import RawClient
from raw_packets import ServerError

# One new view, {v}, and one new function, {f}, each; {x} is a value that nobody may see.
BOTH = """
INSERT INTO {v} (id, nm) WITH {v} AS (SELECT 61 AS a, '{x}' AS b) SELECT a, b FROM {v}
WITH {v} AS (SELECT id FROM {v} WHERE nm = '{x}') SELECT * FROM {v}
SELECT * FROM (WITH {v} AS (SELECT 1) SELECT * FROM {v}) d, {v} WHERE nm = '{x}'
SELECT i.id FROM orders i USE INDEX FOR JOIN (PRIMARY), {v} WHERE nm = '{x}'
SELECT i.id FROM orders i USE INDEX FOR ORDER BY (PRIMARY), {v} WHERE nm = '{x}'
UPDATE orders i USE INDEX FOR JOIN (PRIMARY), {v} SET {v}.nm = '{x}' WHERE {v}.id = 2
SHOW TABLES WHERE (SELECT COUNT(*) FROM {v} WHERE nm = '{x}') = 0
SELECT {v}.id FROM {{OJ {v} LEFT JOIN orders i ON 1=1}} WHERE {v}.nm = '{x}'
SELECT {v}.id FROM orders value, {v} WHERE {v}.nm = '{x}'
SELECT {v}.id FROM orders duplicate, {v} WHERE {v}.nm = '{x}'
DELETE FROM {v} USING (orders, {v}) WHERE {v}.nm = '{x}'
CREATE PROCEDURE p_{v}() INSERT INTO {v} (id, nm) VALUES (66, '{x}')
CREATE FUNCTION f_{v}() RETURNS INT READS SQL DATA RETURN (SELECT MAX(id) FROM {v} WHERE nm = '{x}')
CREATE TRIGGER t_{v} BEFORE INSERT ON orders FOR EACH ROW UPDATE {v} SET nm = '{x}'
CREATE EVENT e_{v} ON SCHEDULE EVERY 1 DAY DO UPDATE {v} SET nm = '{x}'
SHOW TABLES WHERE {f}('{x}')
SELECT {f}('{x}')
SHOW STATUS WHERE shop.{f}('{x}')
WITH {f} AS (SELECT 1) SELECT {f}('{x}') FROM {f}
INSERT INTO {v} (id, nm) VALUES (67, '{x}')
"""
OF_ONE = {"mariadb": """
SELECT id FROM .{v} WHERE nm = '{x}'
SET STATEMENT max_statement_time = 9 FOR UPDATE {v} SET nm = '{x}' WHERE id = 1
EXECUTE IMMEDIATE 'SELECT ?' USING {f}('{x}')
""", "mysql": """
SELECT {v}.id FROM orders returning, {v} WHERE {v}.nm = '{x}'
CREATE TABLE made_{v} AS VALUES ROW({f}('{x}'))
"""}
# Native at the other server only: here a stored function can be called so.
NATIVE_ELSEWHERE = {"mariadb": ("uuid_to_bin", "st_isvalid", "is_uuid", "any_value", "regexp_like"),
                    "mysql": ("nvl2", "median", "sformat", "decode", "json_query", "md5")}
NAMED_LIKE_WORDS = ("quick", "only", "history")


# What was made over a table {t} that is not there any more, and how it is used.
OVER_WHAT_IS_GONE = (
    ("CREATE VIEW w_{t} AS SELECT id, nm FROM {t}", "INSERT INTO w_{t} (id, nm) VALUES (71, '{x}')"),
    ("CREATE VIEW w_{t} AS SELECT id, nm FROM {t}", "SELECT id FROM w_{t} WHERE nm = '{x}'"),
    ("CREATE PROCEDURE w_{t}(v VARCHAR(100)) INSERT INTO {t} (id, nm) VALUES (72, v)",
     "CALL w_{t}('{x}')"),
    ("CREATE PROCEDURE w_{t}(v VARCHAR(100)) BEGIN DECLARE n INT; SELECT MAX(id) INTO n FROM {t} "
     "WHERE nm = v; END", "CALL w_{t}('{x}')"),
    ("CREATE FUNCTION w_{t}(v VARCHAR(100)) RETURNS INT READS SQL DATA RETURN (SELECT MAX(id) FROM "
     "{t} WHERE nm = v)", "SELECT w_{t}('{x}')"),
    ("CREATE TRIGGER w_{t} BEFORE INSERT ON orders FOR EACH ROW INSERT INTO {t} (id, nm) "
     "VALUES (NEW.id, NEW.item)", "INSERT INTO orders VALUES (73, 1, '{x}')"),
)


@on_each_backend
class NewNamesTest(PeopleCase):

    def setUp(self):
        super().setUp()
        self.backend.execute("INSERT INTO people (id) VALUES (1), (2)", ADMIN, self.database)
        self.number = 0

    def make(self, name, function):
        self.backend.execute(
            f"CREATE VIEW {name} AS SELECT id, name AS nm FROM people; "
            f"CREATE FUNCTION {function}(x VARCHAR(100)) RETURNS INT READS SQL DATA "
            "RETURN (SELECT MAX(id) FROM people WHERE name = x)", ADMIN, self.database)

    def ask(self, sql, name=None, function=None):
        """By a client whose session has said something before."""
        self.number += 1
        view, function = name or f"vn{self.number}", function or f"fn{self.number}"
        value = f"Zq{self.number}{self.kind}Z"
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            client.query("SELECT 1 FROM orders")
            self.make(view, function)
            logged = self.backend.general_log_size()
            sql = sql.format(v=view, f=function, x=value)
            try:
                client.query(sql)
            except ServerError:
                pass
            log = self.backend.general_log(logged)
        self.backend.execute(f"DROP VIEW {view}; DROP FUNCTION {function}", ADMIN, self.database)
        with self.subTest(sql):
            self.assertNotIn(value.encode(), log)
            self.assertNotIn(value.encode().hex().encode(), log.lower())

    def test_wherever_the_name_stands(self):
        for sql in (BOTH + OF_ONE[self.kind]).strip().split("\n"):
            if sql:
                self.ask(sql)

    def test_functions_that_are_native_elsewhere(self):
        for name in NATIVE_ELSEWHERE[self.kind]:
            self.ask("SELECT {f}('{x}') FROM orders", function=name)
            self.ask("SELECT id FROM orders WHERE {f}('{x}') = 1", function=name)

    def elsewhere(self, schema, sql):
        """A view in another schema, which the statement names in its own way."""
        self.number += 1
        value = f"Ze{self.number}{self.kind}Z"
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            client.query("SELECT 1 FROM orders")
            self.at_server(f"CREATE DATABASE `{schema}`",
                           f"CREATE VIEW `{schema}`.ve AS SELECT id, name AS nm FROM shop.people",
                           f"GRANT ALL ON `{schema}`.* TO nopass@'%'")
            self.addCleanup(self.at_server, f"DROP DATABASE `{schema}`")
            logged = self.backend.general_log_size()
            with suppress(ServerError):
                client.query(sql.format(x=value))
        with self.subTest(sql):
            self.assertNotIn(value.encode(), self.backend.general_log(logged))

    def test_schemas_that_look_like_the_servers(self):
        for schema in ("information_ſchema", "performance_ſchema"):
            self.elsewhere(schema, f"INSERT INTO `{schema}`.ve VALUES (81, '{{x}}')")

    def test_the_schema_of_an_explain(self):
        for words in ("FOR SCHEMA", "ANALYZE FORMAT=TREE FOR DATABASE"):
            self.elsewhere("vother", f"EXPLAIN {words} vother SELECT id FROM ve WHERE nm = '{{x}}'")
            self.doCleanups()
            self.setUp()

    def test_names_that_an_alter_takes_away(self):
        """ALTER VIEW that names a table, and a table that becomes a partition."""
        steps = {"mysql": ("CREATE TABLE vx (id INT, nm VARCHAR(90))", "CREATE VIEW va AS SELECT 1 AS b",
                           "ALTER VIEW va AS TABLE vx", "DROP TABLE vx"),
                 "mariadb": ("CREATE TABLE va (id INT, nm VARCHAR(90))", "CREATE TABLE vx (id INT, nm "
                             "VARCHAR(90)) PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (9))",
                             "ALTER TABLE vx CONVERT TABLE va TO PARTITION q VALUES LESS THAN (99)")}
        made = {"mysql": "vx", "mariadb": "va"}[self.kind]
        self.addCleanup(self.at_server, "DROP VIEW IF EXISTS va, vx", "DROP TABLE IF EXISTS va",
                        "DROP TABLE IF EXISTS vx")
        with RawClient(self.gate.port, ADMIN, self.database) as client:
            for sql in steps[self.kind]:
                client.query(sql)
                with suppress(ServerError):
                    client.query("SELECT nm FROM va")
            self.at_server(f"DROP VIEW IF EXISTS {made}",
                           f"CREATE VIEW {made} AS SELECT id, name AS nm FROM people")
            logged = self.backend.general_log_size()
            with suppress(ServerError):
                client.query("INSERT INTO va (id, nm) VALUES (82, 'Za82Z')")
        self.assertNotIn(b"Za82Z", self.backend.general_log(logged))

    def test_a_nul_in_the_name_of_the_default_schema(self):
        with RawClient(self.gate.port, NOPASS, None) as client:
            for name in (b"shop\0", b"shop\0zz"):
                client.command(0x02, name)
                with self.assertRaises(ServerError) as caught:
                    client.results(binary=False)
                self.assertEqual(caught.exception.number, 1102)

    def test_names_that_are_words(self):
        for name in NAMED_LIKE_WORDS:
            self.ask("SELECT id FROM {v} WHERE nm = '{x}'", name)
            self.ask("INSERT INTO {v} (id, nm) VALUES (68, '{x}')", name)

    def at_server(self, *statements):
        with RawClient(self.backend.port, ADMIN, self.database) as client:
            for sql in statements:
                client.query(sql)

    def over_gone(self, number, made, sql, prepare):
        table, value = f"vg{number}", f"Zg{number}{self.kind}{int(prepare)}Z"
        names = {"t": table, "x": value}
        self.addCleanup(self.at_server, *(
            f"DROP {kind} IF EXISTS {name}" for kind, name in (
                ("VIEW", f"w_{table}"), ("PROCEDURE", f"w_{table}"), ("FUNCTION", f"w_{table}"),
                ("TRIGGER", f"w_{table}"), ("VIEW", table))))
        self.at_server(f"CREATE TABLE {table} (id INT PRIMARY KEY, nm VARCHAR(100))",
                       made.format(**names), f"DROP TABLE {table}")
        self.gate.command("catalog", "reload")
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            statement = None
            if prepare:
                try:
                    statement, _ = client.prepare(sql.format(**names).replace(f"'{value}'", "?"))
                except ServerError:
                    pass
            self.at_server(f"CREATE VIEW {table} AS SELECT id, name AS nm FROM people")
            logged = self.backend.general_log_size()
            with self.assertRaises(ServerError) if "VIEW" not in made else suppress(ServerError):
                if statement is None:
                    client.query(sql.format(**names))
                else:
                    client.execute(statement, [value.encode()])
        self.assertNotIn(value.encode(), self.backend.general_log(logged), sql)
        self.assertNotIn(value, str(self.direct("SELECT name FROM people")))

    def test_through_what_names_nothing_any_more(self):
        for prepare in (False, True):
            for number, (made, sql) in enumerate(OVER_WHAT_IS_GONE):
                with self.subTest(made=made, prepare=prepare):
                    self.over_gone(number, made, sql, prepare)
                    self.doCleanups()

    def test_a_statement_that_was_prepared_for_a_table_that_is_gone(self):
        self.at_server("CREATE TABLE vk (id INT PRIMARY KEY, nm VARCHAR(100))")
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            statement, _ = client.prepare("INSERT INTO vk (id, nm) VALUES (?, ?)")
            client.execute(statement, [1, b"plain"])
            self.at_server("DROP TABLE vk")
            self.gate.command("catalog", "reload")
            for _ in range(2):
                with self.assertRaises(ServerError):
                    client.execute(statement, [2, b"Zk2Z"])
            self.at_server("CREATE VIEW vk AS SELECT id, name AS nm FROM people")
            self.addCleanup(self.at_server, "DROP VIEW vk")
            logged = self.backend.general_log_size()
            with self.assertRaises(ServerError):
                client.execute(statement, [3, b"Zk3Z"])
        self.assertNotIn(b"Zk3Z", self.backend.general_log(logged))

    def test_a_reload_reads_the_schema_though_the_policy_is_wrong(self):
        """A protected column is gone: the policy names one that is not there."""
        self.gate.execute("ALTER TABLE people DROP COLUMN photo", ADMIN, self.database)
        self.addCleanup(self.gate.execute, "ALTER TABLE people ADD COLUMN photo BLOB AFTER token",
                        ADMIN, self.database)
        self.at_server("CREATE TABLE vr (id INT PRIMARY KEY, nm VARCHAR(100))")
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            client.query("INSERT INTO vr VALUES (1, 'plain')")
            self.at_server("DROP TABLE vr", "CREATE VIEW vr AS SELECT id, name AS nm FROM people")
            self.addCleanup(self.at_server, "DROP VIEW vr")
            run = self.gate.command("catalog", "reload")
            self.assertEqual(run.returncode, 1)
            self.assertIn("has no column photo", run.stderr)
            logged = self.backend.general_log_size()
            client.query("INSERT INTO vr (id, nm) VALUES (20, 'Zr2Z')")
            self.assertEqual(client.query("SELECT nm FROM vr WHERE nm = 'Zr2Z'")[0].rows, [[b"Zr2Z"]])
        self.assertNotIn(b"Zr2Z", self.backend.general_log(logged))

    def test_the_schema_is_read_without_a_limit_of_rows(self):
        self.at_server("SET GLOBAL sql_select_limit = 2", "CREATE VIEW vs1 AS SELECT 1 AS a",
                       "CREATE VIEW vs2 AS SELECT id, name AS nm FROM people")
        self.addCleanup(self.at_server, "SET GLOBAL sql_select_limit = DEFAULT", "DROP VIEW vs1, vs2")
        gate = Sealgate(self.backend, self.policy)
        self.addCleanup(gate.close)
        gate.start()
        logged = self.backend.general_log_size()
        with RawClient(gate.port, NOPASS, self.database) as client:
            client.query("INSERT INTO vs2 (id, nm) VALUES (90, 'Zs1Z')")
        self.assertNotIn(b"Zs1Z", self.backend.general_log(logged))
