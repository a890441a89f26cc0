"""Signing in by Pro Santé Connect in tests: the browser is an HTTP client, the phone a form, both over the wire."""

from __future__ import annotations

import contextlib
import re
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.psc_provider import Registration
from dmp_desktop.services.psc_sign_in import PscProgress, PscSetup, PscStep

DOCTOR_ID = "810002422979"
OTHER_ID = "810009999993"


def setup(ready: Mapping[str, Any], identity: str = "structure", *, secret: bool = False) -> PscSetup:
    """The ready file's `psc`, opened with the keys of `identity`; known by certificate, or by `secret`."""
    told, keys = ready["psc"], ready["identities"][identity]
    return PscSetup(
        Registration(told["discovery"], told["client_id"], told["client_secret"] if secret else ""),
        Path(told["ca"]),
        lambda: Pkcs12Identity(Path(keys["p12"]), keys["password"]),
    )


class Person:
    """Who sits before the browser and holds the phone. `tell` is for PscSignIn; what was told is in `progress`."""

    def __init__(self, ready: Mapping[str, Any], national_id: str = DOCTOR_ID, answer: str = "yes") -> None:
        self.psc = ready["psc"]
        self.national_id, self.answer = national_id, answer
        self.progress: list[PscProgress] = []
        self.page = ""  # the last page shown to the person
        context = ssl.create_default_context(cafile=self.psc["ca"])
        self.browser = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), urllib.request.ProxyHandler({})
        )

    def tell(self, progress: PscProgress) -> None:
        self.progress.append(progress)
        if progress.step is PscStep.PHONE:
            self.answer_phone(progress.binding)

    def open(self, url: str) -> bool:
        """Play the browser, on a thread as a real one: PscSignIn waits meanwhile."""
        threading.Thread(target=self.visit, args=(url,)).start()
        return True

    def visit(self, url: str, change: Callable[[dict[str, str]], None] = lambda form: None) -> None:
        """Open the provider's page, press a button, follow the way back."""
        self.get(url)
        form = dict(parse_qsl(urlsplit(url).query)) | {"person": self.national_id, "answer": self.answer}
        change(form)
        self.post(url.partition("?")[0], form)

    def answer_phone(self, binding: str) -> None:
        """Compare the number, then press a button."""
        self.get(self.psc["phone"])
        assert f"<strong>{binding}</strong>" in self.page
        self.answer_all()

    def answer_all(self) -> None:
        """Press the button of whatever the phone shows."""
        self.get(self.psc["phone"])
        for request in re.findall(r'name="request" value="([^"]+)"', self.page):
            self.post(self.psc["phone"], {"request": request, "answer": self.answer})

    def order(self, **faults: int) -> None:
        """Switch faults on at the provider."""
        self.post(self.psc["faults"], {name: str(count) for name, count in faults.items()})

    def get(self, url: str) -> int:
        return self._read(url)

    def post(self, url: str, form: Mapping[str, str]) -> int:
        return self._read(urllib.request.Request(url, urlencode(form).encode()))

    def _read(self, request: str | urllib.request.Request) -> int:
        try:
            with self.browser.open(request, timeout=60) as answer:
                self.page = answer.read().decode()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with contextlib.closing(error):
                self.page = error.read().decode()
            return error.code
