"""What an organiser writes into the planner."""

PLAN = {
    "title": "The first minute",
    "focus": "How do we begin a lesson?",
    "why_now": "It is autumn",
    "pupils": "They arrive",
    "frame": "workshop",
    "answer_resource": "A list",
    "answer_adapt": "All of it",
    "question_1": "How did you begin today?",
    "rules": "We ask before we advise.",
    "minutes": "90",
    "minutes_1": "60", "what_1": "Talk", "dialogue_1": "action",
    "minutes_2": "30", "what_2": "End", "dialogue_2": "completion", "lead_2": "Ann",
    "local_start": "2027-03-17T18:00",
    "zone": "Europe/Helsinki",
    "capacity": "12",
    "meeting_url": "https://meet.example/1",
    "follow_up_on": "2027-04-20",
    "language": "en",
}  # fmt: skip
