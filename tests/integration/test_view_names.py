"""Views over protected tables whose names are hard to find in a text: with quotes in
them, and with letters above ASCII in executable comments and other character sets."""

from people import PeopleCase
from raw_client import RawClient
from raw_packets import ServerError
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
)
PASSES = (
    ("utf8mb4", "INSERT INTO /*!50000 orders */ (id, item) VALUES (1, 'é')"),
    ("utf8mb4", "/*!50000 INSERT INTO orders (id, item) VALUES (2, 'é') */"),
    ("utf8mb4", "SELECT item AS größe FROM orders"),
    ("latin1", "INSERT INTO orders (id, item) VALUES (3, 'é')"),
    ("gbk", "SELECT item FROM orders WHERE item = 'x'"),
)


@on_each_backend
class ViewNamesTest(PeopleCase):

    def setUp(self):
        super().setUp()
        views = "".join(f"CREATE OR REPLACE VIEW {name} AS SELECT id, name AS nm FROM people; "
                        for name in VIEWS)
        self.backend.execute(
            "SET NAMES utf8mb4; " + views +
            "CREATE OR REPLACE VIEW above AS SELECT * FROM `v``x`; DROP FUNCTION IF EXISTS func; "
            "CREATE FUNCTION func(x VARCHAR(100)) RETURNS INT READS SQL DATA "
            "RETURN (SELECT MAX(id) FROM people WHERE name = x)", ADMIN, self.database)
        self.gate.admin("POST", "/v1/catalog/reload")
        self.logged = len(self.backend.general_log())

    def ask(self, charset, sql):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            client.query(f"SET NAMES {charset}")
            client.query(sql.format(x=SENTINEL.decode()).encode("utf8" if charset == "utf8mb4"
                                                                else charset))

    def test_nothing_is_sent_in_the_clear(self):
        for charset, sql in REFUSED:
            with self.subTest(sql, charset=charset):
                try:
                    self.ask(charset, sql)
                except ServerError:
                    pass
                log = self.backend.general_log()[self.logged:]
                self.logged += len(log)
                self.assertNotIn(SENTINEL, log)

    def test_the_rest_passes(self):
        for charset, sql in PASSES:
            with self.subTest(sql, charset=charset):
                self.ask(charset, sql)
