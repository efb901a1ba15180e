"""Warnings in which the two sides may differ: whether nothing but those does."""

import re

NULLS_ONLY = re.compile(rb" IN \((NULL|\?)(, (NULL|\?))*\)")
ZERO_DATE = re.compile(rb"Incorrect (datetime|date) value: '0000-00-00")
NO_COLUMN = re.compile(rb"Incorrect (datetime|date|time) value: (?!.* for column )", re.DOTALL)
NO_DATE = re.compile(rb"Incorrect (datetime|date|time) value: .* for column `\w+`\.`\w+`\.`\w+` "
                     rb"at row \d+$", re.DOTALL)


def lost_notes(step, own, theirs, *columns):
    """Only notes about what was written are missing, or about a literal's form."""
    lost = {(b"Warning", b"3719"), (b"Warning", b"3720")}
    if step.writes:
        lost |= {(b"Note", b"1265"), (b"Note", b"1292")}
    if b"utf8mb3" in step.sql:
        lost |= {(b"Warning", b"1287"), (b"Warning", b"3778")}
    ours, others = ([w for w in a.results[-1].warnings[1] if (w.level, w.code) not in lost]
                    for a in (own, theirs))
    return ours == others


def no_dates(step, own, theirs, *columns):
    """MariaDB warns of each text that it compares with a date, and the plan says how many."""
    ours, others = ([w for w in a.results[-1].warnings[1] if not NO_DATE.match(w.message)]
                    for a in (own, theirs))
    stores = step.writes and b"DELETE" not in step.sql.upper() and own.results[0].affected > 0
    return not stores and ours == others


def beyond_decimal(step, own, theirs, *columns):
    """MySQL warns of a number beyond DECIMAL where it compares with one, row by row."""
    ours, others = ([w for w in a.results[-1].warnings[1]
                     if not w.message.startswith((b"Truncated incorrect DECIMAL value: '9999",
                                                  b"Out of range value for column '(null)'"))]
                    for a in (own, theirs))
    return not step.writes and ours == others


def text_compared(step, own, theirs, *columns):
    """The servers warn of each text that they compare with a number or a date, row by row: in
    a join, in a HAVING, which may come before the WHERE, and in a subquery of a write."""
    words = step.sql.upper()
    by_plan = (b"(SELECT ",) if step.writes else (b" JOIN ", b" HAVING ")
    ours, others = ([w for w in a.results[-1].warnings[1]
                     if not w.message.startswith((b"Truncated incorrect DECIMAL value: ",
                                                  b"Truncated incorrect DOUBLE value: "))
                     and not NO_COLUMN.match(w.message)]
                    for a in (own, theirs))
    return any(word in words for word in by_plan) and ours == others


def json_order(step, own, theirs, *columns):
    """MySQL warns that it cannot sort by a JSON, row by row."""
    ours, others = ([w for w in a.results[-1].warnings[1]
                     if b"sorting of non-scalar JSON" not in w.message] for a in (own, theirs))
    return ours == others


def beyond_timestamp(step, own, theirs, *columns):
    """MySQL warns of what no TIMESTAMP can be, in a list that it looks up in an index."""
    ours, others = ([w for w in a.results[-1].warnings[1]
                     if not w.message.startswith(b"Incorrect datetime value: ")]
                    for a in (own, theirs))
    return b" IN (" in step.sql and ours == others


def told_twice(step, own, theirs, *columns):
    """MySQL tells of a parameter's value once or twice, before and when it stores it."""
    ours, others = ({(w.level, w.code, w.message) for w in a.results[-1].warnings[1]}
                    for a in (own, theirs))
    return step.writes and step.values is not None and ours == others


def zero_dates(step, own, theirs, *columns):
    """MySQL warns of each 0000-00-00 that it looks at, and the plan says how many: a write
    looks at them when they go through a temporary table, and Sealgate not when it copies."""
    ours, others = ([w for w in a.results[-1].warnings[1] if not ZERO_DATE.match(w.message)]
                    for a in (own, theirs))
    return (not step.writes or asks(step)) and ours == others


def asks(step):
    words = step.sql.upper()
    return b"SELECT" in words or b" JOIN " in words


def list_of_nulls(step, own, theirs, *columns):
    """MariaDB reads a list of nothing but NULLs as numbers, which it never got."""
    ours, others = ([w for w in a.results[0].warnings[1]
                     if w.message != b"Truncated incorrect DECIMAL value: ''"]
                    for a in (own, theirs))
    return NULLS_ONLY.search(step.sql) is not None and ours == others
