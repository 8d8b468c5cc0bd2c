"""The first story: 29 tickets, what a desk sees in three weeks. See `story` for how to read it."""

from tests.live.helpdesk.story import Otherwise, Ticket, at, kept, late, mark, running, void

_REJECTED = "a closed state like any other: no interface says that it means spam"
_DUPLICATE = "it cannot merge: people relate the duplicate and close it"
TICKETS = (
    Ticket(
        "in_time", "answered after two hours, then resolved; a duplicate was merged into it meanwhile",
        [
            at(50, "opened", "carol", "Where is order 1001?"), at(49.5, "assigned", "alice", "alice"),
            at(48, "answered", "alice", "It left our warehouse."), at(30, "resolved", "alice"),
        ],
        [kept("reply", 50, 48), kept("follow_up", 47, 30, wordless=True), kept("resolution", 50, 30)],
        otherwise={
            system: Otherwise(_DUPLICATE, [kept("reply", 50, 48), kept("resolution", 50, 30)])
            for system in ("redmine", "jira_service_management")
        },
    ),
    Ticket(
        "merged_away", "the duplicate: counted once",
        [at(47, "opened", "carol", "Order 1001 again"), at(46, "merged", "alice", "in_time")],
        [void("reply", 47, 46), void("resolution", 47, 46)],
    ),
    Ticket(
        "late", "first answer after three days",
        [at(200, "opened", "dave", "Broken hinge"), at(128, "answered", "alice", "Sorry, here is a new one.")],
        [late("reply", 200, 128, at=176), running("resolution", 200)],
    ),
    Ticket(
        "never", "no answer for five days",
        [at(120, "opened", "erin", "Refund for order 1003")],
        [late("reply", 120, None, at=96), running("resolution", 120)],
    ),
    Ticket(
        "fresh", "two hours old",
        [at(2, "opened", "frank", "Opening hours?")],
        [running("reply", 2), running("resolution", 2)],
    ),
    Ticket(
        "auto_only", "nobody but the machine has acknowledged it",
        [at(60, "opened", "gina", "Machine shows E42"), at(59.99, "acknowledged")],
        [late("reply", 60, None, at=36), running("resolution", 60)],
    ),
    Ticket(
        "note_only", "colleagues talk, the customer hears nothing",
        [
            at(70, "opened", "hugo", "Contract end date"), at(69, "noted", "alice", "Bob, do you know?"),
            at(40, "noted", "bob", "Not me."),
        ],
        [late("reply", 70, None, at=46), running("resolution", 70)],
    ),
    Ticket(
        "follow_up_unanswered", "answered, then the customer asks again and waits",
        [
            at(150, "opened", "ivan", "Delivery to Oslo"), at(149, "answered", "alice", "Yes, we deliver there."),
            at(72, "asked", "ivan", "And to Tromso? How much would that be?"),
        ],
        [kept("reply", 150, 149), late("follow_up", 72, None, at=48), running("resolution", 150)],
    ),
    Ticket(
        "chased", "the customer chases twice before any answer: one wait",
        [
            at(90, "opened", "judy", "Missing screws"), at(60, "asked", "judy", "Any news on the screws?"),
            at(10, "asked", "judy", "Hello? Is anybody there?"),
        ],
        [late("reply", 90, None, at=66), running("resolution", 90)],
    ),
    Ticket(
        "thanks", "the customer's last word is a thank-you",
        [
            at(100, "opened", "kate", "Invoice copy"), at(99, "answered", "bob", "It is attached."),
            at(98, "asked", "kate", "Thank you!"),
        ],
        [kept("reply", 100, 99), running("resolution", 100)],
    ),
    Ticket(
        "on_hold", "we asked back; the ball is with the customer",
        [
            at(230, "opened", "liam", "Does not start"), at(229, "answered", "alice", "Which model is it?"),
            at(229, "waits_for_customer", "alice"),
        ],
        [kept("reply", 230, 229), running("resolution", 230)],
    ),
    Ticket(
        "resolved_unanswered", "closed without ever writing to the customer",
        [at(80, "opened", "mona", "Password lost"), at(20, "resolved", "alice")],
        [late("reply", 80, 20, at=56, wordless=True), kept("resolution", 80, 20)],
    ),
    Ticket(
        "rejected", "advertising, rejected",
        [at(85, "opened", "prince", "Dear friend"), at(84, "rejected", "bob")],
        [void("reply", 85, 84), void("resolution", 85, 84)],
        otherwise={
            system: Otherwise(_REJECTED, [kept("reply", 85, 84, wordless=True), kept("resolution", 85, 84)])
            for system in ("redmine", "znuny", "zendesk", "zammad", "jira_service_management", "freshdesk")
        },
    ),
    Ticket(
        "due_overdue", "the due date passed two days ago, still open",
        [
            at(240, "opened", "nora", "Annual inspection", "projects"), at(240, "due", "alice", 48),
            at(239, "answered", "alice", "It is planned."), at(239, "assigned", "alice", "alice"),
        ],
        [kept("reply", 240, 239), late("promise", 240, None, at=48, by_day=36), late("resolution", 240, None, at=24)],
    ),
    Ticket(
        "due_met", "resolved before the due date",
        [
            at(240, "opened", "olaf", "Install update", "projects"), at(240, "due", "alice", 100),
            at(239, "answered", "alice", "It is planned."), at(120, "resolved", "alice"),
        ],
        [kept("reply", 240, 239), kept("promise", 240, 120), kept("resolution", 240, 120)],
    ),
    Ticket(
        "due_missed", "resolved one day after the due date",
        [
            at(240, "opened", "pete", "Replace pump", "projects"), at(240, "due", "alice", 100),
            at(239, "answered", "alice", "It is planned."), at(76, "resolved", "alice"),
        ],
        [kept("reply", 240, 239), late("promise", 240, 76, at=100, by_day=84), kept("resolution", 240, 76)],
    ),
    Ticket(
        "due_slipped", "the due date pushed back twice, after it had passed and on the last day",
        [
            at(400, "opened", "quin", "Translate manual", "projects"), at(400, "due", "alice", 200),
            at(399, "answered", "alice", "It is planned."), at(170, "due", "alice", 100), at(101, "due", "bob", -60),
        ],
        [
            kept("reply", 400, 399), late("promise", 400, None, at=200, by_day=180),
            late("promise", 170, None, at=100, by_day=84), running("promise", 101), late("resolution", 400, None, at=184),
        ],
    ),
    Ticket(
        "due_ahead", "the due date lies ahead",
        [
            at(48, "opened", "rita", "Yearly report", "projects"), at(48, "due", "alice", -120),
            at(47, "answered", "bob", "We have written it down."),
        ],
        [kept("reply", 48, 47), running("promise", 48), running("resolution", 48)],
    ),
    Ticket(
        "due_removed", "a due date that had passed was emptied: it stays slipped",
        [
            at(300, "opened", "sven", "Spare keys", "projects"), at(300, "due", "alice", 150),
            at(299, "answered", "alice", "We have written it down."), at(120, "due", "alice", None),
        ],
        [kept("reply", 300, 299), late("promise", 300, 120, at=150, by_day=132), late("resolution", 300, None, at=84)],
    ),
    Ticket(
        "promise_kept", "promised by a day, done before it",
        [
            at(220, "opened", "tina", "Certificate", "projects"), at(219, "answered", "alice", "It is ordered."),
            at(219, "promised", "alice", 100), at(120, "answered", "alice", "Here it is."), at(120, "resolved", "alice"),
        ],
        [kept("reply", 220, 219), kept("promise", 219, 120), kept("resolution", 220, 120)],
    ),
    Ticket(
        "promise_broken", "the promised day passed, nothing happened",
        [
            at(220, "opened", "ugo", "Repair estimate", "projects"), at(219, "answered", "alice", "It is ordered."),
            at(219, "promised", "alice", 100),
        ],
        [kept("reply", 220, 219), late("promise", 219, None, at=100, by_day=84), late("resolution", 220, None, at=4)],
    ),
    Ticket(
        "promise_slipped", "the promise was moved after it had been missed",
        [
            at(220, "opened", "vera", "Sample", "projects"), at(219, "answered", "bob", "It is ordered."),
            at(219, "promised", "bob", 100), at(70, "promised", "bob", -72), at(70, "answered", "bob", "Sorry, it is late."),
        ],
        [
            kept("reply", 220, 219), late("promise", 219, None, at=100, by_day=84), running("promise", 70),
            late("resolution", 220, None, at=4),
        ],
    ),
    Ticket(
        "reopened", "resolved, then the customer came back and waits",
        [
            at(300, "opened", "walt", "Invoice wrong"), at(299, "answered", "alice", "It is corrected."),
            at(298, "resolved", "alice"), at(50, "asked", "walt", "The sum is still wrong!"), at(50, "is_open_again", "alice"),
        ],
        [
            kept("reply", 300, 299), kept("resolution", 300, 298), mark("reopened", 50), late("follow_up", 50, None, at=26),
            running("resolution", 50),
        ],
    ),
    Ticket(
        "reopened_twice", "reopened twice, resolved in the end",
        [
            at(400, "opened", "xena", "Login fails"), at(399, "answered", "alice", "Please try now."),
            at(399, "resolved", "alice"), at(350, "asked", "xena", "It does not work."), at(350, "is_open_again", "alice"),
            at(345, "answered", "bob", "And now?"), at(345, "resolved", "bob"), at(300, "asked", "xena", "No, it still fails!"),
            at(300, "is_open_again", "bob"), at(290, "answered", "cindy", "It is fixed for good."), at(290, "resolved", "cindy"),
        ],
        [
            kept("reply", 400, 399), kept("resolution", 400, 399), mark("reopened", 350), kept("follow_up", 350, 345),
            kept("resolution", 350, 345), mark("reopened", 300), kept("follow_up", 300, 290), kept("resolution", 300, 290),
        ],
    ),
    Ticket(
        "passed_around", "the owner changed three times after the first",
        [
            at(130, "opened", "yara", "Who is responsible?"), at(129, "assigned", "alice", "alice"),
            at(128, "answered", "alice", "We are looking into it."), at(110, "assigned", "alice", "bob"),
            at(90, "assigned", "bob", "cindy"), at(60, "assigned", "cindy", "alice"),
        ],
        [kept("reply", 130, 128), mark("passed_around", 60), running("resolution", 130)],
    ),
    Ticket(
        "escalated", "priority raised from 2 to 5 in two steps: one signal",
        [
            at(75, "opened", "zoe", "Server room hot"), at(75, "prioritised", "alice", 2),
            at(74, "answered", "alice", "We are looking into it."), at(50, "prioritised", "alice", 4),
            at(20, "prioritised", "bob", 5),
        ],
        [kept("reply", 75, 74), mark("escalated", 50), running("resolution", 75)],
    ),
    Ticket(
        "calmed", "priority set on arrival and lowered later: no alarm",
        [
            at(75, "opened", "adam", "Printer noise"), at(75, "prioritised", "alice", 4),
            at(74, "answered", "alice", "We are looking into it."), at(50, "prioritised", "alice", 2),
        ],
        [kept("reply", 75, 74), running("resolution", 75)],
    ),
    Ticket(
        "unicode", "odd characters",
        [at(40, "opened", "yamada", "注文について – Größe „prüfen“ \U0001f600 \u202eabc")],
        [late("reply", 40, None, at=16), running("resolution", 40)],
    ),
    Ticket(
        "long_history", "120 notes: more than a page of history",
        [
            at(500, "opened", "beth", "Endless story"), at(499, "answered", "alice", "We are looking into it."),
            *(at(498 - n, "noted", "bob" if n % 2 else "alice", f"Step {n}") for n in range(120)),
        ],
        [kept("reply", 500, 499), late("resolution", 500, None, at=284)],
    ),
)  # fmt: skip
