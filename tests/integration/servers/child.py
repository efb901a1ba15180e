"""Child processes that never outlive the Python process that started them."""

import atexit
import ctypes
import queue
import signal
import subprocess
import sys
import threading

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_living = set()
_requests = queue.Queue()


def _spawner():
    # The kernel sends the death signal when the *thread* that forked ends, so
    # one thread that lives as long as the process forks every child.
    while True:
        arguments, keywords, answer = _requests.get()
        try:
            answer.put(subprocess.Popen(arguments, **keywords))
        except BaseException as error:  # handed to the caller
            answer.put(error)


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


_thread = None


def spawn(arguments, **keywords):
    """subprocess.Popen in a session of its own, bound to this process's life."""
    global _thread
    if _thread is None:
        _thread = threading.Thread(target=_spawner, daemon=True, name="spawner")
        _thread.start()
        _catch_terminate()
    answer = queue.Queue()
    keywords.setdefault("stdin", subprocess.DEVNULL)
    keywords.update(preexec_fn=_die_with_parent, start_new_session=True)
    _requests.put(([str(a) for a in arguments], keywords, answer))
    child = answer.get()
    if isinstance(child, BaseException):
        raise child
    _living.add(child)
    return child


def stop(child, timeout=30.0):
    """SIGTERM, then SIGKILL after `timeout` seconds. Returns the exit status."""
    if child.poll() is None:
        child.terminate()
        # A stopped process would not see the signal.
        child.send_signal(signal.SIGCONT)
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            child.kill()
    _living.discard(child)
    return child.wait()


def kill(child):
    """SIGKILL; returns the exit status."""
    child.kill()
    _living.discard(child)
    return child.wait()


def _stop_all():
    for child in list(_living):
        stop(child, timeout=5)


def _catch_terminate():
    """Turns SIGTERM into SystemExit, so that context managers and atexit run."""
    if threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


atexit.register(_stop_all)
