"""Private database servers and proxies for the integration tests.

    from servers import Server, Sealgate, ADMIN, APP

    with Server("mariadb") as backend:
        with Sealgate(backend, policy=POLICY) as gate:
            gate.execute("INSERT INTO t VALUES (1, 'x')", APP, database="shop")

Every process listens on a free loopback port, lives in its own temporary
directory and ends with the Python process that started it, however that ends.
"""

from .accounts import ADMIN, APP, CATALOG, CHANGED, ED25519, NOPASS, SUPPORT, Account
from .cases import BackendCase, on_each_backend, shared_server
from .certificates import Certificates
from .clients import ClientError, execute, mariadb_args, mysql_args
from .proxy import Sealgate
from .server import KINDS, Server

__all__ = [
    "ADMIN", "APP", "CATALOG", "CHANGED", "ED25519", "NOPASS", "SUPPORT", "Account",
    "BackendCase", "Certificates", "ClientError", "KINDS", "Sealgate", "Server", "execute",
    "mariadb_args", "mysql_args",
    "on_each_backend", "shared_server",
]
