"""A web server that takes webhooks: it writes each request down and answers as it is told.

webhook_receiver.py PORT LOG PLAN

LOG gets a JSON line for each request, in the order in which they are answered. PLAN is a JSON list, read anew at each
request; each request takes the next of its entries, and once none is left the answer is 200:
    404            the status
    "429 2"        the status, with Retry-After
    "hang"         no answer, and the connection stays open
    "reset"        no answer, and the connection is reset
"""
import base64, json, os, socket, struct, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, log, plan = int(sys.argv[1]), sys.argv[2], sys.argv[3]
lock = threading.Lock()
count = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def take(self):
        global count
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with lock:
            try:
                entries = json.load(open(plan))
            except FileNotFoundError:
                entries = []
            answer = entries[count] if count < len(entries) else 200
            count += 1
            request = {
                "method": self.command, "path": self.path, "answer": str(answer), "time": time.monotonic(),
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "body": base64.b64encode(body).decode(),
            }
            with open(log, "a") as file:
                file.write(json.dumps(request) + "\n")
        if answer == "hang":
            time.sleep(3600)
        if answer == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        status, *wait = str(answer).split()
        self.send_response(int(status))
        for seconds in wait:
            self.send_header("Retry-After", seconds)
        # Whatever it says is not to be repeated.
        text = f"no {self.path} for {self.headers.get('X-Api-Key')}".encode()
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_PUT = take

    def log_message(self, *arguments):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def shutdown_request(self, request):
        try:
            super().shutdown_request(request)
        except OSError:
            pass


server = Server(("127.0.0.1", port), Handler)
print("listening", flush=True)
server.serve_forever()
