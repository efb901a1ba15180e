"""The differences that are known and documented: the only table of them.
docs/testing.md repeats it for readers."""

import re
from typing import Callable, NamedTuple

import described
import warned
from dress import COMMENTS

NEXT_NUMBER = re.compile(rb" AUTO_INCREMENT=\d+")
ROW = re.compile(r" at row \d+$")
ON_DUPLICATE = re.compile(rb" ON DUPLICATE KEY UPDATE (.*)", re.IGNORECASE | re.DOTALL)
SAME_COLUMN = re.compile(rb"\b(\w+) = \1\b")


class Known(NamedTuple):
    aspects: tuple
    why: str
    applies: Callable  # (step, own, theirs, own column, their column)


def _more_changed(step, own, theirs, *columns):
    ours, others = own.results[0], theirs.results[0]
    if ours.affected == others.affected and ours.insert_id != others.insert_id:
        return False
    return step.writes and ours.affected >= others.affected and _matched(ours) == _matched(others)


def _null_stays(step, own, theirs, *columns):
    """ON DUPLICATE KEY UPDATE c = NULL, or c = c, and MySQL found bytes under the NULL that differ."""
    sql = _undressed(step.sql)
    update = ON_DUPLICATE.search(sql)
    if not update:
        return False
    of_row = b"VALUES(" in update[1] or b"new." in update[1]
    null = (b"NULL" in (sql if of_row else update[1]) or SAME_COLUMN.search(update[1])
            or any(value is None for _, _, value in step.values or ()))
    return bool(null) and abs(own.results[0].affected - theirs.results[0].affected) == 1


def _undressed(sql):
    """Without the comments that dress.py puts between words."""
    for comment in COMMENTS:
        sql = sql.replace(comment.encode(), b" ")
    return b" ".join(sql.split())


def _matched(result):
    """The words of the info text, but for how many rows changed and for the
    number of warnings, which is compared by itself."""
    return [word for word in result.info.decode().split("  ")
            if not word.startswith(("Changed", "Warnings", "Duplicates"))]


def _copied(step, own, theirs, *columns):
    return step.kind == "definition" and step.sql.startswith((b"ALTER", b"CREATE INDEX", b"DROP INDEX"))


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
          or 245 in (ours.type, other.type) and described.chooses(step)),
    Known(("rows",), "MariaDB's DESCRIBE shows the default of a protected column as (sealed)",
          _sealed_default),
    Known(("affected", "info", "insert_id"), "a sealed value differs from the stored one even if "
          "the plaintext is the same (random and searchable), so the row counts as changed",
          _more_changed),
    Known(("warnings", "info"), "a value that Sealgate rounds or cuts for its column (a clock for "
          "a DATE, digits of a DECIMAL, blanks) is stored the same, but without the server's note; and "
          "MySQL warns of N'…' and of utf8mb3 in literals and types that it does not get to see",
          warned.lost_notes),
    Known(("warnings",), "MySQL warns of a number beyond DECIMAL that a column is compared with, and "
          "the plan decides at how many rows it looks", warned.beyond_decimal),
    Known(("warnings",), "the servers warn of each text that a join, a HAVING or a subquery of a write "
          "compares with a number or a date, and the plan decides at how many they look", warned.text_compared),
    Known(("warnings",), "MySQL warns of each JSON that it sorts by, and the plan decides at how many",
          warned.json_order),
    Known(("warnings",), "MySQL warns of what no TIMESTAMP can be in a list that it looks up in an "
          "index, and the plan decides whether it does", warned.beyond_timestamp),
    Known(("warnings", "info"), "MySQL tells once or twice that a parameter's number is out of range",
          warned.told_twice),
    Known(("warnings",), "MySQL warns of each zero date that it looks at, and the plan decides at "
          "how many it looks", warned.zero_dates),
    Known(("warnings",), "MariaDB warns that '' is no DECIMAL, at IN with a list of nothing but NULLs",
          warned.list_of_nulls),
    Known(("warnings",), "MariaDB warns of each text that it compares with a date, and the plan "
          "decides at how many it looks", warned.no_dates),
    Known(("affected", "insert_id"), "MySQL counts a row of ON DUPLICATE KEY UPDATE as changed where "
          "a NULL stays NULL, by the bytes that are left under it, and tells its id then",
          _null_stays),
    Known(("affected", "info"), "whether a change of a table copies its rows: the sealed ones' types "
          "change in other cases", _copied),
    Known(tuple(f"{part} {field}" for part in ("column", "prepared")
                for field in ("table", "org_table", "name", "org_name")),
          "the plan decides whether a view's column names the view or the table beneath, and "
          "whether its name is spelled as in the view or as in the statement", described.of_a_view),
    Known(("column type", "prepared type"), "MySQL's INTERSECT and EXCEPT of an INT or FLOAT and "
          "a literal: INT or BIGINT, FLOAT or DOUBLE, as the rewritten one has it",
          described.met_a_literal),
    Known(("column org_name", "prepared org_name"), "an expression that went through a temporary "
          "table has its name there too", described.expression_named),
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
          described.plan_flags),
    Known(("column type", "column org_name", "column length"), "an expression that went through a "
          "temporary table is described as that table's column", described.temporary_table),
    Known(("column length", "prepared length"), "how wide an integer or a TEXT is shown, of a column "
          "that a set operation makes: the rewritten one may be a derived table deeper",
          lambda step, own, theirs, ours, other: step.kind == "union" and ours.type == other.type
          and (ours.type in described.INTEGERS or ours.type in described.TEXTS)),
    Known(tuple(f"{part} {field}" for part in ("column", "prepared")
                for field in ("schema", "table", "org_table")),
          "a derived table that the plan merges names the table in it", described.derived),
    Known(tuple(f"{part} {field}" for part in ("column", "prepared")
                for field in ("schema", "table", "org_table", "org_name")),
          "a group's searchable value is one of its members, taken by a function, which names no "
          "table", described.representative),
    Known(("column length", "column decimals", "prepared length", "prepared decimals"),
          "CASE, COALESCE and the like over protected columns are described as the column",
          described.expression),
    Known(("column type", "column flags", "prepared type", "prepared flags"),
          "the same: which kind of TEXT it is, and the flags of YEAR", described.as_column),
    Known(("column name", "column org_name", "prepared name", "prepared org_name"),
          "a blank at the end of the name of an expression, where MySQL had one once",
          described.blanks),
    Known(("column name", "column org_name", "prepared name", "prepared org_name"),
          "a comment in the name of an expression: MySQL makes plain ones of those that it does not "
          "run, and finds these when it prepares the statement anew", described.comment_left),
    Known(("column",), "MariaDB answers DELETE … RETURNING with OK in place of no rows when it "
          "knows before that there are none", _impossible),
    Known(("column charset", "prepared charset"), "MySQL's SET NAMES … COLLATE also sets the "
          "collation that metadata names, and does not report it; the character set is right",
          described.same_charset),
)


def allows(aspect, step, own, theirs, *columns):
    return any(aspect in k.aspects and k.applies(step, own, theirs, *columns) for k in KNOWN)
