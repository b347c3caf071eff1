"""What can happen, when a window shows it, and when it is over."""

from dataclasses import dataclass, field

NOTHING = "nothing"

# Something an object does.
MOTIONS = ["left", "right", "up", "down", "closer", "away", "appear", "disappear", "spin", "back_and_forth"]
LIGHTS = ["flash", "lights_off", "lights_on"]
CAMERA = ["covered", "defocus", "shake", "pan_left", "pan_right", "tilt_up", "tilt_down", "knocked"]
PICTURE = ["freeze", "breakup", "noisy", "black", "to_night", "to_day"]
KINDS = [NOTHING] + MOTIONS + LIGHTS + CAMERA + PICTURE

# Those that colour and shape of their object are told with.
COMPOSED = ["left", "right", "up", "down", "closer", "away", "appear", "disappear"]

# Over in a moment: the truth calls them present for NOMINAL seconds.
SUDDEN = {"appear", "disappear", "lights_off", "lights_on", "knocked", "freeze", "to_night", "to_day"}
NOMINAL = 2.0

# Seconds of it that must be in the window before it can be told from other things.
EVIDENCE = {"back_and_forth": 1.5, "freeze": 1.0, "flash": 1.0, "shake": 0.8, "black": 0.4, "noisy": 0.4, "breakup": 0.6,
            "covered": 0.6, "defocus": 0.6, "appear": 0.4, "disappear": 0.4, "lights_off": 0.4, "lights_on": 0.4,
            "knocked": 0.4, "to_night": 0.4, "to_day": 0.4}
DEFAULT_EVIDENCE = 1.0

# A window still shows a thing that ended less than LINGERS ago, and no longer one that ended GONE ago; between them
# no one could say, and neither training nor the single-clip figures ask.
LINGERS, GONE = 1.0, 2.2


@dataclass
class Happening:
    kind: str
    start: float
    end: float  # As the truth has it; what is seen may change longer.
    actor: int = -1  # Index of the object.
    strength: dict = field(default_factory=dict)


def truth_of_window(happenings, times):
    """The kind that a window of frames at `times` shows, with the happening; (None, None) where it cannot be said."""
    newest = times[-1]
    shown = None
    for happening in happenings:
        if happening.start >= newest or newest > happening.end + GONE:
            continue
        seen = newest - happening.start
        enough = seen >= EVIDENCE.get(happening.kind, DEFAULT_EVIDENCE)
        if not enough or newest > happening.end + LINGERS or happening.start < times[0] - 60:
            return None, None
        if shown is not None:
            return None, None
        shown = happening
    return (shown.kind, shown) if shown else (NOTHING, None)
