"""Names that a server finds to be one, although their letters above ASCII differ by
case, are one to Sealgate."""

import unittest

from people import POLICY, TABLES
from raw_client import RawClient
from raw_packets import ServerError
from servers import ADMIN, APP, NOPASS, Sealgate
from servers.cases import shared_server

SENTINEL = "Zq3letterZ"
NAMES = (("VÜ", "vü"), ("ЖУК", "жук"), ("vΣ", "Vσ"), ("ＡＢ", "ａｂ"))


class LetterCaseTest(unittest.TestCase):
    """MySQL 9.7 knows lower_case_table_names=1 only from its first start on."""

    def setUp(self):
        backend = self.backend = shared_server("mariadb", options=("--lower-case-table-names=1",))
        backend.execute("DROP DATABASE IF EXISTS shop; CREATE DATABASE shop CHARACTER SET utf8mb4")
        self.gate = Sealgate(backend, POLICY)
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(";".join(TABLES), APP, "shop")

    def test_views(self):
        with RawClient(self.gate.port, NOPASS, "shop") as client:
            client.query("SET NAMES utf8mb4")
            client.query("INSERT INTO people (id, name) VALUES (1, 'Ana')")
            for made, used in NAMES:
                client.query(f"CREATE OR REPLACE VIEW {made} AS SELECT id, name AS nm FROM people")
                for number, name in enumerate((made, used)):
                    with self.subTest(name):
                        client.query(f"UPDATE {name} SET nm = '{SENTINEL}{number}'")
                        rows = client.query(
                            f"SELECT id FROM `{name}` WHERE nm = '{SENTINEL}{number}'")[0].rows
                        self.assertEqual(1, len(rows))
        self.assertNotIn(SENTINEL.encode(), self.backend.general_log())

    def test_a_view_over_a_view(self):
        self.backend.execute("CREATE VIEW shop.VÜ AS SELECT id, name AS nm FROM shop.people; "
                             "CREATE VIEW shop.above AS SELECT * FROM shop.vü", ADMIN)
        with RawClient(self.gate.port, NOPASS, "shop") as client:
            client.query(f"SELECT id FROM above WHERE nm = '{SENTINEL}'")
            with self.assertRaises(ServerError):
                client.query(f"/*!50000 UPDATE vÜ SET nm = '{SENTINEL}' */, 1")
        self.assertNotIn(SENTINEL.encode(), self.backend.general_log())
