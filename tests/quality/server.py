"""`align review` as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any


class Server:
    """A server and its address."""

    def __init__(self, run: Path, *options: str) -> None:
        command = [sys.executable, "-c", "from align.cli import main; main()", "review", str(run), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()

    def ask(self, path: str, body: Any = None) -> Any:
        origin = self.address.rsplit("/", 2)[0]
        request = urllib.request.Request(self.address + path, None if body is None else json.dumps(body).encode(),
                                         {"content-type": "application/json", "origin": origin})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
