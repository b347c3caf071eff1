"""What is said of a happening: sentences from a small grammar, a part of which training never sees."""

import hashlib
import itertools

from .happenings import COMPOSED, NOTHING
from .things import COLOURS, SHAPES

SUBJECTS = ["something", "an object", "a thing", "someone", "somebody"]
TO = {"left": ["left", "to the left", "towards the left", "leftwards", "from right to left", "to the left side"],
      "right": ["right", "to the right", "towards the right", "rightwards", "from left to right", "to the right side"],
      "up": ["up", "upwards", "to the top", "towards the top", "from the bottom to the top"],
      "down": ["down", "downwards", "to the bottom", "towards the bottom", "from the top to the bottom"]}
GO = ["moves", "goes", "travels", "slides", "drifts", "is moving", "is going", "passes"]
CAMERA = ["the camera", "the view", "the picture", "the cam"]
PICTURE = ["the picture", "the image", "the video", "the stream"]

# kind: alternatives of parts that follow one another.
GRAMMAR = {
    NOTHING: [
        [["nothing happens", "nothing is happening", "nothing moves", "nothing is moving", "nothing changes",
          "nothing goes on", "all is quiet", "everything is still", "everything is quiet", "it is quiet",
          "the scene is still", "the scene does not change", "there is no movement", "there is no motion",
          "an empty scene", "a still scene", "a quiet scene", "a still picture", "a view from a fixed camera",
          "a fixed camera", "a street", "a room", "a quiet street", "an empty room", "an empty street",
          "nobody is there", "no movement", "no motion", "people going about their day"],
         ["", "here", "in the picture", "in front of the camera"]]],
    "closer": [[SUBJECTS, ["comes closer", "moves closer", "gets closer", "approaches", "is coming closer",
                           "comes nearer", "gets nearer", "is approaching", "comes towards the camera",
                           "moves towards the camera", "grows larger", "gets bigger", "comes near"]]],
    "away": [[SUBJECTS, ["goes away", "moves away", "gets farther away", "is going away", "moves farther away",
                         "goes away from the camera", "moves away from the camera", "recedes", "gets smaller",
                         "is moving away", "becomes smaller", "retreats", "backs away"]]],
    "appear": [[SUBJECTS, ["appears", "shows up", "turns up", "pops up", "is suddenly there", "comes into view",
                           "suddenly appears", "has appeared", "is put down", "is new"]],
               [["there is something new", "a new object", "a new thing is there"], ["", "in the picture"]]],
    "disappear": [[SUBJECTS, ["disappears", "vanishes", "is gone", "is suddenly gone", "suddenly disappears",
                              "has disappeared", "has gone", "is taken away", "is removed", "goes out of sight"]],
                  [["something is missing", "an object is missing"], ["", "in the picture"]]],
    "spin": [[SUBJECTS, ["spins", "turns", "rotates", "is spinning", "is turning", "is rotating", "turns around",
                         "spins around", "turns on the spot", "goes round"]]],
    "back_and_forth": [[SUBJECTS, ["moves back and forth", "goes back and forth", "swings", "is swinging",
                                   "moves to and fro", "goes to and fro", "swings back and forth", "oscillates",
                                   "is moving back and forth", "swings to and fro", "waves", "keeps going back and forth"]]],
    "flash": [[["a light", "a lamp", "a bright light", "the light"],
               ["flashes", "blinks", "is flashing", "is blinking", "flickers on and off", "goes on and off"]],
              [["flashing", "blinking"], ["light", "lights", "lamp"]]],
    "lights_off": [[["the lights", "all lights"], ["go out", "go off", "are switched off", "are turned off", "turn off"]],
                   [["the light"], ["goes out", "goes off", "is switched off", "is turned off", "turns off"]],
                   [["it", "the room", "the scene"], ["gets dark", "becomes dark", "turns dark", "goes dark"]]],
    "lights_on": [[["the lights", "all lights"], ["come on", "go on", "are switched on", "are turned on", "turn on"]],
                  [["the light"], ["comes on", "goes on", "is switched on", "is turned on", "turns on"]],
                  [["it", "the room", "the scene"], ["gets bright", "becomes bright", "turns bright", "gets light"]]],
    "covered": [[["the camera", "the lens", "the view", "the cam"],
                 ["is covered", "is blocked", "is covered up", "is being covered", "is obstructed", "has been covered",
                  "is blocked by something", "is covered by something", "is masked"]],
                [["something", "someone", "somebody"], ["covers", "blocks", "obstructs"], ["the camera", "the lens"]]],
    "defocus": [[["the camera", "the picture", "the image", "the cam"],
                 ["loses focus", "is out of focus", "is blurred", "is blurry", "gets blurry", "goes out of focus",
                  "becomes blurry", "is defocused", "is not sharp", "is no longer sharp"]]],
    "shake": [[["the camera", "the view", "the picture", "the cam"],
               ["shakes", "is shaking", "trembles", "wobbles", "is shaken", "vibrates", "is vibrating", "jitters"]]],
    "pan_left": [[["the camera", "the view", "the cam"], ["pans", "turns", "swivels", "is panning", "looks"],
                  ["left", "to the left", "towards the left", "leftwards"]]],
    "pan_right": [[["the camera", "the view", "the cam"], ["pans", "turns", "swivels", "is panning", "looks"],
                   ["right", "to the right", "towards the right", "rightwards"]]],
    "tilt_up": [[["the camera", "the view", "the cam"], ["tilts", "turns", "is tilting", "looks"],
                 ["up", "upwards", "to the top", "towards the top"]]],
    "tilt_down": [[["the camera", "the view", "the cam"], ["tilts", "turns", "is tilting", "looks"],
                   ["down", "downwards", "to the bottom", "towards the bottom"]]],
    "knocked": [[["the camera", "the cam"],
                 ["is knocked", "is knocked over", "is hit", "is knocked to another view", "is bumped", "is pushed away",
                  "is moved suddenly", "is turned away", "has been knocked", "is kicked", "falls over",
                  "suddenly shows another view", "jumps to another view"]]],
    "freeze": [[PICTURE, ["freezes", "is frozen", "stands still", "hangs", "stops", "has frozen", "is stuck",
                          "gets stuck", "has stopped"]]],
    "breakup": [[PICTURE, ["breaks up", "is broken", "is breaking up", "is corrupted", "is damaged", "has errors",
                           "is full of blocks", "is garbled", "falls to pieces", "is distorted"]]],
    "noisy": [[PICTURE, ["is noisy", "is grainy", "is full of noise", "has noise", "is full of snow", "gets noisy",
                         "becomes noisy", "gets grainy", "has a lot of noise"]]],
    "black": [[PICTURE + ["the screen"], ["goes black", "is black", "turns black", "becomes black", "is all black",
                                          "is completely black", "goes dark black", "has gone black"]]],
    "to_night": [[["the camera", "the cam"],
                  ["switches to night view", "switches to night vision", "switches to infrared", "goes to night mode",
                   "changes to night view", "turns on its night vision", "is in night mode now", "switches to black and white",
                   "switches to night mode", "turns on its infrared lamps"]],
                 [PICTURE, ["turns grey", "loses its colours", "becomes black and white", "switches to night view",
                            "changes to infrared"]]],
    "to_day": [[["the camera", "the cam"],
                ["switches to day view", "switches back to day view", "switches to colour", "goes to day mode",
                 "changes to day view", "turns off its night vision", "is in day mode now", "switches back to colour",
                 "switches to day mode", "turns off its infrared lamps"]],
               [PICTURE, ["gets its colours back", "becomes coloured", "switches to day view", "has colours again"]]],
}
for direction, tos in TO.items():
    GRAMMAR[direction] = [[SUBJECTS, GO, tos]]

# Written by hand after the grammar, in other constructions of words that it has: no training sentence is one of them.
PARAPHRASES = {
    NOTHING: ["no one moves", "all is still in the room", "it is a quiet scene"],
    "left": ["a thing is on the move to the left", "movement to the left", "it goes to the left side of the picture"],
    "right": ["movement from left to right", "it goes to the right side of the picture", "an object passes, going right"],
    "up": ["movement towards the top", "it goes up to the top of the picture"],
    "down": ["movement towards the bottom", "it goes down to the bottom of the picture"],
    "closer": ["it gets closer and closer", "an object near the camera comes nearer", "coming towards the camera"],
    "away": ["it gets smaller and smaller", "an object moves farther and farther away", "going away from the camera"],
    "appear": ["suddenly there is something new", "a new thing shows up in the view"],
    "disappear": ["suddenly something is gone", "a thing has been taken away"],
    "spin": ["an object keeps turning round", "spinning on the spot"],
    "back_and_forth": ["swinging to and fro", "an object keeps moving back and forth"],
    "flash": ["a lamp is going on and off", "a blinking bright light"],
    "lights_off": ["somebody turned off the lights", "the light has been switched off"],
    "lights_on": ["somebody turned on the lights", "the light has been switched on"],
    "covered": ["someone has covered up the lens", "the camera view is obstructed by something"],
    "defocus": ["the lens is out of focus", "a blurry picture"],
    "shake": ["the cam is being shaken", "a shaking camera"],
    "pan_left": ["the camera is turning to the left side", "camera panning left"],
    "pan_right": ["the camera is turning to the right side", "camera panning right"],
    "tilt_up": ["the camera is turning upwards", "camera tilting up"],
    "tilt_down": ["the camera is turning downwards", "camera tilting down"],
    "knocked": ["someone hit the camera", "the camera has been pushed over"],
    "freeze": ["a frozen picture", "the stream has got stuck"],
    "breakup": ["a broken picture full of errors", "the stream is damaged and garbled"],
    "noisy": ["a noisy picture", "there is a lot of noise in the image"],
    "black": ["a black screen", "the video has become completely black"],
    "to_night": ["night vision has been turned on", "the colours are gone and the camera is in night mode"],
    "to_day": ["night vision has been turned off", "the colours are back and the camera is in day mode"],
}

NAMES = {"ball": ["ball", "circle", "disc"], "box": ["box", "square", "block"], "triangle": ["triangle"],
         "star": ["star"]}
ARTICLES = ["a", "the", "one"]
COMPOSED_VERBS = {
    **{direction: [f"{go} {to}" for go in ["moves", "goes", "travels", "slides", "drifts", "is moving"]
                   for to in TO[direction][:4]] for direction in TO},
    "closer": ["comes closer", "moves closer", "gets closer", "approaches", "comes nearer", "is coming closer"],
    "away": ["goes away", "moves away", "gets farther away", "is going away", "recedes", "is moving away"],
    "appear": ["appears", "shows up", "turns up", "pops up", "suddenly appears", "comes into view"],
    "disappear": ["disappears", "vanishes", "is gone", "suddenly disappears", "has disappeared", "is taken away"],
}

TEST_WORDINGS, TEST_COMPOSITIONS = 0.2, 0.15


def share(text):
    """A number of 0…1 that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2 ** 32


def sentences(kind):
    """All sentences of the grammar for a kind, in a fixed order."""
    found = []
    for rule in GRAMMAR[kind]:
        found += [" ".join(part for part in parts if part) for parts in itertools.product(*rule)]
    return list(dict.fromkeys(found))


# The plainest wording of each kind: what labels, tables and truth files say. Always trained on.
PLAIN = {
    NOTHING: "nothing happens", "left": "something moves left", "right": "something moves right",
    "up": "something moves up", "down": "something moves down", "closer": "something comes closer",
    "away": "something goes away", "appear": "something appears", "disappear": "something disappears",
    "spin": "something spins", "back_and_forth": "something moves back and forth", "flash": "a light flashes",
    "lights_off": "the lights go out", "lights_on": "the lights come on", "covered": "the camera is covered",
    "defocus": "the camera loses focus", "shake": "the camera shakes", "pan_left": "the camera pans left",
    "pan_right": "the camera pans right", "tilt_up": "the camera tilts up", "tilt_down": "the camera tilts down",
    "knocked": "the camera is knocked to another view", "freeze": "the picture freezes",
    "breakup": "the picture breaks up", "noisy": "the picture is noisy", "black": "the picture goes black",
    "to_night": "the camera switches to night view", "to_day": "the camera switches to day view",
}


def is_test_wording(kind, text):
    return text != PLAIN[kind] and share(f"wording {kind} {text}") < TEST_WORDINGS


def training_sentences(kind):
    return [text for text in sentences(kind) if not is_test_wording(kind, text)]


def test_sentences(kind):
    return [text for text in sentences(kind) if is_test_wording(kind, text)]


def is_test_composition(colour, shape, kind):
    return share(f"composition {colour} {shape} {kind}") < TEST_COMPOSITIONS


def compositions():
    """All (colour, shape, kind)."""
    return list(itertools.product(COLOURS, SHAPES, COMPOSED))


def plain_composition(colour, shape, kind):
    return f"a {colour} {shape} " + PLAIN[kind].removeprefix("something ")


def composed_sentence(rng, colour, shape, kind):
    verbs = COMPOSED_VERBS[kind]
    return f"{rng.choice(ARTICLES)} {colour} {rng.choice(NAMES[shape])} {verbs[rng.integers(len(verbs))]}"


def corpus():
    """Every training sentence, for the tokenizer."""
    lines = [text for kind in GRAMMAR for text in training_sentences(kind)]
    for colour, shape, kind in compositions():
        lines += [f"{a} {colour} {name} {verb}" for a in ARTICLES for name in NAMES[shape]
                  for verb in COMPOSED_VERBS[kind][:2]]
    return lines
