"""The grid of the twin test: each literal beside a column of each type in each place
where the two are compared or stored; a seeded share of them, or all. Random statements
meet few of these, and in each the servers convert by rules of their own."""

from compare import differences
from statement import Step

NO_PAD = {"mariadb": "utf8mb4_nopad_bin", "mysql": "utf8mb4_0900_bin"}
# Logical type, values of the first column; the second has them in reverse.
TYPES = (
    ("BIGINT", "0", "5", "-5", "9223372036854775807", "9223372036854775806", "9007199254740993"),
    ("BIGINT UNSIGNED", "0", "5", "18446744073709551615", "18446744073709551614"),
    ("INT", "0", "5", "-5", "2147483647"),
    ("TINYINT UNSIGNED", "0", "5", "255"),
    ("DECIMAL(10,2)", "0", "5", "-5.25", "99999999.99", "0.1"),
    ("DECIMAL(30,10)", "0", "5", "12345678901234567890.1", "12345678901234567890.2", "0.1"),
    ("DATE", "'2024-01-01'", "'0001-01-01'", "'9999-12-31'", "'2024-02-29'"),
    ("DATETIME", "'2024-01-01'", "'2024-01-01 10:00:00'", "'9999-12-31 23:59:59'"),
    ("DATETIME(6)", "'2024-01-01'", "'2024-01-01 10:00:00.5'", "'2024-01-01 10:00:00.123456'"),
    ("TIMESTAMP(3) NULL", "'2024-01-01'", "'2024-01-01 10:00:00.5'"),
    ("TIME", "'00:00:00'", "'10:00:00'", "'-10:00:00'", "'100:00:00'"),
    ("TIME(3)", "'00:00:00'", "'10:00:00.5'"),
    ("YEAR", "2024", "1999"),
    ("VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "''", "'a'", "'A '", "'á'",
     "'5'", "'5.0'"),
    ("VARCHAR(40) CHARACTER SET utf8mb4 COLLATE {no_pad}", "''", "'a'", "'A '", "'á'", "'5'"),
    ("CHAR(10) CHARACTER SET latin1 COLLATE latin1_swedish_ci", "''", "'a'", "'á'", "'5'"),
    ("TEXT CHARACTER SET utf8mb4 COLLATE {no_pad}", "''", "'a'", "'5'"),
    ("VARBINARY(20)", "''", "'a'", "X'00'", "'a '", "'5'"),
    ("BINARY(5)", "''", "'a'", "X'00'", "'5'"),
    ("BLOB", "''", "'a'", "X'00'"),
)
LITERALS = (
    "0", "5", "-5", "+5", "--5", "5.0", "0.1", ".5", "5.", "0.005", "255", "256", "-1", "1900", "2024",
    "2155", "2156", "70", "20240101", "99999999.994", "99999999.995", "9223372036854775807",
    "9007199254740993", "12345678901234567890.1", "1e0", "5e0", "1e3", "TRUE", "FALSE", "NULL",
    "'5'", "'5.0'", "'-5'", "'+5'", "'05'", "' 5'", "'5 '", "'5x'", "'0'", "'-0'", "''", "'a'", "'A'",
    "'a '", "' a'", "'á'", "'256'", "'1e3'", "'.5'", "'9223372036854775807'", "'9007199254740993'",
    "'12345678901234567890.1'", "'99999999.99'", "'99999999.995'", "'0.1'", "'2024'", "'70'",
    "'2024-01-01'", "'2024-2-9'", "'20240209'", "'24-02-09'", "'2024-02-30'", "'0000-00-00'",
    "'2024-00-00'", "'2024-01-01 00:00:00'", "'2024-01-01T10:00:00'", "'2024-01-01 10:00:00.5'",
    "'2024-01-01 10:00:00.500000'", "'2024-01-01 10:00:00.9999999'", "'1970-01-01 00:00:00'",
    "'10:00:00'", "'10:00'", "'10:00:00.5'", "'10:00:00.500'", "'839:00:00'", "DATE'2024-01-01'",
    "TIMESTAMP'2024-01-01 10:00:00'", "TIME'10:00:00'", "X'61'", "X'35'", "0x35", "b'101'", "X'C3A1'",
    "_utf8mb4'a'", "_latin1'a'", "_binary'a'", "N'a'", "'a' COLLATE utf8mb4_bin",
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'", "'a" + " " * 60 + "'")
# c and d are two columns of the type, v and w two literals.
CONDITIONS = (
    "{c} = {v}", "{v} = {c}", "{c} <> {v}", "{c} <=> {v}", "{c} IN ({v})", "{c} IN ({v}, {w})",
    "{c} NOT IN ({v}, {w})", "{c} IN ({v}, NULL)", "COALESCE({c}, {d}) = {v}",
    "IF(id > 0, {c}, {d}) = {v}", "IFNULL({c}, {d}) <=> {v}",
    "CASE WHEN id > 0 THEN {c} ELSE {d} END = {v}", "COALESCE({c}, {d}) IN ({v}, {w})",
    "CASE {c} WHEN {v} THEN 1 END", "CASE {c} WHEN {v} THEN 1 WHEN {w} THEN 1 END",
    "({c}, id) = ({v}, 1)", "({c}, id) IN (({v}, 1), ({w}, 2))",
    "(SELECT y.{c} FROM g y WHERE y.id = x.id) = {v}",
    "(SELECT y.{c} FROM g y WHERE y.id = x.id) IN ({v}, {w})", "NULLIF({c}, {v}) IS NULL",
    "COALESCE({c}, {v}) = {d}", "{c} = COALESCE({v}, {v})", "{c} = IF(id > 0, {v}, {w})",
    "{c} = ANY (SELECT {v})", "{c} IN (SELECT {v})", "{c} = (SELECT {v})",
    "{c} IN (SELECT {v} UNION SELECT {w})")
QUERIES = (
    *(f"SELECT id FROM g x WHERE {condition}" for condition in CONDITIONS),
    *(f"SELECT id FROM g x IGNORE INDEX (PRIMARY, {{k}}) WHERE {condition}"
      for condition in CONDITIONS[:8]),
    "SELECT id FROM (SELECT id, {c} AS z FROM g) x WHERE z = {v}",
    "SELECT id FROM (SELECT id, COALESCE({c}, {d}) AS z FROM g) x WHERE z = {v}",
    "SELECT id FROM (SELECT DISTINCT id, {c} AS z FROM g) x WHERE z = {v}",
    "SELECT id FROM (SELECT id, {c} AS z FROM g UNION ALL SELECT id, {d} FROM g) x "
    "WHERE z IN ({v}, {w})",
    "WITH q AS (SELECT id, IF(id > 0, {c}, {d}) AS z FROM g) SELECT id FROM q WHERE z <=> {v}",
    "SELECT id, {c} = {v} FROM g", "SELECT id, COALESCE({c}, {v}) FROM g",
    "SELECT id, CASE WHEN id = 1 THEN {v} ELSE {c} END FROM g", "SELECT id, NULLIF({c}, {v}) FROM g",
    "SELECT COUNT(*) FROM g x JOIN g y ON x.{c} = y.{c} AND x.{c} = {v}")
STORES = (
    "INSERT INTO g (id, {c}) VALUES (100, {v})", "UPDATE g SET {d} = {v} WHERE id = 1",
    "INSERT INTO g (id, {c}) SELECT 100, {v}", "REPLACE INTO g SET id = 100, {c} = {v}",
    "INSERT INTO g (id) VALUES (1) ON DUPLICATE KEY UPDATE {c} = {v}")


def columns(kind):
    """(name of the first column, of the second, its key or PRIMARY, type, values, mode)"""
    for number, (text, *values) in enumerate(TYPES):
        bytewise = "general_ci" not in text and "swedish_ci" not in text
        for mode in ("searchable", *(("deterministic",) if bytewise else ())):
            name = f"c{number}{mode[0]}"
            key = "PRIMARY" if text.startswith(("TEXT", "BLOB")) else f"k{name}"
            yield (name, name + "d", key, text.format(no_pad=NO_PAD[kind]), values, mode)


def step(text, writes=False):
    return Step(text.encode(), None, "grid", False, {}, writes, False)


def enter(pair):
    policy, definitions, keys = "version: 1\ncolumns:\n", [], []
    for first, second, key, text, _, mode in columns(pair.kind):
        for name in (first, second):
            policy += f"  - {{column: shop.g.{name}, mode: {mode}, domain: {first}}}\n"
            definitions.append(f"{name} {text}")
        if key != "PRIMARY":
            keys.append(f"KEY {key} ({first})")
    policy += "roles:\n  - {name: all, match: any, default: {reveal: clear, write: true}}\n"
    refused = pair.enter(policy, [f"CREATE TABLE g (id INT NOT NULL PRIMARY KEY, "
                                  f"{', '.join(definitions + keys)}) CHARACTER SET utf8mb4"])
    assert not refused, refused
    for row in range(7):
        values = [str(row + 1)]
        for _, _, _, _, given, _ in columns(pair.kind):
            values += [v[row] if row < len(v) else "NULL" for v in (given, given[::-1])]
        own, theirs = pair.ask(step(f"INSERT INTO g VALUES ({', '.join(values)})", True))
        assert theirs and not own.error and not theirs.error, (own.message, theirs)


def cells(kind, rng, share):
    """Texts, and whether they store."""
    for first, second, key, *_ in columns(kind):
        for literal in LITERALS:
            other = rng.choice(LITERALS)
            for texts, stores in ((QUERIES, False), (STORES, True)):
                for text in texts:
                    if rng.random() < share:
                        yield (text.format(c=first, d=second, k=key, v=literal, w=other), stores)


def run(pair, rng, share):
    """Prints what differs; how many statements ran, and how many differed."""
    enter(pair)
    ran = refused = wrong = 0
    for text, stores in cells(pair.kind, rng, share):
        if stores:
            for session in (pair.own, pair.theirs):
                session.run(b"BEGIN")
        asked = [step(text, stores)]
        if stores:
            asked.append(step("SELECT * FROM g WHERE id IN (1, 100) ORDER BY id"))
        for each in asked:
            own, theirs = pair.ask(each)
            ran += 1
            refused += theirs is None
            lines = differences(each, own, theirs, pair.weigher) if theirs else []
            if lines:
                wrong += 1
                print(f"\n{pair.kind}, grid, difference:\n  {text}")
                for line in lines:
                    print(f"  * {line}", flush=True)
                break
            if theirs is None:
                break
        if stores:
            for session in (pair.own, pair.theirs):
                session.run(b"ROLLBACK")
    print(f"{pair.kind}, grid: {ran} statements, {refused} refused, {wrong} differences", flush=True)
    return ran, wrong
