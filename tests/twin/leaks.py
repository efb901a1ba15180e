"""Plaintext on the side of the server that is behind Sealgate."""

from test_sentinel import forms


def places(server, markers):
    """Where a marker stands among the server's files, after a clean restart."""
    server.settle()
    found = []
    wanted = [(form, data) for marker in markers for form, data in forms(marker).items()]
    for path in server.files():
        data = path.read_bytes()
        for form, needle in wanted:
            if needle in data:
                found.append(f"{path.relative_to(server.basedir)} holds a marker as {form}: "
                             f"{around(data, needle)!r}")
    return found


def around(data, needle):
    """The place, so that the statement can be told."""
    at = data.index(needle)
    return data[max(0, at - 300):at + 100]
