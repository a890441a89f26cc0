"""How an author is named where a document is listed."""

from __future__ import annotations

import pytest

from dmp_desktop.domain.documents import Author


@pytest.mark.parametrize(
    ("author", "name"),
    [
        (Author("PETIT", "Anne", institution="Cabinet TEST"), "Anne PETIT"),
        (Author("Dossier médical partagé", "."), "Dossier médical partagé"),
        (Author("Logiciel TEST", "-", institution="Cabinet TEST"), "Logiciel TEST"),
        (Author("", "", institution="Hôpital TEST"), "Hôpital TEST"),
        (Author(".", " ", institution="Hôpital TEST"), "Hôpital TEST"),
        (Author("D'ARC", "É."), "É. D'ARC"),
        (Author(), ""),
    ],
)
def test_who_wrote_is_named_without_what_names_nobody(author: Author, name: str) -> None:
    assert author.display_name == name
