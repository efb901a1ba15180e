"""The accounts that every test server has."""

from typing import NamedTuple


class Account(NamedTuple):
    user: str
    password: str


ADMIN = Account("dba", "dba-secret")  # everything, WITH GRANT OPTION
APP = Account("app", "app-secret")  # databases shop%, test%, app%
SUPPORT = Account("support", "support-secret")  # reads and writes shop%
CHANGED = Account("other", "other-secret")  # a target for COM_CHANGE_USER
NOPASS = Account("nopass", "")  # logs in with an empty password
CATALOG = Account("sealgate", "catalog-secret")  # the proxy's own: reads the schema
ED25519 = Account("ed", "ed-secret")  # MariaDB only, plugin ed25519

_APP_GRANTS = tuple(f"ALL PRIVILEGES ON `{name}%`.*" for name in ("shop", "test", "app"))
_GRANTS = {
    ADMIN: ("ALL PRIVILEGES ON *.*",),
    APP: _APP_GRANTS,
    SUPPORT: ("SELECT, INSERT, UPDATE, DELETE, EXECUTE ON `shop%`.*",),
    CHANGED: _APP_GRANTS,
    NOPASS: _APP_GRANTS,
    CATALOG: ("SELECT, SHOW VIEW, TRIGGER, EVENT ON *.*",),
}


def account_statements(plugin_clause):
    """SQL that makes the accounts; plugin_clause(password) is a server's own
    way to say which authentication plugin holds a password."""
    statements = []
    for account, grants in _GRANTS.items():
        name = f"'{account.user}'@'%'"
        statements.append(f"CREATE USER {name} IDENTIFIED {plugin_clause(account.password)}")
        option = " WITH GRANT OPTION" if account is ADMIN else ""
        statements.extend(f"GRANT {grant} TO {name}{option}" for grant in grants)
    return statements
