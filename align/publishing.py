"""A corpus on the Hugging Face Hub: what would be sent, and the sending of it, in one commit."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from align.errors import AlignError
from align.formats.files import workspace
from align.formats.finished import Run
from align.formats.hub import write_corpus

RECORD = "published.json"
_DATA = re.compile(r"[^/]+/[a-z][a-z0-9_]*-\d{5}-of-\d{5}\.parquet")
_WAITS = (1.0, 4.0)  # seconds before a second and a third try

T = TypeVar("T")


class PublishError(AlignError):
    """A corpus that cannot be published as asked."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of the data set; `is_new` if the Hub has not the same already."""

    path: str
    size: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing would do: files to send, files to remove, and which of both others have changed since."""

    repo_id: str
    revision: str
    files: tuple[SentFile, ...]
    removed: tuple[str, ...] = ()
    changed_by_others: tuple[str, ...] = ()
    creates: bool = True

    @property
    def bytes(self) -> int:
        """How much is sent."""
        return sum(file.size for file in self.files if file.is_new)


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: the plan that was followed, the address of the data set and the commit."""

    plan: Plan
    address: str
    commit: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks for; `uzbek` and `split` as `write_corpus` has them.

    `confirm` is asked, with the plan, before what others changed is overwritten.
    `progress` says whether bars show how far the sending is.
    """

    repo_id: str
    licence: str | None = None
    private: bool | None = None
    revision: str = "main"
    message: str = ""
    min_confidence: float = 0.0
    uzbek: str | None = None
    split: str | None = None
    confirm: Callable[[Plan], bool] = lambda plan: False
    progress: bool = False


def plan(run: Path, request: Request) -> Plan:
    """Return what `publish` would do; sends nothing, and without a token asks the Hub nothing.

    Raises PublishError and RunError as `publish` does.
    """
    with _corpus(run, request) as folder:
        hub = _Hub(request) if _token() else None
        return _plan(run, request, folder, hub)


def publish(run: Path, request: Request) -> Published:
    """Publish what a run kept as a data set on the Hub, in one commit, and return where it is.

    What an earlier try has sent is not sent again. A fault of the network is tried three times. The run folder keeps, in
    `published.json`, what was published, so that it can be told later whether others have changed it.
    Raises PublishError without a licence or a token, where the Hub refuses, where others have changed what would be
    overwritten and `confirm` says no, and for a network that stays away; RunError for a run that is not finished.
    """
    with _corpus(run, request) as folder:
        hub = _Hub(request)
        hub.create()
        decided = _plan(run, request, folder, hub)
        if decided.changed_by_others and not request.confirm(decided):
            names = ", ".join(decided.changed_by_others[:3]) + (" …" if len(decided.changed_by_others) > 3 else "")
            raise PublishError(f"{request.repo_id}: others have changed what would be overwritten ({names}); look at it "
                               "there, then publish with --yes to overwrite it, or to another --revision")
        commit = hub.send(folder, decided)
        _remember(run, request, commit, [file.path for file in decided.files], hub.files() or {})
        return Published(decided, hub.address, commit)


@contextmanager
def _corpus(run: Path, request: Request) -> Iterator[Path]:
    """Give the folder of the data set, made for this publication; refuse what cannot be published."""
    with Run(run) as opened:
        info = opened.info
    if not info.get("finished"):
        raise PublishError(f"{run}: the run is not finished; start `align run` again, it goes on where it stopped")
    licence = request.licence or (info.get("options") or {}).get("licence")
    if not licence:
        raise PublishError("no licence: say with --licence under which terms the texts may be used, such as cc-by-4.0")
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", request.repo_id):
        raise PublishError(f"'{request.repo_id}' is no name of a repository; give OWNER/NAME")
    with workspace(run / "publish") as place:
        folder = place / "corpus"
        write_corpus(run, folder, licence=licence, min_confidence=request.min_confidence, repo_id=request.repo_id,
                     uzbek=request.uzbek, split=request.split)
        yield folder


def _plan(run: Path, request: Request, folder: Path, hub: _Hub | None) -> Plan:
    local = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    there = hub.files() if hub else None
    if there is None:
        files = tuple(SentFile(name, path.stat().st_size, True) for name, path in local.items())
        return Plan(request.repo_id, request.revision, files)
    same = {name for name, path in local.items() if name in there and there[name] in _ids(path)}
    files = tuple(SentFile(name, path.stat().st_size, name not in same) for name, path in local.items())
    removed = tuple(sorted(name for name in there if _DATA.fullmatch(name) and name not in local))
    ours = _remembered(run, request)
    touched = sorted({*removed, *(name for name in local if name in there and name not in same)})
    changed = tuple(name for name in touched if there[name] not in ours.get(name, ()))
    return Plan(request.repo_id, request.revision, files, removed, changed, creates=False)


def _ids(path: Path) -> tuple[str, str]:
    """Return the two ids that the Hub may have for a file: the SHA-256 of a large one, the Git hash of a small one."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        git = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
        while data := file.read(1 << 20):
            git.update(data)
    return sha256, git.hexdigest()


def _record(run: Path) -> dict[str, Any]:
    try:
        record = json.loads((run / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _remembered(run: Path, request: Request) -> dict[str, list[str]]:
    """Return the files that this run has published there, on any branch, with the ids that they have had."""
    files: dict[str, list[str]] = _record(run).get(request.repo_id, {}).get("files", {})
    return files


def _remember(run: Path, request: Request, commit: str, sent: Iterable[str], files: Mapping[str, str]) -> None:
    record, known = _record(run), _remembered(run, request)
    ids = {name: list(dict.fromkeys([*known.get(name, []), files[name]])) for name in sent if name in files}
    commits = record.get(request.repo_id, {}).get("commits", {}) | {request.revision: commit}
    record[request.repo_id] = {"commits": commits, "files": {**known, **ids}}
    path = run / RECORD
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    aside.replace(path)


def _token() -> str | None:
    return _library().get_token()  # type: ignore[no-any-return]


def _library() -> Any:
    try:
        import huggingface_hub
    except ImportError:
        raise PublishError("publishing needs huggingface-hub: pip install 'align-corpus[hub]'") from None
    return huggingface_hub


class _Hub:
    """The repository, through `huggingface_hub`; its faults come out as one plain line that never holds the token."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._secret = _token()
        if not self._secret:
            raise PublishError("no token for the Hub; log in with `hf auth login`, or set HF_TOKEN to one that may write")
        library = _library()
        if not request.progress:
            library.utils.disable_progress_bars()
        self._errors = library.errors
        # Network faults are of the HTTP library that this version uses; its root stands above the Hub's own error.
        self._faults = (OSError, *self._errors.HfHubHTTPError.__bases__)
        self._endpoint = (os.environ.get("HF_ENDPOINT") or library.constants.ENDPOINT).rstrip("/")
        self._api = library.HfApi(endpoint=self._endpoint, token=self._secret)
        self._where = {"repo_id": request.repo_id, "repo_type": "dataset"}

    @property
    def address(self) -> str:
        """Where people find the data set."""
        tree = "" if self._request.revision == "main" else f"/tree/{self._request.revision}"
        return f"{self._endpoint}/datasets/{self._request.repo_id}{tree}"

    def create(self) -> None:
        """Create the repository and the branch unless they are there."""
        self._try(lambda: self._api.create_repo(**self._where, private=self._request.private, exist_ok=True))
        if self._request.revision != "main":
            self._try(lambda: self._api.create_branch(**self._where, branch=self._request.revision, exist_ok=True))

    def head(self) -> str | None:
        """Return the last commit, None where there is no such repository or branch."""
        missing = (self._errors.RepositoryNotFoundError, self._errors.RevisionNotFoundError)
        try:
            info = self._try(lambda: self._api.repo_info(**self._where, revision=self._request.revision), missing)
        except missing:
            return None
        return str(info.sha)

    def files(self) -> dict[str, str] | None:
        """Return the files there with their ids (SHA-256 where large), None where there is no repository."""
        head = self.head()
        if head is None:
            return None
        tree = self._try(lambda: list(self._api.list_repo_tree(**self._where, recursive=True, revision=head)))
        found = {}
        for entry in tree:
            if getattr(entry, "blob_id", None):
                lfs = getattr(entry, "lfs", None)
                found[entry.path] = lfs.sha256 if lfs else entry.blob_id
        return found

    def send(self, folder: Path, decided: Plan) -> str:
        """Make the commit and return its id."""
        library, head = _library(), self.head()

        def commit() -> str:
            # Made anew for each try: a commit whose answer was lost has already removed what was to be removed.
            there = self.files() or {}
            add = [library.CommitOperationAdd(file.path, folder / file.path) for file in decided.files]
            remove = [library.CommitOperationDelete(name) for name in decided.removed if name in there]
            done = all(there.get(op.path_in_repo) in _ids(folder / op.path_in_repo) for op in add)
            if done and not remove:
                return self.head() or ""
            message = self._request.message or f"Publish {sum(file.size for file in decided.files):,} bytes with align"
            info = self._api.create_commit(**self._where, operations=[*add, *remove], commit_message=message,
                                           revision=self._request.revision, parent_commit=head)
            return str(info.oid)

        return self._try(commit)

    def _try(self, call: Callable[[], T], let_through: tuple[type[Exception], ...] = ()) -> T:
        """Return what a call returns, trying again after faults that pass."""
        for wait in (*_WAITS, None):
            try:
                return call()
            except PublishError:
                raise
            except let_through:
                raise
            except (ValueError, *self._faults) as error:
                status = getattr(getattr(error, "response", None), "status_code", None)
                lasts = (ValueError, self._errors.OfflineModeIsEnabled)
                passes = status in (429, 500, 502, 503, 504) or (status is None and not isinstance(error, lasts))
                if wait is None or not passes:
                    raise PublishError(self._explain(error, status)) from None
                time.sleep(wait)
        raise AssertionError

    def _explain(self, error: Exception, status: int | None) -> str:
        name = self._request.repo_id
        if status in (401, 403):
            return f"{name}: the Hub refuses the token ({status}); log in with `hf auth login` and one that may write there"
        if status == 404:
            return f"{name}: the Hub knows no such repository or owner; check the name, and that the token may see it"
        if status in (409, 412):
            return f"{name}: somebody else changed it in this moment; publish again to see what"
        said = " ".join(str(error).split()).replace(self._secret or "\0", "…")[:300] or type(error).__name__
        if status is None and not isinstance(error, ValueError):
            return (f"{name}: the Hub cannot be reached ({said}); what was sent is kept there: "
                    "run the same command again when the network is back")
        if status == 429 or (status is not None and status >= 500):
            return (f"{name}: the Hub has a fault ({status}); what was sent is kept there: "
                    "run the same command again in a few minutes")
        return f"{name}: the Hub does not take it ({said})"
