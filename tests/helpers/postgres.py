"""A throw-away PostgreSQL cluster, alone on its port and in its folder: TLS, passwords by scram, one fresh database a test.

It dies with the process that started it (`setpriv --pdeathsig`), however that one ends.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.helpers.signers import authority, pair

if TYPE_CHECKING:
    import pwd

ADMINISTRATOR, USER, PASSWORD = "postgres", "dmp", "TEST-mot-de-passe"
ACCOUNT = "postgres"  # of the system: PostgreSQL does not run as root
START_WITHIN = 120.0  # seconds, on a machine that is busy
_INSTALL = "PostgreSQL manque : « apt-get install postgresql », ou « python3 run.py test », qui l'installe."

# No replica and no second of background work; statements of clients in no log.
_SETTINGS = {
    "ssl": "on",
    "password_encryption": "scram-sha-256",
    "autovacuum": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "log_min_messages": "fatal",
}


@dataclass
class Cluster:
    """`port` of 127.0.0.1, with TLS by tests/helpers/signers.py (names `localhost` and 127.0.0.1; it answers at 127.0.0.2
    too, under a wrong name) whose authority is `ca`."""

    folder: Path
    port: int
    ca: Path
    fsync: bool = False
    _process: subprocess.Popen[bytes] | None = None
    _names: count[int] = field(default_factory=count)

    @classmethod
    def make(cls, *, fsync: bool = False) -> Cluster:
        """Make and start one; `close` it. Raises FileNotFoundError, which says what to install."""
        folder = Path(tempfile.mkdtemp(prefix="pg-"))
        if os.geteuid() == 0:
            account = _account()
            os.chown(folder, account.pw_uid, account.pw_gid)
        folder.chmod(0o755)
        password = folder / "password"
        password.write_text(PASSWORD)
        command = ["initdb", "-D", folder / "data", "-U", ADMINISTRATOR, "--pwfile", password]
        _run(*command, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
        _certify(folder / "data")
        cluster = cls(folder, _free_port(), folder / "ca.pem", fsync)
        cluster.ca.write_bytes(authority()[1].public_bytes(Encoding.PEM))
        cluster.start()
        cluster.administer(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
        return cluster

    def start(self) -> None:
        """Start it again, on the same port, after `stop` or `kill`."""
        settings = {**_SETTINGS, "fsync": "on" if self.fsync else "off", "unix_socket_directories": str(self.folder)}
        given = [f"--{name}={value}" for name, value in settings.items()]
        command = [*_as_account("--pdeathsig", "QUIT"), _program("postgres"), "-D", self.folder / "data"]
        where = ["-h", "127.0.0.1,127.0.0.2", "-p", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*command, *where, *given], stdout=log, stderr=log, cwd="/")
        self._await()

    def stop(self) -> None:
        """Every connection is cut, what was committed stays."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """`kill -9`, children included: as much of a power cut as a machine that goes on gives."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    def database(self) -> str:
        """The address of a fresh, empty database, whose owner is no administrator; without its password."""
        name = f"test_{next(self._names)}"
        self.administer(f"CREATE DATABASE {name} OWNER {USER}")
        return f"postgresql://{USER}@localhost:{self.port}/{name}"

    def administer(self, *statements: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """What the last statement gives, run by the administrator."""
        with psycopg.connect(self._administrator(database), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def cut(self, database: str) -> None:
        """Cut every connection to a database, as a switch that loses its power does."""
        self.administer(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")

    def _administrator(self, database: str) -> str:
        return f"host={self.folder} port={self.port} dbname={database} user={ADMINISTRATOR} password={PASSWORD}"

    def _await(self) -> None:
        deadline = time.monotonic() + START_WITHIN
        while True:
            try:
                psycopg.connect(self._administrator("postgres")).close()
            except psycopg.OperationalError:
                process = self._process
                if process is None or process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError((self.folder / "log").read_text()) from None
                time.sleep(0.02)  # nothing tells when a server listens
            else:
                return

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        children = _held_children(process.pid) if how is signal.SIGKILL else []
        os.kill(process.pid, how)
        for child in children:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(child, how)
        process.wait(START_WITHIN)
        for child in children:  # what they share with it goes with the last of them: it does not start again before
            select.select([child], [], [], START_WITHIN)
            os.close(child)


def _held_children(pid: int) -> list[int]:
    """Their pidfd; it makes no other one any more."""
    os.kill(pid, signal.SIGSTOP)
    os.waitpid(pid, os.WUNTRACED)
    held = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(ProcessLookupError):
            held.append(os.pidfd_open(int(child)))
    return held


def _certify(data: Path) -> None:
    key, certificate = pair("localhost")
    (data / "server.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    secret = data / "server.key"
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    secret.chmod(0o600)
    if os.geteuid() == 0:
        account = _account()
        for file in (secret, data / "server.crt"):
            os.chown(file, account.pw_uid, account.pw_gid)


def _run(program: str, *arguments: str | Path) -> None:
    subprocess.run([*_as_account(), _program(program), *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/")


def _as_account(*options: str) -> list[str]:
    """`setpriv`, and not `runuser`, which would stand between us and the server's process."""
    identity = ["--reuid", ACCOUNT, "--regid", ACCOUNT, "--init-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *identity, *options, "--"]


def _account() -> pwd.struct_passwd:
    import pwd  # absent on Windows, where a module that merely knows of clusters is still imported

    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise FileNotFoundError(_INSTALL) from None


def _program(name: str) -> Path:
    """The newest installed one: Debian keeps them out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1]
    elsewhere = shutil.which(name)
    if elsewhere is None:
        raise FileNotFoundError(_INSTALL)
    return Path(elsewhere)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
