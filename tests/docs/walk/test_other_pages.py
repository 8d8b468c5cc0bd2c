"""Pages whose blocks mostly cannot be run here, looked at otherwise; and every page is walked somewhere, or says why not."""

import ast
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.docs.walk.markdown import Block, blocks_of
from tests.docs.walk.plan import Exempt
from tests.docs.walk.walker import TOP, Walk
from tests.servers.dovecot import make_certificates

#: Page -> the test that follows it.
WALKED = {
    "README.md": "test_readme.py",
    "docs/connect-asterisk.md": "test_asterisk.py",
    "docs/connect-helpdesk.md": "test_helpdesks.py",
    "docs/connect-mailbox.md": "test_mailbox.py",
    "docs/connectors/redmine.md": "test_helpdesks.py",
    "docs/connectors/request_tracker.md": "test_helpdesks.py",
    "docs/connectors/writing-one.md": "test_other_pages.py",
    "docs/connectors/znuny.md": "test_helpdesks.py",
    "docs/dashboards.md": "test_other_pages.py",
    "docs/first-alert.md": "test_first_alert.py",
    "docs/install.md": "test_install.py",
    "docs/operations.md": "test_operations.py",
    "docs/push-events.md": "test_push_events.py",
    "docs/security.md": "test_other_pages.py",
    "docs/stack.md": "test_stack.py",
}
#: Page with blocks -> why nobody follows it.
NOT_WALKED = {
    "CONTRIBUTING.md": "the targets of make, which run all of this",
    "docs/api.md": "requests to a daemon that has signals; tests/publish/web/test_openapi.py makes them",
    "docs/connectors/jira_service_management.md": "a service elsewhere; its configuration loads (tests/docs/test_pages.py)",
    "docs/connectors/freshdesk.md": "a service elsewhere; its configuration loads (tests/docs/test_pages.py)",
    "docs/connectors/zammad.md": "a service elsewhere; its configuration loads (tests/docs/test_pages.py)",
    "docs/connectors/zendesk.md": "a service elsewhere; its configuration loads (tests/docs/test_pages.py)",
    "docs/recompute.md": "its commands are run by tests/cli/test_recompute.py and tests/cli/test_what_if.py",
    "docs/report.md": "its commands are run by tests/cli/test_report.py and tests/cli/test_report_mail.py",
    "docs/architecture.md": "a tree of the code, held by tests/docs/test_architecture.py",
    "docs/demo.md": "a synopsis",
    "docs/notify.md": "its receivers are services elsewhere; its configuration loads (tests/docs/test_pages.py)",
    "docs/answers.md": "its command is run by tests/tools/test_answers_score.py",
    "docs/promises.md": "its commands are run by tests/cli/test_promises.py and tests/tools/test_promises_score.py",
}


def pages_with_blocks() -> list[str]:
    """Of README, CONTRIBUTING and everything below docs."""
    pages = [TOP / "README.md", TOP / "CONTRIBUTING.md", *sorted((TOP / "docs").rglob("*.md"))]
    names = [page.relative_to(TOP).as_posix() for page in pages if blocks_of(page.name, page.read_text())]
    return [name for name in names if not name.startswith("docs/decisions/")]  # why, not how


def test_every_page_with_something_to_do_is_followed_or_says_why_not():
    assert sorted(WALKED | NOT_WALKED) == sorted(pages_with_blocks())


@pytest.mark.parametrize("page", WALKED)
def test_the_walk_is_where_it_is_said_to_be(page: str):
    code = (Path(__file__).parent / WALKED[page]).read_text()
    assert page in code or page.replace(Path(page).stem, "{system}") in code


def test_the_boards_reach_grafana(tmp_path: Path):
    grafana = tmp_path / "grafana"
    for directory in ("dashboards", "provisioning/dashboards", "provisioning/datasources"):
        (grafana / directory).mkdir(parents=True)
    own = {"/var/lib/grafana": str(grafana), "/etc/grafana": str(grafana)}
    own[".venv/bin/contact-monitor"] = "contact-monitor"  # installed as install.md says, which another test follows
    with Walk(tmp_path, replaced=own) as walk:
        walk.type(f"cd {TOP}")
        walk.follow("docs/dashboards.md", {})
    boards = {path.name for path in (grafana / "dashboards" / "contact-monitor").glob("*.json")}
    assert boards == {path.name for path in (TOP / "dashboards").glob("*.json")}
    provided = yaml.safe_load((grafana / "provisioning" / "dashboards" / "contact-monitor.yaml").read_text())
    assert provided["providers"][0]["options"]["path"] == "/var/lib/grafana/dashboards/contact-monitor"
    assert (grafana / "provisioning" / "datasources" / "prometheus.yaml").is_file()


def test_users_and_tls(tmp_path: Path):
    make_certificates(tmp_path)
    own = {"/etc/ssl/monitor.pem": f"{tmp_path}/server.pem", "/etc/ssl/monitor.key": f"{tmp_path}/server.key"}
    own["/run/secrets/desk"] = "desk-token"
    with Walk(tmp_path, replaced=own) as walk:
        walk.save("desk-token", "a-token-of-the-test")
        walk.follow("docs/security.md", {})


def is_python(walk: Walk, block: Block) -> None:
    ast.parse(block.text)


def is_toml(walk: Walk, block: Block) -> None:
    assert tomllib.loads(block.text)["project"]["entry-points"]["contact_monitor.connectors"]


def test_writing_a_connector(tmp_path: Path):
    installed = "tests/connectors/test_third_party.py runs it as an installed package"
    ways = {
        "class TicketMachine": Exempt(installed, is_python),
        "api_secret: s3cret": Exempt(installed, lambda walk, block: walk.save("hall.yaml", block.text)),
        "began, aft": Exempt("a sketch of a method", is_python),
        "ConnectorContract": Exempt(installed, is_python),
        "connector = ticket_machine": Exempt("one line of a test", is_python),
        "entry-points": Exempt(installed, is_toml),
    }
    with Walk(tmp_path) as walk:
        walk.follow("docs/connectors/writing-one.md", ways)
