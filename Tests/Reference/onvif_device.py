#!/usr/bin/env python3
"""A camera's ONVIF services for tests, which answer as the examples of the ONVIF specifications do, or fail on demand.

    onvif_device.py --profiles FILE --log FILE [--host H] [--port N] [--user U --password P --auth wsse|md5|sha256]
                    [--clock-offset S] [--media 1|2|both] [--old] [--no-reference] [--trouble T]
                    [--announce] [--uuid URN] [--name NAME] [--xaddr URL]

FILE of --profiles holds a JSON list of {token, name, codec, width, height, rate, url}; it is read for each request, so that
a test can change it. Logins are verified by hashlib, against a clock that is S seconds off: the UsernameToken must be at most
five minutes old and its nonce new. --announce answers WS-Discovery with PyPI's WSDiscovery (Tests/Reference/peers.txt).
Each request is logged as a JSON line. The device prints `READY PORT` when it listens.
"""
import argparse
import base64
import datetime
import hashlib
import ipaddress
import json
import pathlib
import re
import secrets
import threading
import time
import xml.etree.ElementTree as ElementTree
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TROUBLES = {
    "bomb": "a billion laughs: entities that multiply",
    "endless": "an answer that never ends",
    "dripping": "an answer of a byte now and then",
    "silent": "no answer at all",
    "redirect": "a redirect to another host",
    "html": "a web page",
    "deep": "elements nested a million deep",
    "elsewhere": "services and streams at another host",
    "file": "a stream in a file",
    "reference": "a stream whose address asks for another secret, in several lines",
    "fault": "ActionNotSupported to every question for profiles",
    "empty": "no profile with video",
}

SOAP = "http://www.w3.org/2003/05/soap-envelope"
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
SCHEMA = "http://www.onvif.org/ver10/schema"
SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"

ENVELOPE = ('<?xml version="1.0" encoding="UTF-8"?>\n<env:Envelope xmlns:env="{soap}" xmlns:tds="{device}" xmlns:trt="{media}" '
            'xmlns:tr2="{media2}" xmlns:tt="{schema}" xmlns:ter="http://www.onvif.org/ver10/error">'
            "<env:Body>{{}}</env:Body></env:Envelope>").format(soap=SOAP, device=DEVICE, media=MEDIA, media2=MEDIA2, schema=SCHEMA)
FAULT = ("<env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode><env:Value>ter:{}</env:Value></env:Subcode>"
         '</env:Code><env:Reason><env:Text xml:lang="en">{}</env:Text></env:Reason></env:Fault>')


class Device:
    def __init__(self, options):
        self.options = options
        self.log = open(options.log, "a", buffering=1)
        self.lock = threading.Lock()
        self.nonces = set()
        self.challenge = secrets.token_hex(8)
        self.place = ""

    def now(self):
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.options.clock_offset)

    def profiles(self):
        return json.loads(pathlib.Path(self.options.profiles).read_text())

    def is_token_good(self, envelope):
        token = envelope.find(f"{{{SOAP}}}Header/{{{SECURITY}}}Security/{{{SECURITY}}}UsernameToken")
        if token is None:
            return False
        password = token.find(f"{{{SECURITY}}}Password")
        nonce = base64.b64decode(token.findtext(f"{{{SECURITY}}}Nonce"))
        created = token.findtext(f"{{{UTILITY}}}Created")
        digest = hashlib.sha1(nonce + created.encode() + self.options.password.encode()).digest()
        age = self.now() - datetime.datetime.fromisoformat(created.replace("Z", "+00:00"))
        with self.lock:
            is_new = nonce not in self.nonces
            self.nonces.add(nonce)
        return (token.findtext(f"{{{SECURITY}}}Username") == self.options.user and password.get("Type") == DIGEST
                and base64.b64decode(password.text) == digest and is_new and abs(age.total_seconds()) < 300)

    def is_digest_good(self, header, method, body_length):
        """RFC 7616 with qop=auth."""
        if not header or not header.startswith("Digest "):
            return False
        fields = {key: quoted or plain for key, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', header)}

        def digest(text):
            return hashlib.new({"md5": "md5", "sha256": "sha256"}[self.options.auth], text.encode()).hexdigest()
        first = digest(f"{self.options.user}:camera:{self.options.password}")
        second = digest(f"{method}:{fields['uri']}")
        wanted = digest(f"{first}:{self.challenge}:{fields['nc']}:{fields['cnonce']}:auth:{second}")
        return fields["username"] == self.options.user and fields["nonce"] == self.challenge and fields["response"] == wanted


def encoder(profile, version):
    resolution = f"<tt:Width>{profile['width']}</tt:Width><tt:Height>{profile['height']}</tt:Height>"
    content = (f"<tt:Name>encoder</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>{profile['codec']}</tt:Encoding>"
               f"<tt:Resolution>{resolution}</tt:Resolution><tt:Quality>3</tt:Quality>"
               f"<tt:RateControl><tt:FrameRateLimit>{profile['rate']}</tt:FrameRateLimit>"
               "<tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>1024</tt:BitrateLimit></tt:RateControl>")
    if version == 2:
        return f'<tr2:Configurations><tr2:VideoEncoder token="e">{content}</tr2:VideoEncoder></tr2:Configurations>'
    return f'<tt:VideoEncoderConfiguration token="e">{content}</tt:VideoEncoderConfiguration>'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    device = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(404, "text/html", "<html><body>Not found</body></html>")

    def do_POST(self):
        device, options = self.device, self.device.options
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        header = self.headers.get("Authorization")
        envelope = ElementTree.fromstring(text) if text else None
        request = envelope.find(f"{{{SOAP}}}Body")[0] if text else None
        namespace, name = request.tag[1:].split("}") if text else ("", "")
        has_token = text and envelope.find(f"{{{SOAP}}}Header/{{{SECURITY}}}Security") is not None
        device.log.write(json.dumps({"name": name, "namespace": namespace, "path": self.path, "token": bool(has_token),
                                     "digest": bool(header), "type": self.headers.get("Content-Type"), "text": text,
                                     "local": self.client_address[0] == self.connection.getsockname()[0]}) + "\n")
        if name != "GetSystemDateAndTime" and options.auth in ("md5", "sha256"):
            if not device.is_digest_good(header, "POST", len(text)):
                algorithm = {"md5": "MD5", "sha256": "SHA-256"}[options.auth]
                challenge = f'Digest realm="camera", qop="auth", nonce="{device.challenge}", algorithm={algorithm}'
                return self.answer(401, "text/html", "<html>Unauthorized</html>", {"WWW-Authenticate": challenge})
        elif name != "GetSystemDateAndTime" and options.auth == "wsse" and not device.is_token_good(envelope):
            return self.soap(FAULT.format("NotAuthorized", "Sender not authorized"), 400)
        if self.trouble(name):
            return None
        answer = getattr(self, name, None)
        body = answer(namespace, request) if answer else None
        if body is None:
            return self.soap(FAULT.format("ActionNotSupported", "Optional Action Not Implemented"), 500)
        return self.soap(body)

    def trouble(self, name):
        """Answers a question for profiles wrongly, if it is to be."""
        trouble = self.device.options.trouble
        if name != "GetProfiles" or trouble in (None, "elsewhere", "file", "reference", "empty"):
            return False
        if trouble == "bomb":
            levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
            self.answer(200, "application/soap+xml", f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "laugh">{levels}]><x>&l9;</x>')
        elif trouble in ("endless", "dripping"):
            self.send_response(200)
            self.send_header("Content-Type", "application/soap+xml")
            self.end_headers()
            self.close_connection = True
            try:
                while True:
                    self.wfile.write(b" " * (1 << 16 if trouble == "endless" else 1))
                    time.sleep(0 if trouble == "endless" else 0.2)
            except OSError:
                pass
        elif trouble == "silent":
            # Until the client hangs up.
            self.connection.recv(1)
            self.close_connection = True
        elif trouble == "redirect":
            self.answer(307, "text/html", "", {"Location": "http://evil.example/onvif/media"})
        elif trouble == "html":
            self.answer(200, "text/html", "<html><body>Camera<br></body></html>")
        elif trouble == "deep":
            self.answer(200, "application/soap+xml", "<x>" * 300_000)
        elif trouble == "fault":
            self.soap(FAULT.format("ActionNotSupported", "Optional Action Not Implemented"), 500)
        return True

    def soap(self, body, status=200):
        self.answer(status, "application/soap+xml; charset=utf-8", ENVELOPE.format(body))

    def answer(self, status, kind, text, headers=None):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(data)

    # The device service.

    def GetSystemDateAndTime(self, _namespace, _request):
        now = self.device.now()
        return ("<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>"
                "<tt:DaylightSavings>true</tt:DaylightSavings><tt:TimeZone><tt:TZ>CET-1CEST,M3.5.0,M10.5.0/3</tt:TZ></tt:TimeZone>"
                f"<tt:UTCDateTime><tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
                f"<tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{now.month}"
                f"</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime>"
                "</tds:GetSystemDateAndTimeResponse>")

    def place(self, path):
        host = "evil.example" if self.device.options.trouble == "elsewhere" else self.device.place
        return f"http://{host}{path}"

    def GetServices(self, _namespace, _request):
        options = self.device.options
        if options.old:
            return None
        services = [(DEVICE, "/onvif/device_service", 2, 5)]
        services += [(MEDIA, "/onvif/media", 2, 6)] if options.media in ("1", "both") else []
        services += [(MEDIA2, "/onvif/media2", 1, 1)] if options.media in ("2", "both") else []
        entries = "".join(f"<tds:Service><tds:Namespace>{namespace}</tds:Namespace><tds:XAddr>{self.place(path)}</tds:XAddr>"
                          f"<tds:Version><tt:Major>{major}</tt:Major><tt:Minor>{minor}</tt:Minor></tds:Version></tds:Service>"
                          for namespace, path, major, minor in services)
        return f"<tds:GetServicesResponse>{entries}</tds:GetServicesResponse>"

    def GetCapabilities(self, _namespace, _request):
        return (f"<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media><tt:XAddr>{self.place('/onvif/media')}</tt:XAddr>"
                "<tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast></tt:StreamingCapabilities></tt:Media>"
                "</tds:Capabilities></tds:GetCapabilitiesResponse>")

    def GetEndpointReference(self, _namespace, _request):
        if self.device.options.no_reference:
            return None
        return f"<tds:GetEndpointReferenceResponse><tds:GUID>{self.device.options.uuid}</tds:GUID></tds:GetEndpointReferenceResponse>"

    # The media services.

    def GetProfiles(self, namespace, _request):
        if self.path != {MEDIA: "/onvif/media", MEDIA2: "/onvif/media2"}[namespace]:
            return None
        version, prefix = (2, "tr2") if namespace == MEDIA2 else (1, "trt")
        profiles = [] if self.device.options.trouble == "empty" else self.device.profiles()
        entries = "".join(f'<{prefix}:Profiles token="{profile["token"]}" fixed="true"><tt:Name>{profile["name"]}</tt:Name>'
                          f"{encoder(profile, version)}</{prefix}:Profiles>" for profile in profiles)
        entries += f'<{prefix}:Profiles token="audio"><tt:Name>audio only</tt:Name></{prefix}:Profiles>'
        return f"<{prefix}:GetProfilesResponse>{entries}</{prefix}:GetProfilesResponse>"

    def GetStreamUri(self, namespace, request):
        token = request.findtext(f"{{{namespace}}}ProfileToken")
        url = next(profile["url"] for profile in self.device.profiles() if profile["token"] == token)
        url = {"elsewhere": re.sub("//[^:/]*", "//evil.example", url), "file": "file:///etc/passwd",
               "reference": url + "?x=${HOME}&amp;y=\n- name: evil"}.get(self.device.options.trouble, url)
        if namespace == MEDIA2:
            if request.findtext(f"{{{MEDIA2}}}Protocol") != "RtspUnicast":
                return None
            return f"<tr2:GetStreamUriResponse><tr2:Uri>{url}</tr2:Uri></tr2:GetStreamUriResponse>"
        transport = request.findtext(f"{{{MEDIA}}}StreamSetup/{{{SCHEMA}}}Transport/{{{SCHEMA}}}Protocol")
        if transport != "RTSP":
            return None
        return (f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{url}</tt:Uri>"
                "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>"
                "<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>")


def announce(options, address):
    """Answers the searches for this device, on the loopback network too, which WSDiscovery leaves out."""
    from wsdiscovery import QName, Scope
    from wsdiscovery.publishing import ThreadedWSPublishing
    publisher = ThreadedWSPublishing(uuid_=options.uuid)
    publisher.start()

    # WSDiscovery sends each answer by both of its threads, and the one of the other family dies of it.
    def answer(envelope, host, port, initialDelay=0, unicast_num=2):
        thread = publisher._networkingThread_v6 if ":" in host else publisher._networkingThread_v4
        thread.addUnicastMessage(envelope, host, port, initialDelay, unicast_num)

    publisher.sendUnicastMessage = answer
    publisher._networkAddressAdded(ipaddress.ip_address("127.0.0.1"))
    scopes = ["onvif://www.onvif.org/type/video_encoder", "onvif://www.onvif.org/Profile/Streaming",
              "onvif://www.onvif.org/hardware/D1-566", f"onvif://www.onvif.org/name/{options.name}"]
    publisher.publishService([QName("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter")],
                             [Scope(scope) for scope in scopes], [options.xaddr or f"http://{address}/onvif/device_service"])
    return publisher


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--auth", choices=["wsse", "md5", "sha256"])
    parser.add_argument("--clock-offset", type=float, default=0)
    parser.add_argument("--media", choices=["1", "2", "both"], default="both")
    parser.add_argument("--old", action="store_true")
    parser.add_argument("--no-reference", action="store_true")
    parser.add_argument("--trouble", choices=TROUBLES)
    parser.add_argument("--announce", action="store_true")
    parser.add_argument("--uuid", default="urn:uuid:98190dc2-0890-4ef8-ac9a-5940995e6119")
    parser.add_argument("--name", default="Test%20Camera")
    parser.add_argument("--xaddr")
    options = parser.parse_args()

    Handler.device = Device(options)
    server = ThreadingHTTPServer((options.host, options.port), Handler)
    server.daemon_threads = True
    host = "127.0.0.1" if options.host == "0.0.0.0" else options.host
    Handler.device.place = f"{host}:{server.server_port}"
    if options.announce:
        announce(options, Handler.device.place)
    print(f"READY {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
