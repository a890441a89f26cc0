"""Every text stands out from what is behind it, in each scheme."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QToolButton

from dmp_desktop.resources import resource_path
from dmp_desktop.ui import icons, theme
from dmp_desktop.ui.models.row_card import CLASS_ICONS, TYPE_ICONS

FRAME_CONTRAST = 3.0
"""WCAG 2.2 §1.4.11."""


@pytest.mark.parametrize("scheme", theme.SCHEMES)
@pytest.mark.parametrize("pair", theme.PAIRS)
def test_text_contrast_is_enough(scheme, pair):
    shades = theme.SCHEMES[scheme].shades()
    assert theme.contrast(shades[pair[0]], shades[pair[1]]) >= theme.MINIMUM_CONTRAST


def test_contrast_is_that_of_wcag():
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", theme.SCHEMES)
def test_selection_and_disabled_texts_stand_out(scheme):
    palette = theme.qpalette(theme.SCHEMES[scheme])
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    pairs = (
        (palette.color(role.HighlightedText), palette.color(role.Highlight)),
        (palette.color(role.PlaceholderText), palette.color(role.Base)),
        (palette.color(group.Disabled, role.ButtonText), palette.color(role.Button)),
    )
    for text, behind in pairs:
        assert theme.contrast(text.name(), behind.name()) >= theme.MINIMUM_CONTRAST


def test_stylesheet_names_only_our_colours_and_no_pixels_but_lines():
    sheet = resource_path("styles", "window.qss").read_text(encoding="utf-8")
    names = set(re.findall(r"@(\w+);", sheet.split("*/", 1)[1]))
    assert names <= theme.LIGHT.shades().keys() | {"tick", "chevron"}
    assert not re.findall(r"#[0-9A-Fa-f]{6}", sheet)
    assert set(re.findall(r"(\d+)px", sheet)) <= {"1", "2"}


@pytest.mark.slow
@pytest.mark.parametrize("scheme", theme.SCHEMES)
def test_palette_in_use_tells_the_colours(qapp, scheme):
    theme.apply(qapp, theme.SCHEMES[scheme])
    assert theme.current() == theme.SCHEMES[scheme]


@pytest.mark.slow
def test_system_theme_starts_on_the_system_scheme(qapp):
    theme.SystemTheme(qapp)
    assert theme.current() in theme.SCHEMES.values()


def test_every_icon_named_in_code_is_drawn():
    from dmp_desktop.ui import strings_fr as fr

    named = {*CLASS_ICONS.values(), *TYPE_ICONS.values(), *(icon for _w, icon, _r in fr.STATE.values())}
    named |= {icon for _w, icon, _r in (*fr.INS_STATUS.values(), *fr.DMP_STATE.values())}
    for name in named:
        assert resource_path("icons", f"{name}.svg").is_file(), name
        assert not icons.icon(name, "#1B6E3C").isNull()


def test_an_icon_takes_the_colour_it_is_given(qapp):
    image = icons.icon("check", "#B3261E").pixmap(40, 40).toImage()
    seen = {image.pixelColor(x, y).name() for x in range(40) for y in range(40) if image.pixelColor(x, y).alpha() > 250}
    assert seen == {"#b3261e"}


@pytest.mark.slow
@pytest.mark.parametrize("scheme", theme.SCHEMES)
@pytest.mark.parametrize("kind", [QToolButton, QPushButton])
def test_a_button_with_words_has_a_frame_and_looks_otherwise_when_it_cannot_be_used(qapp, qtbot, scheme, kind):
    colours = theme.SCHEMES[scheme]
    theme.apply(qapp, colours)
    button = kind()
    button.setText("▲ Filtres")
    qtbot.addWidget(button)
    used, disabled = (grabbed(button, enabled=enabled) for enabled in (True, False))
    assert used != disabled
    middle = used.height() // 2
    assert theme.contrast(used.pixelColor(0, middle).name(), colours.panel) >= FRAME_CONTRAST
    top = {disabled.pixelColor(x, 0).name() for x in range(10, disabled.width() - 10)}
    assert len(top) > 1  # dashed: told without colour


def grabbed(button, *, enabled):
    button.setEnabled(enabled)
    return button.grab().toImage()
