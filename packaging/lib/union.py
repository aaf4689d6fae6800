"""The demo union as a running thing: keys, gateway, receivers. Used by the demo and by the end-to-end tests."""
import contextlib
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
AGENCIES = ("guangzhou", "minsk", "yerevan", "cotonou", "abidjan", "ningbo", "clearing", "bank", "operator")
SM2 = ("guangzhou", "ningbo")


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Union:
    """One gateway and its agencies in a folder of their own."""

    def __init__(self, build, folder, fail_first=0):
        self.build = pathlib.Path(build).resolve()
        self.folder = pathlib.Path(folder).resolve()
        self.hansa = str(self.build / "bin/hansa")
        self.port, self.receiver_port = free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.daemon = None
        self.receiver = None
        self.fail_first = fail_first

    # --- making it ---

    def run(self, *words, check=True, **options):
        done = subprocess.run([self.hansa, *map(str, words)], capture_output=True, timeout=120, **options)
        if check and done.returncode != 0:
            raise RuntimeError(f"hansa {' '.join(map(str, words))}: {done.returncode}\n{done.stderr.decode(errors='replace')}")
        return done

    def make_keys(self):
        keys = self.folder / "keys"
        keys.mkdir(parents=True)
        make = lambda name, *more: self.run("keys", name, "--folder", keys, *more)
        make("union-root")
        make("sm2-root", "--kind", "sm2")
        for name, kind in (("gateway", "p256"), ("gateway-rsa", "rsa2048")):
            make(name, "--kind", kind, "--authority", keys / "union-root")
        make("gateway-sm2", "--kind", "sm2", "--authority", keys / "sm2-root")
        make("gateway-tls", "--authority", keys / "union-root", "--tls", "--host", "DNS:localhost", "--host", "IP:127.0.0.1")
        for agency in AGENCIES:
            sm2 = agency in SM2
            make(agency, "--kind", "sm2" if sm2 else "p256", "--authority", keys / ("sm2-root" if sm2 else "union-root"))
            make(agency + "-tls", "--authority", keys / "union-root", "--tls")
            token = secrets.token_urlsafe(32)
            path = keys / f"{agency}.token"
            path.touch(mode=0o600)
            path.write_text(token)
            (keys / f"{agency}.token.sha256").write_text(hashlib.sha256(token.encode()).hexdigest() + "\n")
        make("stranger", "--kind", "p256")
        for folder, root in (("trust", "union-root"), ("trust-sm2", "sm2-root")):
            (keys / folder).mkdir()
            shutil.copy(keys / f"{root}.crt", keys / folder)

    def prepare(self):
        """A fresh folder with configuration and keys; ports that are free."""
        if self.folder.exists():
            shutil.rmtree(self.folder)
        shutil.copytree(ROOT / "conf/demo", self.folder)
        for name in ("drop/cotonou", "delivered", "received", "out", "state"):
            (self.folder / name).mkdir(parents=True)
        for path in self.folder.rglob("*.toml"):
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace("127.0.0.1:18443", f"127.0.0.1:{self.port}").replace("127.0.0.1:18501", f"127.0.0.1:{self.receiver_port}"), encoding="utf-8")
        self.make_keys()

    # --- running it ---

    def stop_receiver(self):
        self.receiver.terminate()
        self.receiver.wait()

    def start_receiver(self, *more):
        self.receiver = subprocess.Popen([sys.executable, str(ROOT / "packaging/lib/receiver.py"), "--port", str(self.receiver_port),
                                          "--folder", str(self.folder / "received"), "--fail-first", str(self.fail_first), *more])

    def start(self, wait=True):
        log = open(self.folder / "hansad.log", "ab")
        self.daemon = subprocess.Popen([str(self.build / "bin/hansad"), "--config", str(self.folder / "hansa.toml")], stderr=log, stdout=log)
        log.close()
        if wait:
            self.wait_ready()

    def wait_ready(self, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.daemon.poll() is not None:
                raise RuntimeError("hansad ended:\n" + self.log()[-3000:])
            with contextlib.suppress(OSError):
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            time.sleep(0.05)
        raise RuntimeError("hansad does not listen:\n" + self.log()[-3000:])

    def log(self):
        return (self.folder / "hansad.log").read_text(encoding="utf-8", errors="replace")

    def kill(self):
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait()

    def stop(self):
        for process in (self.daemon, self.receiver):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(timeout=60)

    # --- speaking to it ---

    def key(self, name):
        return self.folder / "keys" / name

    def sign(self, agency, source, target, *more, check=True):
        return self.run("sign", "--key", self.key(f"{agency}.key"), "--cert", self.key(f"{agency}.crt"), *more, source, "-o", target, check=check)

    def send(self, agency, path, *more, check=True):
        return self.run("send", "--url", self.url, "--token", self.key(f"{agency}.token"), "--trust", self.key("union-root.crt"), *more, path, check=check)

    def curl(self, *words, agency="operator"):
        token = self.key(f"{agency}.token").read_text()
        return subprocess.run(["curl", "-sS", "--cacert", str(self.key("union-root.crt")), "-H", f"Authorization: Bearer {token}", *map(str, words)],
                              capture_output=True, timeout=60)

    def get(self, path, agency="operator"):
        return self.curl(self.url + path, agency=agency).stdout.decode()

    def message(self, message_id):
        return json.loads(self.get(f"/v1/messages/{message_id}"))

    def comes_to(self, message_id, *states, seconds=30):
        """The message as soon as it is in one of the states, else as it is then."""
        end = time.monotonic() + seconds
        while (message := self.message(message_id))["state"] not in states and time.monotonic() < end:
            time.sleep(0.05)
        return message


def main_environment():
    """The programs find schemas and plugins from their own place; nothing else leaks in."""
    os.environ.pop("HANSA_URL", None)
    os.environ.pop("HANSA_TOKEN_FILE", None)
