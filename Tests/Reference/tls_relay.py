"""Takes TLS connections and passes what they say to a server that knows none: tls_relay.py PORT SERVER_PORT CERTIFICATE KEY"""

import socket
import ssl
import sys
import threading


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def serve(client, context, port):
    try:
        client = context.wrap_socket(client, server_side=True)
        server = socket.create_connection(("127.0.0.1", port))
    except OSError:
        return
    threading.Thread(target=pump, args=(client, server), daemon=True).start()
    pump(server, client)


def main():
    port, server, certificate, key = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", int(port))) as listener:
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0], context, int(server)), daemon=True).start()


main()
