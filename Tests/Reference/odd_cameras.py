#!/usr/bin/python3
"""Cameras with the oddities of public bug reports, over RTSP, HTTP and bare TCP, by the standard library alone.

    odd_cameras.py --video CLIP.h264 --pictures FOLDER_OF_JPEGS [--picture-rate 10]

The server prints `READY <rtsp> <http> <tcp>`, the three ports. What is odd is chosen in the URL's query:

rtsp://127.0.0.1:PORT/cam?…
    fps=10          pictures a second really sent; the clip is played in a loop
    stamps=PACE     pace of the RTP time stamps: 1 is right, 10.5 too fast; `seconds` counts whole seconds, `zero` stands still
    burst=SECONDS   sends that many seconds of pictures at once, when the last of them has been taken
    sprop=0         parameter sets in band only
    first=SECONDS   the first key frame comes that late; until then other pictures are sent
    die=SECONDS     the connection ends after that time
    udp=1           refuses TCP with 461
    auth=WHICH      basic, md5, sha256, md5+sha256 or sha256+md5; the user is `user`, the password `pass`
http://127.0.0.1:PORT/mjpeg?…   multipart JPEG: fps=, form=standard|quoted|dashes|nofirst|nodashes|nolength|linefeeds
http://127.0.0.1:PORT/snap.jpg?…  one JPEG a request, with an ETag; change=SECONDS between two pictures, header=NAME required
http://127.0.0.1:PORT/redirect?to=URL   a redirection
http://127.0.0.1:PORT/parts/NAME  a file of the pictures' folder, from any byte on
http://127.0.0.1:PORT/live.m3u8?at=URL  a playlist of two parts/clip.ts: its own, and that of another server
http://127.0.0.1:PORT/seen        each request so far: its path, and which of the headers in `SECRET` it had
http://127.0.0.1:PORT/count       how often snap.jpg was asked for: requests, connections, answers with 304
tcp://127.0.0.1:PORT              H.264 without any time stamp, at 10 pictures a second
"""

import argparse
import base64
import glob
import hashlib
import json
import os
import re
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD, REALM, NONCE = "user", "pass", "camera", "abc123"
START = b"\0\0\0\1"
SECRET = ("X-Api-Key", "Authorization", "Cookie")


def access_units(path):
    """The clip's access units, each a list of NAL units."""
    units, current = [], []
    for nal in re.split(b"\0\0\0\1|\0\0\1", open(path, "rb").read())[1:]:
        kind = nal[0] & 31
        has_slice = any(one[0] & 31 in (1, 5) for one in current)
        if has_slice and (kind in (6, 7, 8, 9) or kind in (1, 5) and nal[1] & 0x80):
            units.append(current)
            current = []
        current.append(nal)
    return units + [current]


def fragments(nal):
    """The RTP payloads of a NAL unit: itself, or FU-A fragments (RFC 6184, section 5.8)."""
    if len(nal) <= 1400:
        return [nal]
    parts = [nal[1:][at:at + 1400] for at in range(0, len(nal) - 1, 1400)]
    heads = [(0x80 if at == 0 else 0) | (0x40 if at == len(parts) - 1 else 0) | nal[0] & 31 for at in range(len(parts))]
    return [bytes([nal[0] & 0xE0 | 28, head]) + part for head, part in zip(heads, parts)]


class RTSPConnection:
    def __init__(self, connection, units):
        self.connection, self.units = connection, units
        self.file = connection.makefile("rb")
        self.lock, self.stopped = threading.Lock(), False
        self.query, self.channel, self.destination = {}, 0, None

    def number(self, name, otherwise):
        return float(self.query.get(name, otherwise))

    def send(self, data):
        with self.lock:
            self.connection.sendall(data)

    def reply(self, sequence, status, headers="", body=""):
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        self.send(f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n{headers}{length}\r\n{body}".encode())

    def serve(self):
        try:
            while self.answer():
                pass
        except (OSError, ValueError):
            pass
        self.stopped = True
        self.connection.close()

    def answer(self):
        first = self.file.read(1)
        if first == b"$":
            self.file.read(1)
            self.file.read(struct.unpack(">H", self.file.read(2))[0])
            return True
        line = (first + self.file.readline()).decode(errors="replace").split()
        if len(line) < 3:
            return False
        headers = {}
        while text := self.file.readline().decode(errors="replace").strip():
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        method, url, sequence = line[0], line[1], headers.get("cseq", "0")
        if method in ("OPTIONS", "DESCRIBE"):
            query = re.sub(r"/+$", "", urlsplit(url).query)
            self.query.update({name: values[0] for name, values in parse_qs(query).items()})
        if method != "OPTIONS" and not self.is_authorised(method, headers.get("authorization", "")):
            self.reply(sequence, "401 Unauthorized", self.challenges())
        elif method == "OPTIONS":
            self.reply(sequence, "200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n")
        elif method == "DESCRIBE":
            self.reply(sequence, "200 OK", f"Content-Type: application/sdp\r\nContent-Base: {url}/\r\n", self.description())
        elif method == "SETUP":
            self.set_up(sequence, headers.get("transport", ""))
        elif method == "PLAY":
            self.reply(sequence, "200 OK", "Session: 1\r\nRange: npt=0-\r\n")
            threading.Thread(target=self.play, daemon=True).start()
        elif method == "TEARDOWN":
            self.reply(sequence, "200 OK")
            return False
        else:
            self.reply(sequence, "200 OK", "Session: 1\r\n")
        return True

    def set_up(self, sequence, transport):
        interleaved = re.search(r"interleaved=(\d+)-(\d+)", transport)
        ports = re.search(r"client_port=(\d+)-(\d+)", transport)
        if self.query.get("udp") and ports:
            self.destination = ("127.0.0.1", int(ports[1]))
            answer = f"RTP/AVP/UDP;unicast;client_port={ports[1]}-{ports[2]};server_port=50000-50001"
        elif interleaved and not self.query.get("udp"):
            self.channel = int(interleaved[1])
            answer = f"RTP/AVP/TCP;unicast;interleaved={interleaved[1]}-{interleaved[2]}"
        else:
            return self.reply(sequence, "461 Unsupported Transport")
        self.reply(sequence, "200 OK", f"Session: 1;timeout=60\r\nTransport: {answer}\r\n")

    def description(self):
        parameters = [nal for nal in self.units[0] if nal[0] & 31 in (7, 8)]
        sets = ",".join(base64.b64encode(nal).decode() for nal in parameters)
        sprop = f";sprop-parameter-sets={sets}" if self.query.get("sprop", "1") == "1" else ""
        return ("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n"
                "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
                f"a=fmtp:96 packetization-mode=1{sprop}\r\na=control:track1\r\n")

    def challenges(self):
        forms = {
            "basic": f'Basic realm="{REALM}"', "md5": f'Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5',
            "sha256": f'Digest realm="{REALM}", nonce="{NONCE}", algorithm=SHA-256',
        }
        return "".join(f"WWW-Authenticate: {forms[name]}\r\n" for name in self.query["auth"].split(" "))

    def is_authorised(self, method, header):
        # A plus in a query is a space.
        asked = self.query.get("auth", "").split(" ")
        if asked == [""]:
            return True
        if header.startswith("Basic "):
            return "basic" in asked and base64.b64decode(header[6:]).decode() == f"{USER}:{PASSWORD}"
        fields = {name: one or other for name, one, other in re.findall(r'(\w+)=(?:"([^"]*)"|([^",]+))', header)}
        name = "sha256" if "256" in fields.get("algorithm", "") else "md5"
        if name not in asked or "response" not in fields:
            return False
        digest = lambda text: hashlib.new(name, text.encode()).hexdigest()  # noqa: E731
        first, second = digest(f"{USER}:{REALM}:{PASSWORD}"), digest(f"{method}:{fields['uri']}")
        return fields["response"] == digest(f"{first}:{NONCE}:{second}")

    def stamp(self, number):
        seconds, stamps = number / self.number("fps", 10), self.query.get("stamps", "1")
        if stamps == "seconds":
            return int(seconds) * 90000
        return 0 if stamps == "zero" else int(seconds * 90000 * float(stamps))

    def play(self):
        rate, burst, begin = self.number("fps", 10), self.number("burst", 0), time.monotonic()
        late, sequence, number, held = int(self.number("first", 0) * rate), 0, 0, []
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            while not self.stopped:
                index = number - late
                unit = self.units[index % len(self.units)] if index >= 0 else self.units[1]
                if self.query.get("sprop") == "0" and index % len(self.units):
                    unit = [nal for nal in unit if nal[0] & 31 not in (7, 8)]
                payloads = [part for nal in unit for part in fragments(nal)]
                for at, payload in enumerate(payloads):
                    marker = 0x80 if at == len(payloads) - 1 else 0
                    stamp = (1000 + self.stamp(number)) & 0xFFFFFFFF
                    packet = struct.pack(">BBHII", 0x80, 96 | marker, sequence & 0xFFFF, stamp, 4660) + payload
                    sequence += 1
                    held.append(packet)
                number += 1
                due = begin + number / rate
                if not burst or number % max(1, int(burst * rate)) == 0:
                    time.sleep(max(0, due - time.monotonic()))
                    for packet in held:
                        if self.destination:
                            datagrams.sendto(packet, self.destination)
                        else:
                            self.send(b"$" + bytes([self.channel]) + struct.pack(">H", len(packet)) + packet)
                    held = []
                if self.query.get("die") and number / rate > self.number("die", 0):
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
        except OSError:
            self.stopped = True


class HTTPCamera(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pictures, rate = [], 10.0
    begin = time.monotonic()
    counts = {"requests": 0, "connections": 0, "unchanged": 0}
    folder, seen = "", []

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.is_fresh = True

    def do_GET(self):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/seen":
            return self.answer(200, json.dumps(self.seen).encode(), "application/json")
        self.seen.append([url.path] + [name for name in SECRET if name in self.headers])
        if url.path == "/redirect":
            self.answer(302, b"elsewhere", "text/plain", Location=query["to"])
        elif url.path == "/live.m3u8":
            parts = "".join(f"#EXTINF:4,\n{at}parts/clip.ts\n" for at in ("", query.get("at", "")))
            playlist = f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n{parts}#EXT-X-ENDLIST\n"
            self.answer(200, playlist.encode(), "application/vnd.apple.mpegurl")
        elif url.path.startswith("/parts/"):
            self.part(os.path.basename(url.path))
        elif url.path == "/mjpeg":
            self.close_connection = True
            self.stream(float(query.get("fps", 5)), query.get("form", "standard"))
        elif url.path == "/count":
            self.answer(200, repr(self.counts).replace("'", '"').encode(), "application/json")
        else:
            self.snapshot(query)

    def answer(self, status, body, kind, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

    def part(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            data = file.read()
        first = re.match(r"bytes=(\d+)-$", self.headers.get("Range", ""))
        if not first:
            return self.answer(200, data, "application/octet-stream", **{"Accept-Ranges": "bytes"})
        at = int(first[1])
        place = {"Accept-Ranges": "bytes", "Content-Range": f"bytes {at}-{len(data) - 1}/{len(data)}"}
        self.answer(206, data[at:], "application/octet-stream", **place)

    def snapshot(self, query):
        self.counts["requests"] += 1
        self.counts["connections"] += self.is_fresh
        self.is_fresh = False
        if "header" in query and query["header"] not in self.headers:
            return self.answer(403, b"", "text/plain")
        index = int((time.monotonic() - self.begin) / float(query.get("change", 0.1))) % len(self.pictures)
        tag = f'"{index}"'
        if self.headers.get("If-None-Match") == tag:
            self.counts["unchanged"] += 1
            return self.answer(304, b"", "", ETag=tag)
        self.answer(200, self.pictures[index], "image/jpeg", ETag=tag)

    def stream(self, fps, form):
        boundary, feed = b"camera", b"\n" if form == "linefeeds" else b"\r\n"
        parameter = {"quoted": '"camera"', "dashes": "--camera"}.get(form, "camera")
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={parameter}")
        self.end_headers()
        begin, number = time.monotonic(), 0
        try:
            while True:
                picture = self.pictures[int((time.monotonic() - begin) * self.rate) % len(self.pictures)]
                delimiter = (b"" if form == "nodashes" else b"--") + boundary + feed
                part = b"" if form == "nofirst" and number == 0 else delimiter
                part += b"Content-Type: image/jpeg" + feed
                if form != "nolength":
                    part += b"Content-Length: %d" % len(picture) + feed
                self.wfile.write(part + feed + picture + feed)
                number += 1
                time.sleep(max(0, begin + number / fps - time.monotonic()))
        except OSError:
            pass


def serve_bare(connection, units, fps=10):
    begin, number = time.monotonic(), 0
    try:
        while True:
            connection.sendall(b"".join(START + nal for nal in units[number % len(units)]))
            number += 1
            time.sleep(max(0, begin + number / fps - time.monotonic()))
    except OSError:
        connection.close()


def listen(handle):
    server = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            connection, _ = server.accept()
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--video", required=True)
    parser.add_argument("--pictures", required=True)
    parser.add_argument("--picture-rate", type=float, default=10)
    arguments = parser.parse_args()
    units = access_units(arguments.video)
    HTTPCamera.pictures = [open(path, "rb").read() for path in sorted(glob.glob(arguments.pictures + "/*.jpg"))]
    HTTPCamera.rate, HTTPCamera.folder = arguments.picture_rate, arguments.pictures
    if not HTTPCamera.pictures:
        sys.exit(f"{arguments.pictures}: no JPEG files")
    rtsp = listen(lambda connection: RTSPConnection(connection, units).serve())
    bare = listen(lambda connection: serve_bare(connection, units))
    http = ThreadingHTTPServer(("127.0.0.1", 0), HTTPCamera)
    http.daemon_threads = True
    print(f"READY {rtsp} {http.server_address[1]} {bare}", flush=True)
    http.serve_forever()


if __name__ == "__main__":
    main()
