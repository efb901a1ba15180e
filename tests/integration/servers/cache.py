"""The cache directory shared with tools/setup, and atomic entries in it."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path


def cache_dir():
    default = Path(os.environ.get("HOME", "/root")) / ".cache" / "sealgate"
    path = Path(os.environ.get("SEALGATE_CACHE") or default)
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def locked(name):
    with open(cache_dir() / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def directory(name, build):
    """The cached directory `name`; build(path) fills it when it is not there.
    It appears whole or not at all."""
    final = cache_dir() / "templates" / name
    with locked("templates"):
        if not final.exists():
            final.parent.mkdir(exist_ok=True)
            scratch = Path(tempfile.mkdtemp(prefix=f"{name}.new.", dir=final.parent))
            try:
                build(scratch)
                os.rename(scratch, final)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    return final
