"""The differences that are known and documented: the only table of them.
docs/testing.md repeats it for readers."""

import re
from typing import Callable, NamedTuple

from statement import flat
from values import NULL

NOT_NULL, BLOB, ZEROFILL, BINARY, NO_DEFAULT, GROUP = 1, 16, 64, 128, 4096, 0x8000
# Primary, unique, other key, auto-increment, part of a key.
KEY_FLAGS = 2 | 4 | 8 | 0x200 | 0x4000
INTEGERS = {1, 2, 3, 8, 9, 13}  # a YEAR is one, after a window function of MySQL
TEXTS = {249, 250, 251, 252}
UNSIGNED = 32
NEXT_NUMBER = re.compile(rb" AUTO_INCREMENT=\d+")
COMMENT = re.compile(r"/\*.*?\*/")
ROW = re.compile(r" at row \d+$")
NULLS_ONLY = re.compile(rb" IN \((NULL|\?)(, (NULL|\?))*\)")
VIEW = re.compile(rb"\bw\d\b", re.IGNORECASE)
COMMA_JOIN = re.compile(rb" FROM \w+ a, \w+ b\b")
ZERO_DATE = re.compile(rb"Incorrect (datetime|date) value: '0000-00-00")
NO_DATE = re.compile(rb"Incorrect (datetime|date|time) value: .* for column `\w+`\.`\w+`\.`\w+` at row \d+$",
                     re.DOTALL)


class Known(NamedTuple):
    aspects: tuple
    why: str
    applies: Callable  # (step, own, theirs, own column, their column)


def _more_changed(step, own, theirs, *columns):
    ours, others = own.results[0], theirs.results[0]
    if ours.affected == others.affected and ours.insert_id != others.insert_id:
        return False
    return step.writes and ours.affected >= others.affected and _matched(ours) == _matched(others)


def _matched(result):
    """The words of the info text, but for how many rows changed and for the
    number of warnings, which is compared by itself."""
    return [word for word in result.info.decode().split("  ")
            if not word.startswith(("Changed", "Warnings", "Duplicates"))]


def _lost_notes(step, own, theirs, *columns):
    """Only notes about what was written are missing, or about a literal's form."""
    lost = {(b"Warning", b"3719"), (b"Warning", b"3720")}
    if step.writes:
        lost |= {(b"Note", b"1265"), (b"Note", b"1292")}
    if b"utf8mb3" in step.sql:
        lost |= {(b"Warning", b"1287"), (b"Warning", b"3778")}
    ours, others = ([w for w in a.results[-1].warnings[1] if (w.level, w.code) not in lost]
                    for a in (own, theirs))
    return ours == others


def _no_dates(step, own, theirs, *columns):
    """MariaDB warns of each text that it compares with a date, and the plan says how many."""
    ours, others = ([w for w in a.results[-1].warnings[1] if not NO_DATE.match(w.message)]
                    for a in (own, theirs))
    stores = step.writes and b"DELETE" not in step.sql.upper() and own.results[0].affected > 0
    return not stores and ours == others


def _beyond_decimal(step, own, theirs, *columns):
    """MySQL warns of a number beyond DECIMAL where it compares with one, row by row."""
    ours, others = ([w for w in a.results[-1].warnings[1]
                     if not w.message.startswith(b"Truncated incorrect DECIMAL value: '9999")]
                    for a in (own, theirs))
    return not step.writes and ours == others


def _text_as_number(step, own, theirs, *columns):
    """The servers warn of each text that they compare with a number, row by row: in a
    join, in a HAVING, which may come before the WHERE, and in a subquery of a write."""
    words = step.sql.upper()
    by_plan = (b"(SELECT ",) if step.writes else (b" JOIN ", b" HAVING ")
    ours, others = ([w for w in a.results[-1].warnings[1]
                     if not w.message.startswith((b"Truncated incorrect DECIMAL value: ",
                                                  b"Truncated incorrect DOUBLE value: "))]
                    for a in (own, theirs))
    return any(word in words for word in by_plan) and ours == others


def _json_order(step, own, theirs, *columns):
    """MySQL warns that it cannot sort by a JSON, row by row."""
    ours, others = ([w for w in a.results[-1].warnings[1]
                     if b"sorting of non-scalar JSON" not in w.message] for a in (own, theirs))
    return ours == others


def _told_twice(step, own, theirs, *columns):
    """MySQL tells of a parameter's value once or twice, before and when it stores it."""
    ours, others = ({(w.level, w.code, w.message) for w in a.results[-1].warnings[1]}
                    for a in (own, theirs))
    return step.writes and step.values is not None and ours == others


def _zero_dates(step, own, theirs, *columns):
    """MySQL warns of each 0000-00-00 that it looks at, and the plan says how many: a write
    looks at them when they go through a temporary table, and Sealgate not when it copies."""
    ours, others = ([w for w in a.results[-1].warnings[1] if not ZERO_DATE.match(w.message)]
                    for a in (own, theirs))
    return (not step.writes or _asks(step)) and ours == others


def _asks(step):
    words = step.sql.upper()
    return b"SELECT" in words or b" JOIN " in words


def _list_of_nulls(step, own, theirs, *columns):
    """MariaDB reads a list of nothing but NULLs as numbers, which it never got."""
    ours, others = ([w for w in a.results[0].warnings[1]
                     if w.message != b"Truncated incorrect DECIMAL value: ''"]
                    for a in (own, theirs))
    return NULLS_ONLY.search(step.sql) is not None and ours == others


def _plan_flags(step, own, theirs, ours, other):
    """Only flags differ that the server sets by its plan: those of keys, all or
    none; NOT NULL in a join or of an expression; GROUP; of groups, whether there
    is a default; and of an expression what its temporary table has."""
    ignored = GROUP
    if not (ours.flags & KEY_FLAGS and other.flags & KEY_FLAGS) or _groups(step):
        ignored |= KEY_FLAGS
    if _groups(step):
        ignored |= NO_DEFAULT
    if b" JOIN " in step.sql.upper() or b"(SELECT" in step.sql or COMMA_JOIN.search(step.sql):
        ignored |= NOT_NULL
    if _representative(step, own, theirs, ours, other):
        ignored |= NOT_NULL | NO_DEFAULT
        if ours.type == 7:  # MariaDB calls the column of a TIMESTAMP unsigned
            ignored |= UNSIGNED
    if not ours.org_table and not other.org_table:
        ignored |= NOT_NULL | BINARY | NO_DEFAULT | UNSIGNED
    return ours.flags | ignored == other.flags | ignored


def _derived(step, own, theirs, ours, other):
    return b"(SELECT" in step.sql and ours.name == other.name


def _same_charset(step, own, theirs, ours, other):
    return ours.charset in (45, 255) and other.charset == 46


def _temporary_table(step, own, theirs, ours, other):
    """An expression's column: with a temporary table MySQL names it and gives it
    the type of that table's column."""
    return (not ours.org_table and not other.org_table
            and {ours.org_name, other.org_name} <= {"", ours.name, other.name}
            and (ours.type == other.type or {ours.type, other.type} == {3, 8}))


def _expression_named(step, own, theirs, ours, other):
    return (not ours.org_table and not other.org_table
            and {ours.org_name, other.org_name} == {"", ours.name} and ours.name == other.name)


def _of_a_view(step, own, theirs, ours, other):
    return VIEW.search(step.sql) is not None and ours.name.lower() == other.name.lower()


def _met_a_literal(step, own, theirs, ours, other):
    """A number of a set operation, another query of which has a literal there."""
    words = step.sql.upper()
    types = {ours.type, other.type}
    return (b" INTERSECT " in words or b" EXCEPT " in words) and types in ({3, 8}, {4, 5})


def _copied(step, own, theirs, *columns):
    return step.kind == "definition" and step.sql.startswith((b"ALTER", b"CREATE INDEX", b"DROP INDEX"))


def _chooses(step):
    return any(word in step.sql.upper() for word in (b"COALESCE(", b"IF(", b"IFNULL(", b"CASE "))


def _groups(step):
    return any(w in step.sql.upper() for w in (b"GROUP BY", b"DISTINCT", b"UNION"))


def _representative(step, own, theirs, ours, other):
    return ours.table == "" and _groups(step)


def _expression(step, own, theirs, ours, other):
    return not ours.org_table and not other.org_table


def _described_as_column(step, own, theirs, ours, other):
    """Kinds of TEXT and of strings, and flags of the type."""
    types = {ours.type, other.type}
    alike = types <= {249, 250, 251, 252, 253} or types <= {253, 254} or types <= INTEGERS
    # An ENUM after a window function, where MySQL knows before that there are no rows.
    alike = alike or types == {247, 253} and b" OVER " in step.sql.upper()
    # A JSON beside a text, which MySQL calls JSON or a TEXT by what it prepared.
    alike = alike or 245 in types and types - {245} <= TEXTS and _chooses(step)
    # MariaDB makes a DECIMAL of CASE of an INT UNSIGNED and NULL.
    decimal = 246 in types and types - {246} <= INTEGERS and ours.flags & UNSIGNED
    bits = UNSIGNED if decimal or 13 in types and types <= INTEGERS else 0
    bits |= BLOB | ZEROFILL | BINARY | GROUP | NOT_NULL | NO_DEFAULT
    expression = _expression(step, own, theirs, ours, other)
    return ((alike or decimal or ours.type == other.type) and ours.flags | bits == other.flags | bits
            and (expression or _representative(step, own, theirs, ours, other)))


def _blanks(step, own, theirs, ours, other):
    """Of what an executable comment leaves, or the one that MySQL once had at the end."""
    opened = b"/*!" in step.sql or b"/*M!" in step.sql
    bare = [COMMENT.sub("", name).split() if opened else name.strip()
            for name in (ours.name, other.name)]
    return bare[0] == bare[1]


def _impossible(step, own, theirs, *columns):
    return (b"RETURNING" in step.sql and own.results[0].affected == 0
            and not own.results[0].rows and not theirs.results[0].rows)


def _sealed_default(step, own, theirs, *columns):
    """MariaDB's SHOW COLUMNS does not hold the default's bytes."""
    ours, others = own.results[0].rows, theirs.results[0].rows
    return step.kind == "show" and len(ours) == len(others) and all(
        a == b or a == b"(sealed)" and b is not None
        for row, other in zip(ours, others) for a, b in zip(row, other))


def _cardinality(step, own, theirs, *columns):
    """SHOW INDEX: the same but for the estimate."""
    ours, others = ([row[:6] + row[7:] for row in a.results[0].rows] for a in (own, theirs))
    return step.sql.startswith((b"SHOW INDEX", b"SHOW KEYS")) and ours == others


def _next_number(step, own, theirs, *columns):
    """SHOW CREATE TABLE: the same but for AUTO_INCREMENT."""
    if not step.sql.startswith(b"SHOW CREATE TABLE"):
        return False
    ours, others = ([[NEXT_NUMBER.sub(b"", cell) for cell in row] for row in a.results[0].rows]
                    for a in (own, theirs))
    return ours == others


def _year_of_nothing(step, own, theirs, *columns):
    """MariaDB writes the year 0 as 0 where a window function or a subquery took it."""
    ours, others = own.results[0].rows, theirs.results[0].rows
    words = step.sql.upper()
    return (b" OVER " in words or b"(SELECT " in words) and len(ours) == len(others) and all(
        a == b or (a, b) == (b"0000", b"0")
        for row, other in zip(ours, others) for a, b in zip(row, other))


KNOWN = (
    Known(("rows",), "MariaDB's window functions and scalar subqueries may write the year 0 as 0, the "
          "column as 0000", _year_of_nothing),
    Known(("rows",), "the cardinality in SHOW INDEX is an estimate", _cardinality),
    Known(("rows",), "the next AUTO_INCREMENT in SHOW CREATE TABLE: what fails may use numbers up, or "
          "not if Sealgate finds the fault before the server does", _next_number),
    Known(("column charset", "column length", "prepared charset", "prepared length"),
          "MySQL describes a JSON that went through a temporary table otherwise",
          lambda step, own, theirs, ours, other: ours.type == other.type == 245
          or 245 in (ours.type, other.type) and _chooses(step)),
    Known(("rows",), "MariaDB's DESCRIBE shows the default of a protected column as (sealed)",
          _sealed_default),
    Known(("affected", "info", "insert_id"), "a sealed value differs from the stored one even if the plaintext "
          "is the same (random and searchable), so the row counts as changed", _more_changed),
    Known(("warnings", "info"), "a value that Sealgate rounds or cuts for its column (a clock for "
          "a DATE, digits of a DECIMAL, blanks) is stored the same, but without the server's note; and "
          "MySQL warns of N'…' and of utf8mb3 in literals and types that it does not get to see",
          _lost_notes),
    Known(("warnings",), "MySQL warns of a number beyond DECIMAL that a column is compared with, and "
          "the plan decides at how many rows it looks", _beyond_decimal),
    Known(("warnings",), "the servers warn of each text that a join, a HAVING or a subquery of a write "
          "compares with a number, and the plan decides at how many they look", _text_as_number),
    Known(("warnings",), "MySQL warns of each JSON that it sorts by, and the plan decides at how many",
          _json_order),
    Known(("warnings", "info"), "MySQL tells once or twice that a parameter's number is out of range",
          _told_twice),
    Known(("warnings",), "MySQL warns of each zero date that it looks at, and the plan decides at "
          "how many it looks", _zero_dates),
    Known(("warnings",), "MariaDB warns that '' is no DECIMAL, at IN with a list of nothing but NULLs",
          _list_of_nulls),
    Known(("warnings",), "MariaDB warns of each text that it compares with a date, and the plan "
          "decides at how many it looks", _no_dates),
    Known(("affected", "info"), "whether a change of a table copies its rows: the sealed ones' types "
          "change in other cases", _copied),
    Known(tuple(f"{part} {field}" for part in ("column", "prepared")
                for field in ("table", "org_table", "name", "org_name")),
          "the plan decides whether a view's column names the view or the table beneath, and "
          "whether its name is spelled as in the view or as in the statement", _of_a_view),
    Known(("column type", "prepared type"), "MySQL's INTERSECT and EXCEPT of an INT or FLOAT and "
          "a literal: INT or BIGINT, FLOAT or DOUBLE, as the rewritten one has it", _met_a_literal),
    Known(("column org_name", "prepared org_name"), "an expression that went through a temporary "
          "table has its name there too", _expression_named),
    Known(("error",), "an UPDATE of several tables tells of a NULL by 1048, or by 1265 after a "
          "temporary table", lambda step, own, theirs:
          step.kind == "update of a join" and {own.error, theirs.error} == {1048, 1265}),
    Known(("message",), "a duplicate is shown as the stored bytes of its key",
          lambda step, own, theirs: own.error == 1062),
    Known(("message",), "at which row an INSERT … SELECT or an UPDATE failed: a temporary table, or "
          "an index that the plan uses or not", lambda step, own, theirs:
          (step.kind == "insert select" or step.sql.startswith(b"UPDATE")) and
          ROW.sub("", own.message) == ROW.sub("", theirs.message)),
    Known(("message",), "a syntax error quotes the statement as the server got it",
          lambda step, own, theirs: own.error == 1064),
    Known(("column flags", "prepared flags"), "the server's plan decides: a temporary table, a "
          "condition that cannot hold or that makes an outer join an inner one, `<=>` as a column",
          _plan_flags),
    Known(("column type", "column org_name", "column length"), "an expression that went through a "
          "temporary table is described as that table's column", _temporary_table),
    Known(("column length", "prepared length"), "how wide an integer or a TEXT is shown, of a column "
          "that a set operation makes: the rewritten one may be a derived table deeper",
          lambda step, own, theirs, ours, other: step.kind == "union" and ours.type == other.type
          and (ours.type in INTEGERS or ours.type in TEXTS)),
    Known(tuple(f"{part} {field}" for part in ("column", "prepared")
                for field in ("schema", "table", "org_table")),
          "a derived table that the plan merges names the table in it", _derived),
    Known(tuple(f"{part} {field}" for part in ("column", "prepared")
                for field in ("schema", "table", "org_table", "org_name")),
          "a group's searchable value is one of its members, taken by a function, which names no "
          "table", _representative),
    Known(("column length", "column decimals", "prepared length", "prepared decimals"),
          "CASE, COALESCE and the like over protected columns are described as the column",
          _expression),
    Known(("column type", "column flags", "prepared type", "prepared flags"),
          "the same: which kind of TEXT it is, and the flags of YEAR", _described_as_column),
    Known(("column name", "column org_name", "prepared name", "prepared org_name"),
          "blanks in place of an executable comment in the name of an expression, or at its end",
          _blanks),
    Known(("column",), "MariaDB answers DELETE … RETURNING with OK in place of no rows when it "
          "knows before that there are none", _impossible),
    Known(("column charset", "prepared charset"), "MySQL's SET NAMES … COLLATE also sets the "
          "collation that metadata names, and does not report it; the character set is right",
          _same_charset),
)

# Both servers may answer `a = b AND b <=> a` with rows of NULLs, when they look b
# up by an index: the two become one equality, and what refuses NULL is lost. So
# MySQL 9.7 takes EXISTS (… a = b AND a IS NULL).
PAIR = re.compile(r"\b((?:\w+\.)?\w+) (=|<=>) ((?:\w+\.)?\w+)\b")

NO_ROW = re.compile(r"EXISTS \(SELECT 1 FROM \w+ \w WHERE ([\w.]+) = ([\w.]+) AND (\1|\2) IS NULL")


# MariaDB 10.11 looks MIN and MAX up in the index of an integer with a number beyond its
# range cut to that range: MAX(id) of `c = 128` is that of c = 127.
EXTREME = re.compile(r"^SELECT (?:MIN|MAX)\([\w.]+\) FROM \w+(?: \w+)? WHERE [\w.]+ (?:=|<=>) \S+$",
                     re.IGNORECASE)

# MariaDB 10.11 may set a column from another row, where an UPDATE asks the table that
# it changes: `c = COALESCE(c, 0)` gave all rows one value.
ASKS_ITSELF = re.compile(r"^UPDATE (?:IGNORE )?(\w+) SET .*\(SELECT (?:(?! WHERE ).)* FROM \1\b",
                         re.DOTALL | re.IGNORECASE)


# MySQL 9.7 may return rows twice for EXISTS or IN in the condition of an outer join.
IN_OUTER_JOIN = re.compile(r"\b(LEFT|RIGHT) JOIN (?:(?! WHERE ).)* ON (?:(?! WHERE ).)*\(SELECT ",
                           re.DOTALL)


# MySQL 9.7 left rows out of a DISTINCT beside NOT IN, when it read them along an index.
DISTINCT_NOT_IN = re.compile(r"^SELECT DISTINCT .* NOT IN \(SELECT ", re.DOTALL | re.IGNORECASE)


# MariaDB 10.11 cuts a number beyond an integer's range to that range when it looks NOT IN
# up in an index: the row with the least INT is left out by -9223372036854775808.
BEYOND_INDEX = re.compile(r" NOT IN \((?:[^()]*, )?-?'?\d{11,}", re.IGNORECASE)


# MySQL 9.7 leaves NULLs out of an INTERSECT's operand before it counts the rows for its LIMIT.
LIMITED = re.compile(r"\bLIMIT \d+\).*\bINTERSECT\b|\bINTERSECT\b.*\bLIMIT \d+\)",
                     re.DOTALL | re.IGNORECASE)


def misjudged(text):
    """Whether the server itself answers wrongly; such statements are not drawn."""
    if any(wrong.search(text) for wrong in (NO_ROW, IN_OUTER_JOIN, ASKS_ITSELF, EXTREME,
                                              DISTINCT_NOT_IN, BEYOND_INDEX, LIMITED)):
        return True
    pairs = {word: {frozenset((a, b)) for a, w, b in PAIR.findall(text) if w == word}
             for word in ("=", "<=>")}
    return bool(pairs["="] & pairs["<=>"])


def misjudged_prepared(kind, statement):
    """MySQL 9.7 finds no row for `? <=> c` with NULL and a unique key of c, when it
    is prepared; so `<=> NULL` goes as text only."""
    before = ""
    parts = list(flat(statement.parts))
    for part, after in zip(parts, [*parts[1:], ""]):
        if part == NULL and "<=>" in f"{before} {after}":
            return kind == "mysql"
        before = part if isinstance(part, str) else ""
    return False


def judged_by_plan(step, own, theirs):
    """Whether one side's write failed at a comparison of a text with a date or a
    number that the other's plan did not come to, at a zero date in a temporary table or
    one that is copied, which Sealgate does not look at, or MariaDB's ALTER at the CHECK
    of a JSON. A world is of no use after it."""
    failed = own if own.error else theirs
    if failed.error == 1054 and "'CHECK'" in failed.message and step.sql.startswith(b"ALTER"):
        return True
    if not step.writes or {own.error, theirs.error} != {0, 1292}:
        return False
    if " for column " not in failed.message:
        return _asks(step)
    # Not one that the statement itself writes.
    copied = not step.values and b"0000-00-00" not in step.sql
    return bool(copied and ZERO_DATE.match(failed.message.encode())
                and (_asks(step) or failed is theirs))


def allows(aspect, step, own, theirs, *columns):
    return any(aspect in k.aspects and k.applies(step, own, theirs, *columns) for k in KNOWN)
