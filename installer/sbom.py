"""The bill of materials of a frozen program, as CycloneDX 1.6 JSON: what is really in it, and nothing of development.

Each work has the SHA-256 that `requirements.lock` holds its archives to, and each of its files that lies in the program its own.
The same program gives the same bytes.
"""

from __future__ import annotations

import re
import subprocess
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from installer import licences
from installer.account import AccountError, Place, works
from installer.hashes import sha256
from installer.windows.lock import read_lock

if TYPE_CHECKING:
    from installer.account import Work

ROOT = Path(__file__).resolve().parents[1]
_NAMESPACE = uuid.UUID("6f0d5b60-2c43-5f0e-9a5e-0d3a3c1f7b34")


def write(program: Path, shipped: Path, place: Place, version: str) -> None:
    """`LICENCES-TIERS.txt` and `sbom.cdx.json` in the program's folder: once its files are what they stay, before their hashes.

    Raises AccountError when what is shipped may not be, or is not known."""
    found = works(shipped, place)
    if refused := licences.refusals(found):
        raise AccountError("\n".join(refused))
    (program / "LICENCES-TIERS.txt").write_text(licences.notice(found), encoding="utf-8", newline="\n")
    told = bill(found, program, ROOT / "requirements.lock", version, _moment())
    (program / "sbom.cdx.json").write_text(told, encoding="utf-8", newline="\n")


def _moment() -> datetime:
    """That of the last commit, for whoever builds it again to get the same; now where there is none."""
    command = ["git", "log", "-1", "--format=%ct"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return datetime.fromtimestamp(int(told), UTC) if told else datetime.now(UTC)


def bill(found: list[Work], program: Path, lock: Path, version: str, built: datetime) -> str:
    """JSON. `program` is the folder of the program, `built` the moment it stands for. Raises AccountError for a wheel that the
    lock does not hold."""
    locked = {f"{re.sub('[-_.]+', '-', one.name).lower()}@{one.version}": one.hashes for one in read_lock(lock)}
    components = [_component(work, program, locked) for work in found]
    ours = Component(
        name="dmp-desktop", version=version, type=ComponentType.APPLICATION, bom_ref="dmp-desktop",
        licenses=[LicenseFactory().make_from_string("MIT")],
    )  # fmt: skip
    ours.components = [_file(name, program / name) for name in _programs(program)]
    bom = Bom(components=components, metadata=BomMetaData(component=ours, timestamp=built))
    bom.register_dependency(ours, components)
    bom.serial_number = uuid.uuid5(_NAMESPACE, "\n".join(f"{one.name} {one.version}" for one in found) + version)
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _programs(program: Path) -> list[str]:
    return sorted(file.name for file in program.iterdir() if file.is_file() and file.stem in ("dmp", "dmp-desktop"))


def _component(work: Work, program: Path, locked: dict[str, list[str]]) -> Component:
    purl = PackageURL.from_string(work.purl)
    references = []
    if purl.type == "pypi":
        hashes = locked.get(f"{purl.name}@{work.version}")
        if not hashes:
            raise AccountError(f"{work.name} {work.version} n'est pas dans requirements.lock.")
        told = [HashType(alg=HashAlgorithm.SHA_256, content=one.rpartition(":")[2]) for one in hashes]
        url = XsUri(f"https://pypi.org/project/{purl.name}/{work.version}/#files")
        references = [ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=url, hashes=told)]
    files = [(name, program / "_internal" / name) for name in sorted(set(work.files))]
    return Component(
        name=work.name, version=work.version, type=ComponentType.LIBRARY, bom_ref=work.purl, purl=purl,
        licenses=[LicenseFactory().make_from_string(work.licence)], external_references=references,
        components=[_file(name, path, work.purl) for name, path in files if path.is_file()],
    )  # fmt: skip


def _file(name: str, path: Path, of: str = "dmp-desktop") -> Component:
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=sha256(path))]
    return Component(name=name, type=ComponentType.FILE, bom_ref=f"{of}#{name}", hashes=hashes)
