"""DMP Desktop: the shared medical record beside the practice software."""


def version() -> str:
    """The installed version, or `0` in a tree that is not installed."""
    from importlib import metadata  # 28 ms to import, and the window starts without it

    try:
        return metadata.version("dmp-desktop")
    except metadata.PackageNotFoundError:
        return "0"
