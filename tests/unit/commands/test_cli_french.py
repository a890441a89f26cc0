"""The command line helps and refuses in French, whatever argparse says by itself."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

from dmp_desktop.cli import main, parser
from dmp_desktop.commands.parsing import in_french

ENGLISH = re.compile(
    r"(?<![-\w])(the|argument \S+:|arguments are|required|invalid|choose|from|expected|unrecognized|ambiguous|could|one|error|usage:"
    r"|positional|optional|show|this|and exit|must|with|FILE|OUT|OLD|CTX)\b"
)


def all_parsers(one: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield one
    for action in one._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield from all_parsers(child)


PARSERS = list(all_parsers(parser([])))


def test_every_family_and_action_is_looked_at() -> None:
    assert {"dmp", "dmp cda build", "dmp dossier list", "dmp sandbox"} <= {one.prog for one in PARSERS}


@pytest.mark.parametrize("one", PARSERS, ids=[one.prog for one in PARSERS])
def test_help_is_in_french_and_tells_of_every_option(one: argparse.ArgumentParser) -> None:
    told = one.format_help()
    assert told.startswith("usage : dmp")
    assert ENGLISH.findall(told) == []
    assert [
        action.dest for action in one._actions if not action.help and action.metavar not in ("COMMANDE", "ACTION")
    ] == []


@pytest.mark.parametrize("one", PARSERS, ids=[one.prog for one in PARSERS])
def test_a_value_has_a_name_in_french(one: argparse.ArgumentParser) -> None:
    """Without one, argparse shows the name of our own variable."""
    assert [a.dest for a in one._actions if a.nargs != 0 and not a.metavar and not a.choices] == []


BUILD = ["cda", "build", "--note", "n", "--context", "c"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "il manque COMMANDE."),
        (["card"], "il manque ACTION."),
        (["zut"], "« zut » n'est pas proposé. Choix : "),
        (["card", "zut"], "« zut » n'est pas proposé. Choix : watch, read."),
        (["card", "read", "zut"], "argument inconnu : zut"),
        (["card", "watch", "--seconds"], "--seconds : une valeur est attendue."),
        (
            ["card", "watch", "--seconds", "x"],
            "--seconds : « x » ne convient pas : un nombre de secondes, 0 ou plus, est attendu.",
        ),
        (["card", "watch", "--seconds", "-1"], "--seconds : « -1 » ne convient pas : un nombre de secondes, 0 ou plus"),
        (["card", "watch", "--seconds", "nan"], "« nan » ne convient pas"),
        (["outbox", "flush", "--wait", "-1"], "--wait : « -1 » ne convient pas : un nombre de secondes, 0 ou plus"),
        (["card", "watch", "--json=x"], "--json : aucune valeur n'est attendue."),
        (["sandbox", "--port", "x"], "--port : un port est un nombre de 0 à 65535"),
        (["cda", "check"], "il manque FICHIER."),
        (["cda", "build"], "il manque --context, --kind."),
        ([*BUILD, "--kind", "zut"], "--kind : « zut » n'est pas proposé. Choix : consultation, "),
        ([*BUILD, "--kind", "letter", "--clock", "hier"], "--clock : une date ISO 8601 est attendue"),
        ([*BUILD, "--kind", "letter", "--clock", "2026-11-20"], "--clock : un fuseau horaire est attendu"),
        (["dossier", "list", "--ins", "-", "--created-from", "x"], "« x » ne convient pas : une date AAAA-MM-JJ"),
        (
            ["dossier", "list", "--ins", "-", "--created", "x"],
            "--created peut vouloir dire : --created-from, --created-to",
        ),
        (["dossier", "get", "--ins", "-"], "il manque UNIQUE_ID, -o."),
        (["note", "propose", "n", "--age", "200"], "« 200 » n'est pas proposé. Choix : de 0 à 130."),
        (["terminology", "import", "--jdv"], "--jdv : une valeur au moins est attendue."),
        (["send", "f", "--visibility", "zut"], "« zut » n'est pas proposé. Choix : "),
    ],
)
def test_a_wrong_command_is_refused_in_french(given: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(given)
    assert left.value.code == 2
    refused = capsys.readouterr().err
    assert told in refused
    assert refused.startswith("usage : dmp")
    assert ENGLISH.findall(refused) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "argument --kind: invalid choice: 'zut' (choose from a, b)",
            "--kind : « zut » n'est pas proposé. Choix : a, b.",
        ),
        ("un fuseau horaire est attendu", "un fuseau horaire est attendu"),
    ],
)
def test_later_versions_of_python_and_our_own_words(said: str, told: str) -> None:
    assert in_french(said) == told
