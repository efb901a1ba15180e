"""An expression without an alias is called by its text, as without Sealgate, and
the server never sees a text that has a value in it."""

from raw_client import RawClient
from raw_packets import MULTI_STATEMENTS
from servers import ADMIN, APP, BackendCase, Sealgate, on_each_backend

TWIN = "names_twin"
TABLE = ("CREATE TABLE person (id INT PRIMARY KEY, email VARCHAR(60) CHARACTER SET utf8mb4, "
         "code INT)")
POLICY = """version: 1
columns:
  - {column: shop.person.email, mode: searchable}
  - {column: shop.person.code, mode: deterministic}
roles:
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
VALUE = "ursula@example.org"
TEXTS = (
    f"SELECT id, email = '{VALUE}', code  =  7 FROM person",
    f"SELECT email IN ('{VALUE}', 'b', 'c', 'd'), (email <> 'é{VALUE}') FROM person",
    f"SELECT IF(email IN (NULL), 1, 2), COALESCE(email, '{VALUE}') FROM person",
    f"SELECT * FROM (SELECT email = '{VALUE}' /* why not */ , id FROM person) d",
    f"WITH w AS (SELECT NOT email = '{VALUE}' FROM person) SELECT * FROM w",
    f"SELECT email = '{VALUE}', COUNT(*) FROM person GROUP BY 1 ORDER BY 1",
    f"SELECT email = '{VALUE}' FROM person UNION SELECT code = 8 FROM person",
    f"SELECT email = '{VALUE}' OR email = '{'x' * 300}' FROM person",
)
RETURNING = (
    f"INSERT INTO person VALUES (3, 'z', 1) RETURNING email = '{VALUE}', id",
    f"DELETE FROM person WHERE id = 3 RETURNING email IN ('{VALUE}', 'b'), code",
)
PARAMETERS = (
    ("SELECT email = ?, code = 7, id = ? FROM person", (VALUE.encode(), 1)),
    ("SELECT IF(email IN (?, 'b'), 1, 2), email FROM person", (VALUE.encode(),)),
)


def names(columns):
    return [column.name for column in columns]


@on_each_backend
class NamesTest(BackendCase):

    def setUp(self):
        super().setUp()
        self.backend.execute(f"DROP DATABASE IF EXISTS {TWIN}; CREATE DATABASE {TWIN}", ADMIN)
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()
        row = f"INSERT INTO person VALUES (1, '{VALUE}', 7), (2, NULL, NULL)"
        for server, account, database in ((self.gate, APP, self.database),
                                          (self.backend, ADMIN, TWIN)):
            server.execute(TABLE, account, database)
            server.execute(row, account, database)
        self.logged = self.backend.general_log_size()

    def check(self, what, ask):
        """`ask` gives the same for a client of Sealgate as for one of the server."""
        answers = []
        for port, account, database in ((self.gate.port, APP, self.database),
                                        (self.backend.port, ADMIN, TWIN)):
            with RawClient(port, account, database, add=MULTI_STATEMENTS) as client:
                answers.append(ask(client))
        with self.subTest(what):
            self.assertEqual(*answers)

    def tearDown(self):
        through = [line for line in self.backend.general_log(self.logged).splitlines()
                   if b"sealgate expression" in line]
        self.assertTrue(through)
        self.assertFalse([line for line in through if VALUE.encode() in line])
        super().tearDown()

    def test_text(self):
        for sql in TEXTS + (RETURNING if self.kind == "mariadb" else ()):
            self.check(sql, lambda client, sql=sql: names(client.query(sql)[0].columns))

    def test_several_statements(self):
        def ask(client):
            return [names(result.columns) for result in client.query("; ".join(TEXTS[:3]))]
        self.check("several", ask)

    def test_prepared(self):
        for sql, values in PARAMETERS:
            def ask(client, sql=sql, values=values):
                results = client.prepared_query(sql, values)
                return names(client.prepared), names(results[0].columns)
            self.check(sql, ask)

    def test_results_in_another_character_set(self):
        for charset in ("latin1", "NULL", "binary", "utf8mb3"):
            def ask(client, charset=charset):
                client.query(f"SET character_set_results = {charset}")
                return names(client.query(TEXTS[1])[0].columns)
            self.check(charset, ask)
