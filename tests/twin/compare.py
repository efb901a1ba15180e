"""Whether two answers are the same, and if not, in what they differ."""

from collections import Counter

import known

UNCONVERTED = b"(not in the client's character set)"


def differences(step, own, theirs, weigher):
    """Lines that say what differs and is not a known deviation."""
    found = list(_differences(step, own, theirs, weigher))
    return [line for aspect, line, *pair in found
            if not known.allows(aspect, step, own, theirs, *pair)]


def _differences(step, own, theirs, weigher):
    if (own.error, own.sqlstate) != (theirs.error, theirs.sqlstate):
        yield "error", f"error {own.error} {own.sqlstate!r}, not {theirs.error} {theirs.sqlstate!r}"
        return
    if own.error:
        if own.message != theirs.message:
            yield "message", f"message {own.message!r}, not {theirs.message!r}"
        return
    if own.parameters != theirs.parameters:
        yield "parameters", f"{own.parameters} parameters, not {theirs.parameters}"
    yield from _columns("prepared", own.prepared, theirs.prepared)
    if len(own.results) != len(theirs.results):
        yield "results", f"{len(own.results)} results, not {len(theirs.results)}"
        return
    for ours, other in zip(own.results, theirs.results):
        yield from _result(step, ours, other, weigher)


def _result(step, ours, other, weigher):
    for aspect in ("affected", "insert_id", "info"):
        if getattr(ours, aspect) != getattr(other, aspect):
            yield aspect, f"{aspect} {getattr(ours, aspect)!r}, not {getattr(other, aspect)!r}"
    if ours.warnings != other.warnings:
        yield "warnings", f"warnings {ours.warnings}, not {other.warnings}"
    if (ours.status ^ other.status) & 3:
        yield "status", f"status {ours.status:x}, not {other.status:x}"
    yield from _columns("column", ours.columns, other.columns)
    rows, expected = ours.rows, other.rows
    if step.folds:
        rows, expected = (weigher.folded(r, ours.columns, step.folds) for r in (rows, expected))
    if not step.ordered:
        rows, expected = (sorted(r, key=repr) for r in (rows, expected))
    if rows != expected and not (step.folds and _unconverted(rows, expected, step.folds)):
        yield "rows", _unlike(rows, expected)


def _unconverted(rows, expected, folds):
    """Whether rows differ only where a group's value is shown by a member that the
    client's character set has not: the other side may show another member."""
    ours, others = (Counter(map(tuple, side)) for side in (rows, expected))
    more, lost = list((ours - others).elements()), list((others - ours).elements())

    def masked(row):
        return tuple("" if n in folds else value for n, value in enumerate(row))

    def unknown(row):
        return any(row[n] == UNCONVERTED for n in folds)
    # Each row has one of the other side, and one of the two shows no value.
    while more:
        row = more.pop()
        other = next((o for o in lost if masked(o) == masked(row) and (unknown(o) or unknown(row))),
                     None)
        if other is None:
            return False
        lost.remove(other)
    return not lost


def _unlike(rows, expected):
    lost = [row for row in expected if row not in rows]
    more = [row for row in rows if row not in expected]
    if not lost and not more:
        return "the same rows in another order or number"
    return f"rows {more[:5]} in place of {lost[:5]}"


def _columns(aspect, ours, others):
    if len(ours) != len(others):
        yield aspect, f"{len(ours)} {aspect}s, not {len(others)}"
        return
    for a, b in zip(ours, others):
        for field in ("schema", "table", "org_table", "name", "org_name", "charset", "length",
                      "type", "decimals"):
            if getattr(a, field) != getattr(b, field):
                yield (f"{aspect} {field}",
                       f"{aspect} {b.name}: {field} {getattr(a, field)}, not {getattr(b, field)}", a, b)
        if a.flags != b.flags:
            yield f"{aspect} flags", f"{aspect} {b.name}: flags {a.flags:x}, not {b.flags:x}", a, b


class Weigher:
    """Weights of texts under a collation, asked from a server and remembered."""

    def __init__(self, session):
        self.session, self.cache = session, {}
        rows = session.run(b"SELECT ID, CHARACTER_SET_NAME FROM information_schema.COLLATIONS "
                           b"WHERE ID IS NOT NULL").results[0].rows
        self.charsets = {int(number): name.decode() for number, name in rows if name}

    def folded(self, rows, columns, folds):
        return [[self._weight(value, columns[n].charset, folds[n])
                 if n in folds and isinstance(value, bytes) else value
                 for n, value in enumerate(row)] for row in rows]

    def _weight(self, value, charset, collation):
        if b"?" in value and not self.charsets[charset].startswith("utf8"):
            return UNCONVERTED
        key = value, charset, collation
        if key not in self.cache:
            own = collation.split("_")[0]
            text = f"CONVERT(_{self.charsets[charset]} X'{value.hex()}' USING {own})"
            answer = self.session.run(
                f"SELECT HEX(WEIGHT_STRING({text} COLLATE {collation})), "
                f"HEX(WEIGHT_STRING(CONVERT(' ' USING {own}) COLLATE {collation}))".encode())
            # What cannot be converted counts as it is.
            weight, space = (value, None) if answer.error else answer.results[0].rows[0]
            if space and "nopad" not in collation and "0900" not in collation:
                # Other characters may weigh as much as a space, and are padding too.
                while weight.endswith(space):
                    weight = weight[:-len(space)]
            self.cache[key] = weight
        return self.cache[key]
