"""The second story: what the first lacks. Moves, merges both ways, wrong closes, priorities up and down, robots, edges.

See `story` for how to read it.
"""

from tests.live.helpdesk.story import Otherwise, Ticket, at, kept, late, mark, running, void

_NO_MERGE = "it cannot merge: people relate the duplicate and close it, and the question stays where it was asked"
TICKETS = (
    # --- at the edge of a limit
    Ticket(
        "on_the_dot", "answered after exactly 24 hours: good",
        [at(60, "opened", "anna", "Where are you?"), at(36, "answered", "alice", "In the mill.")],
        [kept("reply", 60, 36), running("resolution", 60)],
    ),
    Ticket(
        "a_second_late", "answered one second after that",
        [at(60, "opened", "bert", "Which mill?"), at(36 - 1 / 3600, "answered", "alice", "The old one.")],
        [late("reply", 60, 36 - 1 / 3600, at=36), running("resolution", 60)],
    ),
    # --- moves
    Ticket(
        "moved", "to another queue before the answer: one contact, answered in time",
        [
            at(100, "opened", "carl", "A pump for the well"), at(99, "moved", "alice", "projects"),
            at(90, "answered", "bob", "We build them."),
        ],
        [kept("reply", 100, 90), running("resolution", 100)],
    ),
    Ticket(
        "moved_and_waits", "the move does not start the wait anew",
        [at(60, "opened", "dora", "A well for the pump"), at(50, "moved", "alice", "projects")],
        [late("reply", 60, None, at=36), running("resolution", 60)],
    ),
    Ticket(
        "moved_about", "through three queues, and back again",
        [
            at(95, "opened", "egon", "Whose pump is it?"), at(94, "answered", "alice", "We are looking into it."),
            at(90, "moved", "alice", "projects"), at(80, "moved", "bob", "support"), at(70, "moved", "alice", "projects"),
        ],
        [kept("reply", 95, 94), mark("passed_around", 70), running("resolution", 95)],
    ),
    Ticket(
        "moved_with_owner", "a new queue and a new owner at once are one hand-over",
        [
            at(95, "opened", "frida", "Whose well is it?"), at(94, "assigned", "alice", "alice"),
            at(94, "answered", "alice", "We are looking into it."), at(90, "moved", "alice", "projects", "bob"),
            at(80, "assigned", "bob", "cindy"),
        ],
        [kept("reply", 95, 94), running("resolution", 95)],
    ),
    Ticket(
        "owner_laid_down", "to nobody and on to the next is one hand-over: two in all",
        [
            at(95, "opened", "gerd", "Who comes to measure?"), at(94, "assigned", "alice", "alice"),
            at(94, "answered", "alice", "We are looking into it."), at(85, "assigned", "alice", None),
            at(80, "assigned", "bob", "bob"), at(75, "assigned", "bob", None), at(70, "assigned", "cindy", "cindy"),
        ],
        [kept("reply", 95, 94), running("resolution", 95)],
    ),
    Ticket(
        "to_the_managers", "handed to the queue that is named in `escalation`",
        [
            at(80, "opened", "hanna", "I want the manager"), at(79, "answered", "alice", "I shall tell her."),
            at(40, "moved", "alice", "managers"),
        ],
        [kept("reply", 80, 79), mark("escalated", 40), running("resolution", 80)],
    ),
    # --- merges
    Ticket(
        "merged_into_newer", "the older question, unanswered, goes into the newer one",
        [at(90, "opened", "ida", "Where is my pump?"), at(70, "merged", "alice", "newer")],
        [void("reply", 90, 70), void("resolution", 90, 70)],
    ),
    Ticket(
        "newer", "answered in time for itself, too late for what was merged into it",
        [at(80, "opened", "ida", "Pump?"), at(60, "answered", "alice", "On its way.")],
        [late("reply", 90, 60, at=66), running("resolution", 90)],
        otherwise={
            system: Otherwise(_NO_MERGE, [kept("reply", 80, 60), running("resolution", 80)])
            for system in ("redmine", "jira_service_management")
        },
    ),
    Ticket(
        "older", "answered; then a newer question was merged into it, and waits",
        [
            at(96, "opened", "jakob", "What is a hose?"), at(95, "answered", "alice", "Rubber."),
            at(50, "answered", "alice", "Brass."),
        ],
        [kept("reply", 96, 95), kept("follow_up", 60, 50), running("resolution", 96)],
        otherwise={
            system: Otherwise(_NO_MERGE, [kept("reply", 96, 95), running("resolution", 96)])
            for system in ("redmine", "jira_service_management")
        },
    ),
    Ticket(
        "merged_into_older", "the newer question",
        [at(60, "opened", "jakob", "And with a nozzle?"), at(55, "merged", "alice", "older")],
        [void("reply", 60, 55), void("resolution", 60, 55)],
    ),
    # --- wrong closes
    Ticket(
        "closed_by_mistake", "and opened again by the agent 36 seconds later, which do not count: the question still waits",
        [
            at(60, "opened", "karl", "Which oil?"), at(59, "resolved", "alice"), at(58.99, "taken_back_up", "alice"),
        ],
        [late("reply", 60, None, at=35.99), running("resolution", 60)],
    ),
    Ticket(
        "promise_outlives_a_wrong_close", "what was promised before it still binds",
        [
            at(100, "opened", "lena", "A date for the well"), at(99, "answered", "alice", "See the date."),
            at(99, "promised", "alice", 40), at(70, "resolved", "bob"), at(69.9, "taken_back_up", "bob"),
        ],
        [kept("reply", 100, 99), late("promise", 99, None, at=40, by_day=36), running("resolution", 100)],
    ),
    Ticket(
        "closed_twice", "the wrong close is no resolution that the customer came back on",
        [
            at(80, "opened", "moritz", "Seal is loose"), at(79, "answered", "alice", "Here is another."),
            at(70, "resolved", "alice"), at(69.9, "taken_back_up", "alice"), at(60, "resolved", "alice"),
        ],
        [kept("reply", 80, 79), kept("resolution", 80, 60)],
    ),
    Ticket(
        "thanked", "the thank-you opens it again, and it is closed again",
        [
            at(80, "opened", "nina", "Manual, please"), at(79, "answered", "bob", "It is attached."), at(70, "resolved", "bob"),
            at(69, "asked", "nina", "Thank you very much!"), at(60, "resolved", "bob"),
        ],
        [kept("reply", 80, 79), kept("resolution", 80, 70)],
    ),
    # --- priorities, promises, pauses
    Ticket(
        "up_and_down", "raised, lowered, raised: one signal, at the first",
        [
            at(90, "opened", "otto", "Cellar under water"), at(89, "answered", "alice", "We come."),
            at(80, "prioritised", "alice", 5), at(70, "prioritised", "bob", 2), at(60, "prioritised", "alice", 4),
        ],
        [kept("reply", 90, 89), mark("escalated", 80), running("resolution", 90)],
    ),
    Ticket(
        "several_promises", "two dates; the one was moved before it passed, which does not rescue the first",
        [
            at(150, "opened", "paula", "Offer and plan"), at(149, "answered", "alice", "See the dates."),
            at(149, "due", "alice", 100), at(149, "promised", "alice", 80), at(120, "due", "alice", 20),
            at(40, "answered", "alice", "Here are both."), at(40, "resolved", "alice"),
        ],
        [
            kept("reply", 150, 149), late("promise", 149, 40, at=100, by_day=84), late("promise", 149, 40, at=80, by_day=60),
            kept("promise", 120, 40), kept("resolution", 150, 40),
        ],
    ),
    Ticket(
        "promise_released", "a date that was emptied before it passed",
        [
            at(101, "opened", "quentin", "Visit"), at(100, "answered", "alice", "See the date."), at(100, "due", "alice", 50),
            at(60, "due", "alice", None),
        ],
        [kept("reply", 101, 100), void("promise", 100, 60), running("resolution", 101)],
    ),
    Ticket(
        "paused", "waits for the customer, who answers late; then for us again, and for the customer",
        [
            at(240, "opened", "rosa", "Pump hums"), at(239, "answered", "alice", "Since when?"),
            at(239, "waits_for_customer", "alice"), at(120, "asked", "rosa", "Since Monday."),
            at(118, "answered", "alice", "What does the gauge say?"), at(118, "waits_for_customer", "alice"),
        ],
        [kept("reply", 240, 239), kept("follow_up", 120, 118), running("resolution", 240)],
    ),
    # --- nobody's questions
    Ticket(
        "deleted", "thrown away",
        [at(90, "opened", "spammer", "You have won"), at(79, "deleted", "bob")],
        [],
        may_be_gone=True,
    ),
    Ticket(
        "away", "the customer's mail program says that she is away: it asks nothing",
        [
            at(60, "opened", "sara", "Two hoses"), at(59, "answered", "alice", "They are on their way."),
            at(58.99, "is_away", "sara"),
        ],
        [kept("reply", 60, 59), running("resolution", 60)],
        otherwise={
            "znuny": Otherwise(
                "no interface shows the mail's headers",
                [kept("reply", 60, 59), late("follow_up", 58.99, None, at=34.99), running("resolution", 60)],
            )
        },
    ),
    # --- who is who
    Ticket(
        "answered_by_a_machine", "a machine's words are no answer",
        [at(75, "opened", "tom", "Which hose fits?"), at(74.9, "answered", "chatbot", "Have you looked at our pages?")],
        [late("reply", 75, None, at=51), running("resolution", 75)],
    ),
    Ticket(
        "machine_then_human", "the human's are",
        [
            at(60, "opened", "uta", "Which seal fits?"), at(59.9, "answered", "chatbot", "Have you looked at our pages?"),
            at(50, "answered", "bob", "The blue one."),
        ],
        [kept("reply", 60, 50), running("resolution", 60)],
    ),
    Ticket(
        "colleague_mails", "an agent answers by mail to the ticket instead of in the helpdesk",
        [at(50, "opened", "veit", "Are you there?"), at(40, "asked", "alice", "We are.")],
        [kept("reply", 50, 40), running("resolution", 50)],
    ),
    Ticket(
        "entered_for_the_customer", "an agent writes down a call: from then on the customer waits for our first words",
        [at(70, "entered", "alice", "wanda", "Called about the well"), at(30, "asked", "wanda", "Is anybody working on it?")],
        [late("reply", 70, None, at=46), running("resolution", 70)],
    ),
    Ticket(
        "we_wrote_first", "an agent opens it with a mail to the customer, who has asked nothing",
        [at(60, "wrote_first", "alice", "zeno", "Your contract ends")],
        [running("resolution", 60)],
        otherwise={
            **{
                system: Otherwise(
                    "the ticket is made first, as for a call, and then the words are written",
                    [kept("reply", 60, 60), running("resolution", 60)],
                )
                for system in ("request_tracker", "jira_service_management")
            },
            "redmine": Otherwise(
                "an issue does not say whether its words came from a customer or went to one",
                [late("reply", 60, None, at=36), running("resolution", 60)],
            ),
        },
    ),
    # --- complaints
    Ticket(
        "complaint", "telecoms: six weeks, to the end of the day; warned of a week before",
        [at(890, "opened", "xaver", "I complain", "complaints"), at(889, "answered", "alice", "We are looking into it.")],
        [kept("reply", 890, 889), late("complaint", 890, None, at=36), late("resolution", 890, None, at=674)],
    ),
    Ticket(
        "complaint_closed_by_mistake", "a wrong close is no final answer",
        [
            at(890, "opened", "ypsilon", "I complain too", "complaints"), at(889, "answered", "alice", "We are looking into it."),
            at(790, "resolved", "bob"), at(789.99, "taken_back_up", "bob"), at(400, "resolved", "alice"),
        ],
        [kept("reply", 890, 889), kept("complaint", 890, 400), late("resolution", 890, 400, at=673.99)],
    ),
)  # fmt: skip
