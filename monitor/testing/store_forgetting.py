"""What every store does with what it is to keep no longer, by age or by hand; part of `StoreContract`."""

import pytest

from monitor.store.base import GapRow, PlaceRow, Store
from monitor.testing.store_rows import DAY, contact, put, put_named, signal


class ForgettingContract:
    """Tests of pruning, and of what `forget` asks for."""

    def test_named_events_go_with_their_contact(self, store: Store) -> None:
        record = '["first","last"]'
        over, waits = contact("over", begun=DAY, last=9 * DAY, record=record), contact("waits", begun=DAY, last=2, record=record)
        put(store, "mail", over, waits._replace(deadline=1))
        for name in ("over", "waits"):
            put_named(store, "mail", (name, "first", DAY), (name, "last", 9 * DAY))
        assert sum(store.prune(9 * DAY)) == 0
        assert [[each.row.contact for each in store.find_event(name)] for name in ("first", "last")] == [["over", "waits"]] * 2
        assert sum(store.prune(9 * DAY + 1)) == 1
        put(store, "mail", over)  # back, and not by these events
        assert [[each.row.contact for each in store.find_event(name)] for name in ("first", "last")] == [["waits"]] * 2

    def test_forget_drops_what_is_older_and_waits_for_nothing(self, store: Store) -> None:
        old = [contact("old", last=99), contact("missed", last=99, customer="k", owed_since=50, owed_until=60)]
        kept = [contact("at", last=100), contact("due", last=1, deadline=5), contact("running", last=1, running="x")]
        with store.transaction("pbx") as unit:
            unit.move(0, {}, 1, 1)
            unit.put_contacts([*old, *kept])
            unit.put_signals([signal(row.contact, 1) for row in (*old, *kept)])
            unit.add_totals({("m", ()): 1.0})
            unit.add_weeks({("desk", "s", "1970-01-01"): (1, 1)})
            unit.write_state({"old": "1"}, 99)
            unit.write_state({"at": "1"}, 100)
            unit.put_gap(1, 99)
            unit.put_gap(2, 100)
        put(store, "mail", contact("old", last=1), contact("at", last=100), signals=[signal("old", 1), signal("at", 2)])
        assert sum(store.prune(100)) == 3
        assert sum(store.prune(100)) == 0
        assert sorted((each.source, each.row.contact) for each in store.begun_between(0, 1000)) == [
            ("mail", "at"), ("pbx", "at"), ("pbx", "due"), ("pbx", "running"),
        ]  # fmt: skip
        assert sorted((each.source, each.row.contact, each.contact_id) for each in store.signals()) == [
            ("mail", "at", "id-at-desk"), ("pbx", "at", "id-at-desk"), ("pbx", "due", "id-due-desk"),
            ("pbx", "running", "id-running-desk"),
        ]  # fmt: skip
        assert store.read_state_prefix("pbx", "") == {"at": "1"}
        assert list(store.gaps(0)) == [GapRow("pbx", 2, 100)]
        assert store.totals() == {("m", ()): 1.0}
        assert store.weeks("") == {("desk", "s", "1970-01-01"): (1, 1)}
        assert store.cursor_row("pbx").version == 1
        with store.transaction("pbx") as unit:
            assert list(unit.owed({"k": 0})) == []
            assert unit.first_words(["k"], 0, spoken=False, besides="") is None

    def test_a_contact_that_moves_takes_its_signals_along(self, store: Store) -> None:
        """They fell where it was; there is no contact any more, and it is found all the same."""
        put(store, "desk", contact("c", last=50), contact("d", last=500), signals=[signal("c", 1), signal("c", 2, "vip")])
        with store.transaction("desk") as unit:
            assert unit.contacts_named(["c", "e"]) == {"c": [contact("c", last=50)]}
            unit.drop_contacts([("c", "desk"), ("c", "nowhere")])
            unit.put_contacts([contact("c", "vip", last=60)])
            unit.put_contacts([contact("d", "alpha", last=500)])
            assert unit.contacts_named(iter(["d"])) == {"d": [contact("d", "alpha", last=500), contact("d", last=500)]}
        put(store, "mail", contact("c", "box", last=500), signals=[signal("c", 3, "box")])
        assert [(each.row.contact_point, each.contact_id) for each in store.signals()] == [
            ("box", "id-c-box"), ("vip", "id-c-vip"), ("desk", "id-c-vip"),
        ]  # fmt: skip
        assert [found.row.contact_point for found in store.find("c")] == ["vip", "box"]
        assert sum(store.prune(100)) == 1
        assert [each.row.contact_point for each in store.signals()] == ["box"]

    def test_named_events_are_dropped_where_no_contact_of_the_name_is_left(self, store: Store) -> None:
        record = '["e"]'
        put(
            store,
            "mail",
            *(contact(name, record=record) for name in ("gone", "stays", "twice")),
            contact("twice", "b", record=record),
        )
        put(store, "other", contact("gone", record=record))
        for source, name in (("mail", "gone"), ("mail", "stays"), ("mail", "twice"), ("other", "gone")):
            put_named(store, source, (name, "e", DAY), (name, "e", 9 * DAY))
        with store.transaction("mail") as unit:
            unit.drop_contacts([("gone", "desk"), ("twice", "desk")])
            unit.drop_named_events([])
            unit.drop_named_events(["gone", "twice", "stays", "nobody", *(f"n{number}" for number in range(600))])
        put(store, "mail", contact("gone", record=record))  # back, and not by these events
        assert [(each.source, each.row[:2]) for each in store.find_event("e")] == [
            ("mail", ("stays", "desk")), ("mail", ("twice", "b")), ("other", ("gone", "desk")),
        ]  # fmt: skip

    def test_who_stands_at_a_contact_point_and_who_has_discovered_it(self, store: Store) -> None:
        put(store, "pbx", contact("b"), contact("a"), contact("a", "vip"))
        put(store, "web", contact("c", "vip"))
        with store.transaction("mail") as unit:
            unit.put_places([PlaceRow("queue:desk", "desk", "phone"), PlaceRow("queue:x", "other", "phone")])
        assert store.at_contact_point("desk") == {"mail": [], "pbx": ["a", "b"]}
        assert store.at_contact_point("vip") == {"pbx": ["a"], "web": ["c"]}
        for unknown in ("Desk", "", "%", "\udce9"):
            assert store.at_contact_point(unknown) == {}

    def test_places_of_one_contact_point_are_dropped(self, store: Store) -> None:
        places = [PlaceRow("queue:a", "desk", "phone"), PlaceRow("queue:b", "desk", "phone"), PlaceRow("queue:c", "vip", "phone")]
        for source in ("pbx", "mail"):
            with store.transaction(source) as unit:
                unit.put_places(places)
        with store.transaction("pbx") as unit:
            unit.drop_places("desk")
            unit.drop_places("nowhere")
        assert list(store.places("pbx")) == places[2:]
        assert list(store.places("mail")) == places

    def test_what_is_dropped_by_hand_is_undone_with_its_transaction(self, store: Store) -> None:
        place = PlaceRow("queue:a", "desk", "phone")
        put(store, "mail", contact("c", record='["e"]'))
        put_named(store, "mail", ("c", "e", 1))
        with store.transaction("mail") as unit:
            unit.put_places([place])

        def fail() -> None:
            with store.transaction("mail") as unit:
                unit.drop_contacts([("c", "desk")])
                unit.drop_named_events(["c"])
                unit.drop_places("desk")
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        assert [each.row.contact for each in store.find_event("e")] == ["c"]
        assert list(store.places("mail")) == [place]
