"""What takes a table's name away in another way than by a statement that begins with DROP,
RENAME or ALTER: a view that is made at the server under it, then, is looked up before
anything is written through it."""

from people import PeopleCase
from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, NOPASS, on_each_backend

# {t} is a table; what comes before the last one prepares it.
WAYS = (
    ("DROP TABLE IF EXISTS {t}, prepare",),
    ("/**/ /*!50000 DROP TABLE {t} */",),
    ("# x\n/*!50000 DROP TABLE */ {t}",),
    ("-- x\n/*! RENAME TABLE {t} TO {t}_gone */",),
    ("PREPARE d FROM 'DROP TABLE {t}'", "EXECUTE d"),
    ("SET @d = 'ALTER TABLE {t} RENAME TO {t}_gone'", "PREPARE d FROM @d", "EXECUTE d"),
    ("CREATE PROCEDURE gone_{t}() DROP TABLE {t}", "CALL gone_{t}()"),
    ("CREATE PROCEDURE inner_{t}() BEGIN DECLARE i INT; RENAME TABLE {t} TO {t}_gone; END",
     "CREATE PROCEDURE gone_{t}() CALL inner_{t}()", "/*! CALL gone_{t}() */"),
)
OF_MARIADB = (
    ("SET STATEMENT max_statement_time = 9 FOR DROP TABLE {t}",),
    ("SET STATEMENT max_statement_time = 9 FOR RENAME TABLE {t} TO {t}_gone",),
    ("EXECUTE IMMEDIATE 'DROP TABLE {t}'",),
    ("SET @d = 'DROP TABLE {t}'", "EXECUTE IMMEDIATE @d"),
    ("BEGIN NOT ATOMIC DROP TABLE {t}; END",),
)


@on_each_backend
class HiddenChangesTest(PeopleCase):
    def at_server(self, *statements):
        with RawClient(self.backend.port, ADMIN, self.database) as client:
            for sql in statements:
                client.query(sql)

    def gone(self, number, way):
        table, value = f"hc{number}", f"Zh{number}{self.kind}Z"
        with RawClient(self.gate.port, NOPASS, self.database) as client, \
                RawClient(self.gate.port, NOPASS, self.database) as other:
            client.query(f"CREATE TABLE {table} (id INT PRIMARY KEY, nm VARCHAR(100))")
            other.query(f"INSERT INTO {table} VALUES (1, 'plain')")
            for sql in way:
                client.query(sql.format(t=table))
            self.at_server(f"CREATE VIEW {table} AS SELECT id, name AS nm FROM people")
            logged = self.backend.general_log_size()
            try:
                other.query(f"INSERT INTO {table} (id, nm) VALUES ({number + 100}, '{value}')")
            except ServerError as error:
                self.assertTrue(error.message.startswith("sealgate:"), error.message)
            self.assertNotIn(value.encode(), self.backend.general_log(logged))
        self.at_server(f"DROP VIEW {table}")

    def test_a_name_is_looked_up_after_it(self):
        self.at_server("DROP TABLE IF EXISTS `prepare`")
        ways = WAYS + (OF_MARIADB if self.kind == "mariadb" else ())
        for number, way in enumerate(ways):
            with self.subTest(way):
                self.gone(number, way)

    def test_the_schemas_character_set(self):
        """By a routine: what is created next has it."""
        self.at_server("CREATE PROCEDURE to_latin() ALTER DATABASE shop CHARACTER SET latin1")
        self.addCleanup(self.at_server, "ALTER DATABASE shop CHARACTER SET utf8mb4",
                        "DROP PROCEDURE to_latin")
        self.gate.execute("DROP TABLE people", ADMIN, self.database)
        self.addCleanup(self.gate.execute, self.tables[0], ADMIN, self.database)
        self.addCleanup(self.gate.execute, "DROP TABLE people", ADMIN, self.database)
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            client.query("CALL to_latin()")
            client.query("CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(100))")
            shown = client.query("SHOW FULL COLUMNS FROM people LIKE 'name'")
            self.assertTrue(shown[0].rows[0][2].startswith(b"latin1"), shown[0].rows)
