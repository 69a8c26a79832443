"""Words of a text as the Penn Treebank splits them, with their offsets.

The rules are those of the tokenizer of NLTK (Apache-2.0; after R. MacIntyre's sed script, 1995) in the variant that
Label Studio's converter uses, so that CoNLL files are the same byte for byte. Rules whose characters are not in the
text are not tried: that is where the time goes.
"""

from __future__ import annotations

import re

_QUOTES_OPEN = (
    (re.compile(r"^\""), r"``"),
    (re.compile(r"(``)"), r" \1 "),
    (re.compile(r"([ \(\[{<])(\"|\'{2})"), r"\1 `` "),
)
_FINAL_STOP = (re.compile(r'([^\.])(\.)([\]\)}>"\']*)\s*$'), r"\1 \2\3 ")
#: Characters, and the rule that needs one of them; in the order in which they are applied.
_PUNCTUATION = (
    (":,", re.compile(r"([:,])([^\d])"), r" \1 \2"),
    (":,", re.compile(r"([:,])$"), r" \1 "),
    (".", re.compile(r"\.\.\."), r" ... "),
    (";@#$/%&", re.compile(r"[;@#$/%&]"), r" \g<0> "),
    (".", *_FINAL_STOP),
    ("?!", re.compile(r"[?!]"), r" \g<0> "),
    ("'", re.compile(r"([^'])' "), r"\1 ' "),
    ("[](){}<>", re.compile(r"[\]\[\(\)\{\}\<\>]"), r" \g<0> "),
    ("-", re.compile(r"--"), r" -- "),
)
_QUOTES_CLOSE = (
    (re.compile(r"''"), " '' "),
    (re.compile(r'"'), " '' "),
    (re.compile(r"([^' ])('[sS]|'[mM]|'[dD]|') "), r"\1 \2 "),
    (re.compile(r"([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) "), r"\1 \2 "),
)
_CONTRACTIONS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?i)\b(can)(not)\b",
        r"(?i)\b(d)('ye)\b",
        r"(?i)\b(gim)(me)\b",
        r"(?i)\b(gon)(na)\b",
        r"(?i)\b(got)(ta)\b",
        r"(?i)\b(lem)(me)\b",
        r"(?i)\b(more)('n)\b",
        r"(?i)\b(wan)(na)(?=\s)",
        r"(?i) ('t)(is)\b",
        r"(?i) ('t)(was)\b",
    )
)
#: What a contraction holds, lower case: a text without any of them needs no further look.
_CONTRACTED = ("cannot", "gimme", "gonna", "gotta", "lemme", "wanna", "d'ye", "more'n", "'tis", "'twas")
_PLAIN = re.compile(r"[\w\s]*\Z")
_WORD = re.compile(r"\S+")
_ANY_QUOTE = re.compile(r"``|'{2}|\"")

Token = tuple[int, int]

#: For cards and notes.
TOKENIZER = "Penn Treebank words (NLTK's rules, in the variant of Label Studio's converter)"


def tokens_of(text: str) -> list[Token]:
    """Start and end of every word, in code points.

    >>> [ "It isn't over."[a:b] for a, b in tokens_of("It isn't over.")]
    ['It', 'is', "n't", 'over', '.']
    """
    if _PLAIN.match(text) and not _contracted(text):
        return [found.span() for found in _WORD.finditer(text)]
    return _aligned(_split(text), text)


def _split(text: str) -> list[str]:
    """Words, with quotation marks as they stand in the text."""
    quoted = '"' in text or "''" in text
    words = _words(text)
    if not quoted:
        return words
    marks = iter(_ANY_QUOTE.findall(text))
    return [next(marks) if word in {'"', "``", "''"} else word for word in words]


def _words(text: str) -> list[str]:
    if '"' in text or "''" in text or "``" in text:
        for rule, by in _QUOTES_OPEN:
            text = rule.sub(by, text)
    for needs, rule, by in _PUNCTUATION:
        if len(needs) == 1 and needs not in text:
            continue
        if len(needs) > 1 and not any(mark in text for mark in needs):
            continue
        text = rule.sub(by, text)
    text = f" {text} "
    if "'" in text or '"' in text:
        for rule, by in _QUOTES_CLOSE:
            text = rule.sub(by, text)
    if _contracted(text):
        for rule in _CONTRACTIONS:
            text = rule.sub(r" \1 \2 ", text)
    return text.split()


def _contracted(text: str) -> bool:
    # Casefolding, which lower() is not, would also fold the long s and the Kelvin sign that (?i) takes for s and k.
    low = text.lower() if text.isascii() else text.casefold()
    return any(part in low for part in _CONTRACTED)


def _aligned(words: list[str], text: str) -> list[Token]:
    """Where the words stand in the text, one after the other; a word that is not found there is left out."""
    found: list[Token] = []
    at = 0
    for word in words:
        start = text.find(word, at)
        if start >= 0:
            at = start + len(word)
            found.append((start, at))
    return found
