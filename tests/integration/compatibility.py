"""docs/compatibility.md: a table of what test_clients.py saw."""

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

from servers.cache import locked
from servers.server import KINDS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"
HEAD = """\
# Clients

Made by `tests/integration/test_clients.py`, which runs one scenario with each client through Sealgate on protected columns and directly on a table in the clear, and compares values, numbers of rows, error numbers and column metadata; do not edit. `SEALGATE_WRITE_COMPATIBILITY=1 tests/integration/run.py -k Clients` writes it. A client that cannot log in to the server without Sealgate either fails in the same way through it.

Servers: MariaDB 10.11 and MySQL 9.7. Over TLS means both legs, each with its certificate verified.

DBD::mysql with server-side prepares sends a value that is bound as `SQL_VARCHAR` as a BLOB, which the servers compare with a text byte by byte. A searchable column finds what its collation calls equal, so such a comparison is refused; it works with values bound without a type, which are sent as strings, and on deterministic columns.

"""
PACKAGES = {
    "mariadb": "mariadb-client", "mysql": "", "PyMySQL": "python3-pymysql",
    "mysqlclient": "python3-mysqldb", "PHP mysqli": "php-mysql", "PHP PDO": "php-mysql",
    "DBD::mysql": "libdbd-mysql-perl", "DBD::MariaDB": "libdbd-mariadb-perl",
    "Ruby mysql2": "ruby-mysql2", "go-sql-driver": "golang-github-go-sql-driver-mysql-dev",
    "Connector/J": "libmariadb-java", "Connector/C++": "libmysqlcppconn-dev",
    "ODBC": "odbc-mariadb",
}
NODE_LOCK = DOCUMENT.parents[1] / "tests" / "clients" / "node" / "package.json"


class Cell(NamedTuple):
    driver: str
    mode: str
    kind: str
    tls: bool


def read():
    """{Cell: outcome} as the document has it."""
    found = {}
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines() if DOCUMENT.exists() else []
    for line in lines:
        fields = [f.strip() for f in line.strip("|").split(" | ")]
        if len(fields) == 7 and not fields[0].startswith(("-", "driver")):
            driver, _, mode, *outcomes = fields
            cells = [Cell(driver, mode, kind, tls) for kind in KINDS for tls in (False, True)]
            found.update(zip(cells, outcomes))
    return found


def write(cell, outcome):
    # Other classes write other cells at the same time.
    with locked("compatibility"):
        _write({**read(), cell: outcome})


def _write(found):
    rows = dict.fromkeys((c.driver, c.mode) for c in found)
    lines = ["| driver | version | statements | MariaDB | MariaDB, TLS | MySQL | MySQL, TLS |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for driver, mode in sorted(rows, key=lambda row: (row[0].lower(), row[1])):
        outcomes = [found.get(Cell(driver, mode, kind, tls), "not run")
                    for kind in KINDS for tls in (False, True)]
        lines.append(f"| {' | '.join([driver, version(driver), mode, *outcomes])} |")
    whole = DOCUMENT.with_suffix(".new")
    whole.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    whole.replace(DOCUMENT)


def version(driver):
    if driver == "mysql":
        return KINDS["mysql"].version().split("-")[0]
    if driver.startswith("node "):
        return json.loads(NODE_LOCK.read_text())["dependencies"][driver.split()[1]]
    run = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", PACKAGES[driver]], text=True,
                         capture_output=True, check=True)
    upstream = run.stdout.split(":")[-1].rsplit("-", 1)[0]
    return upstream.split("+")[0]
