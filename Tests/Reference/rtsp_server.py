#!/usr/bin/python3
"""A live RTSP camera for tests, made with GStreamer's server (gir1.2-gst-rtsp-server-1.0, python3-gi, gstreamer1.0-plugins-ugly).

    rtsp_server.py [--port 8554] [--size 640x360] [--fps 25] [--user U --password P [--auth basic|digest]] [--file X.mp4]

The server prints `READY <port>` when it listens (port 0 selects a free port). It serves rtsp://127.0.0.1:<port>/cam in real
time: a moving test picture, or the H.264 track of an MP4 or Matroska file in a loop. SIGTERM ends it at once. To its
clients, it is then a camera that has lost power.
"""

import argparse
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PAY = "rtph264pay name=pay0 pt=96 config-interval=1"


def test_picture(size, fps):
    width, height = size.split("x")
    return (f"( videotestsrc is-live=true pattern=ball "
            f"! video/x-raw,format=I420,width={width},height={height},framerate={fps}/1 "
            f"! x264enc tune=zerolatency speed-preset=ultrafast bitrate=1500 key-int-max={fps} "
            f"! video/x-h264,profile=baseline ! h264parse ! {PAY} )")


def read_access_units(path):
    """Returns the file's H.264 access units in decoding order, as (bytes, pts, dts, duration), and their caps."""
    demux = "matroskademux" if path.lower().endswith((".mkv", ".webm")) else "qtdemux"
    pipeline = Gst.parse_launch(f"filesrc name=file ! {demux} ! h264parse ! video/x-h264,stream-format=byte-stream,alignment=au "
                                "! appsink name=sink sync=false max-buffers=8")
    pipeline.get_by_name("file").set_property("location", path)
    pipeline.set_state(Gst.State.PLAYING)
    sink, units, caps = pipeline.get_by_name("sink"), [], None
    while sample := sink.emit("pull-sample"):
        buffer, caps = sample.get_buffer(), sample.get_caps()
        dts = buffer.dts if buffer.dts != Gst.CLOCK_TIME_NONE else buffer.pts
        units.append((buffer.extract_dup(0, buffer.get_size()), buffer.pts, dts, buffer.duration))
    pipeline.set_state(Gst.State.NULL)
    if not units:
        sys.exit(f"{path}: no H.264 track")
    return units, caps


def feed(media, units, caps):
    """Pushes the access units for ever; the times of each round continue those of the last."""
    source = media.get_element().get_by_name("source")
    source.set_property("caps", caps)
    first = min(dts for _, _, dts, _ in units)
    frame = (units[-1][2] - units[0][2]) // max(1, len(units) - 1)
    length = units[-1][2] - first + frame
    position = 0

    def push(_source, _bytes):
        nonlocal position
        turn, index = divmod(position, len(units))
        data, pts, dts, duration = units[index]
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts, buffer.dts = pts - first + turn * length, dts - first + turn * length
        buffer.duration = duration
        position += 1
        source.emit("push-buffer", buffer)

    source.connect("need-data", push)


def require_password(server, factory, user, password, method):
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if method == "basic":
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--path", default="/cam")
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--auth", choices=["basic", "digest"], default="digest")
    parser.add_argument("--file")
    arguments = parser.parse_args()

    Gst.init(None)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_shared(True)
    if arguments.file:
        units, caps = read_access_units(arguments.file)
        factory.set_launch(f"( appsrc name=source is-live=true format=time ! h264parse ! identity sync=true ! {PAY} )")
        factory.connect("media-configure", lambda _factory, media: feed(media, units, caps))
    else:
        factory.set_launch(test_picture(arguments.size, arguments.fps))
    server = GstRtspServer.RTSPServer()
    server.set_address(arguments.address)
    server.set_service(str(arguments.port))
    if arguments.user:
        require_password(server, factory, arguments.user, arguments.password or "", arguments.auth)
    server.get_mount_points().add_factory(arguments.path, factory)
    if not server.attach(None):
        sys.exit(f"cannot listen on port {arguments.port} of {arguments.address}")
    print(f"READY {server.get_bound_port()}", flush=True)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
