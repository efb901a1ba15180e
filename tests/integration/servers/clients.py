"""Command lines of the stock clients, and one call that runs SQL with them."""

import re
import subprocess

from . import mysql
from .ports import LOOPBACK

MOST_OF_AN_ARGUMENT = 100_000  # bytes; Linux takes 128 KiB


class ClientError(Exception):
    """A stock client failed; `number` is the MySQL error number it showed, or
    None, and `message` is what it said, without its echo of the statement."""

    def __init__(self, text):
        found = re.search(r"^ERROR (\d+).*", text, re.MULTILINE | re.DOTALL)
        self.number = int(found[1]) if found else None
        self.message = (found[0] if found else text).strip()
        super().__init__(self.message)


def mariadb_args(port, account, database=None, ca=None):
    """The stock mariadb client. With `ca`, TLS is required and verified."""
    arguments = ["/usr/bin/mariadb", "--no-defaults", *_login(port, account)]
    if ca:
        arguments += ["--ssl", f"--ssl-ca={ca}", "--ssl-verify-server-cert"]
    else:
        arguments += ["--skip-ssl"]
    return arguments + ([database] if database else [])


def mysql_args(port, account, database=None, ca=None):
    """The stock mysql 9.7 client. With `ca`, TLS is required and verified."""
    arguments = [*mysql.program("bin/mysql"), "--no-defaults", *_login(port, account)]
    if ca:
        arguments += ["--ssl-mode=VERIFY_CA", f"--ssl-ca={ca}"]
    else:
        arguments += ["--ssl-mode=DISABLED", "--get-server-public-key"]
    return arguments + ([database] if database else [])


def _login(port, account):
    return ["--protocol=tcp", f"--host={LOOPBACK}", f"--port={port}", f"--user={account.user}",
            f"--password={account.password}", "--default-character-set=utf8mb4"]


CLIENTS = {"mariadb": mariadb_args, "mysql": mysql_args}


def execute(arguments, sql, timeout=30):
    """Runs SQL (text or bytes) through a client's command line; returns the
    rows of all results as lists of text, NULL as the text 'NULL'."""
    data = sql if isinstance(sql, bytes) else sql.encode()
    arguments = [*arguments, "--batch", "--skip-column-names"]
    # The mysql client takes 0.1 s of processor time before it reads a pipe.
    if len(data) < MOST_OF_AN_ARGUMENT and b"\0" not in data:
        arguments, data = [*arguments, b"--execute=" + data], b""
    run = subprocess.run(arguments, input=data, capture_output=True, timeout=timeout, check=False)
    if run.returncode != 0:
        raise ClientError(run.stderr.decode(errors="replace"))
    return [line.split("\t") for line in run.stdout.decode(errors="replace").splitlines()]
