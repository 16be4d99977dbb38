"""A whole system with its demonstration company, for what tries the API from outside."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
UP_WITHIN = 180


class System:
    def __init__(self, url, directory):
        self.url = url
        self.secrets = json.loads((directory / "secrets.json").read_text())
        shown = json.loads((directory / "demonstration.json").read_text())
        self.company, self.period = shown["company"], shown["period"]

    def call(self, method, path, token=None, body=None, headers=(), content_type="application/json"):
        """Status, headers and body (JSON where it is)."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method, headers=dict(headers))
        if data is not None:
            request.add_header("Content-Type", content_type)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, lower(answer.headers), parsed(answer.read())
        except urllib.error.HTTPError as refused:
            return refused.code, lower(refused.headers), parsed(refused.read())

    def sign_in(self, username):
        body = {"grant_type": "password", "company": self.company, "username": username, "password": self.secrets["password"]}
        status, _, answer = self.call("POST", "/v1/tokens", body=body)
        if status != 200:
            raise SystemExit(f"{username} cannot sign in: {answer}")
        return answer["access_token"]


def lower(headers):
    return {name.lower(): value for name, value in headers.items()}


def parsed(body):
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def binary():
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "steelyard"


@contextlib.contextmanager
def started():
    """`steelyard up` in a folder of its own; stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="steelyard-", ignore_cleanup_errors=True) as folder:
        # PostgreSQL runs as another user where we are root, and must get at its folder.
        os.chmod(folder, 0o755)
        directory, port = Path(folder) / "data", free_port()
        log = open(Path(folder) / "up.log", "w+")
        process = subprocess.Popen(
            [binary(), "up", "--data", directory, "--port", str(port)], stdout=log, stderr=log, start_new_session=True,
            # What is sent guesses passwords, too, and must not keep the accounts from signing in.
            env={**os.environ, "STEELYARD_SIGN_IN_FAILURES": "0"},
        )
        try:
            wait_until_up(process, log)
            yield System(f"http://127.0.0.1:{port}", directory)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
            log.close()


def wait_until_up(process, log):
    deadline = time.monotonic() + UP_WITHIN
    while time.monotonic() < deadline:
        log.seek(0)
        text = log.read()
        if "up after" in text:
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise SystemExit(f"the system did not start:\n{text}")
