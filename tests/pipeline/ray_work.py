"""Work for the tests of the Ray engine: Ray's workers import it."""

import os
import signal
import threading
import time
from pathlib import Path


class OddError(Exception):
    """Cannot be unpickled: it wants two arguments."""

    def __init__(self, one, two):
        super().__init__(one)


def square(number):
    return number * number


def late_first(number):
    """The earlier a task, the longer it takes."""
    time.sleep(max(0.0, 0.3 - number / 20))
    return number


def who(number):
    time.sleep(0.05)
    return number, os.getpid()


def gpu(number):
    time.sleep(0.05)
    return os.environ.get("CUDA_VISIBLE_DEVICES"), os.getpid()


def size(task):
    return len(task)


def fail_at_three(number):
    if number == 3:
        raise KeyError("three")
    return number


def fail_oddly(number):
    raise OddError("one", "two")


def unpicklable(number):
    return threading.Lock()


def die_once(task):
    """Die the first time, in the middle of the work; `task` is a number and the file that remembers it."""
    number, mark = task
    if number == 5 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die(number):
    os.kill(os.getpid(), signal.SIGKILL)
