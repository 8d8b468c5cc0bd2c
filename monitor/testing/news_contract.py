"""What every store does with what contacts of one customer learn of each other. A part of `StoreContract`."""

import pytest

from monitor.domain.returns import MOST_NEWS, Told
from monitor.store.base import LOOKED_AT, MOST_COMINGS, OPEN, TOLD_KEPT, Store, ToldNews
from monitor.testing.store_rows import contact, news, put, tell


class NewsContract:
    """Inherited with `StoreContract`."""

    def test_news_are_found_by_any_name_after_the_moment_not_at_it_whoever_told_them(self, store: Store) -> None:
        tell(store, "pbx", news(20, "b"), news(20, "a"), news(10, "early"), news(30, "late"), news(5, customer="other"))
        tell(store, "mail", news(15, "m", "email"))
        with store.transaction("pbx") as unit:
            for after, expected in ((9, "early"), (10, "m"), (15, "a"), (20, "late")):
                found = unit.first_words(["k", "nobody", "k"], after, spoken=False, besides="")
                assert found is not None
                assert found.news.contact == expected
            assert unit.first_words(["k", "other"], 4, spoken=False, besides="") == Told("pbx", news(5, customer="other"))
            for names, after in ((["k"], 30), (["nobody"], 0), ([], 0)):
                assert unit.first_words(names, after, spoken=False, besides="") is None
            many = [f"n{n}" for n in range(600)]
            assert unit.first_words([*many, "k"], 25, spoken=False, besides="") == Told("pbx", news(30, "late"))

    def test_news_by_phone_and_those_of_other_contacts(self, store: Store) -> None:
        tell(store, "mail", news(10, "m", "email"), news(20, "n", "email"))
        tell(store, "pbx", news(30, "m", "phone"))
        for source, spoken, besides, expected in (
            ("mail", False, "", ("mail", 10)),
            ("mail", False, "m", ("mail", 20)),
            ("pbx", False, "m", ("mail", 10)),  # another source's contact of that name
            ("mail", True, "", ("pbx", 30)),
            ("pbx", True, "m", ("pbx", 30)),  # the same call, at another place
        ):
            with store.transaction(source) as unit:
                found = unit.first_words(["k"], 0, spoken=spoken, besides=besides)
            assert found is not None
            assert (found.source, found.news.at) == expected

    def test_news_told_twice_are_there_once_and_go_with_a_failed_transaction(self, store: Store) -> None:
        tell(store, "pbx", news(10), news(10))

        def fail() -> None:
            with store.transaction("pbx") as unit:
                unit.put_news([news(5)])
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        with store.transaction("mail") as unit:
            assert unit.first_words(["k"], 0, spoken=True, besides="") == Told("pbx", news(10))
            assert unit.news_before([(["k"], 10)]) == [[Told("pbx", news(10))]]

    def test_what_a_contact_told_is_forgotten(self, store: Store) -> None:
        tell(store, "pbx", news(10, "c"), news(20, "c"), news(30, "other"), news(40, "c", customer="j"))
        tell(store, "mail", news(25, "c", "email"))
        with store.transaction("pbx") as unit:
            unit.drop_news([row for row in unit.news_of(["c", "nobody"]) if row.customer == "k"])
            unit.drop_news([])
            for names, expected in ((["k"], ("mail", 25)), (["j"], ("pbx", 40))):
                found = unit.first_words(names, 0, spoken=False, besides="")
                assert found is not None
                assert (found.source, found.news.at) == expected
            found = unit.first_words(["k"], 25, spoken=False, besides="")
            assert found is not None
            assert found.news.contact == "other"

    def test_old_news_go(self, store: Store) -> None:
        tell(store, "pbx", *(news(at, f"c{at}") for at in (98, 99, 100, 101)))
        assert sum(store.prune(100)) == 0
        with store.transaction("pbx") as unit:
            found = unit.first_words(["k"], 0, spoken=True, besides="")
        assert found == Told("pbx", news(100, "c100"))

    def test_where_something_is_owed_to_whom_or_was_after_a_moment(self, store: Store) -> None:
        put(
            store,
            "pbx",
            contact("b", customer="k", owed_since=1, owed_until=OPEN),
            contact("a", customer="j", owed_since=2, owed_until=20),
            contact("c", customer="k"),
        )
        put(store, "mail", contact("m", customer="k", owed_since=3, owed_until=30), contact("n", "other", customer="l"))
        assert store.concerned({"k": 29}) == {"pbx", "mail"}
        assert store.concerned({"k": 30}) == {"pbx"}
        assert store.concerned({"j": 19, "l": 0}) == {"pbx"}
        assert store.concerned({"j": 20, "k": 30, "l": 0}) == {"pbx"}
        assert store.concerned({"l": 0, "nobody": 0}) == store.concerned({"j": 20}) == store.concerned({}) == set()
        assert store.concerned({**{f"n{n}": 0 for n in range(600)}, "j": 5}) == {"pbx"}
        with store.transaction("pbx") as unit:
            assert [row.contact for row in unit.owed({"k": 0, "j": 19, "l": 0})] == ["b", "a"]
            assert [row.contact for row in unit.owed({"k": 0, "j": 20})] == ["b"]
            assert list(unit.owed({})) == []

    def test_with_which_contacts_a_customer_came_from_a_moment_on(self, store: Store) -> None:
        names = ("a", "b", "c", "d")
        put(store, "pbx", *(contact(name, customer="k", begun=at) for at, name in enumerate(names)))
        tell(store, "pbx", *(news(at * 10, name, kind="came") for at, name in enumerate(names)), news(25, "c", kind="over"))
        put(store, "mail", contact("m", customer="j"))
        tell(store, "mail", news(15, "m", "email", customer="j", kind="came"))
        with store.transaction("pbx") as unit:
            assert [row.contact for row in unit.came({"k": 10})] == ["b", "c", "d"]
            assert [row.contact for row in unit.came({"k": 11, "j": 0}, besides=["id-d-desk"])] == ["c"]
            assert list(unit.came({"k": 31})) == list(unit.came({"j": 0})) == list(unit.came({})) == []
        assert store.concerned({"k": 30, "j": 15}) == {"pbx", "mail"}
        assert store.concerned({"k": 31, "j": 16}) == set()
        assert store.concerned({**{f"n{n}": 0 for n in range(200)}, "j": 15}) == {"mail"}

    def test_in_which_contacts_words_were_sent_from_a_moment_on(self, store: Store) -> None:
        put(store, "pbx", *(contact(name, customer=name) for name in ("a", "b")))
        told = [news(at, name, customer="band:1", kind="worded/9", remarks="k sketch") for at, name in ((10, "a"), (20, "b"))]
        tell(store, "pbx", *told, news(20, "b", customer="band:2", kind="worded/0"), news(30, "b", customer="band:1"))
        with store.transaction("pbx") as unit:
            assert [row.contact for row in unit.came({"band:1": 11})] == ["b"]
            assert list(unit.came({"band:1": 21})) == []
            assert set(unit.news_of(["a"])) == {told[0]}

    def test_of_one_who_comes_often_the_first_comings_are_given(self, store: Store) -> None:
        names = [f"c{n:03}" for n in range(MOST_COMINGS + 5)]
        put(store, "pbx", *(contact(name, customer="k", begun=at) for at, name in enumerate(names)))
        tell(store, "pbx", *(news(at, name, kind="came") for at, name in enumerate(names)))
        with store.transaction("pbx") as unit:
            assert [row.contact for row in unit.came({"k": 2})] == names[2 : 2 + MOST_COMINGS]

    def test_what_was_told_before_a_moment_the_latest_first_of_each_name(self, store: Store) -> None:
        tell(store, "pbx", *(news(at, f"c{at}", kind="came") for at in range(40)), news(7, "other", customer="j", kind="over"))
        tell(store, "mail", news(20, "m", "email", kind="asked", until=35, remarks="ours"))
        with store.transaction("rt") as unit:
            first, both, nobody = unit.news_before([(["k"], 30), (["k", "j", "k"], 2), (["l"], 50)])
            assert len(first) == MOST_NEWS
            assert Told("mail", news(20, "m", "email", kind="asked", until=35, remarks="ours")) in first
            assert min(each.news.at for each in first) == 30 - (MOST_NEWS - 2)
            assert {each.news.at for each in both} == {0, 1, 2}
            assert nobody == []
            assert unit.news_before([]) == []
            many = unit.news_before([*((["l"], 50) for _ in range(150)), (["j"], 7)])
            assert many[-1] == [Told("pbx", news(7, "other", customer="j", kind="over"))]
            assert not any(many[:-1])

    def test_the_contacts_of_a_customer_around_a_moment_the_nearest_first_by_any_name_whoever_reads_them(
        self, store: Store
    ) -> None:
        put(store, "pbx", contact("a", customer="k"), contact("b", customer="k"), contact("gone", customer="k"))
        tell(store, "pbx", news(10, "a", kind="came"), news(40, "a", kind="over"), news(70, "b", kind="tried"))
        tell(store, "pbx", news(89, "gone", kind="came"), news(90, "nowhere", kind="came"))
        put(store, "mail", contact("a", customer="j", channel="email"), contact("far", customer="j"), contact("other"))
        tell(store, "mail", news(55, "a", "email", customer="j", kind="came"), news(91, "far", customer="j", kind="came"))
        tell(store, "mail", news(50, "other", customer="l", kind="came"))
        with store.transaction("pbx") as unit:
            unit.drop_contacts([("gone", "desk")])

        def around(*names: str, moment: int = 50, since: int = 10, until: int = 90, most: int = 9) -> list[tuple[str, str]]:
            return [(each.source, each.row.contact) for each in store.around(names, moment, since, until, most)]

        assert around("k") == [("pbx", "a"), ("pbx", "b")]
        assert around("k", "j", "k", "nobody") == [("mail", "a"), ("pbx", "a"), ("pbx", "b")]
        assert around("k", "j", most=2) == [("mail", "a"), ("pbx", "a")]
        assert around("k", moment=60) == [("pbx", "b"), ("pbx", "a")]
        assert around("k", since=41, until=70) == [("pbx", "b")]
        assert around("k", since=40, until=69) == [("pbx", "a")]
        assert around("j", until=91) == [("mail", "a"), ("mail", "far")]
        assert around("nobody") == around() == []
        many = [f"n{n}" for n in range(200)]
        assert around(*many, "k", "j") == [("mail", "a"), ("pbx", "a"), ("pbx", "b")]
        assert store.around(["k"], 50, 10, 90, 9)[0].row == contact("a", customer="k")

    def test_of_one_who_comes_often_so_much_is_looked_at_on_either_side(self, store: Store) -> None:
        names = [f"c{n:04}" for n in range(LOOKED_AT + 2)]
        put(store, "pbx", *(contact(name, customer="k") for name in (*names, "next")))
        tell(store, "pbx", *(news(at, name, kind="came") for at, name in enumerate(names)), news(LOOKED_AT + 50, "next"))
        found = store.around(["k"], LOOKED_AT + 1, 0, 9_999, 9_999)
        before = names[:1:-1]  # the latest first, without the two earliest
        assert [each.row.contact for each in found] == [*before[:50], "next", *before[50:]]

    def test_news_of_a_contact_by_kind_and_moment_the_later_instead_of_the_earlier(self, store: Store) -> None:
        open_, over = news(10, kind="asked"), news(10, kind="asked", until=20)
        tell(store, "pbx", open_, news(10, kind="came"))
        tell(store, "pbx", over)
        with store.transaction("pbx") as unit:
            assert sorted(unit.news_of(["c", "nobody"])) == sorted([over, news(10, kind="came")])
            unit.drop_news([news(10, kind="came")])
            assert unit.news_of(["c"]) == [over]
        with store.transaction("mail") as unit:
            assert unit.news_of(["c"]) == []

    def test_that_something_was_told_is_kept_for_others(self, store: Store) -> None:
        for number, source in ((10, "pbx"), (20, "mail"), (30, "pbx")):
            with store.transaction(source) as unit:
                unit.put_told(ToldNews(number, {"k": number}))
        assert list(store.told_after(10, "rt")) == [("mail", ToldNews(20, {"k": 20})), ("pbx", ToldNews(30, {"k": 30}))]
        assert list(store.told_after(0, "pbx")) == [("mail", ToldNews(20, {"k": 20}))]
        assert store.heard("pbx") == 0
        with store.transaction("pbx") as unit:
            unit.have_heard(TOLD_KEPT + 30)
        assert store.heard("pbx") == TOLD_KEPT + 30
        assert list(store.told_after(0, "mail")) == [("pbx", ToldNews(30, {"k": 30}))]

    def test_two_sources_may_tell_under_one_number(self, store: Store) -> None:
        for source in ("pbx", "mail"):
            with store.transaction(source) as unit:
                unit.put_told(ToldNews(10, {source: 10}))
        assert list(store.told_after(9, "rt")) == [("mail", ToldNews(10, {"mail": 10})), ("pbx", ToldNews(10, {"pbx": 10}))]

    def test_how_often_one_came_from_a_moment_on(self, store: Store) -> None:
        tell(store, "pbx", *(news(at, f"c{at:02}", kind="came") for at in range(30)), news(5, "other", kind="over"))
        tell(store, "mail", news(3, "m", "email", customer="j", kind="came"))
        with store.transaction("rt") as unit:
            often, both, nobody = unit.comings([(["k"], 2), (["k", "j"], 27), (["l"], 0)])
            assert often == {("pbx", f"c{at:02}", at) for at in range(2, 2 + MOST_COMINGS)}
            assert both == {("pbx", f"c{at:02}", at) for at in (27, 28, 29)}
            assert nobody == set()
            assert unit.comings([(["j"], 3)]) == [{("mail", "m", 3)}]
            assert unit.comings([(["j"], 4)]) == [set()]
            assert unit.comings([]) == []
