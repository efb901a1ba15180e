"""Mistakes in files: `sealgate check` and `sealgate run` both say which file,
where and what to do, and a running proxy keeps what it has."""

import os
import signal
import time

from people import POLICY, PeopleCase
from servers import APP, CATALOG, BackendCase, Sealgate, on_each_backend


@on_each_backend
class StartupTest(BackendCase):

    def setUp(self):
        super().setUp()
        self.gate = Sealgate(self.backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.make_keys()

    def check_both(self, *parts, commands=("check", "run")):
        """Both commands fail and say every part."""
        for command in commands:
            run = self.gate.command(command)
            text = run.stdout + run.stderr
            self.assertEqual(run.returncode, 1, text)
            for part in parts:
                self.assertIn(part, text, command)

    def edit(self, path, old, new):
        text = path.read_text(encoding="utf-8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def test_good(self):
        run = self.gate.command("check")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_policy_typo(self):
        self.edit(self.gate.policy_path, "mode: searchable", "mod: searchable")
        self.check_both("policy.yaml:3:", "unknown key 'mod'", "Did you mean 'mode'?")

    def test_every_mistake_at_once(self):
        self.edit(self.gate.policy_path, "mode: searchable", "mode: searchabel")
        self.edit(self.gate.policy_path, "reveal: clear", "reveal: clera")
        self.check_both("policy.yaml:3:", "policy.yaml:19:")

    def test_config_typo(self):
        self.edit(self.gate.config_path, "metrics:", "metrix:")
        self.check_both("sealgate.yaml:", "unknown key 'metrix'", "Did you mean 'metrics'?")

    def test_not_yaml(self):
        self.gate.write_policy("version: 1\ncolumns: [\n")
        self.check_both("policy.yaml:")

    def test_truncated_key_ring(self):
        ring = self.gate.basedir / "keys.ring"
        data = ring.read_bytes()
        for length in (0, 5, len(data) // 2, len(data) - 1):
            ring.write_bytes(data[:length])
            self.check_both("keys.ring", "backup" if length > 8 else "key ring")

    def test_damaged_key_ring(self):
        ring = self.gate.basedir / "keys.ring"
        data = bytearray(ring.read_bytes())
        data[len(data) // 2] ^= 1
        ring.write_bytes(data)
        self.check_both("keys.ring", "damaged or changed")

    def test_wrong_master_key(self):
        other = Sealgate(self.backend, POLICY)
        self.addCleanup(other.close)
        other.make_keys()
        master = self.gate.basedir / "master.key"
        master.write_bytes((other.basedir / "master.key").read_bytes())
        self.check_both("keys.ring", "another master key")

    def test_readable_secrets(self):
        for name in ("master.key", "keys.ring", "catalog", "admin.token"):
            with self.subTest(name):
                path = self.gate.basedir / name
                path.chmod(0o644)
                self.check_both(name, "0644", "chmod")
                path.chmod(0o600)

    def test_missing_key_of_a_domain(self):
        text = self.gate.policy_path.read_text(encoding="utf-8")
        self.gate.write_policy(text.replace(
            "\nroles:", "  - {column: shop.people.extra, mode: random}\n\nroles:"))
        self.check_both("shop.people.extra", "keys add")

    def test_wrong_catalog_password(self):
        path = self.gate.basedir / "catalog"
        path.write_text("wrong\n", encoding="ascii")
        self.check_both(CATALOG.user)
        self.assertNotIn("wrong\n", self.gate.command("check").stderr)

    def test_no_server(self):
        self.edit(self.gate.config_path, f"port: {self.backend.port}", "port: 1")
        self.check_both("127.0.0.1:1")

    def test_port_in_use(self):
        with self.gate:
            other = Sealgate(self.backend, POLICY, overrides={
                "listen": {"port": self.gate.port}})
            self.addCleanup(other.close)
            other.make_keys()
            run = other.command("run")
            self.assertEqual(run.returncode, 1)
            self.assertIn(str(self.gate.port), run.stdout + run.stderr)
            self.assertEqual(self.gate.execute("SELECT 1", APP), [["1"]])

    def test_keys_are_not_overwritten(self):
        before = (self.gate.basedir / "keys.ring").read_bytes()
        run = self.gate.command("keys", "init")
        self.assertEqual(run.returncode, 1)
        self.assertIn("already", run.stderr)
        self.assertEqual((self.gate.basedir / "keys.ring").read_bytes(), before)

    def test_keys_list_shows_no_keys(self):
        run = self.gate.command("keys", "list")
        self.assertEqual(run.returncode, 0)
        for part in ("shop.people.name", "sealing", "equality", "active"):
            self.assertIn(part, run.stdout)
        master = (self.gate.basedir / "master.key").read_bytes()
        self.assertNotIn(master.hex(), run.stdout)
        self.assertNotIn(master.strip().decode("latin1"), run.stdout)


@on_each_backend
class ReloadTest(PeopleCase):
    """Reloading while sessions are open."""

    def test_bad_policy_changes_nothing(self):
        good = self.gate.policy_path.read_text(encoding="utf-8")
        self.addCleanup(self.gate.write_policy, good)
        with self.gate.connect(APP, self.database) as connection:
            cursor = connection.cursor()
            cursor.execute("INSERT INTO people (name) VALUES ('kept')")
            self.gate.write_policy(good.replace("mode: searchable", "mode: searchabel", 1))
            run = self.gate.command("catalog", "reload")
            self.assertEqual(run.returncode, 1)
            self.assertIn("policy.yaml:3:", run.stdout + run.stderr)
            os.kill(self.gate.pid, signal.SIGHUP)
            time.sleep(0.5)
            cursor.execute("SELECT name FROM people WHERE name = 'KEPT'")
            self.assertEqual(cursor.fetchall(), (("kept",),))
        self.assertEqual(self.gate.execute("SELECT name FROM people", APP, self.database),
                         [["kept"]])
        self.assert_sealed()

    def test_a_role_loses_its_right(self):
        good = self.gate.policy_path.read_text(encoding="utf-8")
        self.addCleanup(self.gate.command, "catalog", "reload")
        self.addCleanup(self.gate.write_policy, good)
        with self.gate.connect(APP, self.database) as connection:
            cursor = connection.cursor()
            cursor.execute("INSERT INTO people (name) VALUES ('mine')")
            self.gate.write_policy(good.replace("reveal: clear", 'reveal: "null"'))
            run = self.gate.command("catalog", "reload")
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            cursor.execute("SELECT name FROM people")
            self.assertEqual(cursor.fetchall(), ((None,),))

    def test_after_the_connection_was_lost(self):
        """The proxy's own, which a firewall or an administrator may end at any time."""
        self.addCleanup(self.gate.command, "catalog", "reload")
        self.addCleanup(self.gate.write_policy, self.policy)
        self.gate.execute("INSERT INTO people (name) VALUES ('mine')", APP, self.database)
        self.assertEqual(self.gate.command("catalog", "reload").returncode, 0)
        own = self.direct("SELECT ID FROM information_schema.PROCESSLIST "
                          f"WHERE USER = '{CATALOG.user}'")
        self.assertTrue(own, "the connection is not kept")
        for row in own:
            self.direct(f"KILL {row[0]}")
        self.gate.write_policy(self.policy.replace("reveal: clear", 'reveal: "null"'))
        run = self.gate.command("catalog", "reload")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertEqual(self.gate.execute("SELECT name FROM people", APP, self.database),
                         [["NULL"]])

    def test_schema_changes_beside_the_proxy(self):
        """A view that is replaced on the server is known after catalog.refresh."""
        self.backend.execute("CREATE VIEW late AS SELECT 'plain' AS name", APP, self.database)
        self.addCleanup(self.backend.execute, "DROP VIEW shop.late")
        with self.gate.connect(APP, self.database) as connection:
            cursor = connection.cursor()
            cursor.execute("DELETE FROM people")
            cursor.execute("INSERT INTO people (name) VALUES ('sealed')")
            cursor.execute("SELECT name FROM late")
            self.assertEqual(cursor.fetchall(), (("plain",),))
            self.backend.execute("CREATE OR REPLACE VIEW late AS SELECT name FROM people", APP,
                                 self.database)
            deadline = time.monotonic() + 10
            while cursor.fetchall() != (("sealed",),):
                self.assertLess(time.monotonic(), deadline, "the view was never noticed")
                time.sleep(0.1)
                cursor.execute("SELECT name FROM late")
