"""What every store does with what contacts of one customer learn of each other. A part of `StoreContract`."""

import pytest

from monitor.store.base import FoundNews, Store
from monitor.testing.store_rows import contact, news, put, tell


class NewsContract:
    """Inherited with `StoreContract`."""

    def test_news_are_found_by_any_name_after_the_moment_not_at_it_whoever_told_them(self, store: Store) -> None:
        tell(store, "pbx", news(20, "b"), news(20, "a"), news(10, "early"), news(30, "late"), news(5, customer="other"))
        tell(store, "mail", news(15, "m", "email"))
        with store.transaction("pbx") as unit:
            for after, expected in ((9, "early"), (10, "m"), (15, "a"), (20, "late")):
                found = unit.first_news(["k", "nobody", "k"], after, spoken=False, besides="")
                assert found is not None
                assert found.row.contact == expected
            assert unit.first_news(["k", "other"], 4, spoken=False, besides="") == FoundNews("pbx", news(5, customer="other"))
            for names, after in ((["k"], 30), (["nobody"], 0), ([], 0)):
                assert unit.first_news(names, after, spoken=False, besides="") is None
            many = [f"n{n}" for n in range(600)]
            assert unit.first_news([*many, "k"], 25, spoken=False, besides="") == FoundNews("pbx", news(30, "late"))

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
                found = unit.first_news(["k"], 0, spoken=spoken, besides=besides)
            assert found is not None
            assert (found.source, found.row.at) == expected

    def test_news_told_twice_are_there_once_and_go_with_a_failed_transaction(self, store: Store) -> None:
        tell(store, "pbx", news(10), news(10))

        def fail() -> None:
            with store.transaction("pbx") as unit:
                unit.put_news([news(5)])
                raise KeyError

        with pytest.raises(KeyError):
            fail()
        with store.transaction("mail") as unit:
            assert unit.first_news(["k"], 0, spoken=True, besides="") == FoundNews("pbx", news(10))

    def test_what_a_contact_told_is_forgotten(self, store: Store) -> None:
        tell(store, "pbx", news(10, "c"), news(20, "c"), news(30, "other"), news(40, "c", customer="j"))
        tell(store, "mail", news(25, "c", "email"))
        with store.transaction("pbx") as unit:
            unit.drop_news([("k", "c"), ("k", "nobody")])
            unit.drop_news([])
            for names, expected in ((["k"], ("mail", 25)), (["j"], ("pbx", 40))):
                found = unit.first_news(names, 0, spoken=False, besides="")
                assert found is not None
                assert (found.source, found.row.at) == expected
            found = unit.first_news(["k"], 25, spoken=False, besides="")
            assert found is not None
            assert found.row.contact == "other"

    def test_old_news_go(self, store: Store) -> None:
        tell(store, "pbx", *(news(at, f"c{at}") for at in (98, 99, 100, 101)))
        assert sum(store.prune(100)) == 0
        with store.transaction("pbx") as unit:
            found = unit.first_news(["k"], 0, spoken=True, besides="")
        assert found == FoundNews("pbx", news(100, "c100"))

    def test_where_something_is_owed_to_whom(self, store: Store) -> None:
        put(
            store,
            "pbx",
            contact("b", customer="k", owed_since=1),
            contact("a", customer="j", owed_since=2),
            contact("c", customer="k"),
        )
        put(store, "mail", contact("m", customer="k", owed_since=3), contact("n", "other", customer="l"))
        assert store.owing(["k"]) == {"pbx", "mail"}
        assert store.owing(["j", "l"]) == {"pbx"}
        assert store.owing(["l", "nobody"]) == store.owing([]) == set()
        assert store.owing([*(f"n{n}" for n in range(600)), "j"]) == {"pbx"}
        assert store.all_owed("pbx") == [("a", "desk"), ("b", "desk")]
        assert store.all_owed("nobody") == []
