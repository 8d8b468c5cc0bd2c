"""What the people of the demo write."""

from typing import Final

QUESTIONS: Final = (
    (
        "Invoice {n} looks wrong",
        "Hello,\n\ninvoice {n} lists a service we cancelled in spring. Could you please check?\n\nRegards",
    ),
    (
        "Delivery date for order {n}",
        "Hi,\n\nwhen will order {n} be delivered? The page just says 'in progress'.\n\nThanks in advance",
    ),
    ("Cannot log in", "Dear team,\n\nsince this morning my password is not accepted any more. What can I do?\n\nBest wishes"),
    ("Change of address", "Good day,\n\nwe have moved. Which form do you need for contract {n}?\n\nKind regards"),
    ("Réclamation n° {n}", "Bonjour,\n\nthe parcel arrived damaged – pictures attached. How do we proceed?\n\nCordialement"),
    ("Question about opening hours", "Hello,\n\nare you open on the Saturday after next?\n\nMany thanks"),
    ("Offer for 25 seats", "Hello,\n\nplease send us an offer for 25 seats, starting next month.\n\nBest regards"),
    (
        "Still no refund ({n})",
        "Hello,\n\nfour weeks ago you confirmed my refund {n}. Nothing has arrived. Please look into it.\n\nRegards",
    ),
)
ANSWERS: Final = (
    "Hello,\n\nI have corrected this; you will find the new document attached.\n\nKind regards\nDemo Service",
    "Hello,\n\nthe parcel left our warehouse today and should be with you shortly.\n\nKind regards\nDemo Service",
    "Hello,\n\nplease use the link on the sign-in page; it is valid for one hour.\n\nKind regards\nDemo Service",
    "Hello,\n\nI have looked at your contract and changed it as you wished.\n\nKind regards\nDemo Service",
)
#: What is kept by a mail; calls are promised in the stories, where somebody makes them.
PROMISES: Final = (
    "Hello,\n\nI have asked our accounts department and will get back to you by noon tomorrow.\n\nKind regards\nDemo Service",
    "Hello,\n\nwe will send you the corrected invoice within two working days.\n\nKind regards\nDemo Service",
)
#: What the customers of the stories write (`stories.py`): subject and text.
STORY_QUESTIONS: Final = {
    "kept": ("Question about my contract", "Hello,\n\nis my contract renewed by itself? Please let me know.\n\nRegards"),
    "late": ("Wrong meter reading", "Hello,\n\nthe meter reading on my bill is wrong. What shall I do?\n\nRegards"),
    "broken": ("Invoice with the old address", "Hello,\n\nplease send me the invoice with my new address.\n\nRegards"),
    "repeat": ("My call of today", "Hello,\n\nI called today, and it still does not work. What else can I try?\n\nRegards"),
    "unanswered": ("No connection since this morning", "Hello,\n\nthe line is dead. When will somebody come?\n\nRegards"),
    "sent": ("Change of bank account", "Hello,\n\nhow can I change the account that you debit?\n\nRegards"),
    "recovered": ("", ""),  # who only calls
}
WILL_CALL: Final = "Hello,\n\nI have to look into this and will call you back by {due}.\n\nKind regards\nDemo Service"
WILL_SEND: Final = "Hello,\n\nwe will send you the corrected invoice by {due}.\n\nKind regards\nDemo Service"
SORRY: Final = "Hello,\n\nsorry that it took so long: the corrected invoice is attached.\n\nKind regards\nDemo Service"
PLEASE_CALL: Final = (
    "Hello,\n\nwe cannot change an account by mail. Please call us on 020 7946 0100.\n\nKind regards\nDemo Service"
)
FOLLOW_UPS: Final = (
    "Hello,\n\nthank you, but the attachment is the old version. Could you send it again?\n\nRegards",
    "Hi,\n\none more question: does this also apply to my second contract?\n\nBest",
    "Hello,\n\nunfortunately it still does not work. What else can I try?\n\nRegards",
)
THANKS: Final = ("Thanks a lot!", "Perfect, thank you very much!", "Great, that worked. Thank you!\n\nHave a nice weekend")
ACKNOWLEDGEMENT: Final = "This is an automatic reply. We have received your message and will answer it as soon as we can."
OUT_OF_OFFICE: Final = "I am out of the office until Monday and have no access to my mail."
NEWSLETTERS: Final = ("Ten ideas for better meetings", "Your weekly market letter", "New this month: coloured paper clips")
SPAM: Final = ("You have won", "Cheap watches", "Final notice")
COLLEAGUES: Final = ("Kitchen rota", "Who has the projector?", "Minutes of this morning")
TICKETS: Final = (
    "Printer on the second floor",
    "Access to the archive",
    "Broken headset",
    "Wrong tariff",
    "Portal shows an error",
)
