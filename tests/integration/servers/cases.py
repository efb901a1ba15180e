"""unittest cases that run once against MariaDB and once against MySQL."""

import sys
import unittest

from .accounts import ADMIN
from .server import KINDS, Server

_shared = {}
_LEFT_OVER = ("SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN "
              "('mysql', 'sys', 'information_schema', 'performance_schema')")


def shared_server(kind, **options):
    """A server that all test classes of a run share; start one of your own to
    stop, kill or reconfigure it. `options` are Server's."""
    key = (kind, repr(sorted(options.items())))
    server = _shared.get(key)
    if server is None or not server.running():
        server = _shared[key] = Server(kind, **options).start()
    return server


def close_shared_servers():
    while _shared:
        _shared.popitem()[1].close()


class BackendCase(unittest.TestCase):
    """`cls.backend` is the shared server of `cls.kind`, without what other classes
    left there, and with an empty database `cls.database` for each test. Decorate
    subclasses with @on_each_backend."""

    kind = None
    database = "shop"
    server_options = {}
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.backend = shared_server(cls.kind, **cls.server_options)
        for name, in cls.backend.execute(_LEFT_OVER):
            cls.backend.execute(f"DROP DATABASE `{name}`")
        cls.logged_before = cls.backend.general_log_size()

    def setUp(self):
        self.backend.execute(f"DROP DATABASE IF EXISTS {self.database}; "
                             f"CREATE DATABASE {self.database} CHARACTER SET utf8mb4", ADMIN)

    def arrived(self):
        """What the server got since the class began, as bytes."""
        return self.backend.general_log(self.logged_before)


def on_each_backend(case):
    """Replaces a test class by one per server kind: FooTest becomes
    FooTest_mariadb and FooTest_mysql."""
    module = sys.modules[case.__module__]
    for kind in KINDS:
        name = f"{case.__name__}_{kind}"
        made = type(name, (case,), {"kind": kind, "__module__": case.__module__,
                                    "__qualname__": name, "__doc__": case.__doc__})
        setattr(module, name, made)
    # The plain name stays empty: the undecorated class has no server.
    return None
