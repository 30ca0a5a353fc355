"""Short ways of the normalizer's rules; their examples are run by tests/shared/test_rule_files.py."""

from __future__ import annotations

from shared.rules import rules
from tests.support.patterns import begins, holds, tokens_of


def test_what_is_looked_for_first_is_what_each_match_begins_with():
    label = rules("services.normalizer", "layout").pattern("title_label")
    assert begins(tokens_of(label.pattern), set(rules("services.normalizer", "layout").words("title_label_starts")))
    dates = rules("services.normalizer", "dates")
    first = {sign for sign in map(chr, range(0x10000)) if dates.pattern("date_begins").match(sign)}
    assert begins(tokens_of(dates.pattern("date").pattern), first)


def test_each_zone_holds_a_sign_that_is_looked_for_first():
    places = rules("services.normalizer", "places")
    assert holds(tokens_of(places.pattern("zone").pattern), set(places.words("zone_signs")))
