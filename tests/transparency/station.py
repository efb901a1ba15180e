"""A MariaDB server as MariaDB's own test driver (mtr) starts it, and a Sealgate
before it whose policy protects columns of a table that no test names."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from servers import CATALOG, Sealgate, child, ports
from servers.proxy import NEW_KEYS

from suite import TEST_DIR

PLUGINS = Path("/usr/lib/mysql/plugin")
DAEMON = "/usr/sbin/mariadbd"
CLIENT = "/usr/bin/mariadb"
BEHIND = "127.0.0.2"
SCHEMA = "sealgate_vault"
POLICY = f"""version: 1
columns:
  - {{column: {SCHEMA}.customers.email, mode: searchable}}
  - {{column: {SCHEMA}.customers.card, mode: random}}
roles:
  - name: everybody
    match: any
    default: {{reveal: clear, write: true}}
    replication: true
"""
PROTECTED_TABLE = f"""
CREATE TABLE {SCHEMA}.customers (id INT PRIMARY KEY, email VARCHAR(100), card VARCHAR(30))
  ENGINE=InnoDB CHARACTER SET utf8mb4;
INSERT INTO {SCHEMA}.customers VALUES (1, 'ada@example.org', '4111 1111');
"""
# They take the accounts away, or put an anonymous one before Sealgate's, so that it
# cannot log in for a while, or list what new connections do: its own connection stays
# for them, as it does by default.
KEEP_CONNECTION = {"bad_user_table", "default_session", "grant_cache_no_prot", "init_connect",
                   "log_state", "mysql_upgrade_noengine", "precedence"}
# Besides the suite's own programs: what mtr offers under these names.
PROGRAMS = {
    "MYSQL": "mariadb", "MYSQL_CHECK": "mariadb-check", "MYSQL_DUMP": "mariadb-dump",
    "MYSQL_SLAP": "mariadb-slap", "MYSQL_IMPORT": "mariadb-import", "MYSQL_SHOW": "mariadb-show",
    "MYSQLADMIN": "mariadb-admin", "MYSQL_UPGRADE": "mariadb-upgrade",
    "MYSQL_BINLOG": "mariadb-binlog", "MYSQL_CLIENT_TEST": "mysql_client_test",
}
TOOLS = {
    "EXE_MYSQL": "mariadb", "MYSQL_PLUGIN": "mariadb-plugin", "MARIADB_CONV": "mariadb-conv",
    "MYSQL_MY_PRINT_DEFAULTS": "my_print_defaults", "MYISAMLOG": "myisamlog",
    "MYISAMCHK": "myisamchk", "MYISAMPACK": "myisampack", "MYISAM_FTDUMP": "myisam_ftdump",
    "MARIA_CHK": "aria_chk", "MARIA_PACK": "aria_pack", "MY_PERROR": "perror",
    "MYSQL_TZINFO_TO_SQL": "mariadb-tzinfo-to-sql", "REPLACE": "replace",
    "INNOCHECKSUM": "innochecksum", "MYSQLHOTCOPY": "mariadb-hotcopy",
}


class Station:
    """`place` is its own; everything of server, proxy and tests lies below it.

    binary  of Sealgate, or None for a server alone. `port` is where clients go.
    """

    def __init__(self, place, binary=None):
        self.place = Path(place)
        self.vardir = self.place / "var"
        self.template = self.place / "template"
        self.keys = self.place / "keys"
        self.data = self.vardir / "mysqld.1" / "data"
        self.config = self.vardir / "my.cnf"
        # Tests compare @@port with the port that they use: clients have one port,
        # and a server behind Sealgate has the same at another address.
        self.port = ports.free_port()
        self.server_address = ports.LOOPBACK if binary is None else BEHIND
        self._binary = binary
        self._server = None
        self._gate = None
        self._options = None
        self._keeps = False
        self._baseline = None
        self._files = None

    def prepare(self, binary):
        """Makes the data directory that every start copies, with the protected
        table, which only a Sealgate can create."""
        self._folders()
        self._write_config([])
        _run("/usr/bin/mariadb-install-db", "--no-defaults", f"--datadir={self.data}",
             "--auth-root-authentication-method=normal", "--skip-name-resolve", "--force",
             "--innodb-log-file-size=10M", "--character-set-server=latin1", *_as_user())
        # mtr does not use this program, and has no mark of its version.
        (self.data / "mysql_upgrade_info").unlink(missing_ok=True)
        self._spawn([])
        self._set_up_schema()
        self._start_gate(binary)
        self._gate.execute(PROTECTED_TABLE, _Root, client="mariadb")
        self._gate.stop()
        self._gate = None
        self._stop_server()
        shutil.move(str(self.data), self.template)

    def take_keys(self, maker):
        """The keys under which the protected table of `maker` was made."""
        shutil.copytree(maker.keys, self.keys)

    def _set_up_schema(self):
        test_data = Path("/usr/share/mysql/mysql_test_data_timezone.sql").read_text("latin1")
        self.sql("USE mysql;" + test_data)
        self.sql("DELETE FROM mysql.global_priv WHERE user = ''; FLUSH PRIVILEGES;"
                 "DROP DATABASE IF EXISTS test; DROP DATABASE IF EXISTS mtr;"
                 "CREATE DATABASE test CHARACTER SET latin1 COLLATE latin1_swedish_ci;"
                 "CREATE DATABASE mtr CHARSET=latin1;"
                 "ALTER TABLE mysql.gtid_slave_pos ENGINE=Aria transactional=0;")
        for name in ("mtr_warnings.sql", "mtr_check.sql"):
            text = (TEST_DIR / "include" / name).read_text("latin1")
            text = re.sub(r"(?m)^\s*--.*$", "", text)  # some are no comments to the client
            self.sql(text.replace("delimiter ||;", "delimiter ||"))
        self.sql(f"CREATE USER {CATALOG.user}@'%' IDENTIFIED BY '{CATALOG.password}';"
                 f"GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, CONNECTION ADMIN ON *.* TO {CATALOG.user}@'%';"
                 f"CREATE DATABASE {SCHEMA};")

    def _folders(self):
        for folder in ("tmp/mysqld.1", "log", "run", "mysqld.1"):
            (self.vardir / folder).mkdir(parents=True, exist_ok=True)
        if not (self.vardir / "std_data").exists():
            shutil.copytree(TEST_DIR / "std_data", self.vardir / "std_data", symlinks=True)

    # ------------------------------------------------------------ configuration

    def _write_config(self, options):
        text = (TEST_DIR / "include" / "default_mysqld.cnf").read_text("latin1")
        text = re.sub(r"@ENV\.(\w+)", lambda found: self.variables()[found[1]], text)
        lines = "\n".join(f"{name}={value}" for name, value in self._server_lines().items())
        client = (f"user=root\nloose-protocol=tcp\nhost=localhost\nport={self.port}\n"
                  f"character-sets-dir=/usr/share/mysql/charsets\n"
                  f"loose-ssl-ca={TEST_DIR}/std_data/cacert.pem\n"
                  f"loose-ssl-cert={TEST_DIR}/std_data/client-cert.pem\n"
                  f"loose-ssl-key={TEST_DIR}/std_data/client-key.pem\nloose-skip-ssl\n")
        self.config.write_text(
            f"{text}\n[mysqld]\n{lines}\nlocal-infile\n[mysqld.1]\n[client]\n{client}\n[client.1]\n{client}\n"
            f"[mysqltest]\n[mysqlbinlog]\ndisable-force-if-open\n"
            f"[mariadb-upgrade]\ntmpdir={self.vardir}/tmp\n", "latin1")

    def _server_lines(self):
        return {
            "basedir": "/usr", "datadir": self.data, "tmpdir": self.vardir / "tmp/mysqld.1",
            "port": self.port, "socket": self.vardir / "tmp/mysqld.1.sock",
            "pid-file": self.vardir / "run/mysqld.1.pid", "bind-address": self.server_address,
            "log-error": self.vardir / "log/mysqld.1.err", "general-log": 1,
            "general-log-file": self.vardir / "mysqld.1/mysqld.log", "slow-query-log": 1,
            "slow-query-log-file": self.vardir / "mysqld.1/mysqld-slow.log", "server-id": 1,
            "log-output": "file", "plugin-dir": PLUGINS, "lc-messages-dir": "/usr/share/mysql",
            "character-sets-dir": "/usr/share/mysql/charsets", "skip-stack-trace": 1,
            "innodb-flush-log-at-trx-commit": 2,
        }

    def variables(self):
        """The environment that mtr gives to a test."""
        made = {
            "MYSQL_TEST_DIR": str(TEST_DIR), "MYSQLTEST_VARDIR": str(self.vardir),
            "MYSQLTEST_REAL_VARDIR": str(self.vardir), "MYSQL_TMP_DIR": f"{self.vardir}/tmp",
            "MYSQL_BINDIR": "/usr", "MYSQL_SHAREDIR": "/usr/share/mysql",
            "MYSQL_CHARSETSDIR": "/usr/share/mysql/charsets",
            "SECURE_LOAD_PATH": f"{TEST_DIR}/std_data", "DEFAULT_MASTER_PORT": "0",
            "MASTER_MYPORT": str(self.port), "MASTER_MYSOCK": f"{self.vardir}/tmp/mysqld.1.sock",
            "MARIADB_TOPDIR": str(self.data), "MARIADB_DATADIR": str(self.data),
            "MYSQL_EMBEDDED": "", "HAVE_BROKEN_DNS": "0", "USE_RUNNING_SERVER": "0",
            "MYSQL_FIX_PRIVILEGE_TABLES": "/usr/share/mysql/mysql_system_tables.sql",
            "MTR_SUITE_DIR": str(TEST_DIR / "main"), "MTR_VERSION": "2", "UMASK": "0660",
            "UMASK_DIR": "0770", "LC_ALL": "C", "LC_CTYPE": "C", "LC_COLLATE": "C",
            "MYSQL_TEST_ROOT": "1", "OPENSSL_ENABLE_SHA1_SIGNATURES": "1",
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.place),
            "MTR_PERL": "/usr/bin/perl",
        }
        for name, program in PROGRAMS.items():
            made[name] = f"/usr/bin/{program} --defaults-file={self.config}"
        made["MYSQL_DUMP"] += " --defaults-group-suffix=.1"
        made["MYSQL_CLIENT_TEST"] += f" --testcase --vardir={self.vardir}"
        made |= {name: f"/usr/bin/{program}" for name, program in TOOLS.items()}
        made["MARIADB_CONV"] += " --character-sets-dir=/usr/share/mysql/charsets"
        for path in PLUGINS.glob("*.so"):
            made[f"{path.stem.upper()}_SO"] = path.name
        return made

    # ------------------------------------------------------------ running

    def start(self, options=()):
        """A fresh server with these options, and the proxy if there is one."""
        self.stop()
        for folder in ("mysqld.1", "tmp", "log", "run"):
            shutil.rmtree(self.vardir / folder, ignore_errors=True)
        self._folders()
        _run("cp", "-a", "--reflink=auto", "--sparse=always", str(self.template), str(self.data))
        self._options = list(options)
        self._write_config(options)
        self._spawn(options)
        self._baseline = None
        if self._binary is not None:
            self._start_gate(self._binary)
        self._baseline = self._state()
        self._files = self._named_files()

    def _spawn(self, options):
        variables = self.variables()
        expanded = [re.sub(r"\$\{?(\w+)\}?", lambda found: variables.get(found[1], ""), option)
                    for option in options]
        zone = [option for option in expanded if option.startswith("--timezone=")]
        environment = dict(variables)
        if zone:
            environment["TZ"] = zone[-1].removeprefix("--timezone=")
        command = [DAEMON, f"--defaults-file={self.config}", *_as_user(),
                   *(option for option in expanded if option not in zone
                     and not re.fullmatch(r"--plugin-load(-add)?=", option))]
        log = open(self.vardir / "log" / "output", "ab")
        with log:
            self._server = child.spawn(command, stdout=log, stderr=log, env=environment,
                                       cwd=self.vardir)
        socket = self.vardir / "tmp/mysqld.1.sock"
        ports.wait_until(lambda: ports.greets(socket), self._why_no_server, 60, "the server")

    def _why_no_server(self):
        if self._server.poll() is None:
            return None
        return f"exited with status {self._server.returncode}"

    def _start_gate(self, binary):
        if self._gate is None:
            port = self.port if self.server_address == BEHIND else ports.free_port()
            new_keys = () if self.keys.exists() else NEW_KEYS
            tls = self._tls()
            # Its own connection is there only while it reads the schema: tests count
            # sessions, and nothing changes at the server past the proxy.
            overrides = {"listen": {"port": port} | ({"tls": tls} if tls else {}),
                         "backend": {"address": self.server_address, "tls": {"mode": "as_client"},
                                     "other_plugins": "alike"},
                         "catalog": {"refresh": "1h"} | self._idle_timeout(),
                         "limits": {"threads": 1}}
            self._gate = Sealgate(_Backend(self.port), POLICY, binary=binary, basedir=self.keys,
                                  keys=new_keys, overrides=overrides)
            self._gate.port = port
        self._gate.start()

    def _idle_timeout(self):
        return {} if self._keeps else {"idle_timeout": "0s"}

    def _tls(self):
        """Sealgate has the certificate that the server has with these options; None
        if the server has none."""
        found = {"ssl-cert": f"{TEST_DIR}/std_data/server-cert.pem",
                 "ssl-key": f"{TEST_DIR}/std_data/server-key.pem"}
        for option in self._options or []:
            if re.fullmatch(r"--(loose-)?(skip-ssl|disable-ssl|ssl=(0|off))", option):
                return None
            setting = re.fullmatch(r"--(?:loose-)?(ssl[-_](?:cert|key))=(.*)", option)
            if setting:
                path = re.sub(r"\$\{?(\w+)\}?", lambda name: self.variables()[name[1]], setting[2])
                found[setting[1].replace("_", "-")] = path
        files = {"certificate": found["ssl-cert"], "key": found["ssl-key"]}
        for name, source in files.items():
            files[name] = str(self.place / f"{name}.pem")
            shutil.copyfile(source, files[name])
            os.chmod(files[name], 0o600)
        return {"mode": "preferred"} | files

    def alive(self):
        return self._server is not None and self._server.poll() is None and (self._gate is None or self._gate.running())

    def gate_died(self):
        return self._gate is not None and not self._gate.running()

    def _stop_server(self):
        if self._server is not None:
            child.stop(self._server)
        self._server = None

    def stop(self):
        if self._gate is not None:
            self._gate.stop(timeout=5)
        self._gate = None
        if self._server is not None:
            child.kill(self._server)
        self._server = None

    def sql(self, text, timeout=60):
        """Runs SQL at the server itself; what the client prints."""
        return _run(CLIENT, "--no-defaults", "--protocol=socket", "--user=root", "--batch",
                    f"--socket={self.vardir}/tmp/mysqld.1.sock", "--default-character-set=latin1",
                    input=text.encode("latin1"), timeout=timeout)

    def _state(self):
        return self.sql("CALL mtr.check_testcase();"
                        "SELECT PLUGIN_NAME, PLUGIN_STATUS FROM information_schema.PLUGINS")

    def reset(self, options, keeps_connection=False):
        """As a test should find the server: cleaned, or started anew when that
        is not enough or the next test has other options."""
        same = list(options) == self._options and keeps_connection == self._keeps
        self._keeps = keeps_connection
        if not same or not self.alive() or not self._clean():
            self.start(options)

    def _named_files(self):
        """What a test may leave in the data directory besides tables: relay logs,
        marks of an upgrade. Binary logs come and go."""
        return {path.name for path in self.data.iterdir()
                if path.is_file() and not re.search(r"-bin\.(\d+|index|state)$|^ib|^aria|\.pid$",
                                                    path.name.replace("relay-bin", "relay"))}

    def _clean(self):
        try:
            others = self.sql("SELECT ID FROM information_schema.PROCESSLIST WHERE USER <> "
                              f"'{CATALOG.user}' AND ID <> CONNECTION_ID() AND COMMAND <> 'Daemon'")
            if others.strip():
                return False
            keep = f"'mysql','information_schema','performance_schema','sys','mtr','{SCHEMA}'"
            schemas = self.sql("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA "
                               f"WHERE SCHEMA_NAME NOT IN ({keep})").decode().split("\n")[1:-1]
            drops = "".join(f"DROP DATABASE `{name}`;" for name in schemas)
            self.sql(f"{drops}CREATE DATABASE test CHARACTER SET latin1 COLLATE latin1_swedish_ci;"
                     "FLUSH STATUS; FLUSH TABLES;", timeout=20)
            for path in (self.vardir / "tmp").iterdir():
                if path.is_file():
                    path.unlink()
            return self._state() == self._baseline and self._named_files() <= self._files
        except (subprocess.SubprocessError, RuntimeError, OSError):
            return False


class _Root:
    user, password = "root", ""


class _Backend:
    """What Sealgate's wrapper asks of a server."""

    certificates = None

    def __init__(self, port):
        self.port = port


def _as_user():
    return ["--user=root"] if os.geteuid() == 0 else []


def _run(*command, **keywords):
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                         **keywords)
    if run.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} failed: {run.stderr[-500:].decode('latin1')}")
    return run.stdout
