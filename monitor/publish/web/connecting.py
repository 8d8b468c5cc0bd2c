"""What the page for the first source says: for each type an account that can only read, and the least that the configuration
needs. Nothing is typed into the page; secrets stand in files that the monitor reads. Pure."""

from typing import Any, Final, NamedTuple


class FirstSource(NamedTuple):
    """How a source of one type is connected. `docs`: the page of the documentation that says more."""

    type: str
    title: str
    tells: str
    account: tuple[str, ...]
    secret: str  # the file of the secret, empty where there is none
    keys: str  # of the source, as YAML below its name
    docs: str

    @property
    def name(self) -> str:
        """What the source is called until somebody calls it otherwise."""
        return _NAMES.get(self.type, "desk")

    @property
    def yaml(self) -> str:
        """The least that the configuration needs."""
        return f"sources:\n  {self.name}:\n    type: {self.type}\n" + "".join(f"    {line}\n" for line in self.keys.splitlines())


_NAMES: Final = {"asterisk": "pbx", "queue_log": "log", "imap": "mail"}

FIRST_SOURCES: Final = (
    FirstSource(
        "asterisk", "Asterisk", "Calls as they happen: who rings, waits, is held, gives up.",
        (
            "In manager.conf add a section [monitor] with its own secret, read = system,call,agent,cdr and nothing after write =",
            "Let it in from the machine of the monitor alone: deny = 0.0.0.0/0.0.0.0, then permit = with that address.",
            'Load it: asterisk -rx "manager reload".',
        ),
        "ami-password", "host: 10.0.0.5\nusername: monitor\npassword_file: ami-password", "connect-asterisk.md",
    ),
    FirstSource(
        "queue_log", "Asterisk's queue_log alone",
        "Queues of an Asterisk whose manager interface is not to be had: whole seconds, no holds.",
        ("Give the user of the monitor the right to read the file, and none to write it.",),
        "", "path: /var/log/asterisk/queue_log", "connect-asterisk.md",
    ),
    FirstSource(
        "imap", "Mailboxes over IMAP",
        "Questions that wait for an answer. Mailboxes are opened read-only: nothing is marked as read.",
        (
            "Take a login that reads the mailbox in which questions come, and one for each in whose Sent folder answers lie.",
            "Microsoft 365 and Google take no passwords: the documentation has an app registration or a service account instead.",
        ),
        "info-password",
        "host: imap.example.org\nusername: info@example.org\npassword_file: info-password\ndomains: [example.org]",
        "connect-mailbox.md",
    ),
    FirstSource(
        "request_tracker", "Request Tracker 5", "Tickets that wait for a reply, promises, what was reopened or passed around.",
        (
            "Make a user monitor, in a group of its own.",
            "Give that group SeeQueue, ShowTicket, ShowTicketComments, SeeCustomField and ShowOutgoingEmail, and nothing else.",
            "Make an auth token as that user.",
        ),
        "rt-token", "url: https://rt.example.org\ntoken_file: rt-token", "connectors/request_tracker.md",
    ),
    FirstSource(
        "redmine", "Redmine 5", "Issues that wait for a reply, promises, what was reopened or passed around.",
        (
            "Enable the REST web service under Administration, Settings, API.",
            "Make a role that sees all issues and may View Issues, and nothing else.",
            "Make a user monitor with that role in each project to be read.",
            "Take the API access key of that user.",
        ),
        "redmine-key", "url: https://redmine.example.org\nkey_file: redmine-key", "connectors/redmine.md",
    ),
    FirstSource(
        "znuny", "Znuny 6.5", "Tickets that wait for a reply, promises, what was reopened or passed around.",
        (
            "Set up the web service of the documentation: three operations, all of which only read.",
            "Make an agent monitor with the right ro on the queues to be read, and nothing else.",
        ),
        "znuny-password",
        "url: https://desk.example.org/otrs/nph-genericinterface.pl/Webservice/monitor\nusername: monitor\n"
        "password_file: znuny-password\ntimezone: UTC",
        "connectors/znuny.md",
    ),
    FirstSource(
        "zendesk", "Zendesk", "Tickets that wait for a reply, promises, what was reopened or passed around.",
        (
            "Make an OAuth client, and as an administrator a token of it with the scope read alone.",
            "The documentation says what was not tried on the real service.",
        ),
        "zendesk-token", "url: https://acme.zendesk.com\ntoken_file: zendesk-token", "connectors/zendesk.md",
    ),
    FirstSource(
        "zammad", "Zammad", "Tickets that wait for a reply, promises, what was reopened or passed around.",
        (
            "Make a role with the permission ticket.agent and access READ to the groups to be read, and nothing else.",
            "Make a user monitor with that role alone, and as that user an access token.",
            "The documentation says what was not tried on a real Zammad.",
        ),
        "zammad-token", "url: https://zammad.example.org\ntoken_file: zammad-token", "connectors/zammad.md",
    ),
    FirstSource(
        "jira_service_management", "Jira Service Management",
        "Requests that wait for a reply, promises, what was reopened or passed around.",
        (
            "Make an account that may browse the service projects to be read, and nothing else.",
            "As that account make an API token with the scopes read:jira-work and read:jira-user alone.",
            "The documentation says where the cloud's id is found, and what was not tried on the real service.",
        ),
        "jira-token",
        "url: https://api.atlassian.com/ex/jira/CLOUD-ID\nusername: monitor@acme.example\ntoken_file: jira-token",
        "connectors/jira_service_management.md",
    ),
    FirstSource(
        "freshdesk", "Freshdesk", "Tickets that wait for a reply, promises, what was reopened or passed around.",
        (
            "Make a role with no permission ticked, and an agent with that role alone and global access.",
            "As that agent, take the API key from the profile settings.",
            "The documentation says what was not tried on the real service.",
        ),
        "freshdesk-key", "url: https://acme.freshdesk.com\nkey_file: freshdesk-key", "connectors/freshdesk.md",
    ),
    FirstSource(
        "events", "Anything else that can post JSON",
        "What you send: visits at a counter, chats, another system's calls or tickets.",
        (
            "Write a long text that nobody guesses into the file: openssl rand -hex 32. Who shows it may push, and read nothing.",
            "Senders show it as Authorization: Bearer … and post to /api/v1/events, one JSON object a line.",
        ),
        "desk-token", "token_file: desk-token", "push-events.md",
    ),
)  # fmt: skip


def connect_page() -> dict[str, Any]:
    """Everything the page says."""
    return {"sources": FIRST_SOURCES}
