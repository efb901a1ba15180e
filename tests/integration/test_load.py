"""LOAD DATA LOCAL INFILE into protected columns: each load is made twice, through
the proxy and directly into a twin in the clear, and gives the same, or is refused."""

import random
import subprocess
import tempfile
from pathlib import Path

import pymysql

from people import POLICY, TWIN, PeopleCase
from raw_client import RawClient
from raw_packets import COMPRESS, LOCAL_FILES, MULTI_STATEMENTS, ServerError, parse_ok
from servers import ADMIN, APP, NOPASS, Sealgate, clients, on_each_backend
from tap import Tap

SENTINEL = b"S3NT1NEL"
# Two columns that no field is for, but SET.
EXTRA = ("CREATE TABLE strict_ones (id INT PRIMARY KEY, pin VARCHAR(20) CHARACTER SET utf8mb4 "
         "NOT NULL, plain VARCHAR(20) DEFAULT 'd') CHARACTER SET utf8mb4",
         "CREATE TABLE old_engine (id INT PRIMARY KEY, pin VARCHAR(20) CHARACTER SET utf8mb4) "
         "ENGINE=MyISAM CHARACTER SET utf8mb4",
         "CREATE TABLE documents (id INT PRIMARY KEY, body LONGBLOB)")
COLUMNS = "id, name, note, code, latin, age, big, amount, born, seen, token, photo, plain"


class Loader:
    """One connection's loads."""

    def __init__(self, port, account, database, path):
        self.path = path
        self.connection = pymysql.connect(
            host="127.0.0.1", port=port, user=account.user, password=account.password,
            database=database, local_infile=True, charset="utf8mb4", autocommit=True)
        self.cursor = self.connection.cursor()

    def execute(self, sql):
        self.cursor.execute(sql)
        return self.cursor.fetchall()

    def load(self, data, sql):
        """("ok", affected rows, info, warnings) or ("error", number)."""
        self.path.write_bytes(data)
        try:
            affected = self.cursor.execute(sql.replace("FILE", f"INFILE '{self.path}'", 1))
        except pymysql.Error as error:
            return ("error", error.args[0], error.args[1])
        info = self.connection._result.message
        warnings = [warning[1] for warning in self.execute("SHOW WARNINGS")]
        return ("ok", affected, info[info.index(b"R"):], warnings)


@on_each_backend
class LoadTest(PeopleCase):
    policy = POLICY.replace("columns:\n", "columns:\n"
                            "  - {column: shop.strict_ones.pin, mode: searchable}\n"
                            "  - {column: shop.old_engine.pin, mode: random}\n"
                            "  - {column: shop.documents.body, mode: random}\n")
    tables = PeopleCase.tables + EXTRA

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend.execute("SET GLOBAL local_infile = 1", ADMIN)
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.path = Path(directory.name) / "rows"

    def setUp(self):
        super().setUp()
        self.clear()
        self.sealed = Loader(self.gate.port, APP, self.database, self.path)
        self.plain = Loader(self.backend.port, ADMIN, TWIN, self.path)
        self.addCleanup(self.sealed.connection.close)
        self.addCleanup(self.plain.connection.close)

    def clear(self):
        for table in ("people", "strict_ones", "old_engine", "documents"):
            for database in (self.database, TWIN):
                self.backend.execute(f"TRUNCATE {table}", ADMIN, database)

    def both(self, data, sql, columns=COLUMNS, table="people"):
        """Loads twice; what the server and the proxy said is the same, and so is
        what the table shows."""
        own = self.sealed.load(data, sql)
        self.assertEqual(own, self.plain.load(data, sql), sql)
        query = f"SELECT {columns} FROM {table} ORDER BY id"
        rows = self.sealed.execute(query)
        self.assertEqual(rows, self.plain.execute(query), sql)
        return own, rows

    def refused(self, data, sql, number, text, table="people"):
        kind, got, message = self.sealed.load(data, sql)
        self.assertEqual((kind, got), ("error", number), message)
        self.assertIn("sealgate:", message)
        self.assertIn(text, message)
        self.assertEqual(self.sealed.execute(f"SELECT COUNT(*) FROM {table}"), ((0,),))

    # What works.

    def test_every_type(self):
        rows = [
            b"1\tBob\ta note\tC-1\tB\xC3\xA9la\t-5\t18446744073709551615\t1.50\t2024-02-29\t"
            b"2024-01-02 03:04:05\ttok\tphoto\\0\\Z\\\\\tplain\n",
            b"2" + b"\t\\N" * 12 + b"\n",
            "3\tÉva\t\t😀\tñ\t0\t0\t-0.01\t1000-01-01\t9999-12-31 23:59:59\t\t\t\n".encode(),
            b"4\tAnn  \tx  \ty\tz\t+7\t0007\t007.5\t2024-01-02\t2024-01-02 03:04:05\t\\t\\n\tx\\\ny\ta\\tb\n",
        ]
        own, shown = self.both(b"".join(rows), f"LOAD DATA LOCAL FILE INTO TABLE people "
                               f"CHARACTER SET utf8mb4 ({COLUMNS})")
        self.assertEqual(own[:3], ("ok", 4, b"Records: 4  Deleted: 0  Skipped: 0  Warnings: 0"))
        self.assertEqual(shown[1][1:], (None,) * 12)
        self.assert_sealed(30)
        found = self.sealed.execute("SELECT id FROM people WHERE name = 'BOB'")
        self.assertEqual(found, ((1,),))

    def test_without_a_list(self):
        self.both(b"1\tn" + b"\t\\N" * 10 + b"\tplain\n", "LOAD DATA LOCAL FILE INTO TABLE people")

    def test_formats(self):
        head = "LOAD DATA LOCAL FILE INTO TABLE people CHARACTER SET utf8mb4 "
        for data, options in (
                (b'1,"a,""b",x\n2,NULL,"NULL"\n3,"\\N",\\N\n',
                 "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"'"),
                (b'a;b;c\r\n"1";"a"";b";"x\ny"\r\n', "COLUMNS TERMINATED BY ';' ENCLOSED BY '\"' "
                 "LINES TERMINATED BY '\\r\\n' IGNORE 1 LINES"),
                (b"xx1<>a$Nb<>$N|noise|xx2<>$<>c<>$$|", "FIELDS TERMINATED BY '<>' ESCAPED BY '$' "
                 "LINES STARTING BY 'xx' TERMINATED BY '|'"),
                (b"1A2A3B", "FIELDS TERMINATED BY X'41' LINES TERMINATED BY 0x42"),
                (b"1\\N,\\N,NULL\n", "FIELDS TERMINATED BY ',' ESCAPED BY ''"),
                (b'"1","a""b","c"\n', "FIELDS TERMINATED BY ',' ENCLOSED BY '\"' ESCAPED BY '\"'"),
                (b"1\ta\tb\tmore\tand more\n2\tc\td\n", ""),
                (b"1\ta\n2\tb", ""), (b"1\ta\tb", ""), (b"", ""), (b"\\N\tx\ty\n", "IGNORE 2 ROWS")):
            with self.subTest(options, data=data):
                self.both(data, head + options + " (id, note, plain)")
                self.both(data, head.replace(" INTO", " REPLACE INTO") + options +
                          " (id, note, plain)")
            self.clear()

    def test_character_sets(self):
        for name, data in (("latin1", b"1\tB\xE9la\t\x80\n"), ("binary", "1\tBéla\té\n".encode()),
                           ("ascii", b"1\tBela\te\n"), ("utf8mb3", "1\tBéla\té\n".encode()),
                           ("utf8mb4", "1\t😀\té\n".encode())):
            with self.subTest(name):
                self.both(data, f"LOAD DATA LOCAL FILE INTO TABLE people CHARACTER SET {name} "
                          "(id, note, plain)")
                self.clear()

    def test_the_session_s_character_set_has_no_part_in_it(self):
        for loader in (self.sealed, self.plain):
            loader.execute("SET NAMES latin1")
            result = loader.load("1\tBéla\té\n".encode(),
                                 "LOAD DATA LOCAL FILE INTO TABLE people (id, note, plain)")
            self.assertEqual(result[:2], ("ok", 1))
            loader.execute("SET NAMES utf8mb4")
            self.assertEqual(loader.execute("SELECT note, plain FROM people"), (("Béla", "é"),))

    def test_character_set_of_the_database(self):
        for loader, database in ((self.sealed, "shop_latin"), (self.plain, "shop_latin2")):
            self.backend.execute(f"DROP DATABASE IF EXISTS {database}; "
                                 f"CREATE DATABASE {database} CHARACTER SET latin1", ADMIN)
            loader.execute(f"USE {database}")
        try:
            for name in ("shop", TWIN):
                loader = self.sealed if name == "shop" else self.plain
                result = loader.load(b"1\tB\xE9la\t\xE9\n", f"LOAD DATA LOCAL FILE INTO TABLE "
                                     f"{name}.people (id, note, plain)")
                self.assertEqual(result[:2], ("ok", 1))
                shown = loader.execute(f"SELECT note, plain FROM {name}.people")
                self.assertEqual(shown, (("Béla", "é"),))
        finally:
            self.sealed.execute(f"USE {self.database}")
            self.plain.execute(f"USE {TWIN}")

    def test_variables_and_set(self):
        head = "LOAD DATA LOCAL FILE INTO TABLE people CHARACTER SET utf8mb4 "
        for tail in ("(id, @skip, note) SET plain = UPPER(@skip)",
                     "(id, note, @p) SET plain = CONCAT(@p, '!'), code = 'loaded'",
                     "(@i, note, plain) SET id = @i + 10, age = 7, code = DEFAULT, born = NULL",
                     "(people.id, note, @p) SET plain = IF(note IS NULL, 'none', @p)",
                     "(id, plain)", "(id, @`a b`, plain) SET note = 'fixed'"):
            with self.subTest(tail):
                self.both(b"1\ta\tb\n2\t\\N\tc\n", head + tail)
                self.clear()

    def test_duplicates(self):
        data = b"1\tBob\tone\n2\tAnn\ttwo\n3\tBOB\tthree\n2\tEve\tfour\n"
        for how in ("", "IGNORE ", "REPLACE "):
            with self.subTest(how):
                own, _ = self.both(data, f"LOAD DATA LOCAL FILE {how}INTO TABLE people CHARACTER SET "
                                   "utf8mb4 (id, name, plain)")
                self.assertEqual(own[0], "ok")
                self.clear()

    def test_modes(self):
        for mode in ("", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "STRICT_ALL_TABLES"):
            for loader in (self.sealed, self.plain):
                loader.execute(f"SET sql_mode = '{mode}'")
            self.both(b"1\ta\\tb\t\\N\n", "LOAD DATA LOCAL FILE INTO TABLE people (id, note, plain)")
            self.clear()
        for loader in (self.sealed, self.plain):
            loader.execute("SET sql_mode = DEFAULT")

    def test_big_values_and_many_rows(self):
        many = b"".join(b"%d\tnote %d\tplain %d\n" % (n, n, n) for n in range(1, 50_001))
        own, _ = self.both(many, "LOAD DATA LOCAL FILE INTO TABLE people (id, note, plain)",
                           "COUNT(*), SUM(id)")
        self.assertEqual(own[1], 50_000)
        big = random.Random(1).randbytes(9 << 20).replace(b"\\", b"x").replace(
            b"\n", b"x").replace(b"\t", b"x").replace(b"\0", b"x")
        own, rows = self.both(b"1\t" + big + b"\n2\t\n", "LOAD DATA LOCAL FILE INTO TABLE documents "
                              "CHARACTER SET binary", "id, body", "documents")
        self.assertEqual(rows[0][1], big)

    def test_transactions(self):
        self.sealed.execute("BEGIN")
        self.sealed.load(b"1\ta\tb\n", "LOAD DATA LOCAL FILE INTO TABLE people (id, note, plain)")
        self.refused_in_transaction()
        self.assertEqual(self.sealed.execute("SELECT id, note FROM people"), ((1, "a"),))
        self.sealed.execute("ROLLBACK")
        self.assertEqual(self.sealed.execute("SELECT id FROM people"), ())

    def refused_in_transaction(self):
        kind, number, _ = self.sealed.load(
            b"2\ta\tb\n3\t" + b"x" * 300 + b"\tb\n",
            "LOAD DATA LOCAL FILE INTO TABLE people (id, note, plain)")
        self.assertEqual((kind, number), ("error", 1406))

    # What is refused.

    def test_values_that_do_not_fit(self):
        first = b"".join(b"%d\tok\t1\n" % n for n in range(1, 2001))
        last = b"".join(b"%d\tok\t1\n" % n for n in range(3000, 40_000))
        for how in ("", "IGNORE ", "REPLACE "):
            for line, number, text in (
                    (b"2001\t" + b"x" * 201 + b"\t1\n", 1406, "shop.people.note"),
                    (b"2001\t" + b"x" * 9_000_000 + b"\t1\n", 1406, "row 2001"),
                    (b"2001\tok\tseven\n", 1366, "shop.people.age"),
                    (b"2001\tok\t2147483648\n", 1264, "row 2001"),
                    (b"2001\tok\t\n", 1366, "shop.people.age"),
                    (b"2001\tok\n", 1261, "shop.people.age"),
                    (b"\n", 1261, "row 2001"),
                    (b"2001\t\xE9\t1\n", 1300, "row 2001")):
                with self.subTest(line[:20], how=how):
                    self.refused(first + line + last, f"LOAD DATA LOCAL FILE {how}INTO TABLE people "
                                 "CHARACTER SET utf8mb4 (id, note, age)", number, text)
        self.refused(b'1,"a', "LOAD DATA LOCAL FILE INTO TABLE people FIELDS TERMINATED BY ',' "
                     "ENCLOSED BY '\"' (id, note)", 1235, "enclosed")

    def test_not_null(self):
        head = "LOAD DATA LOCAL FILE INTO TABLE strict_ones "
        self.both(b"1\ta\n2\t\tx\n", head, "id, pin, plain", "strict_ones")
        self.clear()
        for mode in ("''", "DEFAULT"):
            self.sealed.execute(f"SET sql_mode = {mode}")
            for data, tail, number in ((b"1\t\\N\tx\n", "", 1263), (b"1\n", "", 1261),
                                       (b"1\tx\n", "(id, plain)", 1364),
                                       (b"1\tx\n", "(id, plain) SET pin = NULL", 1048)):
                self.refused(data, head + tail, number, "shop.strict_ones.pin", "strict_ones")
        self.both(b"1\tx\n", head + "(id, plain) SET pin = ''", "id, pin, plain", "strict_ones")

    def test_statements_that_are_refused(self):
        head = "LOAD DATA LOCAL FILE INTO TABLE people "
        for tail, text in (
                ("(id, @n) SET note = @n", "shop.people.note"),
                ("(id, @n) SET note = NULLIF(@n, '')", "shop.people.note"),
                ("(id, note) SET plain = note", "shop.people.note"),
                ("(id, note) SET plain = UPPER(note)", "shop.people.note"),
                ("(id, note, @`sealgate:1`)", "variable"),
                ("(id, note, @'seal\\gate:1')", "variable"),
                ("CHARACTER SET cp1251 (id, note)", "CHARACTER SET"),
                ("FIELDS TERMINATED BY '' (id, note)", "TERMINATED BY"),
                ("LINES TERMINATED BY '' (id, note)", "TERMINATED BY"),
                ("FIELDS TERMINATED BY 'x' LINES TERMINATED BY 'x' (id, note)", "TERMINATED BY"),
                ("FIELDS TERMINATED BY 'é' (id, note)", "ASCII")):
            with self.subTest(tail):
                self.refused(b"1\ta\tb\n", head + tail, 1235, text)
        for sql, number in (
                ("LOAD DATA FILE INTO TABLE people", 1235), ("LOAD XML LOCAL FILE INTO TABLE people", 1235),
                (head + "FIELDS ENCLOSED BY 'ab' (id, note)", 1083),
                (head + "(id, nothing)", 1054)):
            self.refused(b"1\ta\tb\n", sql, number, "")

    def test_a_failed_load_keeps_rows_of_engines_without_transactions(self):
        data = b"".join(b"%d\tok\n" % n for n in range(1, 11)) + b"11\t" + b"x" * 100 + b"\n12\tno\n"
        kind, number, _ = self.sealed.load(data, "LOAD DATA LOCAL FILE INTO TABLE old_engine")
        self.assertEqual((kind, number), ("error", 1406))
        rows = self.sealed.execute("SELECT id, pin FROM old_engine ORDER BY id")
        self.assertEqual(rows, tuple((n, "ok") for n in range(1, 11)))

    # The protocol.

    def test_packets_of_all_sizes(self):
        data = b"".join(b"%d\tnote %d\tb\\\tc\n" % (n, n) for n in range(1, 301))
        for add in (0, COMPRESS):
            for size in (1, 7, 1000, len(data)):
                with self.subTest(add=add, size=size), RawClient(
                        self.gate.port, NOPASS, self.database, add=LOCAL_FILES | add) as client:
                    client.start_query("LOAD DATA LOCAL INFILE 'f' INTO TABLE people "
                                       "CHARACTER SET utf8mb4 (id, note, plain)")
                    self.assertEqual(client.receive(), b"\xFBf")
                    for at in range(0, len(data), size):
                        client.send(data[at:at + size])
                    client.send(b"")
                    ok = parse_ok(client.answer(), client.capabilities)
                    self.assertEqual(ok.affected, 300)
                    rows = client.query("SELECT note FROM people WHERE id = 300")[0].rows
                    self.assertEqual(rows, [[b"note 300"]])
                self.clear()

    def test_an_error_is_told_when_the_file_has_ended(self):
        with RawClient(self.gate.port, NOPASS, self.database,
                       add=LOCAL_FILES | MULTI_STATEMENTS) as client:
            client.start_query("LOAD DATA LOCAL INFILE 'f' INTO TABLE people (id, age)")
            self.assertEqual(client.receive(), b"\xFBf")
            client.send(b"1\tx\n")
            for _ in range(2000):
                client.send(b"2\t3\n" * 2000)
            client.send(b"")
            with self.assertRaises(ServerError) as caught:
                client.answer()
            self.assertEqual(caught.exception.number, 1366)
            self.assertEqual(client.query("SELECT COUNT(*) FROM people")[0].rows, [[b"0"]])
            with self.assertRaises(ServerError) as caught:
                client.query("SELECT 1; LOAD DATA LOCAL INFILE 'f' INTO TABLE people (id, age)")
            self.assertEqual(caught.exception.number, 1235)

    def test_an_error_of_the_server_s(self):
        for loader in (self.sealed, self.plain):
            loader.execute("SET sql_mode = 'STRICT_ALL_TABLES'")
        try:
            data = b"1\ta\tb\nx\tb\tc\n" + b"3\tc\td\n" * 20_000
            sql = "LOAD DATA LOCAL FILE REPLACE INTO TABLE people (id, note, plain)"
            own, twin = self.sealed.load(data, sql), self.plain.load(data, sql)
            self.assertEqual(own[:2], twin[:2])
            self.assertEqual(own[:2], ("error", 1366))
            self.assertEqual(self.sealed.execute("SELECT COUNT(*) FROM people"), ((0,),))
        finally:
            for loader in (self.sealed, self.plain):
                loader.execute("SET sql_mode = DEFAULT")

    def test_clients_that_leave(self):
        with RawClient(self.gate.port, NOPASS, self.database, add=LOCAL_FILES) as client:
            client.start_query("LOAD DATA LOCAL INFILE 'f' INTO TABLE people (id, note, plain)")
            client.receive()
            client.send(b"1\ta\tb\n2\tc")
        self.assertEqual(self.sealed.execute("SELECT COUNT(*) FROM people"), ((0,),))

    def test_prepared(self):
        with RawClient(self.gate.port, NOPASS, self.database, add=LOCAL_FILES) as client:
            client.command(0x16, b"LOAD DATA LOCAL INFILE 'f' INTO TABLE people (id, note)")
            with self.assertRaises(ServerError) as caught:
                client.answer()
            self.assertEqual(caught.exception.number, 1295)
            self.assertEqual(client.query("SELECT 1")[0].rows, [[b"1"]])

    def test_stock_clients(self):
        self.path.write_bytes(b"".join(b'%d,"note ""%d""",p%d\n' % (n, n, n)
                                       for n in range(1, 20_001)))
        sql = (f"LOAD DATA LOCAL INFILE '{self.path}' INTO TABLE people FIELDS TERMINATED BY ',' "
               "ENCLOSED BY '\"' (id, note, plain)")
        for client, options in (("mariadb", []), ("mariadb", ["--compress"]), ("mysql", [])):
            if client == "mysql" and self.kind == "mariadb":
                continue  # cannot log in, see test_clients.py
            with self.subTest(client, options=options):
                said = []
                for port, account, database in ((self.gate.port, APP, self.database),
                                                (self.backend.port, ADMIN, TWIN)):
                    arguments = clients.CLIENTS[client](port, account, database)
                    done = subprocess.run(
                        [*arguments[:-1], "--local-infile=1", "-vv", *options, arguments[-1], "-e",
                         f"TRUNCATE people; {sql}"], capture_output=True, timeout=120, check=False)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    said.append([line for line in done.stdout.splitlines() if b"Records" in line])
                self.assertEqual(said[0], said[1])
                self.assertIn(b"Records: 20000  Deleted: 0  Skipped: 0  Warnings: 0", said[0][0])
                query = "SELECT id, note, plain FROM people ORDER BY id"
                self.assertEqual(self.sealed.execute(query), self.plain.execute(query))

    # What the server sees.

    def test_no_plaintext_reaches_the_server(self):
        tap = Tap(self.backend.port)
        self.addCleanup(tap.close)
        gate = Sealgate(self.backend, self.policy, overrides={"backend": {"port": tap.port}})
        self.addCleanup(gate.close)
        loader = Loader(gate.start().port, APP, self.database, self.path)
        good = b"1\t" + SENTINEL + b"\t" + SENTINEL + b" more\tseen\n"
        for data, tail, ok in (
                (good, "(id, name, note, plain)", True),
                (good * 3, "(id, name, note, plain)", True),
                (good[:-6] + b"\t" + SENTINEL + b"\n", "(id, name, note)", True),  # beyond the row
                (good, "IGNORE 1 LINES (id, name, note, plain)", True),
                (SENTINEL, "LINES STARTING BY 'xx' (id, name, note)", True),
                (b"1\t" + SENTINEL * 50, "(id, name, note)", False),
                (b"1\tx\t1\t" + SENTINEL, "(id, name, note, born)", False),
                (b"1\t" + SENTINEL, "(id, name, note)", False),
                (b"2\t" + SENTINEL + b"\tx\t\xC3", "(id, name, note, plain)", False),
                (b'3,"' + SENTINEL, "FIELDS TERMINATED BY ',' ENCLOSED BY '\"' (id, name)", False)):
            with self.subTest(data=data[:40], tail=tail):
                result = loader.load(data, "LOAD DATA LOCAL FILE INTO TABLE people "
                                     f"CHARACTER SET utf8mb4 {tail}")
                self.assertEqual(result[0], "ok" if ok else "error", result)
        loader.connection.close()
        self.assertIn(b"LOAD DATA LOCAL", bytes(tap.seen))
        self.assertIn(b"seen\n", bytes(tap.seen))
        for form in (SENTINEL, SENTINEL.hex().encode(), SENTINEL.hex().upper().encode()):
            self.assertNotIn(form, bytes(tap.seen))

    # Whatever the file.

    def test_random_files_in_random_formats(self):
        rng = random.Random(20)
        outcomes = {"ok": 0, "error": 0}
        for number in range(400):
            sql, data = random_load(rng)
            own = self.sealed.load(data, sql)
            outcomes[own[0]] += 1
            with self.subTest(number=number, sql=sql, data=data):
                if own[0] == "error":
                    if own[2].startswith("sealgate:"):
                        self.assertIn(own[1], (1261, 1300, 1235, 1406), own)
                    else:
                        self.assertEqual(own, self.plain.load(data, sql))
                    count = self.sealed.execute("SELECT COUNT(*) FROM people")
                    self.assertEqual(count, ((0,),))
                else:
                    self.assertEqual(own, self.plain.load(data, sql))
                    query = "SELECT note, token, plain, code FROM people ORDER BY id"
                    self.assertEqual(self.sealed.execute(query), self.plain.execute(query))
            for loader in (self.sealed, self.plain):
                loader.execute("TRUNCATE people")
        self.assertGreater(outcomes["ok"], 150, outcomes)


def random_load(rng):
    """A statement and a file of what means something in it."""
    def pick(*choices):
        return rng.choice(choices)

    field = pick("\t", ",", ",", ";;", "ab", "aa", "N")
    line = pick("\n", "\n", "\r\n", "|", "a;", "bb|")
    if field == line:
        line = "\n"
    enclosed, escape = pick("", '"', '"', "'"), pick("\\", "\\", "\\", "", '"', "$", "b")
    start = pick("", "", "", "s", "xs")
    skip = pick("", "", " IGNORE 1 LINES", " IGNORE 2 ROWS")
    fields = pick("(note, plain)", "(plain, note)", "(note, @x, plain)", "(token, code, plain)",
                  "(note)", "(plain, note, @y)")
    quoted = {"\n": "\\n", "\r\n": "\\r\\n", "\t": "\\t", "\\": "\\\\", "'": "\\'"}
    sql = ("LOAD DATA LOCAL FILE " + pick("", "IGNORE ", "REPLACE ") +
           "INTO TABLE people CHARACTER SET " + pick("utf8mb4", "latin1", "binary") +
           f" FIELDS TERMINATED BY '{quoted.get(field, field)}' "
           f"ENCLOSED BY '{quoted.get(enclosed, enclosed)}' ESCAPED BY '{quoted.get(escape, escape)}' "
           f"LINES STARTING BY '{start}' TERMINATED BY '{quoted.get(line, line)}'{skip} {fields}")
    parts = [field, field, line, line, enclosed, enclosed, escape, start, "NULL", "\\N", escape + "N",
             "a", "b", "N", "é", ";", "0", "n", " ", enclosed + field, enclosed + line,
             field + enclosed, line + start + enclosed, "word", line + start]
    return sql, "".join(rng.choice(parts) for _ in range(rng.randrange(30))).encode()
