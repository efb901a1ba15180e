"""The differences that are known and documented: the only table of them.
docs/testing.md repeats it for readers."""

from typing import Callable, NamedTuple

NOT_NULL, BLOB, ZEROFILL, BINARY, NO_DEFAULT, GROUP = 1, 16, 64, 128, 4096, 0x8000
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
    """Only notes about what was written are missing, or about a literal's form."""
    lost = {(b"Warning", b"3719"), (b"Warning", b"3720")}
    if step.writes:
        lost |= {(b"Note", b"1265"), (b"Note", b"1292")}
    ours, others = ([w for w in a.results[-1].warnings[1] if w not in lost]
                    for a in (own, theirs))
    return ours == others


def _plan_flags(step, own, theirs, ours, other):
    """Only flags differ that the server sets by its plan: those of keys, all or
    none; NOT NULL in a join or of an expression; GROUP; and of an expression
    what its temporary table has."""
    ignored = GROUP
    if not (ours.flags & KEY_FLAGS and other.flags & KEY_FLAGS):
        ignored |= KEY_FLAGS
    if b" JOIN " in step.sql or b"(SELECT" in step.sql:
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


def _representative(step, own, theirs, ours, other):
    return ours.table == "" and any(w in step.sql for w in (b"GROUP BY", b"DISTINCT", b"UNION"))


def _expression(step, own, theirs, ours, other):
    return not ours.org_table and not other.org_table


def _described_as_column(step, own, theirs, ours, other):
    """Kinds of TEXT and of strings, and flags of the type."""
    types = {ours.type, other.type}
    alike = types <= {249, 250, 251, 252, 253} or types <= {253, 254}
    bits = BLOB | ZEROFILL | BINARY | GROUP | NOT_NULL | NO_DEFAULT
    expression = _expression(step, own, theirs, ours, other)
    return ((alike or ours.type == other.type) and ours.flags | bits == other.flags | bits
            and (expression or _representative(step, own, theirs, ours, other)))


def _rewritten_name(step, own, theirs, ours, other):
    return any(part in ours.name for part in ("X'FE", " ? AND ?", "LEFT("))


def _impossible(step, own, theirs, *columns):
    return (b"RETURNING" in step.sql and own.results[0].affected == 0
            and not own.results[0].rows and not theirs.results[0].rows)


KNOWN = (
    Known(("affected", "info", "insert_id"), "a sealed value differs from the stored one even if the plaintext "
          "is the same (random and searchable), so the row counts as changed", _more_changed),
    Known(("warnings", "info"), "a value that Sealgate rounds or cuts for its column (a clock for "
          "a DATE, digits of a DECIMAL, blanks) is stored the same, but without the server's note; and "
          "MySQL warns of N'…' and of utf8mb3 in literals that it does not get to see",
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
          "an expression without an alias may be named by its rewritten text; to be mended",
          _rewritten_name),
    Known(("column",), "MariaDB answers DELETE … RETURNING with OK in place of no rows when it "
          "knows before that there are none", _impossible),
    Known(("column charset", "prepared charset"), "MySQL's SET NAMES … COLLATE also sets the "
          "collation that metadata names, and does not report it; the character set is right",
          _same_charset),
)


def allows(aspect, step, own, theirs, *columns):
    return any(aspect in k.aspects and k.applies(step, own, theirs, *columns) for k in KNOWN)
