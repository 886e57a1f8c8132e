"""Two decoders, one transcript, and how far to trust it.

The n-gram search can spell out any wording; the grammar search only sentences of the assistant's templates. They err
differently, so a word that both hear is right far more often than either's own posterior tells (the posterior of a small
vocabulary is near 1 whatever was said). How well the sound fits the words tells speech of the domain from everything else.

Measured by `npm run bench -- words` over 180 human orders: of all, 88 % have every word at 0.8 or above, and of those 159 two
carry a wrong order (10 of all 180 do). The constants were set on the same recordings, not apart from them.
"""

import math

# Share of words in which the two may differ for the grammar's reading to be the better one.
GRAMMAR_WINS_BELOW = 0.2
# Log likelihood per 10 ms of the grammar's words: nineteen in twenty rightly recognised human orders lie above -3.2, three
# in four pieces of other speech and noise below -3.9 (180 orders, 36 clips).
FIT_MIDDLE = -3.55
FIT_WIDTH = 0.2
# The same where both heard the very same words: above it lie all but one of 56 synthetic sentences that were heard rightly, and
# of the 36 clips of other speech and noise only single words. So few words count as heard, but never enough to act on unasked.
UNANIMOUS_FIT_MIDDLE = -5.2
UNANIMOUS_WORDS = 3
# Few sounds tell little of how well a voice fits, so short answers need to fit less; they reach a yes's least confidence only.
UNANIMOUS_SHORT_FIT_MIDDLE = -7.0
UNANIMOUS_SHORT = 0.7
# Sentences this long in which the two agree this well were speech of the domain: worth adapting to.
ADAPT_FROM_WORDS = 3
ADAPT_FROM_SHARE = 0.7
# Words that answer alike.
ALIKE = {"yep": "yes", "yeah": "yes", "yup": "yes", "nope": "no", "an": "a"}
AGREED = 0.97
DISPUTED = 0.45
# Word pairs that change nothing of what was asked: articles, and the ways to ask.
HARMLESS = frozenset(
    "a an the one i i'd i'll i'm we we'd like can could may get give make me want need have take brew please would just and order"
    " let us so okay um uh hi hello".split()
)
DISPUTED_HARMLESS = 0.85
# After these "a" is easily heard as "two": the stop before it lends it a consonant.
ENDS_IN_A_STOP = {"get", "got", "want"}
# Before the end of a sentence nobody should act on its words.
INTERIM_MOST = 0.79


def agree(free, strict, is_final):
    """Words of the better reading, each with a confidence.

    free, strict -- (word, start ms, end ms, fit) of the n-gram and of the grammar search"""
    free, strict, is_doubtful = settle_article(free, strict)
    pairs = align(free, strict)
    differing = sum(1 for left, right in pairs if left is None or right is None or not alike(left[0], right[0]))
    fit = mean_fit(strict)
    take_strict = strict and fit is not None and differing <= GRAMMAR_WINS_BELOW * max(len(free), 1)
    if not take_strict:
        fit = min(value for value in (mean_fit(free), fit, 0.0) if value is not None)
    quality = fit_quality(fit, FIT_MIDDLE)
    if differing == 0:
        # Speech of another domain never makes both decoders spell out the same sentence, however badly a voice fits the model.
        if len(free) >= UNANIMOUS_WORDS:
            quality = max(quality, fit_quality(fit, UNANIMOUS_FIT_MIDDLE))
        quality = max(quality, UNANIMOUS_SHORT * fit_quality(fit, UNANIMOUS_SHORT_FIT_MIDDLE))
    words = []
    missing = 0  # words only the other reading has, just before the next one taken
    for left, right in pairs:
        mine, other = (right, left) if take_strict else (left, right)
        if mine is None:
            if other[0] not in HARMLESS:
                missing += 1
                if words:
                    words[-1]["confidence"] = min(words[-1]["confidence"], DISPUTED)
            continue
        if other is not None and alike(other[0], mine[0]):
            trust = AGREED
        elif mine[0] in HARMLESS and (other is None or other[0] in HARMLESS):
            trust = DISPUTED_HARMLESS
        else:
            trust = DISPUTED
        if missing:
            trust = DISPUTED
            missing = 0
        words.append({"word": mine[0], "startMs": mine[1], "endMs": mine[2], "confidence": trust})
    for word in words:
        if is_doubtful and word["word"] == "a":
            word["confidence"] = DISPUTED
        confidence = word["confidence"] * quality
        word["confidence"] = round(confidence if is_final else min(confidence, INTERIM_MOST), 4)
    return words


def settle_article(free, strict):
    """Takes "get two large latte" for "get a large latte".

    Where the n-gram search hears one of a thing and the grammar, which knows no "two latte", has to make it "two lattes", there
    was hardly an "s" to hear: the number is an article more often than not. Often enough to ask about one instead of two, not to
    act on it: of 8 such sentences by synthetic voices 2 did mean two. Says as its third value whether that was so."""
    is_doubtful = False
    for left, right in align(free, strict):
        if left is None or right is None or right[0] != left[0] + "s":
            continue
        heard = [index for index, word in enumerate(free[: free.index(left)]) if word[0] == "two"]
        spelt = [index for index, word in enumerate(strict[: strict.index(right)]) if word[0] == "two"]
        if not heard or not spelt or heard[-1] == 0 or free[heard[-1] - 1][0] not in ENDS_IN_A_STOP:
            continue
        strict = renamed(renamed(strict, spelt[-1], "a"), strict.index(right), left[0])
        free = renamed(free, heard[-1], "a")
        is_doubtful = True
    return free, strict, is_doubtful


def renamed(words, index, name):
    return [*words[:index], (name, *words[index][1:]), *words[index + 1 :]]


def fit_quality(fit, middle):
    return 1 / (1 + math.exp(-(fit - middle) / FIT_WIDTH)) if fit is not None else 0.0


def alike(left, right):
    return ALIKE.get(left, left) == ALIKE.get(right, right)


def is_speech_to_us(free, strict):
    """Whether both readings are near enough to each other for the sentence to be one of the domain, whatever the fit."""
    same = sum(1 for left, right in align(free, strict) if left and right and alike(left[0], right[0]))
    return same >= ADAPT_FROM_WORDS and same >= ADAPT_FROM_SHARE * max(len(free), len(strict))


def meaning(words):
    """The words that change what was asked."""
    return [word["word"] for word in words if word["word"] not in HARMLESS]


def mean_fit(words):
    length_ms = sum(end - start for _, start, end, _ in words)
    if length_ms == 0:
        return None
    return sum(fit * (end - start) for _, start, end, fit in words) / length_ms


def align(left, right):
    """Pairs of words with the fewest differences; None where one side has no counterpart."""
    rows = [list(range(len(right) + 1))]
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a[0] != b[0])))
        rows.append(row)
    pairs = []
    i, j = len(left), len(right)
    while i or j:
        if i and j and rows[i][j] == rows[i - 1][j - 1] + (left[i - 1][0] != right[j - 1][0]):
            i, j = i - 1, j - 1
            pairs.append((left[i], right[j]))
        elif i and rows[i][j] == rows[i - 1][j] + 1:
            i -= 1
            pairs.append((left[i], None))
        else:
            j -= 1
            pairs.append((None, right[j]))
    pairs.reverse()
    return pairs
