"""What the demo's workshops are about."""

from dataclasses import dataclass

from workshops.model.method import Frame
from workshops.model.plans import Plan

AREAS = (
    {"en": "Assessment that helps", "fi": "Arviointi, joka auttaa"},
    {"en": "The first year as a teacher", "fi": "Ensimmäinen vuosi opettajana"},
    {"en": "Leading a school through change", "fi": "Koulun johtaminen muutoksessa"},
)
RULES = (
    "Everybody is heard before anybody is heard twice.\nWe ask before we advise.\n"
    "What is said here may be told; who said it may not."
)
ANSWERS = (
    "With a question on the board that nobody could answer at once.",
    "We sat in silence for a minute. It was longer than I thought.",
    "With yesterday’s mistake, mine.",
    "By learning three names that I had not known.",
    "I let them in one by one and shook hands.",
    "With music, and regretted it.",
)
HELD = Plan(
    focus="What does a pupil learn in the ten seconds after our question?",
    why_now="Three of us have counted, and none of us waits longer than a second.",
    pupils="Those who need time to think are heard too.",
    answers={"seat": "", "journey": "From filling every "
             "silence to keeping it.\nThe first week was awful.\nThe third was not."},
    questions=("How did your last lesson begin?",),
    rules=RULES,
    meeting_url="https://meet.example/the-ten-seconds",
    minutes=80,
)  # fmt: skip
COMING = Plan(
    focus="What would change if our pupils wrote our appraisal?",
    why_now="Our district tries it next year, and nobody has asked the pupils yet.",
    pupils="They see that what they notice about teaching matters.",
    answers={"progress": "A first form exists.", "evidence": "Interviews with forty pupils.",
             "feedback": "What would make you trust such an appraisal?"},
    questions=("How did you begin today?", "What did a pupil last teach you about teaching?"),
    rules=RULES,
    meeting_url="https://meet.example/appraisal",
    minutes=90,
)  # fmt: skip
OPEN = Plan(
    focus="What did you say today that you need not have said?",
    why_now="We talk for two thirds of a lesson. Most of us would have guessed half.",
    pupils="They get the time that we give back.",
    answers={"problem": "I fill every gap before a pupil can.",
             "tried": "Counting to ten. Sitting down. Handing over the chalk."},
    questions=("When was your last lesson quiet, and who ended it?",),
    rules=RULES,
    meeting_url="https://meet.example/less",
    minutes=90,
)  # fmt: skip


@dataclass(frozen=True)
class Sketch:
    """A workshop: what it is about, when, and for how many."""

    title: str
    frame: Frame
    plan: Plan
    days: int
    """From today to its day."""
    capacity: int


TEN_SECONDS = Sketch("The ten seconds after a question", Frame.HOTSEAT, HELD, -20, 10)
ASSESSED = Sketch("When pupils assess us", Frame.CONSULTATION, COMING, 24, 7)
SAYING_LESS = Sketch("Saying less", Frame.FORUM, OPEN, 17, 14)
