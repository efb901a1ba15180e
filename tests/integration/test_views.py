"""Views over protected tables, made at the server and through the proxy: what is
selected from them is what the same views give over the plain twin."""

from raw_client import RawClient
from servers import ADMIN, APP, SUPPORT, ClientError, on_each_backend
from people import TWIN, PeopleCase
from test_inference import POLICY, ROWS, TABLES, unordered

# Made at the server, where every text is right as it stands.
AT_SERVER = (
    "CREATE VIEW v_people AS SELECT * FROM people",
    "CREATE VIEW v_list (number, who, sealed) AS SELECT id, name, code FROM people "
    "WHERE town = 'Rome' OR town IS NULL",
    "CREATE ALGORITHM = TEMPTABLE VIEW v_join AS SELECT p.id, p.name, p.town, g.code AS guest_code, "
    "g.note FROM people p LEFT JOIN guests g ON g.id = p.id AND g.name IS NOT NULL",
    "CREATE SQL SECURITY INVOKER VIEW v_over AS SELECT l.who, j.guest_code, l.number + 1 AS next "
    "FROM v_list l JOIN v_join j ON j.id = l.number",
    "CREATE VIEW v_union AS SELECT name, code, 'p' AS kind FROM people "
    "UNION ALL SELECT name, code, 'g' FROM guests",
    "CREATE VIEW v_codes AS SELECT code, COUNT(*) AS n FROM people GROUP BY code",
    "CREATE VIEW v_same AS SELECT p.id AS a, g.id AS b, p.code FROM people p "
    "JOIN guests g ON p.code = g.code",
    "CREATE VIEW v_choice AS SELECT id, IF(id > 3, name, NULL) AS late, COALESCE(code, NULL) AS c, "
    "CASE WHEN town = 'Oslo' THEN note END AS n FROM people",
    "CREATE VIEW v_sub AS SELECT id, (SELECT g.name FROM guests g WHERE g.id = p.id) AS g, born "
    "FROM people p WHERE EXISTS (SELECT 1 FROM orders o WHERE o.id = p.id)",
    "CREATE VIEW v_checked AS SELECT id, name, town FROM people WHERE town = 'Rome' "
    "WITH CASCADED CHECK OPTION",
    "CREATE VIEW v_with AS WITH c (i, n) AS (SELECT id, name FROM people WHERE id NOT IN (1, 2)) "
    "SELECT n, i FROM c",
)
READ = """
SELECT * FROM v_people
SELECT v.* FROM v_people AS v WHERE v.name = 'ANA' AND v.code <> 'a'
SELECT number, who FROM v_list WHERE who IN ('ana', 'zoe', NULL)
SELECT who, sealed FROM shop_or_twin.v_list WHERE sealed = 'A'
SELECT number FROM v_list WHERE who <=> NULL
SELECT who, COUNT(*) FROM v_list GROUP BY who
SELECT DISTINCT who FROM v_list
SELECT COUNT(DISTINCT who), COUNT(DISTINCT sealed), COUNT(who) FROM v_list
SELECT * FROM v_join WHERE town = 'Oslo' OR name = 'ana'
SELECT guest_code, COUNT(*) FROM v_join GROUP BY guest_code
SELECT * FROM v_over
SELECT next FROM v_over WHERE who = 'ana' AND guest_code IS NOT NULL
SELECT name, kind FROM v_union WHERE name = 'zoe'
SELECT name FROM v_union UNION SELECT who FROM v_list
SELECT * FROM v_codes WHERE code IN ('A', 'b')
SELECT a, b FROM v_same WHERE code = 'A'
SELECT id, late, n FROM v_choice WHERE late IS NOT NULL OR c = 'A'
SELECT * FROM v_sub
SELECT id FROM v_sub WHERE g = 'ana'
SELECT n FROM v_with WHERE n = 'ZOE'
SELECT p.id, v.number FROM people p JOIN v_list v ON p.name = v.who
SELECT a.id, b.number FROM v_people a LEFT JOIN v_list b ON a.code = b.sealed
SELECT id FROM people WHERE name IN (SELECT who FROM v_list)
SELECT id FROM people p WHERE EXISTS (SELECT 1 FROM v_union v WHERE v.name = p.name AND v.kind IS NOT NULL)
SELECT d.w FROM (SELECT who AS w FROM v_list WHERE number > 1) d WHERE d.w = 'ana'
WITH c AS (SELECT * FROM v_list) SELECT c.who FROM c JOIN v_people p ON c.who = p.name
SELECT id, (SELECT who FROM v_list v WHERE v.number = p.id) AS w FROM people p
SELECT COALESCE(who, 'none') AS w FROM v_list
SELECT id, name FROM v_people ORDER BY id LIMIT 2
DESCRIBE v_people
SHOW COLUMNS FROM v_list
DESCRIBE v_choice
""".strip().split("\n")

# Made through the proxy, and in the twin as they are.
THROUGH = (
    "CREATE VIEW t_plain AS SELECT * FROM people WHERE town <> 'Oslo'",
    "CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW t_list (a, b, c) AS "
    "SELECT p.id, g.name, p.note FROM people p JOIN guests g ON g.id = p.id",
    "CREATE VIEW t_over AS SELECT b, COUNT(*) AS n FROM t_list JOIN t_plain ON id = a GROUP BY a, b",
    "CREATE VIEW t_codes AS SELECT code FROM people UNION SELECT code FROM guests",
    "CREATE VIEW t_value AS SELECT id, name FROM people WHERE name IN ('ana', 'zoe') AND code <> 'b' "
    "OR age = 31 OR born <=> '1990-01-01'",
    "CREATE VIEW t_none AS SELECT id FROM people WHERE name <> 'ana' OR code IN ('A', NULL)",
    "CREATE VIEW t_join AS SELECT p.id AS a, g.id AS b, p.name FROM people p "
    "LEFT JOIN guests g ON g.name = p.name AND g.age <> p.age",
    "CREATE VIEW t_groups (who, n, born) AS SELECT name, COUNT(*), COUNT(DISTINCT born) FROM people "
    "GROUP BY name HAVING COUNT(*) < 9",
    "CREATE VIEW t_distinct AS SELECT DISTINCT town, name FROM people",
    "CREATE VIEW t_union AS SELECT name, age FROM people UNION SELECT name, age FROM guests",
    "CREATE VIEW t_in AS SELECT id FROM people WHERE name IN (SELECT name FROM guests) "
    "AND (name, age) IN (SELECT name, age FROM people) AND name = ANY (SELECT name FROM people)",
    "CREATE VIEW t_case AS SELECT id, CASE name WHEN 'ana' THEN 1 ELSE 2 END AS c, "
    "COALESCE(name, 'none') AS n, COUNT(*) OVER (PARTITION BY name) AS w FROM people",
    "CREATE VIEW t_above AS SELECT v.who, u.age FROM t_groups v JOIN t_union u ON u.name = v.who",
)
READ_THROUGH = """
SELECT * FROM t_plain WHERE name = 'ana'
SELECT b, c FROM t_list WHERE b = 'bob'
SELECT * FROM t_codes
SELECT * FROM t_value
SELECT id FROM t_value WHERE name = 'zoe'
SELECT * FROM t_none
SELECT * FROM t_join
SELECT a FROM t_join WHERE name = 'ana' AND b IS NOT NULL
SELECT * FROM t_groups
SELECT n FROM t_groups WHERE who = 'ZOE'
SELECT * FROM t_distinct
SELECT * FROM t_union
SELECT DISTINCT name FROM t_union
SELECT * FROM t_in
SELECT * FROM t_case
SELECT id FROM t_case WHERE n = 'NONE'
SELECT * FROM t_above
DESCRIBE t_list
""".strip().split("\n")

WRITE = """
INSERT INTO v_people VALUES (20, 1, 'Rome', 'new', 'N', 5, '2020-01-01', 'note')
INSERT INTO v_list (number, who, sealed) VALUES (20, 'Ana', 'x'), (21, NULL, DEFAULT)
INSERT INTO v_list SET number = 22, who = 'set'
INSERT INTO v_list (number, who) VALUES (1, 'dup') ON DUPLICATE KEY UPDATE who = VALUES(who), sealed = 'd'
INSERT INTO v_list (number, who) SELECT id + 40, name FROM guests
REPLACE INTO v_list (number, sealed) VALUES (2, 'r')
UPDATE v_list SET who = 'changed', sealed = NULL WHERE who = 'ana'
UPDATE v_list v JOIN guests g ON g.name = v.who SET v.sealed = g.code, g.name = 'both'
UPDATE v_people SET name = COALESCE(name, 'none'), town = 'x' WHERE code IN ('A', 'b') ORDER BY id LIMIT 2
DELETE FROM v_list WHERE who IN ('ana', 'zoe')
DELETE v FROM v_people v JOIN guests g ON v.name = g.name
UPDATE v_checked SET town = 'Rome' WHERE name = 'ana'
""".strip().split("\n")
# The server says no, to both alike.
WRITE_ERRORS = (("INSERT INTO v_checked (id, name, town) VALUES (30, 'x', 'Oslo')", 1369),
                ("UPDATE v_checked SET town = 'Oslo' WHERE name = 'ana'", 1369),
                ("INSERT INTO v_list (number, who) VALUES (1, 'again')", 1062))

REFUSED = {  # made at the server with texts that are right in the clear only
    "r_literal": "SELECT id FROM people WHERE name = 'ana'",
    "r_join": "SELECT p.id FROM people p JOIN guests g ON p.name = g.name",
    "r_function": "SELECT UPPER(name) AS u, id FROM people",
    "r_group": "SELECT name, COUNT(*) AS n FROM people GROUP BY name",
    "r_over": "SELECT id FROM r_literal",
}


@on_each_backend
class ViewsTest(PeopleCase):
    policy = POLICY
    tables = TABLES
    gate_options = {"overrides": {"catalog": {"refresh": "1h"}}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for database in (cls.database, TWIN):
            cls.backend.execute(";\n".join(AT_SERVER) + ";", ADMIN, database)

    def setUp(self):
        for target, user, database in ((self.gate, APP, self.database),
                                       (self.backend, ADMIN, TWIN)):
            target.execute("DELETE FROM people; DELETE FROM guests; DELETE FROM orders; "
                           + "; ".join(ROWS) + ";", user, database)

    def answer(self, target, user, database, sql):
        with target.connect(user, database) as connection, connection.cursor() as cursor:
            cursor.execute(sql.replace("shop_or_twin", database))
            rows = cursor.fetchall()
            return [(c[0], c[1]) for c in cursor.description or ()], unordered(rows)

    def same(self, sql):
        with self.subTest(sql):
            self.assertEqual(self.answer(self.gate, APP, self.database, sql),
                             self.answer(self.backend, ADMIN, TWIN, sql))

    def run_both(self, sql):
        self.gate.execute(sql, APP, self.database)
        self.backend.execute(sql, ADMIN, TWIN)

    def refused(self, sql, text, number=1235):
        with self.assertRaises(ClientError) as caught:
            self.gate.execute(sql, APP, self.database)
        self.assertEqual(caught.exception.number, number, caught.exception)
        self.assertIn(text, str(caught.exception))

    def test_read(self):
        for sql in READ:
            self.same(sql)

    def test_prepared(self):
        for sql, values in (("SELECT number, who FROM v_list WHERE who = ? OR sealed = ?", ["ANA", "b"]),
                            ("SELECT next FROM v_over WHERE who <=> ?", ["ana"]),
                            ("SELECT * FROM v_choice WHERE id = ?", [4])):
            rows = []
            for target, user, database in ((self.gate, APP, self.database),
                                           (self.backend, ADMIN, TWIN)):
                with RawClient(target.port, user, database) as client:
                    sent = [v.encode() if isinstance(v, str) else v for v in values]
                    result = client.prepared_query(sql, sent)
                    rows.append(sorted(map(str, result[0].rows or ())))
            self.assertEqual(rows[0], rows[1], sql)
            self.assertTrue(rows[0])

    def test_values_of_a_view_move_to_a_table(self):
        self.run_both("INSERT INTO guests (id, name, code) SELECT number + 10, who, sealed FROM v_list")
        self.run_both("UPDATE guests SET age = 1 WHERE name IN (SELECT who FROM v_list)")
        for table in ("people", "guests"):
            self.same(f"SELECT * FROM {table}")

    def test_write(self):
        for sql in WRITE:
            with self.subTest(sql):
                self.setUp()
                self.run_both(sql)
                for table in ("people", "guests"):
                    self.same(f"SELECT * FROM {table}")
                for row in self.direct("SELECT name, code, age, born, note FROM people"):
                    for value in row:
                        self.assertTrue(value is None or value[:1] == b"\xFE", value)

    def test_what_the_server_refuses(self):
        for sql, number in WRITE_ERRORS:
            for target, user, database in ((self.gate, APP, self.database),
                                           (self.backend, ADMIN, TWIN)):
                with self.assertRaises(ClientError) as caught:
                    target.execute(sql, user, database)
                self.assertEqual(caught.exception.number, number, caught.exception)

    def test_made_through_the_proxy(self):
        for sql in THROUGH:
            self.run_both(sql)
        for sql in READ_THROUGH:
            self.same(sql)
        self.run_both("ALTER VIEW t_list AS SELECT code AS a, id AS b FROM guests")
        self.same("SELECT a, b FROM t_list WHERE a = 'A'")
        self.run_both("CREATE OR REPLACE VIEW t_list AS SELECT 1 AS a, 2 AS b")
        self.same("SELECT * FROM t_list WHERE a = 1")
        self.run_both("CREATE OR REPLACE VIEW t_list AS SELECT name AS a FROM people")
        self.same("SELECT * FROM t_list WHERE a = 'ana'")
        self.run_both("RENAME TABLE t_list TO t_named")
        self.same("SELECT * FROM t_named WHERE a = 'zoe'")
        made = [text.split(" AS ")[0].split(" VIEW ")[1].split()[0] for text in THROUGH]
        self.run_both("DROP VIEW t_named, " + ", ".join(n for n in made if n != "t_list"))
        self.refused("SELECT * FROM t_named", "t_named", 1146)

    def test_one_session_makes_and_uses_it(self):
        with self.gate.connect(APP, self.database) as connection, connection.cursor() as cursor:
            for column, value in (("name", "ana"), ("code", "A"), ("town", "Rome"), ("name", "zoe")):
                cursor.execute(f"CREATE OR REPLACE VIEW t_turns AS SELECT id, {column} AS a FROM people")
                cursor.execute(f"SELECT COUNT(*) FROM t_turns WHERE a = '{value}'")
                expected = self.answer(self.backend, ADMIN, TWIN,
                                       f"SELECT COUNT(*) FROM people WHERE {column} = '{value}'")
                self.assertEqual(cursor.fetchall()[0][0], expected[1][0][0], column)
            cursor.execute("DROP VIEW t_turns")

    def test_refused(self):
        for name, query in REFUSED.items():
            self.backend.execute(f"CREATE VIEW {name} AS {query}", ADMIN, self.database)
            self.refused(f"SELECT id FROM {name}", f"view shop.{name} cannot be used: ")
            self.refused(f"INSERT INTO {name} (id) VALUES (99)", f"view shop.{name} cannot be used: ")
        self.refused("INSERT INTO v_join (name) VALUES ('x')", "writing through view shop.v_join")
        self.refused("UPDATE v_choice SET c = 'x'", "writing through view shop.v_choice")
        for name in REFUSED:
            self.gate.execute(f"DROP VIEW {name}", ADMIN, self.database)

    def test_not_made(self):
        for query, text in (("SELECT UPPER(name) AS u FROM people", "a function"),
                            ("SELECT id FROM people ORDER BY name", "ORDER BY"),
                            ("SELECT name = 'a' FROM people", "without an alias"),
                            ("SELECT name FROM people INTERSECT SELECT name FROM guests", "in this way"),
                            ("SELECT id FROM people WHERE note = 'x'", "in mode 'random'")):
            self.refused(f"CREATE VIEW t_not AS {query}", text)
        self.refused("SELECT * FROM t_not", "t_not", 1146)

    def test_a_temporary_table_hides_a_view(self):
        with self.gate.connect(APP, self.database) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE hidden (name VARCHAR(20))")
            cursor.execute("INSERT INTO hidden VALUES ('ana')")
            self.backend.execute("CREATE VIEW hidden AS SELECT name FROM people", ADMIN, self.database)
            self.same("SELECT name FROM people WHERE id = 1")
            self.assertEqual(self.gate.command("catalog", "reload").returncode, 0)
            for _ in range(2):
                with self.assertRaises(connection.Error) as caught:
                    cursor.execute("SELECT name FROM hidden WHERE name = 'ana'")
                self.assertIn("a temporary table of its name", str(caught.exception))
        self.gate.execute("DROP VIEW hidden", ADMIN, self.database)

    def test_nothing_is_sent_in_the_clear(self):
        for sql in ("SELECT id FROM v_people WHERE name = 'views-sentinel' OR code = 'views-sentinel'",
                    "SELECT number FROM v_list WHERE who IN ('views-sentinel', 'b')",
                    "SELECT who FROM v_over WHERE guest_code = 'views-sentinel'",
                    "SELECT 1 FROM v_union GROUP BY name HAVING name = 'views-sentinel'"):
            self.gate.execute(sql, APP, self.database)
        self.gate.execute("CREATE VIEW t_sealed AS SELECT id FROM people WHERE name = 'views-sentinel' "
                          "OR code IN ('views-sentinel', 'b')", APP, self.database)
        self.gate.execute("SELECT * FROM t_sealed; DROP VIEW t_sealed", APP, self.database)
        self.gate.execute("INSERT INTO v_people (id, name) VALUES (99, 'views-sentinel')", APP,
                          self.database)
        self.gate.execute("UPDATE v_list SET who = 'views-sentinel' WHERE sealed = 'views-sentinel'",
                          APP, self.database)
        for sql in ("INSERT INTO v_union (name) VALUES ('views-sentinel')",
                    "UPDATE v_over SET who = 'views-sentinel'",
                    "INSERT INTO v_people (id, town) SELECT 98, name FROM people "
                    "WHERE name = 'views-sentinel'",
                    "CREATE VIEW t_sentinel AS SELECT id FROM people WHERE UPPER(name) = 'views-sentinel'"):
            with self.assertRaises(ClientError):
                self.gate.execute(sql, APP, self.database)
        self.assertNotIn(b"views-sentinel", self.arrived())


ROLES = POLICY.split("roles:")[0] + """roles:
  - name: support
    match: [{user: support}]
    default: {reveal: deny, write: false}
    columns:
      shop.people.name: {reveal: {mask: {keep_first: 1}}, search: true}
  - name: all
    match: any
    default: {reveal: clear, write: true}
"""


@on_each_backend
class ViewRolesTest(PeopleCase):
    policy = ROLES
    tables = TABLES

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend.execute("CREATE VIEW v_name AS SELECT id, name FROM people; "
                            "CREATE VIEW v_code AS SELECT id, code FROM people", ADMIN, cls.database)

    def setUp(self):
        self.gate.execute("DELETE FROM people; " + ROWS[0], ADMIN, self.database)

    def test_a_view_shows_what_the_role_sees(self):
        self.assertEqual(self.gate.execute("SELECT name FROM v_name WHERE name = 'ana' AND id = 1",
                                           SUPPORT, self.database), [["A**"]])
        self.assertEqual(self.gate.execute("SELECT name FROM v_name WHERE id = 1", ADMIN,
                                           self.database), [["Ana"]])

    def test_a_view_hides_what_the_role_may_not_read(self):
        with self.assertRaises(ClientError) as caught:
            self.gate.execute("SELECT id FROM v_code", SUPPORT, self.database)
        self.assertEqual(caught.exception.number, 1143)
