"""From a frozen folder to a signed MSI."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from installer.windows import wxs
from installer.windows.fetch import BuildError
from installer.windows.stubs import NAMES

URL = "https://www.dmp.fr"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Who signs: a PKCS#12 file, its passphrase in a file (never on a command line), and where the time is asked, if anywhere."""

    pkcs12: Path
    passphrase_file: Path
    timestamp_url: str = ""


def test_certificate(folder: Path) -> Certificate:
    """A key and a certificate of our own making, for one build: proves that signing works and nothing about who signed."""
    folder.mkdir(parents=True, exist_ok=True)
    key, certificate, both, secret = (folder / name for name in ("key.pem", "cert.pem", "test.p12", "passphrase"))
    secret.write_text("essai", encoding="ascii")
    subject = "/C=FR/O=ESSAI DMP Desktop/CN=ESSAI DMP Desktop (ne prouve rien)"
    _must("openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-days", "30", "-subj", subject, "-keyout", key,
          "-out", certificate, "-addext", "extendedKeyUsage=codeSigning", "-addext", "keyUsage=digitalSignature")  # fmt: skip
    _must("openssl", "pkcs12", "-export", "-inkey", key, "-in", certificate, "-out", both, "-passout", f"file:{secret}")
    return Certificate(both, secret)


def sign(file: Path, certificate: Certificate) -> None:
    """Replace `file` (program or MSI) by itself signed. Raises BuildError."""
    signed = file.with_name(f"{file.name}.signed")
    signed.unlink(missing_ok=True)
    dated = ["-ts", certificate.timestamp_url] if certificate.timestamp_url else []
    _must("osslsigncode", "sign", "-pkcs12", certificate.pkcs12, "-readpass", certificate.passphrase_file, "-h", "sha256",
          "-n", wxs.NAME, "-i", URL, *dated, "-in", file, "-out", signed)  # fmt: skip
    signed.replace(file)


def signature(file: Path) -> str:
    """What osslsigncode says of a signature: its digests agree, who signed. Trust in who signed is another matter."""
    done = subprocess.run(["osslsigncode", "verify", str(file)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return done.stdout


def pack(package: wxs.Package, msi: Path) -> None:
    """Raises BuildError, also when a stand-in that wine was given (`stubs`) is among the files: Windows has the true one."""
    if stand_ins := [one for one in package.frozen.rglob("*") if one.name.lower() in NAMES]:
        raise BuildError(f"Des remplaçants de construction sont dans le programme : {stand_ins}")
    source = msi.with_suffix(".wxs")
    source.write_text(wxs.source(package), encoding="utf-8")
    msi.unlink(missing_ok=True)
    _must("wixl", "-a", "x64", "-o", msi, source, folder=package.frozen.parent)
    condition = (
        f"UPDATE `Component` SET `Condition` = '{wxs.AUTOSTART}' WHERE `Component` = '{wxs.AUTOSTART_COMPONENT}'"  # noqa: S608 - ours
    )
    _must("msibuild", msi, "-q", condition, *(part for one in _replacing(package.version) for part in ("-q", one)))


def _replacing(version: str) -> tuple[str, str]:
    """The row of the versions that are replaced, written again: its attributes are part of its key."""
    values = f"'{{{wxs.UPGRADE_CODE}}}', '{version}', {wxs.REPLACED_ATTRIBUTES}, '{wxs.REPLACED}'"
    return (
        f"DELETE FROM `Upgrade` WHERE `ActionProperty` = '{wxs.REPLACED}'",  # noqa: S608 - ours, as below
        f"INSERT INTO `Upgrade` (`UpgradeCode`, `VersionMax`, `Attributes`, `ActionProperty`) VALUES ({values})",  # noqa: S608
    )


def _must(*command: str | Path, folder: Path | None = None) -> None:
    done = subprocess.run([str(one) for one in command], capture_output=True, text=True, check=False, cwd=folder)  # noqa: S603
    if done.returncode:
        raise BuildError(f"{command[0]} {command[1]} a échoué :\n{(done.stdout + done.stderr)[-2000:]}")
