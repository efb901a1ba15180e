"""How each driver runs the scenario: RUNS, and what test_clients.py needs for it.

A run gets a Target and returns one outcome per step: name, error, message,
affected, insert_id, columns, rows.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import MySQLdb
import pymysql

import scenario
from servers import APP, clients
from servers.cache import cache_dir, locked
from servers.proxy import default_binary

CLIENTS = Path(__file__).resolve().parents[1] / "clients"


class Target(NamedTuple):
    """Where to, how, and with which CA if over TLS."""

    port: int
    database: str
    mode: str
    ca: object = None


class CannotConnect(Exception):
    """The driver did not get in; `number` is the error that it names, or None."""

    def __init__(self, text):
        found = re.search(r"\b(1\d{3}|2\d{3}|45\d{3})\b", text)
        self.number = int(found[1]) if found else None
        super().__init__(text.strip())


def program(*command, steps=scenario.as_json, mode=str, environment=None):
    """A run by a program of tests/clients. `mode` makes its argument of ours."""
    def run(target):
        arguments = [*(c() if callable(c) else c for c in command), str(target.port), APP.user,
                     APP.password, target.database, mode(target.mode)]
        variables = {**os.environ, **(environment() if environment else {})}
        if target.ca:
            variables["SEALGATE_TEST_CA"] = str(target.ca)
        text = steps() if steps is not scenario.as_json else json.dumps(steps())
        done = subprocess.run(arguments, input=text, text=True, capture_output=True, timeout=100,
                              check=False, env=variables)
        if "cannot connect" in done.stderr:
            raise CannotConnect(done.stderr)
        if done.returncode != 0:
            raise AssertionError(f"{arguments[0]} failed: {done.stderr}{done.stdout}")
        return json.loads(done.stdout)
    return run


# Python.

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


def run_pymysql(target):
    tls = {"ca": str(target.ca)} if target.ca else None
    connection = pymysql.connect(host="127.0.0.1", port=target.port, user=APP.user,
                                 password=APP.password, database=target.database,
                                 charset="utf8mb4", autocommit=True, ssl=tls)
    return run_python(connection, pymysql.MySQLError, lambda cursor: [
        [f.name, f.org_name, f.table_name, f.org_table, f.charsetnr, f.length, f.type_code,
         f.flags, f.scale] for f in cursor._result.fields])


def run_mysqlclient(target):
    tls = {"ssl": {"ca": str(target.ca)}} if target.ca else {}
    connection = MySQLdb.connect(host="127.0.0.1", port=target.port, user=APP.user,
                                 passwd=APP.password, db=target.database, charset="utf8mb4",
                                 autocommit=True, **tls)
    return run_python(connection, MySQLdb.MySQLError, lambda cursor: [
        [*column, flags] for column, flags in zip(cursor.description, cursor.description_flags)])


# The stock clients.

def command_line(client):
    """One step per statement, with everything that the client shows."""
    def run(target):
        arguments = [*clients.CLIENTS[client](target.port, APP, target.database, target.ca),
                     "--column-type-info", "-vvv", "--force", "--table", "--binary-as-hex",
                     "--unbuffered"]
        text = "".join(f"SELECT '@@@{name}';\n{scenario.as_sql(sql, values)};\n"
                       for name, sql, values in scenario.STEPS)
        done = subprocess.run(arguments, input=text.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60, check=False)
        output = done.stdout.decode(errors="replace")
        if "@@@" not in output:
            raise CannotConnect(output)
        return command_line_steps(output)
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


# Programs that have to be built, or that read another form.

def connector_cpp():
    """$SEALGATE_CONNECTOR_CPP, or the program that was built beside the proxy."""
    beside = default_binary().parents[1] / "tests" / "clients" / "connector_cpp"
    return os.environ.get("SEALGATE_CONNECTOR_CPP") or str(beside)


_built = {}


def go_program():
    """go_mysql.go with Debian's packages of the driver."""
    if "go" not in _built:
        place = tempfile.TemporaryDirectory(prefix="sealgate-go-")
        _built["go"] = place
        shutil.copy(CLIENTS / "go_mysql.go", Path(place.name) / "main.go")
        with locked("go-build"):  # the first process builds the driver for all
            done = subprocess.run(
                ["go", "build", "-o", "go_mysql", "main.go"], cwd=place.name, text=True,
                capture_output=True, timeout=500, check=False,
                env={**os.environ, "GOPATH": "/usr/share/gocode", "GO111MODULE": "off",
                     "GOFLAGS": "", "GOCACHE": str(cache_dir() / "go-build")})
        if done.returncode != 0:
            raise RuntimeError(f"go build failed: {done.stderr}")
    return f"{_built['go'].name}/go_mysql"


def java_steps():
    """A line per step: name, statement and values in hex, between tabs."""
    def field(value):
        if value is None:
            return "-"
        kind, text = value
        return kind + (text if kind == "b" else text.encode().hex())
    return "".join("\t".join([name.encode().hex(), sql.encode().hex(), *map(field, values)]) + "\n"
                   for name, sql, values in scenario.STEPS)


JAVA_DRIVER = "/usr/share/java/mariadb-java-client.jar"


def java_classes():
    """The class path of Jdbc.java, compiled."""
    if "java" not in _built:
        place = _built["java"] = tempfile.TemporaryDirectory(prefix="sealgate-java-")
        subprocess.run(["javac", "-d", place.name, str(CLIENTS / "Jdbc.java")], check=True,
                       capture_output=True, timeout=200)
    return f"{JAVA_DRIVER}:{_built['java'].name}"


JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", java_classes, "Jdbc")


def node_path():
    return {"NODE_PATH": str(cache_dir() / "node-clients" / "node_modules")}


class Driver(NamedTuple):
    run: object
    modes: tuple  # ways to send statements


PREPARED = ("text", "prepared")
RUNS = {
    "mariadb": Driver(command_line("mariadb"), ("text",)),
    "mysql": Driver(command_line("mysql"), ("text",)),
    "PyMySQL": Driver(run_pymysql, ("text",)),
    "mysqlclient": Driver(run_mysqlclient, ("text",)),
    "PHP mysqli": Driver(program("php", str(CLIENTS / "php_mysqli.php")), PREPARED),
    "PHP PDO": Driver(program("php", str(CLIENTS / "php_pdo.php")), ("emulated", "native")),
    "DBD::mysql": Driver(program("perl", str(CLIENTS / "perl_dbi.pl"),
                                 mode=lambda mode: f"mysql-{mode}"), PREPARED),
    "DBD::MariaDB": Driver(program("perl", str(CLIENTS / "perl_dbi.pl"),
                                   mode=lambda mode: f"MariaDB-{mode}"), PREPARED),
    "Ruby mysql2": Driver(program("ruby", str(CLIENTS / "ruby_mysql2.rb")), PREPARED),
    "go-sql-driver": Driver(program(go_program), PREPARED),
    "Connector/J": Driver(program(*JAVA, steps=java_steps),
                          ("text", "prepared", "text batched", "prepared batched",
                           "compressed")),
    "node mysql2": Driver(program("node", str(CLIENTS / "node_driver.js"), environment=node_path,
                                  mode=lambda mode: f"mysql2-{mode}"), PREPARED),
    "node mariadb": Driver(program("node", str(CLIENTS / "node_driver.js"), environment=node_path,
                                   mode=lambda mode: f"mariadb-{mode}"), PREPARED),
    "Connector/C++": Driver(program(connector_cpp), PREPARED),
    "ODBC": Driver(program("/usr/bin/python3", str(CLIENTS / "odbc.py")), PREPARED),
}
