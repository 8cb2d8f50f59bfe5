"""A server on loopback that speaks the parts of the Hub's protocol that its client library uses, with faults on order."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_loopbackSecretToken0123456789"


def git_hash(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@dataclass
class Repository:
    private: bool = False
    branches: dict[str, list[tuple[str, str, dict[str, bytes]]]] = field(default_factory=dict)  # id, message, files

    def commit(self, branch: str, message: str, files: dict[str, bytes]) -> str:
        commits = self.branches.setdefault(branch, [])
        oid = hashlib.sha1(f"{branch} {len(commits)} {message}".encode()).hexdigest()
        commits.append((oid, message, files))
        return oid

    def find(self, revision: str) -> tuple[str, str, dict[str, bytes]] | None:
        if revision in self.branches:
            return self.branches[revision][-1]
        return next((one for commits in self.branches.values() for one in commits if one[0] == revision), None)


@dataclass
class Fault:
    """What goes wrong with the next `times` requests that match: a status, `cut` before or `lost` after the work."""

    method: str
    path: str
    what: int | str
    times: int = 1


class Hub:
    """The state of the server, and what it has seen."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.blobs: dict[str, bytes] = {}
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str]] = []
        self.received = 0
        self.url = ""

    def fault(self, method: str, path: str) -> int | str | None:
        for fault in self.faults:
            if fault.times and fault.method == method and re.search(fault.path, path):
                fault.times -= 1
                return fault.what
        return None

    def files(self, name: str, revision: str = "main") -> dict[str, bytes]:
        found = self.repositories[name].find(revision)
        assert found is not None
        return {path: data for path, data in found[2].items() if path != ".gitattributes"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: Any) -> None:
        pass

    def handle_any(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append((self.command, path))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = self.read_chunks()
        fault = self.hub.fault(self.command, path)
        if fault == "cut":
            self.close_connection = True
            return
        if isinstance(fault, int):
            self.answer(fault, {"error": f"injected, and here is {self.headers.get('Authorization')}"})
            return
        for method, pattern, act in ROUTES:
            match = re.fullmatch(pattern, path)
            if method in (self.command, "ANY") and match:
                if fault == "lost":
                    self.answer = lambda *_, **__: None  # type: ignore[method-assign]
                    self.close_connection = True
                act(self, body, *match.groups())
                return
        self.answer(404, {"error": f"no route for {self.command} {path}"})

    do_GET = do_POST = do_PUT = do_HEAD = handle_any  # noqa: N815

    def read_chunks(self) -> bytes:
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def answer(self, status: int, content: Any = None, **headers: str) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def allowed(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {TOKEN}":
            return True
        self.answer(401, {"error": "Invalid credentials"})
        return False

    def found(self, name: str, revision: str) -> tuple[str, str, dict[str, bytes]] | None:
        repository = self.hub.repositories.get(name)
        if repository is None:
            self.answer(404, {"error": "Repository not found"}, X_Error_Code="RepoNotFound")
            return None
        commit = repository.find(revision)
        if commit is None:
            self.answer(404, {"error": "Invalid rev"}, X_Error_Code="RevisionNotFound")
        return commit

    def create(self, body: bytes) -> None:
        if not self.allowed():
            return
        asked = json.loads(body)
        name = f"{asked['organization']}/{asked['name']}"
        if name in self.hub.repositories:
            self.answer(409, {"error": "You already created this dataset repo", "url": f"{self.hub.url}/datasets/{name}"})
            return
        self.hub.repositories[name] = Repository(asked.get("visibility") == "private" or asked.get("private") is True)
        self.hub.repositories[name].commit("main", "initial commit", {".gitattributes": b"*.parquet filter=lfs\n"})
        self.answer(200, {"url": f"{self.hub.url}/datasets/{name}", "name": name})

    def info(self, body: bytes, name: str, revision: str | None = None) -> None:
        if commit := self.found(name, revision or "main"):
            siblings = [{"rfilename": path} for path in sorted(commit[2])]
            self.answer(200, {"id": name, "sha": commit[0], "private": False, "gated": False, "disabled": False,
                              "downloads": 0, "likes": 0, "tags": [], "siblings": siblings})

    def entry(self, path: str, data: bytes) -> dict[str, Any]:
        entry: dict[str, Any] = {"type": "file", "path": path, "size": len(data), "oid": git_hash(data)}
        if path.endswith(".parquet"):
            entry["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
        return entry

    def tree(self, body: bytes, name: str, revision: str, below: str | None = None) -> None:
        if commit := self.found(name, revision):
            prefix = f"{below.strip('/')}/" if below and below.strip("/") else ""
            paths = [path for path in sorted(commit[2]) if path.startswith(prefix)]
            if "recursive=true" in self.path.lower():
                self.answer(200, [self.entry(path, commit[2][path]) for path in paths])
                return
            folders = sorted({prefix + path.removeprefix(prefix).split("/")[0] for path in paths
                              if "/" in path.removeprefix(prefix)})
            entries = [{"type": "directory", "path": folder, "oid": "0" * 40, "size": 0} for folder in folders]
            if prefix and not paths:
                self.answer(404, {"error": "no such folder"}, X_Error_Code="EntryNotFound")
                return
            self.answer(200, entries + [self.entry(path, commit[2][path]) for path in paths
                                        if "/" not in path.removeprefix(prefix)])

    def paths_info(self, body: bytes, name: str, revision: str) -> None:
        if commit := self.found(name, revision):
            asked = json.loads(body)["paths"] if body[:1] == b"{" else []
            self.answer(200, [self.entry(path, commit[2][path]) for path in asked if path in commit[2]])

    def branch(self, body: bytes, name: str, branch: str) -> None:
        repository = self.hub.repositories[name]
        if branch in repository.branches:
            self.answer(409, {"error": "Reference already exists"})
            return
        repository.branches[branch] = list(repository.branches["main"])
        self.answer(200, {})

    def validate(self, body: bytes) -> None:
        self.answer(200, {"errors": [], "warnings": []})

    def preupload(self, body: bytes, name: str, revision: str) -> None:
        if not self.allowed() or not (commit := self.found(name, revision)):
            return
        files = []
        for asked in json.loads(body)["files"]:
            path, there = asked["path"], commit[2].get(asked["path"])
            entry = self.entry(path, there) if there is not None else {}
            oid = entry["lfs"]["oid"] if "lfs" in entry else entry.get("oid")
            mode = "lfs" if path.endswith(".parquet") else "regular"
            files.append({"path": path, "uploadMode": mode, "shouldIgnore": False, **({"oid": oid} if oid else {})})
        self.answer(200, {"files": files})

    def batch(self, body: bytes, name: str) -> None:
        if not self.allowed():
            return
        objects = []
        for asked in json.loads(body)["objects"]:
            entry = {"oid": asked["oid"], "size": asked["size"]}
            if asked["oid"] not in self.hub.blobs:
                entry["actions"] = {"upload": {"href": f"{self.hub.url}/storage/{asked['oid']}"}}
            objects.append(entry)
        self.answer(200, {"transfer": "basic", "objects": objects})

    def store(self, body: bytes, oid: str) -> None:
        assert hashlib.sha256(body).hexdigest() == oid
        self.hub.blobs[oid] = body
        self.hub.received += len(body)
        self.answer(200, {})

    def commit(self, body: bytes, name: str, revision: str) -> None:
        if not self.allowed() or not (last := self.found(name, revision)):
            return
        files, message, inline = dict(last[2]), "", 0
        for line in body.splitlines():
            item = json.loads(line)
            value = item["value"]
            if item["key"] == "header":
                message = value["summary"]
                if value.get("parentCommit") not in (None, last[0]):
                    self.answer(412, {"error": "The expected parent commit is not the last one"})
                    return
            elif item["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
                inline += len(files[value["path"]])
            elif item["key"] == "lfsFile":
                files[value["path"]] = self.hub.blobs[value["oid"]]
            elif item["key"] == "deletedFile":
                del files[value["path"]]
            else:
                raise AssertionError(item["key"])
        self.hub.received += inline
        oid = self.hub.repositories[name].commit(revision, message, files)
        self.answer(200, {"commitUrl": f"{self.hub.url}/datasets/{name}/commit/{oid}", "commitOid": oid,
                          "success": True})

    def resolve(self, body: bytes, name: str, revision: str, path: str) -> None:
        if not (commit := self.found(name, revision)):
            return
        if path not in commit[2]:
            self.answer(404, {"error": "Entry not found"}, X_Error_Code="EntryNotFound")
            return
        data = commit[2][path]
        headers = {"X_Repo_Commit": commit[0], "ETag": f'"{git_hash(data)}"', "Accept_Ranges": "bytes"}
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if part:
            first, last = int(part[1]), min(int(part[2] or len(data) - 1), len(data) - 1)
            self.answer(206, data[first : last + 1], Content_Range=f"bytes {first}-{last}/{len(data)}", **headers)
            return
        self.answer(200, data, **headers)


Route = tuple[str, str, Callable[..., None]]
ROUTES: list[Route] = [
    ("POST", "/api/repos/create", Handler.create),
    ("POST", "/api/validate-yaml", Handler.validate),
    ("GET", r"/api/datasets/([^/]+/[^/]+)", Handler.info),
    ("GET", r"/api/datasets/([^/]+/[^/]+)/revision/(.+)", Handler.info),
    ("GET", r"/api/datasets/([^/]+/[^/]+)/tree/([^/]+)(/.*)?", Handler.tree),
    ("POST", r"/api/datasets/([^/]+/[^/]+)/paths-info/([^/]+)", Handler.paths_info),
    ("POST", r"/api/datasets/([^/]+/[^/]+)/branch/(.+)", Handler.branch),
    ("POST", r"/api/datasets/([^/]+/[^/]+)/preupload/(.+)", Handler.preupload),
    ("POST", r"/datasets/([^/]+/[^/]+)\.git/info/lfs/objects/batch", Handler.batch),
    ("PUT", r"/storage/([0-9a-f]{64})", Handler.store),
    ("POST", r"/api/datasets/([^/]+/[^/]+)/commit/(.+)", Handler.commit),
    ("ANY", r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", Handler.resolve),
]


@contextmanager
def serve() -> Iterator[Hub]:
    """Run the server on a free port for as long as the context lasts."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
