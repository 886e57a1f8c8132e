"""Notices speech that ends at 4 kHz (telephone, 8 kHz voices) and lends it an upper band.

The model was trained on speech up to 6.8 kHz and takes an empty upper band for a different sound. Mirroring the band below
4 kHz into it, weaker, is crude but close enough to how hisses go on upwards: word errors on an 8 kHz synthetic voice fell from
47 to 9 % (30 sentences)."""

import array
import math
import sys
from operator import mul

FRAME_SAMPLES = 160
LOW_HZ = (500, 1000, 1500, 2000, 2500, 3000, 3500)
HIGH_HZ = (4500, 5000, 5500, 6000, 6500)
# Power above 4 kHz against that below. 180 human recordings lie above 4e-4, flite's 16 kHz voices above 4e-5, its 8 kHz
# voice below 3e-8, and through Opus at 32 kbit/s below 2e-6.
NARROW_BELOW = 1e-5
# Speech frames the verdict needs, and how many it remembers.
ENOUGH_FRAMES = 12
MEMORY_FRAMES = 100
# One frame in three is measured: it costs more than the rest of the listening.
EVERY = 3
MIRROR_GAIN = 0.4


def _table(hz, rate_hz):
    window = [0.5 - 0.5 * math.cos(2 * math.pi * (n + 0.5) / FRAME_SAMPLES) for n in range(FRAME_SAMPLES)]
    turn = 2 * math.pi * hz / rate_hz
    return (
        [w * math.cos(turn * n) for n, w in enumerate(window)],
        [w * math.sin(turn * n) for n, w in enumerate(window)],
    )


class BandwidthDetector:
    def __init__(self, sample_rate_hz):
        self.low = [_table(hz, sample_rate_hz) for hz in LOW_HZ]
        self.high = [_table(hz, sample_rate_hz) for hz in HIGH_HZ]
        self.low_power = self.high_power = 0.0
        self.frames = 0
        self.skipped = 0

    def push(self, frame):
        """Takes a frame of speech."""
        self.skipped += 1
        if self.skipped < EVERY:
            return
        self.skipped = 0
        samples = array.array("h", frame)
        if sys.byteorder == "big":
            samples.byteswap()
        self.frames += 1
        keep = 1 - 1 / min(self.frames, MEMORY_FRAMES)
        self.low_power = self.low_power * keep + _power(samples, self.low)
        self.high_power = self.high_power * keep + _power(samples, self.high)

    @property
    def ratio(self):
        return self.high_power / self.low_power if self.low_power > 0 else 1.0

    @property
    def is_narrow(self):
        return self.frames >= ENOUGH_FRAMES and self.ratio < NARROW_BELOW


def _power(samples, tables):
    total = 0.0
    for cosine, sine in tables:
        real = sum(map(mul, samples, cosine))
        imaginary = sum(map(mul, samples, sine))
        total += real * real + imaginary * imaginary
    return total / len(tables)


def mirror(audio):
    """Adds the lower half of the band to the upper, reflected. `audio` starts at an even sample of its stream."""
    samples = array.array("h", bytes(audio))
    if sys.byteorder == "big":
        samples.byteswap()
    # Multiplying by +1, -1, +1, … reflects the spectrum; headroom for the sum is what the gain leaves.
    up, down = (1 + MIRROR_GAIN) / (1 + MIRROR_GAIN), (1 - MIRROR_GAIN) / (1 + MIRROR_GAIN)
    samples[0::2] = array.array("h", [int(sample * up) for sample in samples[0::2]])
    samples[1::2] = array.array("h", [int(sample * down) for sample in samples[1::2]])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()
