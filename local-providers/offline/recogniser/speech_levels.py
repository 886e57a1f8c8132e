"""Tells speech from silence, 10 ms at a time: WebRTC's detector (part of PocketSphinx) and the level above the noise floor
must both think so."""

import array
import collections
import math
import sys
from operator import mul

from pocketsphinx import Vad

FRAME_MS = 10
FRAME_BYTES = 320

# dB above the floor; room noise moves by less.
ABOVE_FLOOR_DB = 8.0
# Below this (dB of full scale) nothing is speech, however still the room.
QUIETEST_SPEECH_DB = -58.0
# The floor follows a quieter frame at once and a louder one by this much a frame: 3 dB a second.
FLOOR_RISE_DB = 0.03
# 60 ms of speech within 100 ms start a sentence; a click is shorter.
START_WINDOW = 10
START_FRAMES = 6

State = collections.namedtuple("State", "speaking started_ms_ago")


class SpeechDetector:
    def __init__(self, sample_rate_hz):
        self.vad = Vad(mode=Vad.MEDIUM_STRICT, sample_rate=sample_rate_hz, frame_length=FRAME_MS / 1000)
        self.floor_db = -50.0
        self.recent = collections.deque(maxlen=START_WINDOW)

    def push(self, frame):
        db = level_db(frame)
        # Digital silence is no room; it would put the floor where every breath is speech.
        if db > -90.0:
            self.floor_db = max(db, -75.0) if db < self.floor_db else self.floor_db + FLOOR_RISE_DB
        loud = db > max(self.floor_db + ABOVE_FLOOR_DB, QUIETEST_SPEECH_DB)
        speech = loud and self.vad.is_speech(frame)
        self.recent.append(speech)
        count = sum(self.recent)
        started = count >= START_FRAMES
        ago = None
        if started:
            ago = (len(self.recent) - list(self.recent).index(True)) * FRAME_MS
        # Single frames within silence are not speech going on.
        return State(speech and count >= 3, ago)


def level_db(frame):
    samples = array.array("h", frame)
    if sys.byteorder == "big":
        samples.byteswap()
    energy = sum(map(mul, samples, samples)) / max(1, len(samples))
    return 10 * math.log10(energy / 32768**2) if energy > 0 else -120.0
