"""What a button carries: a code and ids, never text, in at most 64 bytes.

Callback data can be forged and outlives restarts and entries: whoever handles a press checks what the
ids name, and says so when it is gone.
"""

from __future__ import annotations

from enum import StrEnum

LONGEST = 64


class Code(StrEnum):
    """What a press asks for."""

    OPEN = "e"  # an entry, from a list: e:ENTRY
    CHOOSE = "c"  # "did you mean": c:QUESTION:ENTRY
    NONE_OF_THESE = "n"  # n:QUESTION
    HELPFUL = "y"  # y:QUESTION:ENTRY, QUESTION may be empty
    NOT_HELPFUL = "x"  # x:QUESTION:ENTRY
    TOPICS = "t"  # t
    SCHEME = "s"  # s:SCHEME:PAGE
    LANGUAGE = "l"  # l:LANGUAGE
    REGION = "r"  # r:CODE, CODE may be empty
    CHOOSE_REGION = "g"  # g
    FORGET = "f"  # f
    OLDER = "o"  # o:ENTRY, in the reader's language though that waits for a change
    STAFF_WITHDRAW = "Sw"  # Sw:USER:ROLE
    STAFF_INVITE = "Si"  # Si:ROLE
    DEAD_NUMBER = "Dn"  # which number does not work: Dn:ENTRY:REGION, both may be empty
    DEAD_NUMBER_IS = "Dk"  # Dk:CONTACT:REGION
    SETTLE_NUMBER = "Ds"  # Ds:CONTACT:REGION:LAST, LAST being the newest report that was shown
    FIGURES = "Fp"  # Fp:PERIOD
    FIGURES_FILE = "Fx"  # Fx:PERIOD
    IMPORT_APPLY = "Ia"  # Ia:DRAFT:USER, whose draft it is
    IMPORT_CANCEL = "Ix"  # Ix:DRAFT:USER
    IMPORT_UNDO = "Iu"  # Iu:NUMBER
    AUDIT = "Sa"  # Sa:BEFORE, the id that the page ends before
    CARD = "Ec"  # Ec:ENTRY, an entry as staff see it
    CARD_SCHEME = "Eg"  # Eg:SCHEME:PAGE
    CARD_TEXTS = "El"  # El:ENTRY, its phrasings and cues
    EDIT = "Ee"  # Ee:ENTRY
    EDIT_FIELD = "Ef"  # Ef:DRAFT:FIELD
    EDIT_MENU = "Em"  # Em:DRAFT
    EDIT_SMALL = "Es"  # Es:DRAFT
    EDIT_BACK = "Eb"  # Eb:DRAFT
    EDIT_SKIP = "Ek"  # Ek:DRAFT
    EDIT_CANCEL = "Ex"  # Ex:DRAFT
    EDIT_NEW = "En"  # En:DRAFT:SCHEME
    PREVIEW = "Ep"  # Ep:DRAFT
    PUBLISH = "Eq"  # Eq:DRAFT
    REBASE = "Ej"  # Ej:DRAFT
    APPROVE = "Ea"  # Ea:PROPOSAL
    DECLINE = "Ed"  # Ed:PROPOSAL
    HISTORY = "Eh"  # Eh:ENTRY
    VERSION = "Ev"  # Ev:ENTRY:VERSION
    RESTORE = "Eo"  # Eo:ENTRY:VERSION
    RETIRE = "Er"  # Er:ENTRY, or back into use
    CHECKED = "Ey"  # Ey:ENTRY, checked today and right
    ADD_PHRASING = "Et"  # Et:NUMBER:ENTRY, what was tried last
    NOTICES = "Nn"  # Nn:ACT:VALUE, what a worker wants of notices
    NOTICE_READ = "No"  # No:NOTICE
    SIGN_UP = "Nj"  # Nj:ACT:NOTICE
    HERE = "Nh"  # Nh:NOTICE
    RATE = "Nv"  # Nv:NOTICE:STARS
    COMPOSE = "Nc"  # Nc:ACT:VALUE, a step of composing
    NOTICE_SEND = "Np"  # Np:ACT:NOTICE, under the preview and for the second person
    NOTICE_FOLLOW = "Nf"  # Nf:ACT:NOTICE, under the progress
    WORKSHOP = "Ng"  # Ng:ACT:NOTICE:VALUE, for whoever runs it
    TELL_ME = "Qt"  # Qt:QUESTION, of an answer
    QUEUE = "Ql"  # Ql:ORDER:PAGE
    GROUP = "Qg"  # Qg:QUESTION, one of the group
    QUEUE_ADD = "Qp"  # Qp:QUESTION:ENTRY, as a phrasing
    QUEUE_SEARCH = "Qf"  # Qf:QUESTION
    QUEUE_NEW = "Qn"  # Qn:QUESTION
    QUEUE_OUTSIDE = "Qo"  # Qo:QUESTION
    QUEUE_DISMISS = "Qd"  # Qd:QUESTION
    SUGGESTIONS = "Qs"  # Qs:PAGE
    SUGGESTION = "Qv"  # Qv:QUESTION, one of those that suggest it
    SUGGESTION_ACCEPT = "Qa"  # Qa:QUESTION
    SUGGESTION_REJECT = "Qr"  # Qr:QUESTION


def pack(code: Code, *values: object) -> str:
    """The callback data for a press.

    Raises:
        ValueError: it would be longer than 64 bytes.
    """
    data = ":".join([code, *map(str, values)])
    if len(data.encode()) > LONGEST:
        raise ValueError(data)
    return data


def pattern(*codes: Code) -> str:
    """The regular expression that matches callback data with one of these codes."""
    return f"^(?:{'|'.join(codes)})(:|$)"


def unpack(data: str, count: int) -> list[str]:
    """The values in callback data, exactly ``count`` of them; missing ones are empty."""
    values = data.split(":")[1:]
    return (values + [""] * count)[:count]
