"""How MySQL 9.7 is initialised, started and spoken to.

Its programs come from a Debian unstable that tools/setup unpacked; they run
through that tree's own loader, because this system's libraries are older.
"""

import platform
import subprocess

from .accounts import CATALOG, account_statements
from .cache import cache_dir

_LOADERS = {"x86_64": "usr/lib64/ld-linux-x86-64.so.2", "aarch64": "usr/lib/ld-linux-aarch64.so.1"}


def tree():
    path = cache_dir() / "mysql-sid"
    if not (path / ".sealgate-ready").exists():
        raise RuntimeError(f"there is no MySQL in {path}; run: tools/setup test")
    return path


def program(name):
    """The command line that runs a program of the tree, as bin/mysql."""
    root, machine = tree(), platform.machine()
    return [str(root / _LOADERS[machine]), "--library-path",
            str(root / "usr/lib" / f"{machine}-linux-gnu"), str(root / "usr" / name)]


def version():
    return (tree() / ".sealgate-ready").read_text(encoding="utf-8").split("Ver ")[1].split()[0]


def initialise(data, user_options):
    run = subprocess.run([*daemon(), "--initialize-insecure", f"--datadir={data}",
                          "--innodb-redo-log-capacity=16M", *user_options],
                         check=False, text=True, capture_output=True)
    if run.returncode != 0:
        raise RuntimeError(f"mysqld --initialize-insecure failed:\n{run.stderr[-2000:]}")


def daemon():
    usr = tree() / "usr"
    return [*program("sbin/mysqld"), "--no-defaults", f"--basedir={usr}",
            f"--plugin-dir={usr}/lib/mysql/plugin", f"--lc-messages-dir={usr}/share/mysql",
            f"--character-sets-dir={usr}/share/mysql/charsets"]


def options():
    return ["--mysqlx=OFF", "--innodb-redo-log-capacity=16M", "--performance-schema=OFF"]


def tls_options(certificates):
    if certificates is None:
        return ["--tls-version="]
    return [f"--ssl-ca={certificates.ca}", f"--ssl-cert={certificates.certificate}",
            f"--ssl-key={certificates.key}"]


def binlog_options(path, row_format):
    if row_format is None:
        return ["--skip-log-bin"]
    return [f"--log-bin={path}", f"--binlog-format={row_format}", "--server-id=1",
            "--sync-binlog=0"]


def setup_statements():
    return [*account_statements(lambda password: f"WITH caching_sha2_password BY '{password}'"),
            f"GRANT CONNECTION_ADMIN ON *.* TO '{CATALOG.user}'@'%'"]
