"""The one palette (design/ui.md) and how Qt gets it. Every colour on screen comes from here."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from dmp_desktop.resources import resource_path

if TYPE_CHECKING:
    from dmp_desktop.ui.restyle import Restyling

MINIMUM_CONTRAST = 4.5
"""WCAG 2.2 §1.4.3, level AA, normal text."""


@dataclass(frozen=True, slots=True)
class Colours:
    """`#RRGGBB` by role."""

    base: str
    panel: str
    text: str
    muted: str
    accent: str
    danger: str
    warning: str
    success: str
    border: str

    def roles(self) -> dict[str, str]:
        """As the services take them (`ports.PaletteColours`)."""
        return asdict(self)

    def shades(self) -> dict[str, str]:
        """The roles, and the tints that stand behind a text."""
        return self.roles() | {
            "hover": blend(self.accent, self.panel, 0.12),
            "danger_tint": blend(self.danger, self.base, 0.10),
            "warning_tint": blend(self.warning, self.base, 0.10),
            "success_tint": blend(self.success, self.base, 0.10),
        }


LIGHT = Colours("#FFFFFF", "#F4F6F8", "#1B1F24", "#57606A", "#005A9E", "#B3261E", "#8A5300", "#1B6E3C", "#D0D7DE")
DARK = Colours("#1B1F24", "#22272E", "#E6EDF3", "#9DA7B1", "#6CB6FF", "#FF8A80", "#F0B429", "#6FDD8B", "#444C56")
HIGH_CONTRAST = Colours(
    "#000000", "#0A0A0A", "#FFFFFF", "#FFFFFF", "#FFE900", "#FF9A9A", "#FFC76B", "#7CFC9A", "#FFFFFF"
)
SCHEMES = {"light": LIGHT, "dark": DARK, "high_contrast": HIGH_CONTRAST}

PAIRS = (
    ("text", "base"),
    ("text", "panel"),
    ("muted", "base"),
    ("muted", "panel"),
    ("accent", "base"),
    ("accent", "panel"),
    ("danger", "base"),
    ("danger", "panel"),
    ("warning", "base"),
    ("warning", "panel"),
    ("success", "base"),
    ("success", "panel"),
    ("base", "accent"),
    ("base", "danger"),
    ("base", "warning"),
    ("text", "hover"),
    ("text", "danger_tint"),
    ("text", "warning_tint"),
    ("text", "success_tint"),
    ("accent", "hover"),
)
"""Every text and background put together somewhere in the window."""


@cache
def tint(colours: Colours, name: str) -> str:
    """One of `shades`, for what is painted many times a second."""
    return colours.shades()[name]


def contrast(first: str, second: str) -> float:
    """WCAG contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2 definition."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def current() -> Colours:
    """The colours in use, told by the application's palette."""
    base = QGuiApplication.palette().color(QPalette.ColorRole.Base).name().upper()
    return next((colours for colours in SCHEMES.values() if colours.base == base), LIGHT)


def blend(front: str, back: str, share: float) -> str:
    """`share` of `front` over `back`: a tint for backgrounds."""
    mixed = (round(int(front[i : i + 2], 16) * share + int(back[i : i + 2], 16) * (1 - share)) for i in (1, 3, 5))
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def qpalette(colours: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for roles, colour in (
        ((role.Window, role.Button, role.AlternateBase, role.ToolTipBase), colours.panel),
        ((role.Base,), colours.base),
        ((role.Text, role.WindowText, role.ButtonText, role.ToolTipText), colours.text),
        ((role.PlaceholderText,), colours.muted),
        ((role.Highlight, role.Link, role.LinkVisited, role.Accent), colours.accent),
        ((role.HighlightedText,), colours.base),
        ((role.Mid, role.Dark, role.Light, role.Midlight), colours.border),
    ):
        for one in roles:
            palette.setColor(one, QColor(colour))
    for one in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor(colours.muted))
    return palette


def apply(app: QApplication, colours: Colours) -> None:
    """Palette and stylesheet for the whole application, in one go."""
    app.setPalette(qpalette(colours))
    app.setStyleSheet(sheet(colours))


def sheet(colours: Colours) -> str:
    """The stylesheet in these colours."""
    text = resource_path("styles", "window.qss").read_text(encoding="utf-8")
    for name, colour in colours.shades().items():
        text = text.replace(f"@{name};", f"{colour};")
    for name, behind in (("tick", colours.accent), ("chevron", colours.base)):
        stroke = "white" if contrast("#FFFFFF", behind) >= MINIMUM_CONTRAST else "dark"
        text = text.replace(f"@{name};", resource_path("icons", f"{name}_{stroke}.svg").as_posix())
    return text


class SystemTheme(QObject):
    """Follows the system: light or dark, and high contrast when it is asked for; and who is signed in (`wear`)."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._hints = app.styleHints()  # kept: a temporary would be deleted under us
        self._accessibility = self._hints.accessibility()
        app.setStyle("Fusion")
        self._chosen = "system"
        self._size = self._own_size = app.font().pointSizeF()
        self._restyling: Restyling | None = None
        self._hints.colorSchemeChanged.connect(self.follow)
        self._accessibility.contrastPreferenceChanged.connect(self.follow)
        apply(app, self._wanted())

    def wear(self, scheme: str, text_percent: int) -> None:
        """A key of SCHEMES instead of what the system says, or "system" to follow it; and a share of the system's text size."""
        self._chosen = scheme
        self._size = self._own_size * text_percent / 100
        self.follow()

    def follow(self) -> None:
        from dmp_desktop.ui.restyle import Look, Restyling  # not before the first paint

        if self._restyling is None:
            self._restyling = Restyling(self._app)
        colours = self._wanted()
        self._restyling.wear(Look(qpalette(colours), sheet(colours), self._size))

    def finish(self) -> None:
        """What is under way, at once."""
        if self._restyling:
            self._restyling.finish()

    def show(self) -> None:
        """What has to be covered does not wait for a look that is under way."""
        if self._restyling:
            self._restyling.show()

    @property
    def busy(self) -> bool:
        """Whether the window is being given another look."""
        return self._restyling is not None and self._restyling.busy

    def _wanted(self) -> Colours:
        if self._chosen in SCHEMES:
            return SCHEMES[self._chosen]
        if self._accessibility.contrastPreference() == Qt.ContrastPreference.HighContrast:
            return HIGH_CONTRAST
        return DARK if self._hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT


def show() -> None:
    """As `SystemTheme.show`."""
    app = QApplication.instance()
    for followed in app.findChildren(SystemTheme) if app else ():
        followed.show()


def wear(scheme: str, text_percent: int) -> None:
    """What who is signed in chose, as `SystemTheme.wear`; nothing where no theme of the application was made."""
    app = QApplication.instance()
    for followed in app.findChildren(SystemTheme) if app else ():
        followed.wear(scheme, text_percent)
