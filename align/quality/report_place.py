"""The files of a report: written beside their place and moved in when whole."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from align.errors import RunError

MARK = "report.js"
"""The file by which a folder is known for one of ours."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report goes, the page `out` and the folder: written beside its place and moved in when whole."""

    out: Path
    folder: Path

    @property
    def aside(self) -> Path:
        """Where the folder is made."""
        return self.folder.with_name(f".{self.folder.name}.pages.part")

    @property
    def _page(self) -> Path:
        return self.out.with_name(f".{self.out.name}.tmp")

    @property
    def home(self) -> str:
        """The name of the first page; one that is made aside is called as its folder."""
        return f"{self.folder.name}.html" if self.out.name.startswith(".") else self.out.name

    def __enter__(self) -> Place:
        shutil.rmtree(self.aside, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.aside, ignore_errors=True)
        self._page.unlink(missing_ok=True)

    def page(self, text: str) -> None:
        """Write the first page."""
        self._write(self._page, text)

    def file(self, name: str, text: str) -> None:
        """Write a file of the folder."""
        path = self.aside / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._refusal(error) from error
        self._write(path, text)

    def check(self) -> None:
        """Raise RunError where the folder is somebody else's."""
        if self.folder.exists() and not self._is_ours():
            raise RunError(f"{self.folder}: is there and no report of align; choose another place with --out")

    def finish(self) -> list[Path]:
        """Move everything to its place and return what is there; an earlier report goes."""
        try:
            if self._is_ours():
                shutil.rmtree(self.folder)
            large = self.aside.is_dir()
            if large:
                self.aside.replace(self.folder)
            self._page.replace(self.out)
        except OSError as error:
            raise self._refusal(error) from error
        return [self.out, self.folder] if large else [self.out]

    def _is_ours(self) -> bool:
        return (self.folder / MARK).is_file()

    def _write(self, path: Path, text: str) -> None:
        try:
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: OSError) -> RunError:
        return RunError(f"{self.out}: cannot be written ({error.strerror}); choose another place")
