"""`sealgate check` against the live schema."""

from people import POLICY, TABLES
from servers import ADMIN, APP, BackendCase, Sealgate, on_each_backend

SMALL = """version: 1
columns:
  - {column: shop.people.name, mode: searchable}
  - {column: shop.people.note, mode: random}
roles:
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""


@on_each_backend
class CheckTest(BackendCase):

    def check(self, policy, status):
        """`sealgate check`; all that it says."""
        gate = Sealgate(self.backend, policy)
        self.addCleanup(gate.close)
        gate.make_keys()
        run = gate.command("check")
        text = run.stdout + run.stderr
        self.assertEqual(run.returncode, status, text)
        self.gate = gate
        return text

    def create(self, sql):
        self.backend.execute(sql, ADMIN, self.database)

    def refuses_to_start(self):
        run = self.gate.command("run")
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        return run.stdout + run.stderr

    def test_a_missing_table_is_a_warning(self):
        text = self.check(SMALL, 0)
        self.assertIn("warning", text)
        self.assertIn("shop.people", text)

    def test_a_missing_column(self):
        self.create("CREATE TABLE people (id INT, name VARCHAR(20))")
        text = self.check(SMALL, 1)
        self.assertRegex(text, "error: .*policy.yaml:4:.*shop.people has no column note")
        self.assertIn("shop.people has no column note", self.refuses_to_start())

    def test_still_plaintext(self):
        self.create("CREATE TABLE people (id INT, name VARCHAR(20), note TEXT)")
        text = self.check(SMALL, 0)
        self.assertIn("policy.yaml:3:", text)
        self.assertIn("plaintext", text)

    def test_too_narrow(self):
        self.create("CREATE TABLE people (id INT, name VARBINARY(60) COMMENT 'sealgate:1;"
                    "type=varchar(20);charset=utf8mb4;collation=utf8mb4_general_ci', "
                    "note VARBINARY(500) COMMENT 'sealgate:1;type=varchar(20);charset=utf8mb4;"
                    "collation=utf8mb4_general_ci')")
        text = self.check(SMALL, 1)
        self.assertIn("policy.yaml:3:", text)
        self.assertIn("varbinary(146)", text.lower())
        self.refuses_to_start()

    def test_a_comment_that_does_not_fit(self):
        self.create("CREATE TABLE people (id INT, name VARCHAR(200) COMMENT 'sealgate:1;"
                    "type=varchar(20);charset=utf8mb4;collation=utf8mb4_general_ci', "
                    "note VARBINARY(500) COMMENT 'sealgate:1;type=nonsense')")
        text = self.check(SMALL, 1)
        self.assertIn("policy.yaml:3:", text)
        self.assertIn("policy.yaml:4:", text)

    def test_a_collation_that_cannot_be_searched(self):
        self.create("CREATE TABLE people (id INT, name VARBINARY(500) COMMENT 'sealgate:1;"
                    "type=varchar(20);charset=utf8mb4;collation=utf8mb4_danish_ci', "
                    "note VARBINARY(500) COMMENT 'sealgate:1;type=varchar(20);charset=utf8mb4;"
                    "collation=utf8mb4_danish_ci')")
        text = self.check(SMALL, 1)
        self.assertRegex(text, "error: .*policy.yaml:3:.*utf8mb4_danish_ci")
        self.assertNotIn("policy.yaml:4:", text)  # random: no matter

    def test_sealed_but_not_in_the_policy(self):
        self.create("CREATE TABLE others (id INT, secret VARBINARY(500) COMMENT 'sealgate:1;"
                    "type=varchar(20);charset=utf8mb4;collation=utf8mb4_general_ci')")
        text = self.check(SMALL, 0)
        self.assertRegex(text, "warning: .*shop.others has sealed columns")

    def test_views_and_routines_are_named(self):
        self.create("CREATE TABLE people (id INT, name VARCHAR(20), note TEXT); "
                    "CREATE VIEW short_list AS SELECT name FROM people; "
                    "CREATE PROCEDURE show_names() SELECT name FROM people")
        text = self.check(SMALL, 0)
        self.assertIn("shop.short_list", text)
        self.assertIn("shop.show_names", text)

    def test_what_the_proxy_made_is_good(self):
        with Sealgate(self.backend, POLICY) as gate:
            gate.execute(";".join(TABLES), APP, self.database)
            run = gate.command("check")
            text = run.stdout + run.stderr
            self.assertEqual(run.returncode, 0, text)
            self.assertEqual(text, "0 errors, 0 warnings, 0 notes\n")

    def test_plaintext_columns(self):
        """Refused for writes; `plaintext: allow` passes them; reading goes on."""
        self.create("CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(20), note TEXT); "
                    "INSERT INTO people VALUES (1, 'old', 'old note')")
        policy = SMALL.replace("mode: random", "mode: random, plaintext: allow")
        with Sealgate(self.backend, policy) as gate:
            self.assertEqual(gate.execute("SELECT name, note FROM people", APP, self.database),
                             [["old", "old note"]])
            with self.assertRaisesRegex(Exception, "sealgate: .*shop.people.name.*plaintext"):
                gate.execute("UPDATE people SET name = 'new'", APP, self.database)
            gate.execute("UPDATE people SET note = 'new note'", APP, self.database)
        rows = self.backend.execute("SELECT name, note FROM people", ADMIN, self.database)
        self.assertEqual(rows, [["old", "new note"]])
