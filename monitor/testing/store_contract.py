"""What every store does. A test module inherits `StoreContract` and gives a `store` fixture: opened and empty."""

from typing import Any

import pytest

from monitor.domain.returns import Told
from monitor.errors import CursorMoved, StoreUnavailable
from monitor.store.base import (
    NO_CURSOR,
    OPEN,
    Begun,
    CursorRow,
    FoundContact,
    GapRow,
    NamedEvent,
    PlaceRow,
    RunningRow,
    Store,
)
from monitor.testing.news_contract import NewsContract
from monitor.testing.store_forgetting import ForgettingContract
from monitor.testing.store_rows import DAY, contact, everything, news, put, put_named, signal


class StoreContract(NewsContract, ForgettingContract):
    """Inherit it, give a `store` fixture (opened, empty), and every test here holds that store to the protocol."""

    def test_an_empty_store_knows_nothing(self, store: Store) -> None:
        assert store.cursor_row("pbx") == NO_CURSOR
        assert everything(store, ["pbx"]) == {"pbx": (NO_CURSOR, {}, None, [], []), "all": ({}, {}, [], [], [])}
        assert store.find("c") == []
        assert store.find_event("c") == []
        assert store.read_state("pbx", ["a"]) == {}
        assert sum(store.prune(10**18)) == 0
        with store.transaction("pbx") as unit:
            assert unit.cursor_row() == NO_CURSOR
            assert unit.contacts([]) == {}
            assert unit.contacts([("c", "desk")]) == {}
            assert list(unit.due(10**18, 5)) == list(unit.owed({"x": 0})) == []
            assert unit.first_words(["x"], 0, spoken=False, besides="") is None

    def test_signals_are_found_by_when_their_contact_began(self, store: Store) -> None:
        mail = contact("m", "other", begun=300, channel="email")  # has moved there from the desk
        put(
            store, "pbx", contact("early", begun=99), contact("c"), contact("c", "second"), contact("late", begun=200), mail,
            signals=[
                signal("early", at=150), signal("c", at=10**9), signal("c", at=7, kind="long_hold"),
                signal("c", point="second"), signal("late"), signal("m", point="desk"),
            ],
        )  # fmt: skip
        put(store, "two", contact("c", begun=500), signals=[signal("c", at=3)])
        found = sorted((begun, each.source, each.contact_id, *each.row[:3]) for begun, each in store.signals_of_begun(100, 200))
        assert found == [
            (100, "pbx", "id-c-desk", "c", "desk", "long_hold"),
            (100, "pbx", "id-c-desk", "c", "desk", "slow_answer"),
            (100, "pbx", "id-c-second", "c", "second", "slow_answer"),
        ]
        assert [(each.contact_id, each.row) for _, each in store.signals_of_begun(300, 301)] == [
            ("id-m-other", signal("m", point="desk"))
        ]
        assert list(store.signals_of_begun(201, 300)) == []

    def test_the_first_check_value_of_a_key_stays_until_it_is_replaced(self, store: Store) -> None:
        assert store.keep_key_check("first") == "first"
        assert store.keep_key_check("second") == "first"
        assert store.keep_key_check("second", replace=True) == "second"
        assert store.keep_key_check("first") == "second"
        assert store.keep_key_check("second", replace=True) == "second"

    def test_writing_nothing_changes_nothing(self, store: Store) -> None:
        with store.transaction("pbx") as unit:
            unit.put_contacts([])
            unit.put_signals([])
            unit.drop_signals([])
            unit.add_totals({})
            unit.add_weeks({})
            unit.put_named_events([])
            unit.put_places([])
            unit.write_state({}, 1)
        assert everything(store, ["pbx"])["all"] == ({}, {}, [], [], [])

    def test_a_transaction_reads_what_it_wrote_and_others_read_it_afterwards(self, store: Store) -> None:
        row = contact("c", deadline=300, running="[]", customer="k", owed_since=150, owed_until=OPEN)
        with store.transaction("pbx") as unit:
            unit.put_contacts([row])
            unit.move(0, {"at": 1}, 7, 8)
            assert unit.contacts([("c", "desk")]) == {("c", "desk"): row}
            assert list(unit.due(300, 1)) == list(unit.owed({"k": 200})) == [row]
            unit.put_news([news(160)])
            assert unit.first_words(["k"], 159, spoken=True, besides="") == Told("pbx", news(160))
            assert unit.cursor_row() == CursorRow(1, {"at": 1}, 7, 8)
        assert store.cursor_row("pbx") == CursorRow(1, {"at": 1}, 7, 8)
        assert list(store.running("pbx")) == [RunningRow("c", "desk", row.channel, "[]", 150, row.id)]
        assert store.next_deadline("pbx") == 300
        assert store.find("c") == [FoundContact("pbx", row)]

    @pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
    def test_leaving_with_an_exception_undoes_all_of_it(self, store: Store, failure: type[BaseException]) -> None:
        def fill(unit: Any) -> None:
            unit.put_contacts(
                [contact("c", deadline=1, running="x", customer="k", owed_since=1, owed_until=2), contact("c", "other")]
            )
            unit.put_signals([signal("c")])
            unit.add_totals({("m", ("a",)): 1.0})
            unit.add_weeks({("desk", "slow_answer", "2026-11-02"): (2, 1)})
            unit.put_places([PlaceRow("queue:a", "a", "phone")])
            unit.write_state({"n": "1"}, 5)
            unit.put_gap(1, 2)
            unit.put_news([news(1)])

        with store.transaction("pbx") as unit:
            unit.move(0, {"v": 1}, 1, 1)
            fill(unit)
        before = everything(store, ["pbx"])

        def fail_late() -> None:
            with store.transaction("pbx") as unit:
                unit.move(1, {"v": 2}, 2, 2)
                fill(unit)
                unit.put_contacts([contact("c"), contact("d", deadline=5)])
                unit.drop_signals([("c", "desk", "slow_answer", "1")])
                unit.put_signals([signal("d")])
                unit.put_places([PlaceRow("queue:a", "b", "phone"), PlaceRow("queue:b", "b", "phone")])
                unit.write_state({"n": None, "o": "2"}, 6)
                unit.put_gap(1, 9)
                unit.put_gap(3, 4)
                unit.put_news([news(0, "earlier")])
                raise failure

        with pytest.raises(failure):
            fail_late()
        assert everything(store, ["pbx"]) == before
        with store.transaction("pbx") as unit:
            assert sorted(unit.contacts([("c", "desk"), ("c", "other")])) == [("c", "desk"), ("c", "other")]
            assert [row.contact for row in unit.owed({"k": 1})] == ["c"]
            assert unit.first_words(["k"], 0, spoken=False, besides="") == Told("pbx", news(1))

    def test_a_transaction_within_a_transaction_is_refused_and_the_first_goes_on(self, store: Store) -> None:
        with store.transaction("pbx") as unit:
            unit.put_contacts([contact("c")])
            with pytest.raises(StoreUnavailable), store.transaction("mail"):
                raise AssertionError("two writers at once")
            unit.put_contacts([contact("d")])
        assert [found.row.contact for found in store.begun_between(0, 1000)] == ["c", "d"]

    def test_the_cursor_moves_only_from_where_it_was_seen(self, store: Store) -> None:
        with store.transaction("pbx") as unit:
            unit.move(0, {"uid": [1, {"a": "ä"}], "n": None}, None, None)

        def count_and_move(seen: int) -> None:
            with store.transaction("pbx") as unit:
                unit.add_totals({("m", ()): 1.0})
                unit.move(seen, {}, None, None)

        for seen in (0, 2):
            with pytest.raises(CursorMoved):
                count_and_move(seen)
        assert store.cursor_row("pbx") == CursorRow(1, {"uid": [1, {"a": "ä"}], "n": None}, None, None)
        assert store.totals() == {}
        with pytest.raises(CursorMoved), store.transaction("mail") as unit:
            unit.move(1, {}, None, None)
        assert store.cursor_row("mail") == NO_CURSOR

    def test_a_missing_watermark_leaves_the_stored_one(self, store: Store) -> None:
        with store.transaction("pbx") as unit:
            unit.move(0, {}, 5, 6)
            unit.move(1, {"a": 1}, None, None)
            unit.move(2, {"a": 2}, 7, None)
        assert store.cursor_row("pbx") == CursorRow(3, {"a": 2}, 7, 6)

    def test_a_stored_position_is_not_the_callers_object(self, store: Store) -> None:
        cursor = {"seen": [1]}
        with store.transaction("pbx") as unit:
            unit.move(0, cursor, None, None)
        cursor["seen"].append(2)
        assert store.cursor_row("pbx").cursor == {"seen": [1]}

    @pytest.mark.parametrize("count", [1, 2, 8, 9, 64, 65, 512, 513, 1025])
    def test_contacts_are_found_by_key_however_many_are_asked(self, store: Store, count: int) -> None:
        rows = [contact(f"c{n}", f"p{n % 3}") for n in range(count)]
        put(store, "pbx", *rows, contact("c0", "elsewhere"))
        put(store, "mail", contact("c0", "p0", id="not this one"))
        keys = [row[:2] for row in rows]
        with store.transaction("pbx") as unit:
            assert unit.contacts(iter(keys)) == {row[:2]: row for row in rows}
            assert unit.contacts([*keys, ("c0", "nowhere"), ("c-1", "p0")]) == {row[:2]: row for row in rows}
            assert unit.contacts([("c0", "elsewhere"), ("c0", "nowhere")]) == {("c0", "elsewhere"): contact("c0", "elsewhere")}

    def test_of_two_rows_of_one_key_the_later_stays(self, store: Store) -> None:
        put(store, "pbx", contact("c", last=1), contact("c", last=2), signals=[signal("c", 1), signal("c", 2)])
        assert [found.row.last for found in store.find("c")] == [2]
        assert [listed.row.at for listed in store.signals()] == [2]

    def test_due_gives_the_earliest_up_to_and_with_the_moment(self, store: Store) -> None:
        put(store, "pbx", *(contact(f"c{n}", deadline=n) for n in (30, 10, 20, 21)), contact("never"))
        put(store, "mail", contact("m", deadline=1))
        with store.transaction("pbx") as unit:
            assert [row.contact for row in unit.due(9, 10)] == []
            assert [row.contact for row in unit.due(20, 10)] == ["c10", "c20"]
            assert [row.contact for row in unit.due(100, 3)] == ["c10", "c20", "c21"]
            unit.put_contacts([contact("c10"), contact("c20", deadline=40)])
            assert [row.contact for row in unit.due(100, 10)] == ["c21", "c30", "c20"]
        assert store.next_deadline("pbx") == 21
        assert store.next_deadline("mail") == 1

    def test_who_is_owed_a_call_back_is_found_by_customer_until_it_is_settled(self, store: Store) -> None:
        put(store, "pbx", *(contact(f"c{n}", customer=f"k{n % 2}", owed_since=10 - n, owed_until=OPEN) for n in range(4)))
        put(store, "pbx", contact("quiet", customer="k0"), contact("unknown", owed_since=3, owed_until=OPEN))
        put(store, "mail", contact("c0", customer="k0", owed_since=1, owed_until=OPEN))
        with store.transaction("pbx") as unit:
            assert [row.contact for row in unit.owed({"k0": 5, "nobody": 0})] == ["c2", "c0"]
            assert [row.contact for row in unit.owed({f"k{n}": n for n in range(600)})] == ["c3", "c2", "c1", "c0"]
            unit.put_contacts([contact("c2", customer="k0"), contact("c0", customer="k1", owed_since=10, owed_until=OPEN)])
            assert list(unit.owed({"k0": 0})) == []
            assert [row.contact for row in unit.owed({"k1": 0})] == ["c3", "c1", "c0"]

    def test_signals_are_listed_newest_first_and_by_every_filter(self, store: Store) -> None:
        put(
            store,
            "pbx",
            contact("c"),
            signals=[signal("c", 10), signal("c", 30, kind="long_hold"), signal("c", 20, occurrence="2")],
        )
        put(store, "mail", contact("m", "box"), signals=[signal("m", 20, "box", "late_reply")])

        def listed(**filters: Any) -> list[tuple[str, int]]:
            return [(each.source, each.row.at) for each in store.signals(**filters)]

        assert listed() == [("pbx", 30), ("pbx", 20), ("mail", 20), ("pbx", 10)]
        assert listed(since=20) == [("pbx", 30), ("pbx", 20), ("mail", 20)]
        assert listed(until=20) == [("pbx", 10)]
        assert listed(since=11, until=31, contact_points=("desk",)) == [("pbx", 30), ("pbx", 20)]
        assert listed(signal="late_reply") == [("mail", 20)]
        assert listed(limit=2) == [("pbx", 30), ("pbx", 20)]
        assert listed(contact_points=("desk", "box"), limit=3) == [("pbx", 30), ("pbx", 20), ("mail", 20)]
        assert listed(signal="nothing") == listed(limit=0) == listed(contact_points=()) == []
        newest = next(store.signals())
        assert newest.contact_id == "id-c-desk"
        assert newest.row == signal("c", 30, kind="long_hold")

    def test_signals_are_listed_on_after_any_of_them(self, store: Store) -> None:
        rows = [("c", 20, "desk", "long_wait", "2"), ("c", 20, "desk", "long_wait", "10"), ("c", 20, "desk", "abandoned", "1")]
        rows += [("c", 20, "box", "long_wait", "1"), ("b", 20, "desk", "long_wait", "1"), ("c", 30, "desk", "long_wait", "1")]
        put(store, "pbx", contact("c"), signals=[signal(*row) for row in rows])
        put(store, "mail", contact("z"), signals=[signal("z", 20, occurrence="2"), signal("z", 10)])
        listed = list(store.signals())
        assert [(each.source, each.row.at, *each.row[:4]) for each in listed] == [
            ("pbx", 30, "c", "desk", "long_wait", "1"),
            ("pbx", 20, "c", "desk", "long_wait", "2"),  # texts: "2" is after "10"
            ("pbx", 20, "c", "desk", "long_wait", "10"),
            ("pbx", 20, "c", "desk", "abandoned", "1"),
            ("pbx", 20, "c", "box", "long_wait", "1"),
            ("pbx", 20, "b", "desk", "long_wait", "1"),
            ("mail", 20, "z", "desk", "slow_answer", "2"),
            ("mail", 10, "z", "desk", "slow_answer", "1"),
        ]
        for count, last in enumerate(listed, 1):
            assert list(store.signals(after=last)) == listed[count:]
        assert list(store.signals(after=listed[1], contact_points=("desk",), signal="long_wait", limit=1)) == [listed[2]]
        assert list(store.signals(after=listed[0], since=20, until=21)) == listed[1:7]
        put(store, "pbx", contact("n"), signals=[signal("n", 40)])  # newer ones do not move what comes after
        with store.transaction("pbx") as unit:
            unit.drop_signals([("c", "desk", "long_wait", "2")])
        assert list(store.signals(after=listed[1])) == listed[2:]

    def test_a_dropped_signal_is_gone_and_only_that_one(self, store: Store) -> None:
        put(store, "pbx", contact("c"), signals=[signal("c", 10), signal("c", 20, occurrence="2")])
        put(store, "mail", contact("c"), signals=[signal("c", 5)])
        with store.transaction("pbx") as unit:
            unit.drop_signals([("c", "desk", "slow_answer", "1"), ("c", "desk", "slow_answer", "9")])
        assert [(each.source, each.row.occurrence) for each in store.signals()] == [("pbx", "2"), ("mail", "1")]

    def test_totals_add_up_within_a_source_and_over_sources(self, store: Store) -> None:
        key, odd = ("signals_total", ("phone", 'Bürö "1"\\')), ("rings_sum", ())
        for source, value in (("pbx", 1.0), ("pbx", 2.5), ("mail", 4.0)):
            with store.transaction(source) as unit:
                unit.add_totals({key: value, odd: 0.0})
        assert store.totals() == {key: 7.5, odd: 0.0}

    def test_weeks_add_up_and_zero_pairs_are_left_out(self, store: Store) -> None:
        old, new = ("desk", "long_hold", "2026-11-02"), ("desk", "long_hold", "2026-11-09")
        for source, old_pair, new_pair in (("pbx", (3, 1), (5, 2)), ("pbx", (-1, -1), (1, 0)), ("mail", (-2, 0), (1, 1))):
            with store.transaction(source) as unit:
                unit.add_weeks({old: old_pair, new: new_pair})
        assert store.weeks("2026-11-02") == {new: (7, 3)}
        assert store.weeks("2026-11-10") == {}

    def test_places_and_gaps_belong_to_their_source(self, store: Store) -> None:
        with store.transaction("pbx") as unit:
            unit.put_places([PlaceRow("queue:b", "b", "phone"), PlaceRow("queue:a", "a", "phone")])
            unit.put_places([PlaceRow("queue:b", "c", "phone")])
            unit.put_gap(10, 20)
            unit.put_gap(30, 35)
            unit.put_gap(30, 40)
        with store.transaction("mail") as unit:
            unit.put_places([PlaceRow("queue:b", "mail-b", "email")])
            unit.put_gap(15, 21)
        assert list(store.places("pbx")) == [PlaceRow("queue:a", "a", "phone"), PlaceRow("queue:b", "c", "phone")]
        assert list(store.places("mail")) == [PlaceRow("queue:b", "mail-b", "email")]
        assert list(store.gaps(20)) == [GapRow("pbx", 10, 20), GapRow("mail", 15, 21), GapRow("pbx", 30, 40)]
        assert list(store.gaps(21)) == [GapRow("mail", 15, 21), GapRow("pbx", 30, 40)]
        assert list(store.gaps(41)) == []

    def test_notes_are_kept_replaced_forgotten_and_found_by_prefix(self, store: Store) -> None:
        odd = {"t:a%": "1", "t:a_": "2", "T:a": "3", "t;": "4", "t:\U0010ffff": "5", "t:\ud7ff": "6", "t:it's": "7"}
        with store.transaction("mail") as unit:
            unit.write_state({**odd, "gone": "x", "kept": "old"}, 5)
            unit.write_state({"gone": None, "kept": "new", "never": None}, 6)
        with store.transaction("pbx") as unit:
            unit.write_state({"t:other": "y"}, 5)
        assert store.read_state("mail", ["gone", "kept", "never"]) == {"kept": "new"}
        assert store.read_state("mail", iter([f"n{n}" for n in range(600)] + ["t;"])) == {"t;": "4"}
        assert store.read_state_prefix("mail", "t:") == {key: value for key, value in odd.items() if key.startswith("t:")}
        assert store.read_state_prefix("mail", "t:a_") == {"t:a_": "2"}
        assert store.read_state_prefix("mail", "t:\ud7ff") == {"t:\ud7ff": "6"}
        assert store.read_state_prefix("mail", "t:\U0010ffff") == {"t:\U0010ffff": "5"}
        assert store.read_state_prefix("mail", "") == {**odd, "kept": "new"}

    @pytest.mark.parametrize("name", ["'; DROP TABLE contact; --", "a\0b", "%", "日本語", '"', "\\", "\n"])
    def test_hostile_names_are_only_names(self, store: Store, name: str) -> None:
        row = contact(name, name, id=name, customer=name, running=name, record="[]")
        with store.transaction(name) as unit:
            unit.put_contacts([row])
            unit.put_signals([signal(name, 1, name, name, name)])
            unit.add_totals({(name, (name,)): 1.0})
            unit.write_state({name: name}, 1)
            assert unit.contacts([(name, name)]) == {(name, name): row}
        put(store, "pbx", contact("plain"))
        assert store.find(name) == [FoundContact(name, row)]
        assert store.totals() == {(name, (name,)): 1.0}
        assert store.read_state(name, [name]) == store.read_state_prefix(name, name) == {name: name}
        assert [each.row.signal for each in store.signals(signal=name, contact_points=[name])] == [name]

    def test_a_contact_is_found_by_our_name_and_by_each_sources_own(self, store: Store) -> None:
        put(store, "pbx", contact("c", "b", id="ours"), contact("c", "a"), contact("d"))
        put(store, "mail", contact("c", id="theirs"))
        put(store, "desk", contact("ours"))
        put(store, "empty")
        assert [(each.source, each.row[:2]) for each in store.find("c")] == [
            ("mail", ("c", "desk")),
            ("pbx", ("c", "a")),
            ("pbx", ("c", "b")),
        ]
        assert [each.source for each in store.find("ours")] == ["desk", "pbx"]
        assert store.find("C") == []
        assert store.find("broken \udce9") == []

    def test_a_contact_is_found_by_its_id_whenever_it_began(self, store: Store) -> None:
        moments = (-(10**17), -DAY, -1, 0, 1, DAY - 1, DAY, 500 * DAY, 500 * DAY + 1, 10**17)
        put(store, "pbx", *(contact(f"c{n}", id=f"id-{n}", begun=at) for n, at in enumerate(moments)))
        put(store, "mail", contact("m", id="id-3", begun=9 * DAY))
        assert [[(each.source, each.row.contact) for each in store.find(f"id-{n}")] for n in range(len(moments))] == [
            [("mail", "m"), ("pbx", "c3")] if n == 3 else [("pbx", f"c{n}")] for n in range(len(moments))
        ]  # fmt: skip
        put(store, "pbx", contact("c0", id="id-0", begun=3 * DAY))  # an earlier or later event has moved its beginning
        assert [each.row.begun for each in store.find("id-0")] == [3 * DAY]

    def test_a_contact_is_found_by_a_named_event_it_holds(self, store: Store) -> None:
        record = '{"e":[["<Ä.1@example.org>","received",1],["b%","replied",2]]}'
        escaped = '{"e":[["<\\u00c4.1@example.org>","received",1]]}'
        put(store, "mail", contact("c", record=record), contact("c", "box", record=record), contact("d", record=escaped))
        put(store, "other", contact("o", record=record))
        put_named(store, "mail", ("c", "<Ä.1@example.org>", 1), ("c", "b%", DAY), ("d", "<Ä.1@example.org>", 400 * DAY))
        put_named(store, "mail", ("c", "b%", DAY), ("c", "b%", 9 * DAY))  # told again, and by another clock
        put_named(store, "other", ("o", "b%", -1))
        assert [each.row[:2] for each in store.find_event("<Ä.1@example.org>")] == [("c", "box"), ("c", "desk"), ("d", "desk")]
        assert [(each.source, each.row[:2]) for each in store.find_event("b%")] == [
            ("mail", ("c", "box")), ("mail", ("c", "desk")), ("other", ("o", "desk")),
        ]  # fmt: skip
        for absent in ("B%", "<Ä.1@example.org", "b_", "broken \udce9", "received"):
            assert store.find_event(absent) == []

    def test_an_event_without_a_name_or_that_the_contact_does_not_hold_finds_nothing(self, store: Store) -> None:
        put(store, "mail", contact("c", record='{"e":[["a","received",1],["b","received",2]]}'))
        put_named(store, "mail", ("c", "a", 1), ("c", "taken back", 1), ("never stored", "b", 1))
        assert [each.row.contact for each in store.find_event("a")] == ["c"]
        assert store.find_event("b") == store.find_event("taken back") == []

    def test_a_named_event_is_undone_with_its_transaction(self, store: Store) -> None:
        put(store, "mail", contact("c", record='["a"]'))

        def fail() -> None:
            with store.transaction("mail") as unit:
                unit.put_named_events([NamedEvent("c", "a", 1)])
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        assert store.find_event("a") == []

    def test_begun_between_takes_the_first_moment_and_leaves_the_last(self, store: Store) -> None:
        put(store, "pbx", *(contact(f"c{n}", begun=n) for n in (19, 10, 20, 9)))
        put(store, "mail", contact("m", begun=10))
        assert [(each.source, each.row.contact) for each in store.begun_between(10, 20)] == [
            ("mail", "m"),
            ("pbx", "c10"),
            ("pbx", "c19"),
        ]

    def test_history_is_gone_through_in_the_order_in_which_contacts_began(self, store: Store) -> None:
        put(store, "pbx", *(contact(f"c{n}", begun=n) for n in (19, 10, 20, 9)), contact("c10", "other", begun=10))
        put(store, "mail", contact("m", begun=10))
        put(store, "other", contact("o", begun=11))
        sources, position = {"mail", "pbx"}, Begun(10, "", "", "")
        found: list[Begun] = []
        assert store.count_begun(position, sources) == 5
        while part := store.begun_after(position, sources, 2):
            found += part
            position = part[-1]
            assert store.count_begun(position, sources) == 5 - len(found)
        assert found == [
            Begun(10, "mail", "m", "desk"), Begun(10, "pbx", "c10", "desk"), Begun(10, "pbx", "c10", "other"),
            Begun(19, "pbx", "c19", "desk"), Begun(20, "pbx", "c20", "desk"),
        ]  # fmt: skip
        assert [each.at for each in store.begun_after(Begun(-(2**62), "", "", ""), {"pbx"}, 1)] == [9]

    def test_sources_share_nothing_but_their_sums(self, store: Store) -> None:
        for source in ("pbx", "mail"):
            with store.transaction(source) as unit:
                unit.move(0, {"of": source}, 1, 2)
                unit.put_contacts([contact("c", id=source, running=f"of {source}", deadline=len(source))])
        for source in ("pbx", "mail"):
            assert store.cursor_row(source) == CursorRow(1, {"of": source}, 1, 2)
            assert [row.running for row in store.running(source)] == [f"of {source}"]
            assert store.next_deadline(source) == len(source)
