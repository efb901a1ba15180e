"""PAM for a test's server, without touching the system's: Debian's pam_wrapper
shows it a directory of services, and pam_matrix a file of passwords."""

from pathlib import Path

from .accounts import Account

SERVICE = "sealgate-test"
MODULE = "/usr/lib/x86_64-linux-gnu/pam_wrapper/pam_matrix.so"


class Pam:
    """`environment` and `options` are for a Server("mariadb", ...)."""

    account = Account("pam", "pam-secret")

    def __init__(self, directory, cleartext):
        services, passwords = Path(directory) / "services", Path(directory) / "passwords"
        services.mkdir(parents=True)
        passwords.write_text(f"{self.account.user}:{self.account.password}:{SERVICE}\n",
                             encoding="ascii")
        (services / SERVICE).write_text(
            "".join(f"{kind} required {MODULE} passdb={passwords}\n"
                    for kind in ("auth", "account")), encoding="ascii")
        self.environment = {"LD_PRELOAD": "libpam_wrapper.so", "PAM_WRAPPER": "1",
                            "PAM_WRAPPER_SERVICE_DIR": str(services)}
        self.options = ["--plugin-load-add=auth_pam_v1",
                        f"--pam-use-cleartext-plugin={'ON' if cleartext else 'OFF'}"]
        self.statement = f"CREATE USER '{self.account.user}'@'%' IDENTIFIED VIA pam USING '{SERVICE}'"
