"""How MariaDB 10.11 of Debian is initialised, started and spoken to."""

import subprocess

from .accounts import CATALOG, ED25519, account_statements

DAEMON = "/usr/sbin/mariadbd"




def version():
    run = subprocess.run([DAEMON, "--no-defaults", "--version"], check=True, text=True,
                         capture_output=True)
    return run.stdout.split("Ver ")[1].split()[0]


def initialise(data, user_options):
    subprocess.run(["/usr/bin/mariadb-install-db", "--no-defaults", f"--datadir={data}",
                    "--auth-root-authentication-method=normal", "--skip-test-db",
                    "--skip-name-resolve", "--force", "--innodb-log-file-size=16M",
                    *user_options],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def daemon():
    return [DAEMON, "--no-defaults"]


def options():
    return ["--innodb-log-file-size=16M", "--innodb-flush-method=fsync"]


def tls_options(certificates):
    if certificates is None:
        return []
    return [f"--ssl-ca={certificates.ca}", f"--ssl-cert={certificates.certificate}",
            f"--ssl-key={certificates.key}"]


def binlog_options(path, row_format):
    if row_format is None:
        return []
    return [f"--log-bin={path}", f"--binlog-format={row_format}", "--server-id=1",
            "--sync-binlog=0"]


def setup_statements():
    statements = account_statements(
        lambda password: f"VIA mysql_native_password USING PASSWORD('{password}')")
    statements += [
        f"GRANT CONNECTION ADMIN ON *.* TO '{CATALOG.user}'@'%'",
        "INSTALL SONAME 'auth_ed25519'",
        f"CREATE USER '{ED25519.user}'@'%' IDENTIFIED VIA ed25519 "
        f"USING PASSWORD('{ED25519.password}')",
        f"GRANT ALL PRIVILEGES ON `shop%`.* TO '{ED25519.user}'@'%'",
    ]
    return statements
