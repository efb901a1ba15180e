"""Every client runs the same scenario (scenario.py) on the protected table
through the proxy and on its twin on the server: values, numbers of rows, error
numbers and column metadata are the same, and the server holds envelopes only."""

import json
import os
import re
import subprocess
from pathlib import Path

import MySQLdb
import pymysql

import scenario
from people import COLUMNS, TWIN, PeopleCase
from servers import APP, clients, on_each_backend
from servers.proxy import default_binary

CLIENTS = Path(__file__).resolve().parents[1] / "clients"
# Values of protected columns that are left after the last step.
SEALED_AT_THE_END = 18


def connector_cpp():
    """$SEALGATE_CONNECTOR_CPP, or the program that was built beside the proxy."""
    beside = default_binary().parents[1] / "tests" / "clients" / "connector_cpp"
    return os.environ.get("SEALGATE_CONNECTOR_CPP") or str(beside)


def run_program(*command):
    """A function that runs the scenario with a program of tests/clients."""
    def run(port, database, mode):
        arguments = [*command, str(port), APP.user, APP.password, database, mode]
        done = subprocess.run(arguments, input=json.dumps(scenario.as_json()), text=True,
                              capture_output=True, timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{arguments[0]} failed: {done.stderr}{done.stdout}")
        return json.loads(done.stdout)
    return run


def python_value(value):
    if value is None:
        return None
    kind, text = value
    return bytes.fromhex(text) if kind == "b" else int(text) if kind in "iu" else text


def outcome(name, error=0, message="", affected=-1, insert_id=0, columns=(), rows=()):
    return {"name": name, "error": error, "message": message, "affected": affected,
            "insert_id": insert_id, "columns": list(columns), "rows": list(rows)}


def run_python(connection, failure, columns_of):
    steps = []
    for name, sql, values in scenario.STEPS:
        cursor = connection.cursor()
        try:
            cursor.execute(sql.replace("?", "%s"), [python_value(v) for v in values] or None)
            rows = [] if cursor.description is None else [[repr(v) for v in r] for r in cursor]
            columns = [] if cursor.description is None else columns_of(cursor)
            steps.append(outcome(name, 0, "", cursor.rowcount, cursor.lastrowid, columns, rows))
        except failure as error:
            steps.append(outcome(name, error.args[0], str(error.args[1])))
        finally:
            cursor.close()
    connection.close()
    return steps


def run_pymysql(port, database, mode):
    connection = pymysql.connect(host="127.0.0.1", port=port, user=APP.user,
                                 password=APP.password, database=database, charset="utf8mb4",
                                 autocommit=True)
    return run_python(connection, pymysql.MySQLError, lambda cursor: [
        [f.name, f.org_name, f.table_name, f.org_table, f.charsetnr, f.length, f.type_code,
         f.flags, f.scale] for f in cursor._result.fields])


def run_mysqlclient(port, database, mode):
    connection = MySQLdb.connect(host="127.0.0.1", port=port, user=APP.user, passwd=APP.password,
                                 db=database, charset="utf8mb4", autocommit=True)
    return run_python(connection, MySQLdb.MySQLError, lambda cursor: [
        [*column, flags] for column, flags in zip(cursor.description, cursor.description_flags)])


def run_command_line(client):
    """A stock client: one step per statement, with everything that it shows."""
    def run(port, database, mode):
        arguments = [*clients.CLIENTS[client](port, APP, database), "--column-type-info", "-vvv",
                     "--force", "--table", "--binary-as-hex", "--unbuffered"]
        text = "".join(f"SELECT '@@@{name}';\n{scenario.as_sql(sql, values)};\n"
                       for name, sql, values in scenario.STEPS)
        done = subprocess.run(arguments, input=text.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60, check=False)
        return command_line_steps(done.stdout.decode(errors="replace"))
    return run


def command_line_steps(output):
    # What differs between two runs anyway: the database, times, echoed text.
    output = re.sub(r"^(Database: .*|-+|Bye|\(?ERROR.*at line.*)$", keep_number, output,
                    flags=re.MULTILINE)
    output = re.sub(r"\(?\d+\.\d+ sec\)?", "", output)
    steps = []
    for part in re.split(r"SELECT '@@@", output)[1:]:
        name = part[:part.index("'")]
        body = part[part.index("1 row in set") + 12:]
        error = re.search(r"^ERROR (\d+)", body, re.MULTILINE)
        rows = re.search(r"^(\d+) rows? in set", body, re.MULTILINE)
        count = int(rows[1]) if rows else 0
        steps.append({**outcome(name, int(error[1]) if error else 0), "rows": [None] * count,
                      "shown": body})
    return steps


def keep_number(found):
    error = re.match(r"ERROR \d+", found[0])
    return error[0] if error else ""


RUNS = {
    "PyMySQL": (run_pymysql, ("text",)),
    "mysqlclient": (run_mysqlclient, ("text",)),
    "mysqli": (run_program("php", str(CLIENTS / "php_mysqli.php")), ("text", "prepared")),
    "PDO": (run_program("php", str(CLIENTS / "php_pdo.php")), ("emulated", "native")),
}


@on_each_backend
class ClientsTest(PeopleCase):
    """The scenario by each client and way of sending statements."""

    def check(self, run, mode):
        direct = run(self.backend.port, TWIN, mode)
        through = run(self.gate.port, self.database, mode)
        self.assertEqual(len(direct), len(scenario.STEPS))
        self.assertEqual([s["name"] for s in through], [s["name"] for s in direct])
        for own, theirs in zip(through, direct):
            with self.subTest(own["name"]):
                # A message may quote a stored value or a key's name.
                message = own.pop("message")
                theirs.pop("message")
                self.assertEqual(own, theirs, message)
        self.check_expected(through)
        self.assertEqual(self.assert_sealed(), SEALED_AT_THE_END)

    def check_expected(self, steps):
        for step in steps:
            with self.subTest(f"{step['name']}, as expected"):
                name = step["name"]
                self.assertEqual(step["error"], scenario.EXPECTED_ERRORS.get(name, 0))
                if name in scenario.EXPECTED_ROWS:
                    self.assertEqual(len(step["rows"]), scenario.EXPECTED_ROWS[name])

    def test_pymysql(self):
        self.check(run_pymysql, "text")

    def test_mysqlclient(self):
        self.check(run_mysqlclient, "text")

    def test_mysqli_text(self):
        self.check(RUNS["mysqli"][0], "text")

    def test_mysqli_prepared(self):
        self.check(RUNS["mysqli"][0], "prepared")

    def test_pdo_emulated(self):
        self.check(RUNS["PDO"][0], "emulated")

    def test_pdo_native(self):
        self.check(RUNS["PDO"][0], "native")

    def test_connector_cpp_text(self):
        self.check(run_program(connector_cpp()), "text")

    def test_connector_cpp_prepared(self):
        self.check(run_program(connector_cpp()), "prepared")

    def test_mariadb_command_line(self):
        self.check(run_command_line("mariadb"), "text")

    def test_mysql_command_line(self):
        if self.kind == "mariadb":
            # MySQL 9's client has no mysql_native_password, MariaDB's accounts
            # have nothing else: with MariaDB it must fail as without a proxy.
            for port in (self.backend.port, self.gate.port):
                with self.assertRaises(clients.ClientError) as caught:
                    clients.execute(clients.mysql_args(port, APP, TWIN), "SELECT 1")
                self.assertEqual(caught.exception.number, 2059)
            return
        self.check(run_command_line("mysql"), "text")


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
