"""Who may not see a document: what may be combined, and what must be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.errors import ContextError
from dmp_desktop.services.visibility import VisibilityRules, is_minor, to_ask, warnings
from tests.helpers.outbox import PATIENT

TODAY = date(2026, 11, 20)
CHILD = replace(PATIENT, birth_date=date(2010, 1, 1))
MASKED, HIDDEN, PARENTS = Visibility
RULES, LOOSE = VisibilityRules(), VisibilityRules(masked_and_invisible=True)
sets = st.frozensets(st.sampled_from(Visibility))


@pytest.mark.parametrize(
    ("visibility", "said"),
    [
        ({HIDDEN}, ("Attention, ce document n'est pas visible du patient",)),
        ({PARENTS}, ("Attention, ce document n'est pas visible des représentants légaux du patient",)),
        ({MASKED}, ()),
    ],
)
def test_the_words_of_the_warning(visibility: set[Visibility], said: tuple[str, ...]) -> None:
    assert warnings(visibility) == said


def test_masked_and_invisible_only_where_the_server_takes_both() -> None:
    assert "à la fois" in (RULES.refusal(PATIENT, {MASKED, HIDDEN}, TODAY) or "")
    assert LOOSE.refusal(PATIENT, {MASKED, HIDDEN}, TODAY) is None
    with pytest.raises(ContextError) as caught:
        RULES.check(PATIENT, {MASKED, HIDDEN}, TODAY)
    assert caught.value.code == "visibility"


def test_an_adult_has_no_representatives() -> None:
    assert "majeur" in (RULES.refusal(PATIENT, {PARENTS}, TODAY) or "")
    assert RULES.refusal(CHILD, {PARENTS}, TODAY) is None
    assert RULES.refusal(CHILD, {PARENTS, HIDDEN}, TODAY) is None


def test_majority_is_the_eighteenth_birthday() -> None:
    born = replace(PATIENT, birth_date=date(2008, 11, 20))
    assert not is_minor(born, TODAY)
    assert is_minor(born, date(2026, 11, 19))


@given(sets)
def test_a_secret_visit_is_kept_from_the_parents_and_from_nobody_else(visibility: frozenset[Visibility]) -> None:
    assert (RULES.refusal(CHILD, visibility, TODAY, secret=True) is None) == (visibility == {PARENTS})


@given(sets, sets, st.booleans())
def test_changes_mask_or_show(before: frozenset[Visibility], after: frozenset[Visibility], loose: bool) -> None:
    why = (LOOSE if loose else RULES).change_refusal(before, after)
    if (after - before) & {HIDDEN, PARENTS}:
        assert "ne peut plus" in (why or "")
    elif after <= before:
        assert why is None, "showing more is always possible"
    else:
        assert ("à la fois" in (why or "")) == ({MASKED, HIDDEN} <= after and not loose)


def test_what_was_hidden_from_the_parents_of_a_minor_is_still_masked_once_adult() -> None:
    assert RULES.change_refusal({PARENTS}, {PARENTS, MASKED}) is None


@given(sets, sets, st.sampled_from([PATIENT, CHILD]))
def test_what_is_refused_stays_refused_with_more_restrictions(
    visibility: frozenset[Visibility], more: frozenset[Visibility], patient: object
) -> None:
    if RULES.refusal(patient, visibility, TODAY):  # type: ignore[arg-type]
        assert RULES.refusal(patient, visibility | more, TODAY)  # type: ignore[arg-type]


def test_a_new_version_may_be_masked_and_invisible_where_the_former_one_is() -> None:
    """The DMP took both: refusing them here would have the new version show itself."""
    both = frozenset((Visibility.MASQUE_PS, Visibility.INVISIBLE_PATIENT))
    assert RULES._combination_refusal(both)
    assert RULES._combination_refusal(to_ask(both, both)) is None
    assert RULES._combination_refusal(to_ask(both, (Visibility.MASQUE_PS,))), "only one of them was"
    assert to_ask(frozenset((Visibility.MASQUE_PS,)), both) == {Visibility.MASQUE_PS}
