"""Receives what RealtimeKit delivers to a webhook: PORT=8080 python3 receiver.py

Needs Python 3.9 or newer and the package cryptography.
"""

import base64
import binascii
import json
import os
import threading
import time
import urllib.request
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

KEY_URL = "https://api.realtime.cloudflare.com/.well-known/webhooks.json"
KEY_LASTS = 60 * 60
KEY_LASTS_AT_LEAST = 10
LARGEST_BODY = 256 * 1024
REMEMBERED = 10_000


def handle(event):
    """What is done with an event. If it raises, RealtimeKit delivers the event again."""
    print(f"handled {event['event']}", flush=True)  # store it, or put it into a queue


class Receiver(BaseHTTPRequestHandler):
    timeout = 10  # seconds without a byte

    def do_POST(self):
        signature = self.headers.get("rtk-signature")
        if not signature:
            return self.answer(401, "the signature is missing")
        try:
            body = self.read_body()
        except ValueError:
            return self.answer(400, "the body cannot be read")
        if body is None:
            return self.answer(413, "the body is too large")
        try:
            signed = is_signed(body, signature)
        except (OSError, KeyError, ValueError) as error:
            self.log_error("the public key could not be fetched: %s", error)
            return self.answer(503, "the public key could not be fetched")  # delivered again
        if not signed:
            return self.answer(401, "the signature is wrong")
        return self.accept(body, self.headers.get("rtk-uuid"))

    def accept(self, body, delivery):
        """Handles a verified delivery, unless it was handled before."""
        try:
            event = json.loads(body)
        except ValueError:
            return self.answer(400, "the body is not JSON")
        if delivery and not seen.claim(delivery):
            return self.answer(200, "handled before")
        try:
            handle(event)
        except Exception as error:
            seen.release(delivery)
            self.log_error("not handled: %s", error)
            return self.answer(500, "not handled")
        return self.answer(200, "handled")

    def read_body(self):
        """The body as it was sent; None if it is too large."""
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            return self.read_chunks()
        size = int(self.headers.get("content-length", "0"))
        return None if size > LARGEST_BODY else self.read_exactly(size)

    def read_chunks(self):
        body = bytearray()
        while True:
            size = int(self.rfile.readline(64).split(b";")[0], 16)
            if len(body) + size > LARGEST_BODY:
                return None
            body += self.read_exactly(size)
            self.rfile.readline(64)
            if size == 0:
                return bytes(body)

    def read_exactly(self, size):
        if size < 0:
            raise ValueError("a negative size")
        body = self.rfile.read(size)
        if len(body) < size:
            raise ValueError("the body breaks off")
        return body

    def answer(self, status, text):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(f"{text}\n".encode())


class Seen:
    """The ids of the last deliveries.

    Lives as long as the process. Where several run, keep the ids in a database that all share.
    """

    def __init__(self):
        self.ids = OrderedDict()
        self.lock = threading.Lock()

    def claim(self, delivery):
        """Whether the delivery is new, which from now on it is not."""
        with self.lock:
            if delivery in self.ids:
                return False
            self.ids[delivery] = True
            if len(self.ids) > REMEMBERED:
                self.ids.popitem(last=False)
            return True

    def release(self, delivery):
        with self.lock:
            self.ids.pop(delivery, None)


seen = Seen()


def is_signed(body, signature):
    """Whether RealtimeKit signed exactly these bytes."""
    try:
        signature = base64.b64decode(signature, validate=True)
    except binascii.Error:
        return False
    key = keys.get(KEY_LASTS)
    if verifies(key, body, signature):
        return True
    # The key may be another by now. Anyone can send a wrong signature, so it is not asked for
    # each time.
    newer = keys.get(KEY_LASTS_AT_LEAST)
    return newer is not key and verifies(newer, body, signature)


def verifies(key, body, signature):
    try:
        key.verify(signature, body, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


class Keys:
    """The public key, fetched when it is needed."""

    def __init__(self, url):
        self.url = url
        self.known = None
        self.asked_at = 0.0
        self.lock = threading.Lock()

    def get(self, age):
        """The key, which was asked for at most so many seconds ago."""
        with self.lock:
            if self.known is None or time.monotonic() - self.asked_at > age:
                self.asked_at = time.monotonic()
                try:
                    self.known = self.fetch()
                except (OSError, KeyError, ValueError):
                    if self.known is None:
                        raise
            return self.known

    def fetch(self):
        with urllib.request.urlopen(self.url, timeout=5) as response:
            pem = json.load(response)["data"]["publicKey"]
        return serialization.load_pem_public_key(pem.encode())


keys = Keys(
    os.environ.get("REALTIMEKIT_WEBHOOK_PUBLIC_KEY_URL")
    or os.environ.get("REALTIMEKIT_WEBHOOK_KEY_URL")
    or KEY_URL
)


def main():
    address = (os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080")))
    server = ThreadingHTTPServer(address, Receiver)
    host, port = server.server_address[:2]
    print(f"listening on http://{host}:{port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
