"""A table with a protected column of every type, and its twin in the clear.

`shop.people` is written through the proxy; `shop_twin.people` has the same
logical columns and is written directly on the server, so that every answer of
the proxy can be compared with the server's own.
"""

from servers import ADMIN, APP, BackendCase, Sealgate

TWIN = "shop_twin"

# Column, logical type, mode.
PROTECTED = (
    ("name", "VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "searchable"),
    ("note", "VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "random"),
    ("code", "VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "deterministic"),
    ("latin", "VARCHAR(50) CHARACTER SET latin1 COLLATE latin1_swedish_ci", "searchable"),
    ("age", "INT", "searchable"),
    ("big", "BIGINT UNSIGNED", "deterministic"),
    ("amount", "DECIMAL(12,2)", "searchable"),
    ("born", "DATE", "searchable"),
    ("seen", "DATETIME", "deterministic"),
    ("token", "VARBINARY(64)", "searchable"),
    ("photo", "BLOB", "random"),
)
COLUMNS = tuple(name for name, _, _ in PROTECTED)

TABLES = (
    "CREATE TABLE people (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, "
    + ", ".join(f"{name} {kind}" for name, kind, _ in PROTECTED)
    + ", plain VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, "
    "UNIQUE KEY name (name), KEY age (age)) CHARACTER SET utf8mb4",
    "CREATE TABLE orders (id INT NOT NULL PRIMARY KEY, person_id INT, "
    "item VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci) CHARACTER SET utf8mb4",
)

POLICY = ("version: 1\ncolumns:\n" + "".join(
    f"  - {{column: shop.people.{name}, mode: {mode}}}\n" for name, _, mode in PROTECTED) + """
roles:
  - name: app
    match:
      - {user: [app, dba, other, nopass, ed]}
    default: {reveal: clear, write: true}
""")


class PeopleCase(BackendCase):
    """`cls.gate` is a proxy with POLICY; both tables are there and empty before
    each test. Subclasses may add tables, columns' rules and settings."""

    policy = POLICY
    tables = TABLES
    gate_options = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend.execute("".join(
            f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4;"
            for name in (cls.database, TWIN)))
        cls.gate = Sealgate(cls.backend, cls.policy, **cls.gate_options)
        cls.addClassCleanup(cls.gate.close)
        cls.gate.start()
        script = ";\n".join(cls.tables) + ";"
        cls.gate.execute(script, APP, cls.database)
        cls.backend.execute(script, ADMIN, TWIN)

    def setUp(self):
        pid = self.gate.pid if self.gate.running() else None
        self.assertIsNotNone(pid, f"the proxy is gone\n{self.gate.logs()}")
        for database in (self.database, TWIN):
            self.backend.execute("TRUNCATE people; TRUNCATE orders", ADMIN, database)

    def direct(self, sql):
        """Rows as the server stores them; bytes."""
        connection = self.backend.connect(ADMIN, self.database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        finally:
            connection.close()

    def assert_sealed(self, at_least=1):
        """Every value of a protected column is an envelope, by a direct look."""
        sealed = 0
        for row in self.direct(f"SELECT {', '.join(COLUMNS)} FROM people"):
            for name, value in zip(COLUMNS, row):
                if value is None:
                    continue
                self.assertIsInstance(value, bytes, name)
                self.assertEqual(value[:1], b"\xFE", f"{name} holds plaintext")
                self.assertIn(value[1], (1, 2, 3), name)
                sealed += 1
        self.assertGreaterEqual(sealed, at_least)
        return sealed
