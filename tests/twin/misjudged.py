"""Statements that a server itself answers wrongly or by its plan, and which are not drawn
or end a world. docs/testing.md lists them."""

import re

import warned
from statement import flat
from values import NULL, Value

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


# MySQL 9.7 leaves rows out of a DISTINCT beside NOT IN or NOT EXISTS, when it skips along an
# index: it looks at one row of each value, and only then whether the query excludes it.
DISTINCT_NOT = re.compile(r"^SELECT DISTINCT .* NOT (?:IN|EXISTS) \(SELECT ",
                          re.DOTALL | re.IGNORECASE)


# MariaDB 10.11 cuts a number beyond an integer's range to that range when it looks NOT IN
# up in an index: the row with the least INT is left out by -9223372036854775808.
BEYOND_INDEX = re.compile(r" NOT IN \((?:[^()]*, )?-?'?\d{11,}", re.IGNORECASE)


# MariaDB 10.11 forgets an IN of a derived table that an IN asks, when it merges the one and
# materialises the other: `a IN (SELECT d.b FROM (SELECT * FROM t WHERE c IN (SELECT …)) d)`
# finds rows as if c were in it.
IN_DERIVED = re.compile(r"\b(?:IN|ANY|EXISTS) \(SELECT (?:(?! WHERE ).)* FROM \(SELECT .*"
                        r"\b(?:IN|ANY|EXISTS) \(SELECT ", re.DOTALL | re.IGNORECASE)


# MySQL 9.7 leaves NULLs out of an INTERSECT's operand before it counts the rows for its LIMIT.
LIMITED = re.compile(r"\bLIMIT \d+\).*\bINTERSECT\b|\bINTERSECT\b.*\bLIMIT \d+\)",
                     re.DOTALL | re.IGNORECASE)


CHOSEN = re.compile(r"\b(?:IFNULL|COALESCE)\([^()]*$")


def misjudged(text):
    """Whether the server itself answers wrongly; such statements are not drawn."""
    if any(wrong.search(text) for wrong in (NO_ROW, IN_OUTER_JOIN, ASKS_ITSELF, EXTREME,
                                              DISTINCT_NOT, BEYOND_INDEX, IN_DERIVED, LIMITED)):
        return True
    pairs = {word: {frozenset((a, b)) for a, w, b in PAIR.findall(text) if w == word}
             for word in ("=", "<=>")}
    return bool(pairs["="] & pairs["<=>"])


def misjudged_prepared(kind, statement):
    """MySQL 9.7 finds no row for `? <=> c` with NULL and a unique key of c, when it
    is prepared; so `<=> NULL` goes as text only. And what IFNULL(json, ?) is equal to
    depends on the types of the statement's other parameters."""
    before = ""
    parts = list(flat(statement.parts))
    for part, after in zip(parts, [*parts[1:], ""]):
        if part == NULL and "<=>" in f"{before} {after}":
            return kind == "mysql"
        if isinstance(part, Value) and part.kind == "s" and CHOSEN.search(before):
            return kind == "mysql" and part.data[:1] in tuple('"[{')
        before = part if isinstance(part, str) else ""
    return False


def lost_by_prepared(step, own, theirs):
    """Both servers: what was prepared for a view does not find the temporary table that has
    come in its place, unless it is prepared again, as Sealgate does."""
    return step.kept.startswith("execute") and theirs.error == 1146 and not own.error


def numbered_anew(kind, step, steps, own, theirs):
    """MySQL 9.7: the id of a row that was a duplicate by another key, and so was left out or
    refused, counts as used once the table was opened anew (FLUSH TABLES and a second connection
    show it)."""
    if kind != "mysql" or not step.writes or not (own.results and theirs.results):
        return False
    numbers = own.results[-1].insert_id, theirs.results[-1].insert_id
    left_out = max(numbers) - 1
    return numbers[0] != numbers[1] and any(
        s and s.sql.startswith(b"INSERT") and _names_number(s, left_out) for s in steps)


def _names_number(step, number):
    return (re.search(rb"\b%d\b" % number, step.sql) is not None
            or any(data is not None and int.from_bytes(data, "little") == number
                   for _, _, data in step.values or ()))


def _may_be_zero_date(value):
    if value is None:
        return False
    return not value.strip(b"\0") or not value[1:].strip(b"0") or b"0000-00-00" in value


def judged_by_plan(step, own, theirs):
    """Whether one side's write failed at a comparison of a text with a date or a
    number that the other's plan did not come to, or both at different ones, at a zero date in a temporary table or
    one that is copied, which Sealgate does not look at, or MariaDB's ALTER at the CHECK
    of a JSON. A world is of no use after it."""
    failed = own if own.error else theirs
    if failed.error == 1054 and "'CHECK'" in failed.message and step.sql.startswith(b"ALTER"):
        return True
    if step.writes and own.error == theirs.error == 1292:
        return warned.asks(step)  # at another row
    if not step.writes or {own.error, theirs.error} != {0, 1292}:
        return False
    if step.sql.startswith(b"ALTER") and warned.ZERO_DATE.match(failed.message.encode()):
        return True  # only one of them copies the rows
    # MariaDB tells of the column that is compared, with its table.
    if " for column " not in failed.message or " for column `" in failed.message:
        return warned.asks(step)
    # Not one that the statement itself writes.
    copied = b"0000-00-00" not in step.sql and not any(
        _may_be_zero_date(data) for _, _, data in step.values or ())
    return bool(copied and warned.ZERO_DATE.match(failed.message.encode())
                and (warned.asks(step) or failed is theirs))
