"""An event whose body names a table without its schema is not moved to where that is
a protected table."""

from people import PeopleCase
from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, NOPASS, on_each_backend

ELSEWHERE = "elsewhere"
MOVES = """
ALTER EVENT e RENAME TO shop.e
ALTER EVENT elsewhere.e ON COMPLETION PRESERVE RENAME TO shop.f COMMENT 'x'
/*!50106 ALTER EVENT e RENAME TO shop.e */
EXECUTE IMMEDIATE 'ALTER EVENT e RENAME TO shop.e'
EXECUTE IMMEDIATE CONCAT('ALTER EVENT e RENA', 'ME TO shop.e')
PREPARE s FROM 'ALTER EVENT e RENAME TO shop.e'
CREATE PROCEDURE p() ALTER EVENT e RENAME TO shop.e
USE shop
ALTER EVENT elsewhere.e RENAME TO e
""".strip().split("\n")


@on_each_backend
class MovedEventsTest(PeopleCase):

    def setUp(self):
        super().setUp()
        self.backend.execute(
            f"DROP DATABASE IF EXISTS {ELSEWHERE}; CREATE DATABASE {ELSEWHERE}; "
            f"GRANT ALL ON {ELSEWHERE}.* TO nopass@'%'; "
            f"CREATE TABLE {ELSEWHERE}.people (id INT, name VARCHAR(9))", ADMIN)
        with RawClient(self.backend.port, NOPASS, ELSEWHERE) as client:
            client.query("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO "
                         "INSERT INTO people (id, name) VALUES (9, 'plain')")

    def events(self):
        return self.backend.execute("SELECT EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS",
                                    ADMIN)

    def test_moves(self):
        with RawClient(self.gate.port, NOPASS, ELSEWHERE) as client:
            for sql in MOVES:
                with self.subTest(sql):
                    if sql.startswith("USE"):
                        client.query(sql)
                        continue
                    with self.assertRaises(ServerError) as raised:
                        client.query(sql)
                    if self.kind == "mariadb" or "IMMEDIATE" not in sql:
                        self.assertIn("sealgate:", raised.exception.message)
                    self.assertEqual([[ELSEWHERE, "e"]], self.events())

    def test_renamed_where_it_is(self):
        with RawClient(self.gate.port, NOPASS, ELSEWHERE) as client:
            client.query("ALTER EVENT e RENAME TO elsewhere.f")
            client.query("ALTER EVENT f RENAME TO g")
        self.assertEqual([[ELSEWHERE, "g"]], self.events())

    def test_no_view_takes_the_name_that_an_event_uses(self):
        with RawClient(self.gate.port, NOPASS, ELSEWHERE) as client:
            client.query("CREATE TABLE inbox (id INT, name VARCHAR(40))")
            client.query("CREATE EVENT fills ON SCHEDULE EVERY 1 DAY DO "
                         "INSERT INTO inbox VALUES (9, 'plain')")
            client.query("RENAME TABLE inbox TO inbox_before")
            client.query("CREATE VIEW other AS SELECT id, name FROM shop.people")
            for sql in ("CREATE VIEW inbox AS SELECT id, name FROM shop.people",
                        "RENAME TABLE other TO inbox"):
                with self.subTest(sql), self.assertRaises(ServerError) as raised:
                    client.query(sql)
                self.assertIn("may use it, because the server runs", raised.exception.message)
            client.query("DROP EVENT fills")
            self.gate.admin("POST", "/v1/catalog/reload")
            client.query("CREATE VIEW inbox AS SELECT id, name FROM shop.people")
            client.query("DROP VIEW inbox, other")

    def test_nor_by_way_of_a_routine(self):
        with RawClient(self.gate.port, NOPASS, ELSEWHERE) as client:
            client.query("CREATE TABLE inbox (id INT, name VARCHAR(40))")
            client.query("CREATE PROCEDURE fill() INSERT INTO inbox VALUES (9, 'plain')")
            client.query("CREATE EVENT fills ON SCHEDULE EVERY 1 DAY DO CALL fill()")
            client.query("DROP TABLE inbox")
            self.gate.admin("POST", "/v1/catalog/reload")
            with self.assertRaises(ServerError) as raised:
                client.query("CREATE VIEW inbox AS SELECT id, name FROM shop.people")
            self.assertIn("may use it, because the server runs", raised.exception.message)
            client.query("DROP EVENT fills")

    def test_nor_by_way_of_one_that_was_made_since(self):
        with RawClient(self.gate.port, NOPASS, ELSEWHERE) as client:
            client.query("CREATE TABLE box (id INT, name VARCHAR(40))")
            client.query("CREATE EVENT late ON SCHEDULE EVERY 1 DAY DO CALL fill_late()")
            client.query("CREATE PROCEDURE fill_late() INSERT INTO late_inbox VALUES (9, 'plain')")
            client.query("CREATE TRIGGER tr AFTER INSERT ON box FOR EACH ROW "
                         "INSERT INTO later_inbox VALUES (NEW.id, NEW.name)")
            for name in ("late_inbox", "later_inbox"):
                with self.subTest(name), self.assertRaises(ServerError) as raised:
                    client.query(f"CREATE VIEW {name} AS SELECT id, name FROM shop.people")
                self.assertIn("may use it, because the server runs", raised.exception.message)
            client.query("DROP EVENT late")

    def test_check_names_it(self):
        text = self.gate.command("check").stdout
        self.assertIn("event elsewhere.e may use protected tables", text)
