"""sealgate explain: what the command says of a statement is what the proxy does."""

import json
import subprocess

from servers import APP, BackendCase, ClientError, Sealgate, on_each_backend

POLICY = """version: 1
columns:
  - {column: shop.customers.email, mode: searchable}
  - {column: shop.customers.phone, mode: random}
roles:
  - {name: app, match: [{user: app}], default: {reveal: clear, write: true}}
  - {name: support, match: any, default: {reveal: deny}}
"""
TABLE = ("CREATE TABLE customers (id INT PRIMARY KEY, email VARCHAR(100), phone VARCHAR(20), "
         "plain INT)")
STATEMENTS = (
    "SELECT plain FROM customers WHERE id = 1",
    "SELECT * FROM customers WHERE email = 'bob-sentinel'",
    "INSERT INTO customers VALUES (1, 'bob-sentinel', 'phone-sentinel', 1)",
    "SELECT id FROM customers WHERE phone = 'phone-sentinel'",
    "SELECT id FROM customers ORDER BY phone",
    "DESCRIBE customers",
    "SELECT 1",
)


@on_each_backend
class ExplainTest(BackendCase):

    def setUp(self):
        super().setUp()
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(TABLE, APP, self.database)

    def explain(self, statement, *options):
        return self.gate.command("explain", *options, "--schema", self.database, statement)

    def test_it_says_what_the_proxy_does(self):
        for sql in STATEMENTS:
            with self.subTest(sql):
                run = self.explain(sql, "--user", APP.user, "--json")
                said = json.loads(run.stdout)
                try:
                    self.gate.execute(sql, APP, self.database)
                    self.assertEqual(run.returncode, 0)
                    self.assertNotEqual(said["outcome"], "refused")
                except ClientError as error:
                    self.assertEqual(run.returncode, 3)
                    self.assertEqual(said["error"]["code"], error.number)
                    self.assertIn(said["error"]["message"], error.message)

    def test_values_are_marked(self):
        run = self.explain(STATEMENTS[2], "--role", "app")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("<sealed for shop.customers.email>", run.stdout)
        self.assertNotIn("sentinel", run.stdout)
        self.assertNotIn("X'FE", run.stdout)

    def test_a_refusal_shows_the_place(self):
        run = self.explain("SELECT id FROM customers\nWHERE email LIKE 'b%'", "--role", "app")
        self.assertEqual(run.returncode, 3)
        self.assertIn("\n  WHERE email LIKE 'b%'\n        ^\n", run.stdout)
        self.assertIn("instead:", run.stdout)

    def test_modes_and_standard_input(self):
        command = [self.gate.binary, "explain", "--config", self.gate.config_path, "--role", "app",
                   "--sql-mode", "ansi_quotes", "--schema", self.database]
        run = subprocess.run(command, input='SELECT "email" FROM "customers"\n', text=True,
                             capture_output=True, timeout=30, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("shop.customers.email, opened", run.stdout)

    def test_roles(self):
        self.assertEqual(self.explain("SELECT email FROM customers", "--user", "any").returncode, 3)
        self.assertEqual(self.explain("SELECT email FROM customers", "--role", "app").returncode, 0)
        for options in ((), ("--role", "nobody"), ("--user", "app", "--from", "nowhere")):
            run = self.explain("SELECT 1", *options)
            self.assertEqual(run.returncode, 1)
            self.assertTrue(run.stderr)
        self.assertEqual(self.explain("SELECT 1", "--role", "a", "--user", "b").returncode, 2)

    def test_it_works_without_a_proxy(self):
        self.gate.stop()
        self.assertEqual(self.explain("SELECT 1", "--role", "app").returncode, 0)

    def test_help_teaches(self):
        run = self.gate.command("explain", "--help")
        self.assertEqual(run.returncode, 0)
        self.assertIn("Examples:", run.stdout)
        self.assertIn("Exit status:", run.stdout)
