"""Frames through an encoder and back, as a camera's stream would carry them."""

import io
from fractions import Fraction

import cv2
import numpy as np

try:
    import av
except ImportError:  # A machine that only trains may lack it.
    av = None


def compressed(rng, frames, rate):
    """S×H×W×3 uint8 → the same after libx264 at a camera-like quality. H and W are even. Without PyAV each frame goes
    through JPEG on its own, which smears grain as much but leaves no block as it was."""
    if av is None:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 70))]
        return np.stack([cv2.imdecode(cv2.imencode(".jpg", frame, quality)[1], cv2.IMREAD_COLOR) for frame in frames])
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=Fraction(max(rate, 1)).limit_denominator(1000))
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": str(int(rng.integers(22, 38))), "threads": "1"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode())
    buffer.seek(0)
    with av.open(buffer) as container:
        decoded = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.stack(decoded) if len(decoded) == len(frames) else frames
