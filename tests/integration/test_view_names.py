"""Views over protected tables whose names are hard to find in a text: with quotes in
them, and with letters above ASCII in executable comments and other character sets."""

from people import PeopleCase
from raw_client import RawClient
from raw_packets import MULTI_STATEMENTS, ServerError
from servers import ADMIN, NOPASS, on_each_backend

SENTINEL = b"Zq8nameZ"
VIEWS = ("`v``x`", "`w\"x`", "茅", "vé")
# The session's character set and what it asks.
REFUSED = (
    ("utf8mb4", "/*!50000 INSERT INTO `v``x` (id, nm) VALUES (5, '{x}') */"),
    ("utf8mb4", "/*!50000 INSERT INTO `w\"x` (id, nm) VALUES (5, '{x}') */"),
    ("utf8mb4", "INSERT INTO above (id, nm) VALUES (5, '{x}')"),
    ("utf8mb4", "INSERT INTO VÉ (id, nm) VALUES (5, '{x}')"),
    ("utf8mb4", "/*!50000 INSERT INTO vé (id, nm) VALUES (5, '{x}') */"),
    ("utf8mb4", "/*!50000 INSERT INTO `vé` */ (id, nm) VALUES (5, '{x}')"),
    ("utf8mb4", "/*!50000 SELECT fünc('{x}') */"),
    ("utf8mb4", "SELECT /*!50000 shop.fünc('{x}') */"),
    ("latin1", "INSERT INTO vé (id, nm) VALUES (5, '{x}')"),
    ("latin1", "INSERT INTO `vé` (id, nm) VALUES (5, '{x}')"),
    ("latin1", "SELECT fünc('{x}')"),
    ("gbk", "INSERT INTO 茅 (id, nm) VALUES (5, '{x}')"),
    ("gbk", "SELECT id FROM `茅` WHERE nm = '{x}'"),
    # In swe7 ASCII's signs are letters.
    ("swe7", "CALL \"sav`\"('{x}')"),
    ("swe7", "SELECT \"f~nc\"('{x}')"),
    ("swe7", "INSERT INTO \"v`\" (id, nm) VALUES (5, '{x}')"),
    ("utf8mb4", "SET character_set_client = swe7, sql_mode = 'ANSI_QUOTES'; "
                "CALL \"sav`\"('{x}')"),
    ("utf8mb4", "SET character_set_client = swe7, sql_mode = 'ANSI_QUOTES'; "
                "INSERT INTO \"v`\" (id, nm) VALUES (5, '{x}')"),
)
ROUTINES = (
    # Servers find routines without accents, in whatever letters.
    ("latin2", "SELECT fünc('{x}')"),
    ("cp850", "CALL prüc('{x}')"),
    ("gbk", "CALL prüc('{x}')"),
    ("latin1", "CALL šave('{x}')"),
    ("utf8mb4", "/*!50000 CALL `sá``ve`('{x}') */"),
    ("latin2", "CALL `sá``ve`('{x}')"),
    ("utf8mb4", "PREPARE s FROM 'CALL šave(''{x}'')'"),
    ("utf8mb4", "EXECUTE IMMEDIATE CONCAT('CALL prü', 'c(''{x}'')')"),
    ("swe7", "CALL \"sav`\"('{x}')"),
)
# Of routines with accents of their own, and of programs that use others by them.
PROGRAMS = (
    "CALL survey('{x}')",
    "CALL surv\u00E9y('{x}')",
    "CALL by_accent('{x}')",
    "CALL by_its_plain_name('{x}')",
    "CALL by_sign('{x}')",
    "CALL by_quote('{x}')",
    "SELECT gives('{x}')",
    "CALL runs(CONCAT('INSERT INTO peo', 'ple (name) VALUES (''{x}'')'))",
    "INSERT INTO tickets VALUES ('{x}')",
)
PASSES = (
    ("utf8mb4", "INSERT INTO /*!50000 orders */ (id, item) VALUES (1, 'é')"),
    ("utf8mb4", "/*!50000 INSERT INTO orders (id, item) VALUES (2, 'é') */"),
    ("utf8mb4", "SELECT item AS größe FROM orders"),
    ("latin1", "INSERT INTO orders (id, item) VALUES (3, 'é')"),
    ("gbk", "SELECT item FROM orders WHERE item = 'x'"),
    ("swe7", "INSERT INTO orders (id, item) VALUES (6, 'x')"),
)
BYTES = {"utf8mb4": "utf8", "swe7": "ascii", "latin1": "cp1252"}


@on_each_backend
class ViewNamesTest(PeopleCase):

    def setUp(self):
        super().setUp()
        views = "".join(f"CREATE OR REPLACE VIEW {name} AS SELECT id, name AS nm FROM people; "
                        for name in VIEWS)
        self.backend.execute(
            "SET NAMES utf8mb4; " + views +
            "DROP PROCEDURE IF EXISTS sürvey; "
            "CREATE OR REPLACE VIEW above AS SELECT * FROM `v``x`; DROP FUNCTION IF EXISTS func; "
            "CREATE FUNCTION func(x VARCHAR(100)) RETURNS INT READS SQL DATA "
            "RETURN (SELECT MAX(id) FROM people WHERE name = x); "
            "DROP PROCEDURE IF EXISTS save; DROP PROCEDURE IF EXISTS pruc; "
            "CREATE PROCEDURE save(x VARCHAR(100)) INSERT INTO people (name) VALUES (x); "
            "CREATE PROCEDURE pruc(x VARCHAR(100)) INSERT INTO people (name) VALUES (x); "
            "DROP PROCEDURE IF EXISTS `sa``ve`; DROP PROCEDURE IF EXISTS `save-all`; "
            "CREATE PROCEDURE `sa``ve`(x VARCHAR(100)) INSERT INTO people (name) VALUES (x); "
            "CREATE PROCEDURE `save-all`(x VARCHAR(100)) INSERT INTO people (name) VALUES (x)",
            ADMIN, self.database)
        self.gate.admin("POST", "/v1/catalog/reload")
        self.logged = self.backend.general_log_size()

    def ask(self, charset, sql):
        with RawClient(self.gate.port, NOPASS, self.database, add=MULTI_STATEMENTS) as client:
            if charset == "swe7":
                client.query("SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')")
            client.query(f"SET NAMES {charset}")
            client.query(sql.format(x=SENTINEL.decode()).encode(BYTES.get(charset, charset)))

    def test_nothing_is_sent_in_the_clear(self):
        self.refused(REFUSED)

    def test_routines_by_letters_with_accents(self):
        """Where no name has such letters itself."""
        self.backend.execute("SET NAMES utf8mb4; DROP VIEW 茅; DROP VIEW vé", ADMIN, self.database)
        self.gate.admin("POST", "/v1/catalog/reload")
        self.refused(ROUTINES)
        self.ask("gbk", "INSERT INTO orders (id, item) VALUES (7, '中文中文中文')")
        self.ask("latin2", "INSERT INTO orders (id, item) VALUES (8, 'żółć')")

    def test_programs_and_accents(self):
        made = ("sürvey(x VARCHAR(100)) INSERT INTO people (name) VALUES (x)",
                "by_accent(x VARCHAR(100)) CALL sávé(x)",
                "by_its_plain_name(x VARCHAR(100)) CALL survey(x)",
                "by_sign(x VARCHAR(100)) CALL `sávé-all`(x)",
                "by_quote(x VARCHAR(100)) CALL `sá``ve`(x)",
                "runs(x TEXT) CALL sys.éxecute_prepared_stmt(x)")
        self.backend.execute(
            "SET NAMES utf8mb4; " +
            "".join(f"DROP PROCEDURE IF EXISTS {each.split('(')[0]}; CREATE PROCEDURE {each}; "
                    for each in made) +
            "DROP FUNCTION IF EXISTS gives; CREATE FUNCTION gives(x VARCHAR(100)) RETURNS INT "
            "READS SQL DATA RETURN fünc(x); DROP TABLE IF EXISTS tickets; "
            "CREATE TABLE tickets (t VARCHAR(100)); "
            "CREATE TRIGGER tickets_in BEFORE INSERT ON tickets FOR EACH ROW CALL sáve(NEW.t)",
            ADMIN, self.database)
        self.gate.admin("POST", "/v1/catalog/reload")
        self.logged = self.backend.general_log_size()
        self.refused([("utf8mb4", sql) for sql in PROGRAMS])
        names = self.backend.execute("SELECT COUNT(*) FROM people", ADMIN, self.database)
        self.assertEqual(names, [["0"]])

    def refused(self, statements):
        for charset, sql in statements:
            with self.subTest(sql, charset=charset):
                try:
                    self.ask(charset, sql)
                except ServerError:
                    pass
                log = self.backend.general_log(self.logged)
                self.logged += len(log)
                self.assertNotIn(SENTINEL, log)

    def test_the_rest_passes(self):
        for charset, sql in PASSES:
            with self.subTest(sql, charset=charset):
                self.ask(charset, sql)


# Over tables whose names have a protected one's in them, and texts that speak of one.
NEIGHBOURS = (
    "CREATE TABLE people_roles (id INT); CREATE TABLE people_tmp (id INT)",
    "/*!40000 ALTER TABLE `people_roles` DISABLE KEYS */",
    "INSERT INTO people_roles VALUES (1)",
    "SELECT /*!40001 SQL_NO_CACHE */ * FROM `people_roles`",
    "SET FOREIGN_KEY_CHECKS=0; DROP TABLE IF EXISTS people_tmp; SET FOREIGN_KEY_CHECKS=1",
    "SET NAMES utf8mb4; SELECT * FROM people_roles",
    "CREATE PROCEDURE tidy() BEGIN DELETE FROM people_roles; SELECT 'no people today'; END",
    "CREATE TRIGGER tidied BEFORE INSERT ON people_roles FOR EACH ROW BEGIN SET NEW.id = 5; END",
    "INSERT INTO people_roles VALUES (2)",
    "SELECT id FROM people_roles WHERE 'people' <> '' AND id > @b",
    "DROP PROCEDURE tidy",
    "DROP TABLE people_roles",
)


@on_each_backend
class NeighboursTest(PeopleCase):
    def test_names_with_a_protected_one_in_them(self):
        with RawClient(self.gate.port, NOPASS, self.database, add=MULTI_STATEMENTS) as client:
            for sql in NEIGHBOURS:
                with self.subTest(sql):
                    client.query(sql)

    def test_an_optional_filter(self):
        """The value that is looked for goes nowhere in the clear."""
        logged = self.backend.general_log_size()
        value = SENTINEL.decode()
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            client.query(f"INSERT INTO people (id, name) VALUES (1, '{value}'), (2, 'other')")
            for test in ("{} IS NULL", "ISNULL({})", "NOT ({} IS NOT NULL)",
                         "ISNULL({} COLLATE utf8mb4_bin)", "CASE WHEN {} IS NULL THEN 1 END"):
                sql = f"SELECT id FROM people WHERE ({test} OR name = {{}}) ORDER BY id"
                rows = client.query(sql.format(*[f"'{value}'"] * 2))[0].rows
                self.assertEqual(rows, [[b"1"]], sql)
                sql = sql.format("?", "?")
                self.assertEqual(client.prepared_query(sql, [SENTINEL] * 2)[0].rows, [[1]], sql)
                self.assertEqual(client.prepared_query(sql, [None] * 2)[0].rows, [[1], [2]], sql)
        self.assertNotIn(SENTINEL, self.backend.general_log(logged))
