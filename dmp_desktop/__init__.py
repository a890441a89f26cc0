"""DMP Desktop: the shared medical record beside the practice software."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as _version


def version() -> str:
    """The installed version, or `0` in a tree that is not installed."""
    try:
        return _version("dmp-desktop")
    except PackageNotFoundError:
        return "0"
