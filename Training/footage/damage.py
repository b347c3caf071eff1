"""H.264 damaged as a lossy way damages it: bytes of packets flipped, blanked, cut off or lost, and decoded with the
decoder's concealment."""

import av
import cv2
import numpy as np
from fractions import Fraction


def encode(pictures, rate, options):
    """The codec's extradata and its packets, as bytes, one a picture."""
    context = av.CodecContext.create("libx264", "w")
    context.height, context.width = pictures[0].shape[:2]
    context.pix_fmt, context.time_base, context.framerate = "yuv420p", Fraction(1, rate), Fraction(rate)
    context.options = options
    packets = []
    for index, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, "rgb24")
        frame.pts = index
        packets += [bytes(packet) for packet in context.encode(frame)]
    return packets + [bytes(packet) for packet in context.encode(None)]


def decode(packets, like):
    """A picture a packet, H×W×3; the last one again where the decoder gives none."""
    context = av.CodecContext.create("h264", "r")
    context.thread_count = 1
    context.options = {"flags": "low_delay+output_corrupt", "flags2": "showall"}
    shown, pictures = np.zeros_like(like), []
    for data in packets:
        if data:
            try:
                for frame in context.decode(av.Packet(data)):
                    if (frame.height, frame.width) == like.shape[:2]:
                        shown = frame.to_ndarray(format="rgb24")
            except av.FFmpegError:
                pass
        pictures.append(shown)
    return pictures


def hurt(rng, packet, way):
    """One packet's bytes after the damage `way`; its first bytes, which say that it is a picture, mostly stay."""
    data = bytearray(packet)
    if way == "lost" or len(data) < 40:
        return b"" if way == "lost" else bytes(data)
    begin = int(rng.integers(12, max(len(data) * 3 // 4, 13)))
    if way == "flipped":
        for at in rng.integers(begin, len(data), int(rng.integers(1, 25))):
            data[at] ^= int(rng.integers(1, 256))
    elif way == "blanked":
        data[begin:begin + int(rng.integers(8, len(data)))] = b"\xff" * (len(data[begin:begin + len(data)]) // 2)
    else:
        del data[begin:]
    return bytes(data)


def options(rng, rate):
    """Of an encoder, as cameras choose them."""
    chosen = {"preset": "ultrafast", "tune": "zerolatency", "crf": str(int(rng.integers(22, 31))), "threads": "1",
              "g": str(int(rng.choice([rate, 2 * rate, 4 * rate]))), "slices": str(int(rng.choice([1, 1, 2, 4]))),
              "forced-idr": "1"}
    if rng.random() < 0.6:
        chosen["preset"] = "veryfast"
    return chosen


def broken(rng, packets, first, last):
    """The packets, of which some from `first` until `last` are damaged."""
    ways, share = rng.choice(["flipped", "lost", "blanked", "cut"], 2), rng.uniform(0.15, 0.9)
    return [hurt(rng, packet, str(rng.choice(ways))) if first <= index < last and rng.random() < share else packet
            for index, packet in enumerate(packets)]


def damaged(rng, pictures, rate, start, end):
    """The pictures with damage from second `start` to `end`, and for each whether it is seen to be damaged."""
    packets = encode(pictures, rate, options(rng, rate))
    clean = decode(packets, pictures[0])
    shown = decode(broken(rng, packets, start * rate, end * rate), pictures[0])
    return shown, [apart(a, b) for a, b in zip(shown, clean)]


def lossy(rng, pictures, rate, stretches):
    """A stream that is damaged itself, from each stretch's first second to its last: its packets, empty where one is lost, and
    for each picture how much of it is seen to be damaged."""
    packets = encode(pictures, rate, options(rng, rate))
    clean = decode(packets, pictures[0])
    for start, end in stretches:
        packets = broken(rng, packets, start * rate, end * rate)
    return packets, [apart(a, b) for a, b in zip(decode(packets, pictures[0]), clean)]


def apart(picture, clean):
    """The share of the picture's blocks that differ visibly from the clean one."""
    small = [cv2.resize(p, (40, 24), interpolation=cv2.INTER_AREA).astype(np.int16) for p in (picture, clean)]
    return float((np.abs(small[0] - small[1]).max(-1) > 22).mean())
