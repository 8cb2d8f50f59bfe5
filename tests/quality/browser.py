"""A Chromium for the tests of the pages: that of the system, or Playwright's own; without one they are skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def launched() -> Iterator[Any]:
    """Start a browser; skips the test where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install playwright")
    with api.sync_playwright() as playwright:
        system = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        if system is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("needs a browser: apt-get install chromium")
        browser = playwright.chromium.launch(executable_path=system, args=["--no-sandbox"])
        yield browser
        browser.close()


class Watch:
    """What a page did that it should not: errors, dialogs, requests of the network."""

    def __init__(self, page: Any, allowed: str) -> None:
        self.found: list[str] = []
        page.on("console", lambda message: self.found.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.found.append(str(error)))
        page.on("dialog", self._refuse)
        page.on("request", lambda request: None if request.url.startswith(allowed) else self.found.append(request.url))

    def _refuse(self, dialog: Any) -> None:
        self.found.append(dialog.message)
        dialog.dismiss()


def serious(page: Any) -> list[str]:
    """Return what axe-core finds wrong with a page for people with disabilities that is serious or critical."""
    module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    violations = module.Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes'][:3]]} {one['nodes'][0].get('failureSummary')}"
            for one in violations if one["impact"] in ("serious", "critical")]
