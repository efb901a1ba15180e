"""The metrics page: every series is there at zero from the start, and moves."""

import re
import subprocess
from pathlib import Path

from people import POLICY, PROTECTED, PeopleCase
from raw_client import RawClient
from raw_packets import ServerError
from servers import NOPASS, Account, BackendCase, Sealgate, on_each_backend

PAGE = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
CLASSES = ("read", "write", "transaction", "session", "ddl", "other")
OUTCOMES = ("passed", "rewritten", "refused", "server_error", "held_expired")
REASONS = ("unsupported", "syntax", "denied", "type", "plaintext_column", "dynamic_sql", "session",
           "gate", "protocol")


def series():
    """Every series that has to be there with the policy of the people."""
    names = [f'sealgate_statements_total{{class="{c}",outcome="{o}"}}'
             for c in CLASSES for o in OUTCOMES]
    names += [f'sealgate_refusals_total{{reason="{reason}"}}' for reason in REASONS]
    names += [f'sealgate_plan_cache_lookups_total{{result="{result}"}}'
              for result in ("hit", "miss")]
    for what in ("values_sealed", "values_opened", "value_open_failures"):
        names += [f'sealgate_{what}_total{{domain="shop.people.{name}"}}'
                  for name, _, _ in PROTECTED]
    names += ["sealgate_connections", "sealgate_connections_accepted_total",
              "sealgate_logins_failed_total", "sealgate_protocol_errors_total",
              "sealgate_writes_held", "sealgate_writes_held_total", "sealgate_backend_errors_total",
              "sealgate_backend_connect_failures_total", "sealgate_backend_lost_total",
              "sealgate_catalog_reload_failures_total",
              "sealgate_statement_proxy_seconds_count", "sealgate_statement_backend_seconds_count",
              'sealgate_write_gate_state{state="draining"}',
              'sealgate_write_gate_state{state="quiesced"}']
    return names


@on_each_backend
class FreshMetricsTest(BackendCase):
    """Before the first client."""

    def test_all_at_zero(self):
        with Sealgate(self.backend, POLICY) as gate:
            found = gate.metrics()
            for name in series():
                self.assertEqual(found.get(name), 0, name)
            self.assertEqual(found['sealgate_write_gate_state{state="open"}'], 1)
            self.assertIn("sealgate_catalog_reloads_total", found)
            build, = (name for name in found if name.startswith("sealgate_build_info"))
            self.assertRegex(build, r'version="\d+\.\d+')

    def test_the_page_lists_them_all(self):
        page = PAGE.read_text(encoding="utf-8")
        listed = set(re.findall(r"`((?:sealgate|process)_[a-z_]+)", page))
        with Sealgate(self.backend, POLICY) as gate:
            text = gate.metrics_text()
        served = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
        self.assertEqual(served, listed)

    def test_promtool(self):
        with Sealgate(self.backend, POLICY) as gate:
            text = gate.metrics_text()
        run = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                             capture_output=True, check=False)
        self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ""))


@on_each_backend
class MetricsTest(PeopleCase):

    def setUp(self):
        super().setUp()
        self.client = RawClient(self.gate.port, NOPASS, self.database)
        self.addCleanup(self.client.close)
        self.before = self.gate.metrics()

    def grown(self):
        """What has changed, without times."""
        after = self.gate.metrics()
        return {name: after[name] - self.before[name] for name in after
                if name.startswith("sealgate_") and "_seconds" not in name
                and "catalog_" not in name and "buffer_bytes" not in name
                and after[name] != self.before[name]}

    def statements(self, name, outcome, count=1):
        return {f'sealgate_statements_total{{class="{name}",outcome="{outcome}"}}': count}

    def test_plain_statement(self):
        self.client.query("SELECT 1")
        self.assertEqual(self.grown(), self.statements("read", "passed"))

    def test_sealing_and_opening(self):
        self.client.query(
            "INSERT INTO people (id, name, note) VALUES (1, 'a', 'n'), (2, 'b', NULL)")
        grown = self.grown()
        self.assertEqual(grown['sealgate_values_sealed_total{domain="shop.people.name"}'], 2)
        self.assertEqual(grown['sealgate_values_sealed_total{domain="shop.people.note"}'], 1)
        self.assertEqual(
            grown['sealgate_statements_total{class="write",outcome="rewritten"}'], 1)
        self.client.query("SELECT name, note FROM people")
        grown = self.grown()
        self.assertEqual(grown['sealgate_values_opened_total{domain="shop.people.name"}'], 2)
        self.assertEqual(grown['sealgate_values_opened_total{domain="shop.people.note"}'], 1)

    def test_plan_cache(self):
        for number in range(5):
            self.client.query(f"SELECT id FROM people WHERE name = 'number {number}'")
        hit, miss = (f'sealgate_plan_cache_lookups_total{{result="{r}"}}' for r in ("hit", "miss"))
        grown = self.grown()
        self.assertEqual((grown[hit], grown[miss]), (4, 1))

    def test_lists_of_any_length_share_a_plan(self):
        for count in (2, 3, 40):
            values = ", ".join(f"'number {i}'" for i in range(count))
            self.client.query(f"SELECT id FROM people WHERE name IN ({values})")
        hit, miss = (f'sealgate_plan_cache_lookups_total{{result="{r}"}}' for r in ("hit", "miss"))
        grown = self.grown()
        self.assertEqual((grown[hit], grown[miss]), (2, 1))

    def test_refusals(self):
        for sql, reason, name in (
                ("SELECT name FROM people ORDER BY name", "unsupported", "read"),
                ("SELECT name FROM people WHERE (", "syntax", "read"),
                ("INSERT INTO people (age) VALUES (99999999999)", "type", "write"),
                ("PREPARE s FROM 'SELECT name FROM people'", "dynamic_sql", "other")):
            with self.subTest(reason):
                self.before = self.gate.metrics()
                with self.assertRaises(ServerError):
                    self.client.query(sql)
                grown = self.grown()
                self.assertEqual(grown[f'sealgate_refusals_total{{reason="{reason}"}}'], 1)
                refused = {n: v for n, v in grown.items() if 'outcome="refused"' in n}
                self.assertEqual(sum(refused.values()), 1, grown)

    def test_server_errors(self):
        with self.assertRaises(ServerError):
            self.client.query("SELECT * FROM nowhere")
        self.assertEqual(self.grown(), {"sealgate_backend_errors_total": 1,
                                        **self.statements("read", "server_error")})

    def test_connections_and_logins(self):
        with RawClient(self.gate.port, NOPASS, self.database):
            self.assertEqual(self.grown(), {"sealgate_connections": 1,
                                            "sealgate_connections_accepted_total": 1})
        with self.assertRaises(ServerError):
            RawClient(self.gate.port, Account("nopass", "wrong"), self.database)
        grown = self.grown()
        self.assertEqual(grown["sealgate_logins_failed_total"], 1)
        self.assertEqual(grown["sealgate_connections_accepted_total"], 2)

    def test_times(self):
        self.client.query("SELECT SLEEP(0.2)")
        after = self.gate.metrics()
        for name, least, most in (("backend", 0.2, 5), ("proxy", 0, 0.1)):
            full = f"sealgate_statement_{name}_seconds"
            self.assertEqual(after[f"{full}_count"] - self.before[f"{full}_count"], 1)
            spent = after[f"{full}_sum"] - self.before[f"{full}_sum"]
            self.assertGreater(spent, least)
            self.assertLess(spent, most)

    def test_no_label_from_traffic(self):
        self.client.query("INSERT INTO people (name) VALUES ('labelled')")
        with self.assertRaises(ServerError):
            self.client.query("SELECT labelled FROM people ORDER BY name")
        text = self.gate.metrics_text()
        for word in ("labelled", NOPASS.user, "127.0.0.1"):
            self.assertNotIn(f'"{word}', text)
