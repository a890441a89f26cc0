"""More than one screen on a server without any (Xvfb): monitors of RandR 1.5, set and taken away while programs run."""

from __future__ import annotations

import ctypes
import sys


class _Monitor(ctypes.Structure):
    """XRRMonitorInfo."""

    _fields_ = (
        ("name", ctypes.c_ulong), ("primary", ctypes.c_int), ("automatic", ctypes.c_int), ("outputs_count", ctypes.c_int),
        ("x", ctypes.c_int), ("y", ctypes.c_int), ("width", ctypes.c_int), ("height", ctypes.c_int),
        ("width_mm", ctypes.c_int), ("height_mm", ctypes.c_int), ("outputs", ctypes.POINTER(ctypes.c_ulong)),
    )  # fmt: skip


class _Resources(ctypes.Structure):
    """The beginning of XRRScreenResources."""

    _fields_ = (
        ("time", ctypes.c_ulong), ("config_time", ctypes.c_ulong), ("crtcs_count", ctypes.c_int),
        ("crtcs", ctypes.POINTER(ctypes.c_ulong)), ("outputs_count", ctypes.c_int), ("outputs", ctypes.POINTER(ctypes.c_ulong)),
    )  # fmt: skip


def main(monitors: list[str]) -> None:
    """`name=x,y,width,height`, the one at 0 is primary and has the output; `-name` takes one away. Of the display of the environment."""
    x11, randr = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXrandr.so.2")
    pointer = ctypes.c_void_p
    x11.XOpenDisplay.restype, x11.XDefaultRootWindow.restype, x11.XInternAtom.restype = (
        pointer,
        ctypes.c_ulong,
        ctypes.c_ulong,
    )
    x11.XDefaultRootWindow.argtypes, x11.XCloseDisplay.argtypes = [pointer], [pointer]
    x11.XInternAtom.argtypes = [pointer, ctypes.c_char_p, ctypes.c_int]
    randr.XRRGetScreenResources.restype = ctypes.POINTER(_Resources)
    randr.XRRGetScreenResources.argtypes = [pointer, ctypes.c_ulong]
    randr.XRRSetMonitor.argtypes = [pointer, ctypes.c_ulong, ctypes.POINTER(_Monitor)]
    randr.XRRDeleteMonitor.argtypes = [pointer, ctypes.c_ulong, ctypes.c_ulong]
    display = x11.XOpenDisplay(None)
    root = x11.XDefaultRootWindow(display)
    outputs = randr.XRRGetScreenResources(display, root).contents.outputs
    for given in monitors:
        name, _, place = given.removeprefix("-").partition("=")
        atom = x11.XInternAtom(display, name.encode(), 0)
        if not place:
            randr.XRRDeleteMonitor(display, root, atom)
            continue
        x, y, width, height = map(int, place.split(","))
        count = 1 if x == 0 else 0
        one = _Monitor(atom, count, 0, count, x, y, width, height, width // 4, height // 4, outputs)
        randr.XRRSetMonitor(display, root, ctypes.byref(one))
    x11.XCloseDisplay(display)


if __name__ == "__main__":
    main(sys.argv[1:])
