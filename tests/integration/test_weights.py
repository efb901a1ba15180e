"""Collation weights on disk: a second start does not ask for them again, and
what is wrong with a file is found before it is used."""

import hashlib
import hmac
import re
import shutil
import tempfile
from pathlib import Path

from servers import APP, BackendCase, Sealgate, on_each_backend

POLICY = """version: 1
columns:
  - {column: shop.people.name, mode: searchable}
roles:
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
KEY = b"sealgate collation weights, format 1"
TRAILER = 32


def with_other_weight(body, character):
    """As if the character weighed something else (policy/weight_file.h)."""
    at = 9
    for _ in range(2):
        at += 1 + body[at]
    at += 1 + 4
    while int.from_bytes(body[at:at + 3], "big") != ord(character):
        at += 4 + body[at + 3]
    last = at + 3 + body[at + 3]
    return body[:last] + bytes([body[last] ^ 1]) + body[last + 1:]


@on_each_backend
class WeightsTest(BackendCase):

    def setUp(self):
        super().setUp()
        self.cache = Path(tempfile.mkdtemp(prefix="sealgate-weights-"))
        self.addCleanup(shutil.rmtree, self.cache)
        self.gate = Sealgate(self.backend, POLICY, overrides={"catalog": {"cache": str(self.cache)}})
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute("CREATE TABLE people (id INT PRIMARY KEY AUTO_INCREMENT, "
                          "name VARCHAR(50) COLLATE utf8mb4_unicode_ci)", APP, self.database)
        self.assertTrue(self.finds_its_rows())

    def finds_its_rows(self):
        self.gate.execute("DELETE FROM people; INSERT INTO people (name) VALUES ('Zo\u00eb')", APP,
                          self.database)
        return self.gate.execute("SELECT COUNT(*) FROM people WHERE name = 'ZOE'", APP,
                                 self.database) == [["1"]]

    def asked_at_restart(self):
        """Questions for all weights of a plane, and for a few."""
        before = self.backend.general_log_size()
        self.gate.restart()
        log = self.backend.general_log(before)
        questions = [line for line in log.splitlines() if b"WEIGHT_STRING" in line]
        planes = [line for line in questions if b"d3.d" in line]
        return len(planes), len(questions) - len(planes)

    def file(self):
        [path] = self.cache.iterdir()
        return path

    def test_a_second_start(self):
        self.assertRegex(self.file().name, r"^utf8mb4_unicode_ci-.*\.weights$")
        self.assertEqual(self.asked_at_restart(), (0, 2))
        self.assertTrue(self.finds_its_rows())
        self.assertIn("were taken from", self.gate.log_path.read_text())

    def test_files_that_are_not_used(self):
        good = self.file().read_bytes()
        wrong = with_other_weight(good[:-TRAILER], "a")
        for name, content in (("damaged", good[:1000] + bytes([good[1000] ^ 1]) + good[1001:]),
                              ("shorter", good[:-1]), ("empty", b""),
                              ("wrong", wrong + hmac.new(KEY, wrong, hashlib.sha256).digest())):
            with self.subTest(name):
                self.file().write_bytes(content)
                self.assertEqual(self.asked_at_restart()[0], 5)
                self.assertTrue(self.finds_its_rows())
                self.assertEqual(self.file().read_bytes(), good)
        self.file().chmod(0o666)
        self.assertEqual(self.asked_at_restart(), (5, 0))
        self.assertEqual(self.file().stat().st_mode & 0o777, 0o600)

    def test_without_a_place(self):
        self.cache.chmod(0o777)
        self.assertEqual(self.asked_at_restart(), (5, 0))
        self.assertTrue(self.finds_its_rows())
        self.assertRegex(self.gate.log_path.read_text(), re.compile("cannot be kept: .*by others"))
        self.cache.chmod(0o700)
