"""Recognises the speech of one stream; one process per stream, started by `child-process.ts`.

stdin: frames of one letter, a little-endian length of 4 bytes and a payload: `O` options (JSON), `A` audio (16 kHz, mono,
16 bit), `F` finalize, `C` close. stdout: one JSON document a line, in the form of `RecognitionEvent` (engine.ts); times in ms
of audio received. Ends when stdin does, so no parent leaves a child behind.
"""

import json
import math
import re
import signal
import struct
import sys

from bandwidth import BandwidthDetector, mirror
from opinions import DISPUTED, agree, is_speech_to_us, meaning
from speech_levels import FRAME_BYTES, FRAME_MS, SpeechDetector

from pocketsphinx import Config, Decoder, get_model_path, set_loglevel

SAMPLE_RATE_HZ = 16_000
BYTES_PER_MS = SAMPLE_RATE_HZ * 2 // 1000
# Decoded before the first frame that sounds like speech: weak onsets ("h", "f") precede it.
PRE_ROLL_MS = 300
# Speech within this time of the last belongs to the same sentence, so its words are judged in one context.
SENTENCE_GAP_MS = 900
# Shorter silences lie inside words (closures of "t", "k", "p"); an endpoint setting below it is taken for it.
SHORTEST_PAUSE_MS = 200
# The words are settled at this silence already, so that a finalize or an endpoint finds them done.
SETTLE_AFTER_MS = 160
# A sentence that goes on this long is cut at its next pause, and at twice the length wherever it is.
SENTENCE_MAX_MS = 15_000
DECODE_EVERY_MS = 60
INTERIM_EVERY_MS = 100
# Mean cepstrum of forty recorded human orders; the stream's own replaces it as it is heard.
INITIAL_CMN = "51.3,4.3,-0.1,5.3,-1.5,-2.6,0.5,-8.3,1.1,-3.5,0.8,-1.5,-1.1"
# Weights of language against sound; found on spoken orders (`npm run bench -- words`), coarsely: 4.5 to 6.5 differ by less than their error.
NGRAM_SEARCH = {"lw": 5.0, "fwdflatlw": 6.5, "bestpathlw": 7.5}
# The beam keeps speech of another domain, of which many words seem possible, below half of real time.
GRAMMAR_SEARCH = {"lw": 4.0, "maxhmmpf": 6000, "wbeam": 1e-27}


class Search:
    """One decoder over the current sentence."""

    def __init__(self, model_dir, **config):
        model = get_model_path() + "/en-us/en-us"
        self.decoder = Decoder(Config(hmm=model, dict=model_dir + "/words.dict", loglevel="FATAL", **config))
        self.decoder.set_cmn(INITIAL_CMN)
        self.cmn = INITIAL_CMN
        self.running = False

    def start(self):
        self.decoder.set_cmn(self.cmn)
        self.decoder.start_utt()
        self.running = True

    def feed(self, audio):
        if audio:
            self.decoder.process_raw(bytes(audio))

    def end(self):
        if self.running:
            self.decoder.end_utt()
            self.running = False

    def keep_cmn(self):
        """What was just heard was speech: the next sentence starts from its mean cepstrum."""
        self.cmn = self.decoder.get_cmn()

    def words(self, offset_ms):
        """Words so far: (word, start ms, end ms, log likelihood per frame), silence and noises left out."""
        if self.decoder.hyp() is None:
            return []
        found = []
        for segment in self.decoder.seg() or ():
            if segment.word[0] in "<[+":
                continue
            frames = segment.end_frame - segment.start_frame + 1
            score = math.log(segment.ascore) / frames if segment.ascore > 0 else -10.0
            found.append(
                (
                    re.sub(r"\(\d+\)$", "", segment.word),
                    offset_ms + segment.start_frame * FRAME_MS,
                    offset_ms + (segment.end_frame + 1) * FRAME_MS,
                    score,
                )
            )
        return found


class Stream:
    def __init__(self, model_dir):
        self.ngram = Search(model_dir, lm=model_dir + "/words.arpa", **NGRAM_SEARCH)
        self.grammar = Search(model_dir, fsg=model_dir + "/sentences.fsg", **GRAMMAR_SEARCH)
        self.detector = SpeechDetector(SAMPLE_RATE_HZ)
        self.bandwidth = BandwidthDetector(SAMPLE_RATE_HZ)
        self.is_narrow = False
        self.options = {"endpointingMs": False, "interimResults": True, "utteranceEndMs": None}
        self.pending = bytearray()  # less than one frame
        self.now_ms = 0
        # Audio from `audio_start_ms` on: the sentence, or the pre-roll of the next one.
        self.audio = bytearray()
        self.audio_start_ms = 0
        self.fed = 0
        self.in_sentence = False
        self.last_speech_ms = 0
        self.settled = None  # words of a sentence whose searches have ended
        self.emitted = []  # words of this sentence that went out in finals
        self.final_start_ms = 0
        self.endpoint_done = True
        self.last_interim_ms = 0
        self.last_interim = ""
        self.last_word_end_ms = None

    def write(self, audio):
        self.pending += audio
        whole = len(self.pending) // FRAME_BYTES * FRAME_BYTES
        frames = bytes(self.pending[:whole])
        del self.pending[:whole]
        for at in range(0, whole, FRAME_BYTES):
            self.frame(frames[at : at + FRAME_BYTES])
        self.decode()
        self.show_interim()

    def frame(self, frame):
        self.audio += frame
        self.now_ms += FRAME_MS
        state = self.detector.push(frame)
        if state.started_ms_ago is not None and not self.in_sentence:
            self.start_sentence(self.now_ms - state.started_ms_ago)
        if not self.in_sentence:
            surplus = len(self.audio) - PRE_ROLL_MS * BYTES_PER_MS
            if surplus > 0:
                del self.audio[:surplus]
                self.audio_start_ms += surplus // BYTES_PER_MS
            self.check_utterance_end()
            return
        if state.speaking:
            if self.settled is not None:
                self.resume_sentence()
            if self.endpoint_done and self.now_ms - self.last_speech_ms > SHORTEST_PAUSE_MS:
                self.endpoint_done = False
            self.last_speech_ms = self.now_ms
            self.bandwidth.push(frame)
            if self.bandwidth.is_narrow != self.is_narrow:
                self.is_narrow = self.bandwidth.is_narrow
                self.restart_searches()
        silence_ms = self.now_ms - self.last_speech_ms
        length_ms = self.now_ms - self.audio_start_ms
        if silence_ms == SETTLE_AFTER_MS:
            self.settle()
        limit_ms = self.options["endpointingMs"]
        if limit_ms is not False and not self.endpoint_done and silence_ms >= max(limit_ms, SHORTEST_PAUSE_MS):
            self.emit_final(speech_final=True, from_finalize=False)
            self.endpoint_done = True
        if silence_ms >= SENTENCE_GAP_MS or length_ms >= 2 * SENTENCE_MAX_MS:
            self.end_sentence()
        elif length_ms >= SENTENCE_MAX_MS and silence_ms >= SETTLE_AFTER_MS:
            self.end_sentence()
        self.check_utterance_end()

    def start_sentence(self, at_ms):
        self.in_sentence = True
        self.settled = None
        self.emitted = []
        self.endpoint_done = False
        self.last_speech_ms = self.now_ms
        self.last_interim = ""
        for search in (self.ngram, self.grammar):
            search.start()
        self.fed = 0
        send({"kind": "speech-started", "atMs": at_ms})

    def resume_sentence(self):
        """Speech after a short pause: the whole sentence is heard again, so that its first part is context for the rest."""
        self.settled = None
        self.restart_searches()

    def restart_searches(self):
        for search in (self.ngram, self.grammar):
            search.end()
            search.start()
        self.fed = 0

    def end_sentence(self):
        """Nothing of a sentence may be lost: what no final has carried yet leaves in one now, unless a client that ends its
        utterances itself (endpointing off) is still waiting for its finalize; then too, for the next sentence starts anew."""
        self.settle()
        if self.unsent():
            self.emit_final(speech_final=self.options["endpointingMs"] is not False, from_finalize=False)
        self.in_sentence = False
        self.settled = None
        self.emitted = []
        self.audio_start_ms = self.now_ms
        self.audio.clear()
        self.fed = 0

    def decode(self, everything=False):
        if not self.in_sentence or self.settled is not None:
            return
        if everything or len(self.audio) - self.fed >= DECODE_EVERY_MS * BYTES_PER_MS:
            piece = self.audio[self.fed :]
            if self.is_narrow:
                piece = mirror(piece)
            self.fed = len(self.audio)
            self.ngram.feed(piece)
            self.grammar.feed(piece)

    def settle(self):
        if self.settled is not None:
            return
        self.decode(everything=True)
        for search in (self.ngram, self.grammar):
            search.end()
        self.settled = self.opinion(is_final=True)
        sure = self.settled and min(word["confidence"] for word in self.settled) >= 0.5
        # A voice that fits the model badly needs the adaptation most.
        if sure or is_speech_to_us(self.ngram.words(0), self.grammar.words(0)):
            for search in (self.ngram, self.grammar):
                search.keep_cmn()

    def opinion(self, is_final):
        start_ms = self.audio_start_ms
        return agree(self.ngram.words(start_ms), self.grammar.words(start_ms), is_final)

    def unsent(self):
        words = self.settled if self.settled is not None else self.opinion(is_final=False)
        split = carried(self.emitted, words)
        if meaning(self.emitted) == meaning(words[:split]):
            return words[split:]
        # What was sent turned out to be something else: it cannot be taken back, so the rest must not be acted on with it.
        return [{**word, "confidence": min(word["confidence"], DISPUTED)} for word in words[split:]]

    def emit_final(self, speech_final, from_finalize):
        words = []
        if self.in_sentence:
            self.settle()
            words = self.unsent()
            # As now understood, so that one revision is held against one final only.
            self.emitted = (self.settled or [])[: len(self.settled or []) - len(words)] + words
        self.last_interim = ""
        # Stretches follow each other without gap or overlap.
        end_ms = max(self.now_ms, self.final_start_ms)
        send(
            {
                "kind": "final",
                "segment": segment(self.final_start_ms, end_ms, words),
                "speechFinal": speech_final,
                "fromFinalize": from_finalize,
            }
        )
        self.final_start_ms = end_ms
        if words:
            self.last_word_end_ms = words[-1]["endMs"]

    def finalize(self):
        self.decode(everything=True)
        pausing = not self.in_sentence or self.now_ms - self.last_speech_ms >= SETTLE_AFTER_MS
        self.emit_final(speech_final=pausing, from_finalize=True)
        if pausing:
            self.endpoint_done = True

    def close(self):
        if self.in_sentence:
            self.end_sentence()

    def show_interim(self):
        if not self.in_sentence or self.settled is not None or not self.options["interimResults"]:
            return
        if self.now_ms - self.last_interim_ms < INTERIM_EVERY_MS:
            return
        self.last_interim_ms = self.now_ms
        words = self.unsent()
        text = " ".join(word["word"] for word in words)
        if text and text != self.last_interim:
            self.last_interim = text
            send({"kind": "interim", "segment": segment(self.final_start_ms, self.now_ms, words)})

    def check_utterance_end(self):
        gap_ms = self.options["utteranceEndMs"]
        if gap_ms is None or self.last_word_end_ms is None:
            return
        if self.now_ms - max(self.last_word_end_ms, self.last_speech_ms) >= gap_ms:
            send({"kind": "utterance-end", "lastWordEndMs": self.last_word_end_ms})
            self.last_word_end_ms = None


def carried(emitted, words):
    """How many of `words` the finals have carried already: the split at which the earlier words match best.

    The decoders may think differently of a word once they heard more. What was sent stays sent, so a word that changed counts
    as carried, and none is sent twice."""
    if not emitted:
        return 0
    costs = list(range(len(words) + 1))
    for row, sent in enumerate(emitted, 1):
        previous, costs = costs, [row]
        for column, word in enumerate(words, 1):
            # A word elsewhere in time is another word, even if it sounds the same.
            same = sent["word"] == word["word"] and abs(sent["startMs"] - word["startMs"]) < 400
            costs.append(min(previous[column] + 1, costs[column - 1] + 1, previous[column - 1] + (0 if same else 1)))
    boundary_ms = emitted[-1]["endMs"]

    def distance(split):
        # Among equal matches the one whose split lies nearest the end of what was sent.
        before = words[split - 1]["endMs"] if split else 0
        return (costs[split], abs(before - boundary_ms))

    return min(range(len(words) + 1), key=distance)


def segment(start_ms, end_ms, words):
    if words:
        start_ms = min(start_ms, words[0]["startMs"])
    confidence = min((word["confidence"] for word in words), default=0.0)
    return {"startMs": start_ms, "durationMs": max(0, end_ms - start_ms), "words": words, "confidence": confidence}


def send(event):
    sys.stdout.write(json.dumps(event, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def main():
    # Ctrl-C reaches the whole group; the parent decides, and its end is the end of stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_loglevel("FATAL")
    stream = Stream(sys.argv[1])
    send({"kind": "ready"})
    read = sys.stdin.buffer.read
    while True:
        header = read(5)
        if len(header) < 5:
            return
        kind, length = struct.unpack("<cI", header)
        payload = read(length)
        if len(payload) < length:
            return
        if kind == b"A":
            stream.write(payload)
        elif kind == b"F":
            stream.finalize()
        elif kind == b"O":
            stream.options.update(json.loads(payload))
        elif kind == b"C":
            stream.close()
            send({"kind": "closed"})
            return


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        pass
