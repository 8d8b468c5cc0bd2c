"""The shell of every page: where one is, and in which colours."""

import pytest
from aiohttp.test_utils import TestClient
from yarl import URL

PAGES = ["/", "/sources", "/contact-points/support-line", "/nowhere"]
HTML = {"Accept": "text/html"}


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_as_the_reader_chose(client: TestClient, path: str):
    assert '<html lang="en">' in await (await client.get(path, headers=HTML)).text()
    for scheme in ("light", "dark"):
        answer = await client.get(path, headers=HTML, cookies={"colours": scheme})
        assert f'<html lang="en" class="{scheme}">' in await answer.text()
    assert '<html lang="en">' in await (await client.get(path, headers={**HTML, "Cookie": 'colours="><script>'})).text()


@pytest.mark.parametrize("path", ["/", "/contact-points/a%2F%2Fb%20c"])
async def test_the_switch_keeps_the_choice_and_leads_back_to_the_same_page(client: TestClient, path: str):
    answer = await client.get(f"{path}?refresh=off&team=a%26b&colours=dark", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, f"{path}?refresh=off&team=a%26b")
    kept = answer.cookies["colours"]
    assert (kept.value, kept["path"], kept["samesite"], kept["httponly"]) == ("dark", "/", "Lax", True)
    back = await client.get(f"{path}?colours=system", allow_redirects=False)
    assert (back.headers["Location"], back.cookies["colours"].value) == (path, "")
    odd = await client.get(f"{path}?colours=purple", allow_redirects=False)
    assert odd.cookies["colours"].value == ""


@pytest.mark.parametrize("path", ["//example.org/x", "///example.org", "/%5Cexample.org", "/\\example.org"])
async def test_the_switch_leads_to_no_other_host(client: TestClient, path: str):
    address = URL(f"http://{client.host}:{client.port}{path}?colours=dark", encoded=True)
    answer = await client.session.get(address, allow_redirects=False)
    location = answer.headers["Location"]
    assert location.startswith("/")
    assert location[1] not in "/\\"


async def test_links_to_other_colours_keep_what_else_was_asked_for(client: TestClient):
    text = await (await client.get("/?refresh=off&team=%3Ci%3E", cookies={"colours": "dark"})).text()
    assert 'href="?refresh=off&amp;team=%3Ci%3E&amp;colours=light"' in text
    assert "<strong>dark</strong>" in text


@pytest.mark.parametrize(("path", "name"), [("/", "Board"), ("/signals", "Signals"), ("/sources", "Sources")])
async def test_the_navigation_says_where_one_is(client: TestClient, path: str, name: str):
    text = await (await client.get(path)).text()
    assert text.count("aria-current") == 1
    assert f'<a href="{path}" aria-current="page">{name}</a>' in text


async def test_an_api_takes_no_notice_of_the_switch(client: TestClient):
    answer = await client.get("/api/v1/sources?colours=dark", allow_redirects=False)
    assert (answer.status, "Set-Cookie" in answer.headers) == (400, False)  # it knows no such parameter
