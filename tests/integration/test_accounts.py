"""Roles go by the account that the server has found, not by the name that a client says."""

from people import PeopleCase
from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, Account, on_each_backend

# As long as MariaDB reads a name.
LONGEST = "agent_" + "z" * 122
POLICY = """version: 1
columns:
  - {column: shop.people.name, mode: searchable}
roles:
  - {name: boss, match: [{user: [boss, dba, app]}], default: {reveal: clear, write: true}}
  - {name: agents, match: [{user: [%s]}], default: {reveal: 'null'}}
  - {name: others, match: any, default: {reveal: mask}}
""" % LONGEST


@on_each_backend
class AccountsTest(PeopleCase):
    policy = POLICY
    tables = ("CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(50))",
              "CREATE TABLE orders (id INT PRIMARY KEY)")

    def setUp(self):
        super().setUp()
        # One that an anonymous account of 127.0.0.1 does not shut out.
        self.admin = RawClient(self.backend.port, ADMIN)
        self.addCleanup(self.admin.close)
        with RawClient(self.gate.port, ADMIN, self.database) as client:
            client.query("INSERT INTO people VALUES (1, 'Ana')")

    def at_server(self, *statements):
        for sql in statements:
            self.admin.query(sql.encode())

    def make(self, account, password):
        self.at_server(f"DROP USER IF EXISTS {account}",
                       f"CREATE USER {account} IDENTIFIED BY '{password}'",
                       f"GRANT SELECT ON *.* TO {account}")
        self.addCleanup(self.at_server, f"DROP USER {account}")

    def seen_by(self, user, password):
        with RawClient(self.gate.port, Account(user, password), self.database) as client:
            found = client.query("SELECT CURRENT_USER()")[0].rows[0][0].decode()
            return found, client.query("SELECT name FROM people")[0].rows[0][0]

    def test_an_anonymous_account_under_another_name(self):
        self.make("''@'127.0.0.1'", "anonymous")
        self.make("'boss'@'%'", "own")
        for user in ("guest", "boss"):
            found, name = self.seen_by(user, "anonymous")
            self.assertEqual(found, "@127.0.0.1")
            self.assertNotEqual(name, b"Ana")

    def test_a_name_that_the_server_cuts(self):
        if self.kind == "mysql":
            # It cuts the name of the account in the midst of a character.
            name = "€" * 32
            self.make(f"'{name}'@'%'", "own")
            for user in (name, name + "x", name + "€"):
                with self.assertRaises(ServerError) as caught:
                    self.seen_by(user, "own")
                self.assertIn("95 bytes", caught.exception.message)
            return
        self.make(f"'{LONGEST}'@'%'", "own")
        for user in (LONGEST, LONGEST + "x", LONGEST + "xyz", f"'{LONGEST}x'"):
            self.assertEqual(self.seen_by(user, "own"), (LONGEST + "@%", None), user)

    def test_after_a_change_of_user(self):
        with RawClient(self.gate.port, ADMIN, self.database) as client:
            self.assertEqual(client.query("SELECT name FROM people")[0].rows, [[b"Ana"]])
            self.make("''@'127.0.0.1'", "anonymous")
            self.make("'boss'@'%'", "own")
            client.change_user(Account("boss", "anonymous"), self.database)
            self.assertNotEqual(client.query("SELECT name FROM people")[0].rows, [[b"Ana"]])
