"""The model's tokenizer: byte-level BPE in CLIP's format, learnt from the world's training sentences."""

import collections
import json
import pathlib

from transformers import CLIPTokenizer

from world.texts import corpus

START, END = "<|startoftext|>", "<|endoftext|>"
MERGES = 700


def byte_symbols():
    """GPT-2's printable stand-ins for the 256 bytes, in the order of CLIP's vocabulary."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return [chr(byte) for byte in visible] + [chr(256 + i) for i in range(len(hidden))]


def learn_merges(lines, count):
    """Byte-pair encoding; ties go to the pair that sorts first."""
    words = collections.Counter(tuple(w[:-1]) + (w[-1] + "</w>",) for line in lines for w in line.split())
    merges = []
    while len(merges) < count:
        pairs = collections.Counter()
        for word, times in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += times
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        merged = collections.Counter()
        for word, times in words.items():
            out = []
            for symbol in word:
                if out and (out[-1], symbol) == best:
                    out[-1] += symbol
                else:
                    out.append(symbol)
            merged[tuple(out)] += times
        words = merged
    return merges


def write_tokenizer(directory):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    symbols = byte_symbols()
    merges = learn_merges(corpus(), MERGES)
    tokens = symbols + [s + "</w>" for s in symbols] + [a + b for a, b in merges] + [START, END]
    assert len(tokens) == len(set(tokens))
    vocabulary = {token: index for index, token in enumerate(tokens)}
    CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=77).save_pretrained(directory)
    (directory / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":")))
    (directory / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    return len(tokens)


def load_tokenizer(directory):
    return CLIPTokenizer.from_pretrained(directory)
