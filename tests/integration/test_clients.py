"""Every client runs the same scenario (scenario.py) on the protected table
through the proxy and on its twin on the server: values, numbers of rows, error
numbers and column metadata are the same, and the server holds envelopes only.
A client that cannot get into the server has to fail at the proxy in the same
way. What Sealgate refuses of a client's statements is named. docs/compatibility.md is the table of the outcomes."""

import os
import re

import compatibility
import scenario
from drivers import RUNS, CannotConnect, Target
from people import COLUMNS, TWIN, PeopleCase
from servers import APP, on_each_backend

# Values of protected columns that are left after the last step.
SEALED_AT_THE_END = 18
WRITES = bool(os.environ.get("SEALGATE_WRITE_COMPATIBILITY"))


def reason(message):
    """What Sealgate said, without the place and what the driver adds."""
    found = re.search(r"sealgate: ([^\n(]*)", message)
    return found[1].strip() if found else "no reason"


class MatrixCase(PeopleCase):
    """The scenario by each client and way of sending statements."""

    tls = False

    def targets(self, mode):
        gate, server = self.gate, self.backend
        return (Target(server.port, TWIN, mode, server.certificates and server.certificates.ca),
                Target(gate.port, self.database, mode, gate.certificates and gate.certificates.ca))

    def check(self, name, mode):
        run = RUNS[name].run
        here, there = self.targets(mode)
        try:
            direct = run(here)
        except CannotConnect as error:
            with self.assertRaises(CannotConnect) as caught:
                run(there)
            self.assertEqual(caught.exception.number, error.number)
            return self.note(name, mode, f"cannot log in directly either ({error.number})")
        try:
            through = run(there)
        except CannotConnect as error:
            # A driver that says something in its login that Sealgate refuses.
            return self.note(name, mode, f"login refused: {reason(str(error))}")
        self.assertEqual(len(direct), len(scenario.STEPS))
        self.assertEqual([s["name"] for s in through], [s["name"] for s in direct])
        for own, theirs in zip(through, direct):
            # A message may quote a stored value or a key's name.
            message = own.pop("message", "")
            theirs.pop("message", "")
            if own != theirs and "sealgate: " in message:
                # What follows builds on this step.
                return self.note(name, mode, f"refused: {reason(message)}")
            with self.subTest(own["name"]):
                self.assertEqual(own, theirs, message)
        self.check_expected(through)
        self.assertEqual(self.assert_sealed(), SEALED_AT_THE_END)
        return self.note(name, mode, "works")

    def check_expected(self, steps):
        for step in steps:
            with self.subTest(f"{step['name']}, as expected"):
                name = step["name"]
                self.assertEqual(step["error"], scenario.EXPECTED_ERRORS.get(name, 0))
                if name in scenario.EXPECTED_ROWS:
                    self.assertEqual(len(step["rows"]), scenario.EXPECTED_ROWS[name])

    def note(self, name, mode, outcome):
        """The document says the same, or learns it."""
        cell = compatibility.Cell(name, mode, self.kind, self.tls)
        if WRITES:
            compatibility.write(cell, outcome)
        self.assertEqual(compatibility.read().get(cell), outcome, "docs/compatibility.md; "
                         "SEALGATE_WRITE_COMPATIBILITY=1 writes it")


def add_tests(case):
    for name, driver in RUNS.items():
        for mode in driver.modes:
            def test(self, name=name, mode=mode):
                self.check(name, mode)
            words = "".join(c if c.isalnum() else "_" for c in f"{name} {mode}").lower()
            setattr(case, f"test_{words}", test)
    return case


@on_each_backend
@add_tests
class ClientsTest(MatrixCase):
    pass


@on_each_backend
@add_tests
class ClientsTlsTest(MatrixCase):
    """Both legs over TLS, verified."""

    tls = True
    server_options = {"tls": True}
    gate_options = {"tls": True}


@on_each_backend
class StoredTest(PeopleCase):
    """What lies on the server after a client's writes."""

    def test_equal_values_are_stored_as_the_mode_says(self):
        insert = ("INSERT INTO people (id, name, note, code) VALUES (1, 'Same', 'same', 'same'), "
                  "(2, 'other', 'same', 'same')")
        self.gate.execute(insert, APP, self.database)
        (name_a, note_a, code_a), (name_b, note_b, code_b) = self.direct(
            "SELECT name, note, code FROM people ORDER BY id")
        self.assertNotEqual(note_a, note_b)  # random
        self.assertEqual(code_a, code_b)  # deterministic
        self.assertNotEqual(name_a[:22], name_b[:22])
        self.gate.execute("UPDATE people SET name = 'SAME' WHERE id = 1", APP, self.database)
        again, = self.direct("SELECT name FROM people WHERE id = 1")
        self.assertEqual(again[0][:22], name_a[:22])  # the blind index ignores case
        self.assertNotEqual(again[0], name_a)

    def test_physical_columns(self):
        rows = self.direct(
            "SELECT column_name, data_type, column_comment FROM information_schema.columns "
            f"WHERE table_schema = '{self.database}' AND table_name = 'people'")
        found = {name: (kind, comment) for name, kind, comment in rows}
        for name in COLUMNS:
            kind, comment = found[name]
            kind = kind.decode() if isinstance(kind, bytes) else kind
            self.assertRegex(kind, "binary|blob", name)
            self.assertTrue(comment.startswith("sealgate:1;type="), f"{name}: {comment}")

    def test_search_uses_the_index(self):
        values = ", ".join(f"('person {n}', {n})" for n in range(1000))
        self.gate.execute(f"INSERT INTO people (name, age) VALUES {values}", APP, self.database)
        self.backend.execute(f"ANALYZE TABLE {self.database}.people")
        searches = "".join(f"SELECT id FROM people WHERE name = 'PERSON {n}';" for n in range(20))
        before = self.rows_scanned()
        rows = self.gate.execute(searches, APP, self.database)
        self.assertEqual(len(rows), 20)
        # Without an index 20,000; asking for the status and the catalog scan some.
        self.assertLess(self.rows_scanned() - before, 5000)

    def rows_scanned(self):
        rows = self.direct("SHOW GLOBAL STATUS LIKE 'Handler_read_rnd_next'")
        return int(rows[0][1])
