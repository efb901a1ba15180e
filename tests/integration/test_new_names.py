"""A view or routine over a protected table that was made at the server just now is
looked up before a statement goes out, wherever in it its name stands."""

from people import PeopleCase
from servers import ADMIN, NOPASS, on_each_backend
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
NAMED_LIKE_WORDS = ("quick", "only", "history")


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

    def ask(self, sql, name=None):
        """By a client whose session has said something before."""
        self.number += 1
        view, function = name or f"vn{self.number}", f"fn{self.number}"
        value = f"Zq{self.number}{self.kind}Z"
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            client.query("SELECT 1 FROM orders")
            self.make(view, function)
            logged = len(self.backend.general_log())
            sql = sql.format(v=view, f=function, x=value)
            try:
                client.query(sql)
            except ServerError:
                pass
            log = self.backend.general_log()[logged:]
        self.backend.execute(f"DROP VIEW {view}; DROP FUNCTION {function}", ADMIN, self.database)
        with self.subTest(sql):
            self.assertNotIn(value.encode(), log)
            self.assertNotIn(value.encode().hex().encode(), log.lower())

    def test_wherever_the_name_stands(self):
        for sql in (BOTH + OF_ONE[self.kind]).strip().split("\n"):
            if sql:
                self.ask(sql)

    def test_names_that_are_words(self):
        for name in NAMED_LIKE_WORDS:
            self.ask("SELECT id FROM {v} WHERE nm = '{x}'", name)
            self.ask("INSERT INTO {v} (id, nm) VALUES (68, '{x}')", name)
