"""init_connect and the like: SQL that the server runs by itself names nothing protected."""

from people import PeopleCase
from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, on_each_backend

SECRET = "server-sql-marker"
INSERT = f"INSERT INTO shop.people (id, name) VALUES (99, \\'{SECRET}\\')"
REFUSED = f"""
SET GLOBAL init_connect = '{INSERT}'
SET @@GLOBAL.`init_connect` := '{INSERT}'
SET GLOBAL init_connect = CONCAT('INSERT INTO shop.peo', 'ple (id) VALUES (99)')
SET GLOBAL init_slave = 'SET NAMES utf8mb4; TRUNCATE shop.people'
SET /*!40000 GLOBAL */ init_connect = 'CALL x.y', GLOBAL init_connect = 'TRUNCATE people'
CREATE PROCEDURE at_login(x TEXT) SET GLOBAL init_connect = x
EXECUTE IMMEDIATE 'SET GLOBAL init_connect = CONCAT(1, 2)'
EXECUTE IMMEDIATE CONCAT('SET GLOBAL init_con', 'nect = CONCAT(1, 2)')
PREPARE s FROM 'SET GLOBAL init_connect = CONCAT(1, 2)'
""".strip().split("\n")


@on_each_backend
class ServerSqlTest(PeopleCase):

    def setUp(self):
        super().setUp()
        self.addCleanup(self.backend.execute, "SET GLOBAL init_connect = ''", ADMIN)

    def set_to(self):
        return self.backend.execute("SELECT @@global.init_connect", ADMIN)

    def test_what_names_a_protected_table(self):
        with RawClient(self.gate.port, ADMIN, self.database) as client:
            for sql in REFUSED:
                with self.subTest(sql):
                    with self.assertRaises(ServerError) as raised:
                        client.query(sql)
                    if self.kind == "mariadb" or "IMMEDIATE" not in sql:
                        self.assertIn("sealgate:", raised.exception.message)
            with self.assertRaises(ServerError):
                client.prepare("SET GLOBAL init_connect = ?")
        self.assertEqual(self.set_to(), [[""]])
        self.assertNotIn(SECRET.encode(), self.arrived())

    def test_of_a_variable(self):
        """Whose text Sealgate asks the server for."""
        with RawClient(self.gate.port, ADMIN, self.database) as client:
            client.query("SET @text = 'SET @a = 1'")
            client.query("SET GLOBAL init_connect = @text")
            self.assertEqual(self.set_to(), [["SET @a = 1"]])
            client.query("SET @none = NULL")
            client.query("SET GLOBAL init_connect = @none")
            self.assertEqual(self.set_to(), [[""]])
            client.query("SET @text = CONCAT('INSERT INTO shop.peo', 'ple (id) VALUES (99)')")
            for sql in ("SET GLOBAL init_connect = @text", "SET GLOBAL init_connect = @text, @a = 1",
                        "SET GLOBAL init_connect = CONCAT(@text)", "SET @@GLOBAL.init_connect = @text"):
                with self.assertRaises(ServerError) as raised:
                    client.query(sql)
                self.assertIn("sealgate:", raised.exception.message)
            self.assertEqual(self.set_to(), [[""]])

    def test_backslashes_and_nuls(self):
        """A string for one mode may end where it goes on for another; in swe7 a backslash is
        a letter."""
        with RawClient(self.gate.port, ADMIN, self.database) as client:
            for value in (r"SET @a = ''\\'', @b = ''; TRUNCATE people; -- ''",
                          r"SET @a = ''b\\''; TRUNCATE shop.people; -- ''", r"TRUNCATE peo\0ple"):
                with self.assertRaises(ServerError) as raised:
                    client.query(f"SET GLOBAL init_connect = '{value}'")
                self.assertIn("sealgate:", raised.exception.message)
        self.assertEqual(self.set_to(), [[""]])

    def test_what_names_nothing_protected(self):
        with RawClient(self.gate.port, ADMIN, self.database) as client:
            for value in ("SET NAMES utf8mb4; SET autocommit = 1", "SET @a = 1", ""):
                client.query(f"SET GLOBAL init_connect = '{value}'")
                self.assertEqual(self.set_to(), [[value]])
            client.query("SET GLOBAL init_connect = DEFAULT")
            for sql, value in ((r"'SET @a = ''b\\nc'''", r"SET @a = 'b\nc'"),
                               (r"'SET @a = ''b\0c'''", "SET @a = 'b\0c'")):
                client.query(f"SET GLOBAL init_connect = {sql}")
                rows = client.query("SELECT @@global.init_connect")[0].rows
                self.assertEqual(rows, [[value.encode()]])
            client.query("SHOW VARIABLES LIKE 'init_connect'")
            client.query("SELECT @@init_connect = ''")
