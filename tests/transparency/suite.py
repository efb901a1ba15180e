"""The .test files of a suite of Debian's mariadb-test-data, and which of them can
be compared: what they include, the options that they need, why some are left out."""

import re
from pathlib import Path

TEST_DIR = Path("/usr/share/mysql/mysql-test")
SUITE = TEST_DIR / "main"

_SOURCE = re.compile(rb"^\s*(?:--)?\s*source\s+([^\s;#]+)", re.MULTILINE | re.IGNORECASE)

# Option files that only enable what Debian's server has enabled anyway.
_ENABLED_ANYWAY = {f"have_{name}.opt" for name in (
    "innodb", "partition", "sequence", "stat_tables", "plugin_auth", "rocksdb", "unix_socket")}

# What a file does with the server itself, through what it includes.
_SERVER_CONTROL = {
    "restart_mysqld.inc": "restarts the server",
    "start_mysqld.inc": "restarts the server",
    "shutdown_mysqld.inc": "stops the server",
    "kill_mysqld.inc": "kills the server",
    "kill_and_restart_mysqld.inc": "kills the server",
    "crash_mysqld.inc": "kills the server",
    "kill_galera.inc": "kills the server",
    "expect_crash.inc": "kills the server",
    "start_slave_server.inc": "needs a second server",
    "master-slave.inc": "needs a second server",
    "rpl_init.inc": "needs a second server",
    "have_debug.inc": "needs a debug build of the server",
    "have_debug_sync.inc": "needs a debug build of the server",
    "big_test.inc": "is one of the big tests, which MariaDB's own driver leaves out too",
    "have_valgrind.inc": "needs valgrind",
    "windows.inc": "needs Windows",
    "is_embedded.inc": "needs the embedded server",
}
_COMMANDS = (
    (re.compile(rb"^\s*(?:--)?\s*shutdown_server\b", re.MULTILINE), "stops the server"),
    (re.compile(rb"^\s*shutdown\s*;", re.MULTILINE | re.IGNORECASE), "stops the server"),
    (re.compile(rb"\bmysqld\.1\.expect\b"), "restarts the server"),
    (re.compile(rb"\$MYSQLD(?:_CMD|_BOOTSTRAP_CMD|_LAST_CMD)?\b"), "starts a server of its own"),
    (re.compile(rb"\$(?:MASTER_MYPORT1|SLAVE_MYPORT|MYSQL_SLAVE)\b"), "needs a second server"),
)


class TestFile:
    """One .test file: `name`, `options` of the server, `reason` if left out."""

    def __init__(self, path):
        self.path = path
        self.name = path.stem
        self.result = path.with_suffix(".result")
        self.includes, text = _closure(path)
        self.options = self._options()
        self.reason = self._why_not(text)

    def _options(self):
        words = []
        paths = [path.with_suffix(ending) for path in sorted(self.includes)
                 for ending in (".opt",)]
        paths += [path.with_name(path.stem + "-master.opt") for path in sorted(self.includes)]
        for path in paths:
            if path.exists() and path.name not in _ENABLED_ANYWAY:
                words += path.read_text(encoding="latin1").split("\n")
        return [word for line in words for word in _split(line.strip())]

    def _why_not(self, text):
        if self.path.with_suffix(".cnf").exists():
            return "brings a configuration file for several servers or groups"
        for ending in ("-master.sh", "-client.opt"):
            if self.path.with_name(self.name + ending).exists():
                return f"needs MariaDB's own test driver ({ending})"
        for path in sorted(self.includes):
            if path.name in _SERVER_CONTROL:
                return _SERVER_CONTROL[path.name]
        if any("bind-address" in option for option in self.options):
            return "is about the server's own addresses"
        for pattern, reason in _COMMANDS:
            if pattern.search(text):
                return reason
        return None


def _split(line):
    """Words of an option file's line; quotes hold words together."""
    found = re.findall(r"""(?:[^\s'"]|'[^']*'|"(?:\\.|[^"])*")+""", line)
    return [re.sub(r"""(['"])((?:(?!\1).)*)\1""", r"\2", word) for word in found]


def _closure(path):
    """The file and everything that it sources by a fixed name; all their text."""
    seen, todo, text = set(), [path], b""
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        body = at.read_bytes()
        text += body
        for word in _SOURCE.findall(body):
            name = word.decode("latin1").replace("$MYSQL_TEST_DIR/", "")
            for folder in (at.parent, TEST_DIR, SUITE):
                found = folder / name
                if found.is_file():
                    todo.append(found.resolve())
                    break
    return seen, text


def read_suite():
    """Every file of the suite, those with equal options next to each other."""
    files = [TestFile(path) for path in sorted(SUITE.glob("*.test"))]
    return sorted(files, key=lambda file: (file.options, file.name))
