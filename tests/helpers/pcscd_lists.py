"""What the world of the real pcscd cannot play of the contract tests, by their function, and why."""

from __future__ import annotations

HOT_PLUG = "pcscd follows no virtual reader that comes, goes or changes its name"
ON_DEMAND = "pcscd fails no call on demand"
NO_RESET = "pcscd lets no program reset a card in the middle of another one's transaction"

UNPLAYABLE = {
    "test_a_reader_plugged_and_unplugged_with_its_card": HOT_PLUG,
    "test_two_readers_live_their_own_lives": HOT_PLUG,
    "test_the_reader_is_pulled_while_the_card_is_read": HOT_PLUG,
    "test_reader_unplugged_and_service_stopped": HOT_PLUG,
    "test_a_passing_failure_is_not_news": ON_DEMAND,
    "test_a_service_that_dies_at_each_wait_is_asked_ever_less_often": ON_DEMAND,
    "test_another_program_resets_the_card_once": NO_RESET,
    "test_a_card_that_is_reset_for_ever": NO_RESET,
}
"""Each is run as far as it goes, and must ask for what cannot be done."""

OTHER_WORLDS = {"memory", "softhsm", "api_lec"}
ELSEWHERE = {
    "test_the_demo_s_cards_come_ready_to_use": "the PC/SC in memory",
    "test_the_licensed_component_is_preferred_when_it_is_installed": "the scripted service",
    "test_cards_are_listed_without_a_pin": "SoftHSM2",
}
"""Tests of one world, which is not this one."""
