"""Whatever the official rules refuse for being taken out of a header, our rules refuse too: each element, each attribute, in turn."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from dmp_desktop.cda.build import plan_of
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.check import Severity, check
from dmp_desktop.domain.documents import DocumentFormat, DocumentKind
from tests.helpers.kinds import request_of

SHARED = Path(os.environ.get("DMP_DESKTOP_SHARED", Path(__file__).parents[3] / "shared"))
VALIDATOR = SHARED / "tools" / "validate_cda.py"
C = "{urn:hl7-org:v3}"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not VALIDATOR.exists(), reason=f"official rules absent: {VALIDATOR}"),
]


def header_without_one_thing(document: etree._Element) -> Iterator[tuple[str, bytes]]:
    """What was taken out, by its path, and what is left."""
    tree = document.getroottree()
    for element in document.iter(f"{C}*"):
        path = tree.getelementpath(element)
        if path == "." or path.startswith(f"{C}component"):
            continue
        for attribute in (None, *element.attrib):
            rest = copy.deepcopy(document)
            found = rest.find(path)
            parent = found.getparent() if found is not None else None
            assert found is not None
            assert parent is not None
            if attribute is None:
                parent.remove(found)
            else:
                del found.attrib[attribute]
            yield f"{path}/@{attribute}".replace(C, "") if attribute else path.replace(C, ""), etree.tostring(rest)


def is_refused(verdict: dict[str, Any]) -> bool:
    return bool(verdict["xsd"]) or any(found["role"] == "error" for found in verdict["schematron"]["min"])


def test_what_the_official_rules_refuse_we_refuse(tmp_path: Path) -> None:
    plan = plan_of(DocumentKind.CONSULTATION)
    document = etree.fromstring(assemble(request_of(plan, DocumentFormat.STRUCTURED, "replacement"), None).cda)
    spoilt = dict(header_without_one_thing(document))
    for rank, cda in enumerate(spoilt.values()):
        (tmp_path / f"{rank:04d}.xml").write_bytes(cda)
    done = subprocess.run(
        [sys.executable, VALIDATOR, "--profiles", "min", "--json", *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stdout, done.stderr
    verdicts = json.loads(done.stdout)
    refused = {path for path, verdict in zip(spoilt, verdicts, strict=True) if is_refused(verdict)}
    ours = {path for path, cda in spoilt.items() if any(item.severity is Severity.ERROR for item in check(cda))}
    assert len(refused) > 100
    assert refused <= ours
    assert len(ours - refused) > 15, "and those the official rules let pass (reference cda.md §2)"
