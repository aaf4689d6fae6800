#!/usr/bin/env python3
"""kill -9, SIGTERM and SIGHUP under load: what was acknowledged is delivered, and has its effect once."""
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import threading
import time
import unittest
import zipfile

from support import list_with, new_union, run_suite, wait_for

# 50 in the long run and before a release; fewer where every minute counts.
KILLS = int(os.environ.get("HANSA_KILLS", "50" if os.environ.get("HANSA_NIGHTLY") else "8"))
SEED = int(os.environ.get("HANSA_SEED", str(random.SystemRandom().randrange(1 << 30))))


def business_keys(folder):
    """The order numbers in what the receivers hold, with how often each one stands there."""
    counts = {}
    for path in folder.glob("received/*.asice"):
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as container:
            name = next(n for n in container.namelist() if n != "mimetype" and not n.startswith("META-INF/"))
            text = container.read(name).decode("utf-8")
        for key in set(re.findall(r"GZ(?:EXP)?(\d{14})", text)):
            counts[key] = counts.get(key, 0) + 1
    return counts


class Load(threading.Thread):
    """Sends signed lists one after another, the same one again until it is acknowledged."""

    def __init__(self, union, numbers):
        super().__init__(daemon=True)
        self.union, self.numbers = union, numbers
        self.acknowledged, self.stopping = {}, False

    def run(self):
        for number, signed in self.numbers:
            while not self.stopping:
                done = self.union.send("guangzhou", signed, check=False)
                if done.returncode == 0:
                    self.acknowledged[number] = re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1)
                    break
                if done.returncode == 1:
                    raise RuntimeError(done.stderr.decode())
                time.sleep(0.05)
            if self.stopping:
                return


class Restart(unittest.TestCase):
    def setUp(self):
        self.union = new_union()
        self.union.start_receiver()

    def tearDown(self):
        self.union.stop()
        shutil.rmtree(self.union.folder)

    def signed_lists(self, count, first=10_000):
        out = []
        only_minsk = lambda text: text.replace("<ceb:country>203<", "<ceb:country>340<")
        for number in range(first, first + count):
            path = list_with(self.union.folder, f"k-{number}.xml", number, only_minsk)
            signed = path.with_suffix(".signed.xml")
            self.union.sign("guangzhou", path, signed)
            out.append((number, signed))
        return out

    def all_delivered(self):
        pages = [json.loads(self.union.get(f"/v1/messages?state={state}")) for state in ("queued", "accepted", "translated")]
        return all(not page.get("messages") for page in pages)

    def test_kill_9_loses_nothing_and_does_nothing_twice(self):
        print(f"seed {SEED}, {KILLS} kills")
        chance = random.Random(SEED)
        self.union.start()
        load = Load(self.union, self.signed_lists(KILLS * 3))
        load.start()
        kills = 0
        while kills < KILLS:
            time.sleep(chance.uniform(0.0, 0.6))
            self.union.kill()
            kills += 1
            self.union.start()
        load.join(timeout=120)
        load.stopping = True
        self.assertTrue(wait_for(self.all_delivered, 120))
        counts = business_keys(self.union.folder)
        # Each list holds two documents, hence two keys.
        wanted = {f"{prefix}{number:010d}" for number in load.acknowledged for prefix in ("2026", "2027")}
        lost = sorted(wanted - set(counts))
        twice = sorted(key for key, count in counts.items() if count > 1)
        delivered = len(wanted) - len(lost)
        print(f"kill -9: {kills} kills, {len(load.acknowledged)} messages acknowledged ({len(wanted)} documents), "
              f"{delivered} delivered, {len(lost)} lost, {len(twice)} with effect twice")
        self.assertGreater(len(load.acknowledged), KILLS)
        self.assertEqual((lost, twice), ([], []), f"repeat with HANSA_SEED={SEED} HANSA_KILLS={KILLS}")
        self.union.daemon.terminate()
        self.union.daemon.wait(timeout=60)
        done = self.union.run("journal", "verify", "--journal", self.union.folder / "state/journal.db", check=False)
        self.assertEqual(done.returncode, 0, done.stdout.decode() + done.stderr.decode())

    def test_the_sync_comes_before_the_202(self):
        if shutil.which("strace") is None:
            self.skipTest("no strace")
        self.union.start()
        trace = self.union.folder / "trace"
        tracer = subprocess.Popen(["strace", "-f", "-p", str(self.union.daemon.pid), "-e", "trace=fsync,fdatasync,write,sendto,sendmsg", "-s", "300", "-o", str(trace)],
                                  stderr=subprocess.PIPE)
        try:
            if not wait_for(lambda: trace.exists() or tracer.poll() is not None, 10) or tracer.poll() is not None:
                self.skipTest("strace may not attach here")
            time.sleep(1)
            number, signed = self.signed_lists(1, 20_000)[0]
            # Plain bytes on the wire, so that the answer can be seen in the trace.
            done = self.union.send("guangzhou", signed)
            self.assertEqual(done.returncode, 0)
            time.sleep(1)
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(timeout=20)
        lines = trace.read_text(errors="replace").splitlines()
        syncs = [i for i, line in enumerate(lines) if re.search(r"f(data)?sync\(", line) or "fdatasync resumed" in line]
        self.assertTrue(syncs, "no sync at all")
        log = [i for i, line in enumerate(lines) if "accepted" in line]
        self.assertTrue(log, "the acceptance is logged once the journal is durable")
        self.assertLess(syncs[0], log[0], "the journal must be durable before the acceptance")

    def test_sigterm_finishes_what_is_under_way(self):
        self.union.start()
        number, signed = self.signed_lists(1, 30_000)[0]
        self.union.send("guangzhou", signed)
        self.union.daemon.terminate()
        self.assertEqual(self.union.daemon.wait(timeout=60), 0)
        self.union.start()
        self.assertTrue(wait_for(self.all_delivered, 30))
        self.assertEqual(business_keys(self.union.folder).get(f"2026{number:010d}"), 1)

    def test_sighup_reads_again_and_a_broken_file_changes_nothing(self):
        self.union.start()
        routes = self.union.folder / "routes/corridors.toml"
        good = routes.read_text(encoding="utf-8")
        routes.write_text(good + "\n[[route]]\nnane = 'x'\n", encoding="utf-8")
        self.union.daemon.send_signal(signal.SIGHUP)
        self.assertTrue(wait_for(lambda: "not reloaded" in self.union.log(), 20))
        self.assertIn("did you mean 'name'", self.union.log())
        others = sum(path.read_text(encoding="utf-8").count("[[route]]") for path in routes.parent.glob("*.toml") if path != routes)
        self.assertEqual(len(json.loads(self.union.get("/v1/routes"))["routes"]), good.count("[[route]]") + others)
        routes.write_text(good.replace('name = "minsk-yerevan"', 'name = "minsk-to-yerevan"'), encoding="utf-8")
        self.union.daemon.send_signal(signal.SIGHUP)
        self.assertTrue(wait_for(lambda: "minsk-to-yerevan" in self.union.get("/v1/routes"), 20))

    def test_a_dead_letter_can_be_replayed(self):
        self.union.stop_receiver()
        config = self.union.folder / "hansa.toml"
        config.write_text(config.read_text().replace("pause-first-ms = 200", "pause-first-ms = 10\nattempts-max = 2"))
        self.union.start()
        number, signed = self.signed_lists(1, 40_000)[0]
        done = self.union.send("guangzhou", signed)
        message_id = re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1)
        dead = wait_for(lambda: (m := json.loads(self.union.get(f"/v1/messages/{message_id}")))["state"] == "dead" and m)
        self.assertTrue(dead, "after its last attempt it is a dead letter")
        self.assertIn("exchange.partner-unreachable", {d["last_error"]["code"] for t in dead["translations"] for d in t["deliveries"]})
        self.union.start_receiver()
        time.sleep(0.5)
        for sent in dead["translations"]:
            done = self.union.run("replay", sent["id"], "--url", self.union.url, "--token", self.union.key("operator.token"), "--trust", self.union.key("union-root.crt"))
        self.assertTrue(wait_for(lambda: business_keys(self.union.folder).get(f"2026{number:010d}") == 1))
        self.assertEqual(self.union.comes_to(message_id, "delivered")["state"], "delivered", "with what was made of it")

    def send_one(self, number):
        _, signed = self.signed_lists(1, number)[0]
        done = self.union.send("guangzhou", signed, check=False)
        found = re.search(r"/v1/messages/(\w+)", done.stderr.decode())
        return found.group(1) if found else done.stderr.decode()

    def last_error(self, message_id):
        dead = wait_for(lambda: (m := json.loads(self.union.get(f"/v1/messages/{message_id}")))["state"] == "dead" and m)
        return {d["last_error"]["code"] for t in dead["translations"] for d in t["deliveries"]}

    def edit(self, name, old, new):
        path = self.union.folder / name
        text = path.read_text(encoding="utf-8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new), encoding="utf-8")

    def test_a_partner_that_refuses_makes_a_dead_letter(self):
        self.union.stop_receiver()
        self.union.start_receiver("--refuse")
        self.union.start()
        self.assertEqual(self.last_error(self.send_one(50_000)), {"exchange.partner-refused"})

    def test_an_agency_without_an_address_makes_a_dead_letter(self):
        self.edit("agencies/minsk.toml", "[address]", "#[address]")
        self.edit("agencies/minsk.toml", "url =", "#url =")
        self.union.start()
        self.assertEqual(self.last_error(self.send_one(51_000)), {"exchange.no-transport"})

    def test_limits_of_an_agency(self):
        self.edit("agencies/guangzhou.toml", 'authority = "cn"', 'authority = "cn"\nmessages-per-minute-max = 1')
        self.edit("agencies/cotonou.toml", 'authority = "bj"', 'authority = "bj"\nmessage-bytes-max = 1024')
        self.union.start()
        answers = [self.send_one(number) for number in range(52_000, 52_003)]
        self.assertIn("exchange.quota", "".join(answers))
        drop = self.union.folder / "drop/cotonou"
        (drop / "large.xml.part").write_text("<a>" + " " * 2000 + "</a>")
        (drop / "large.xml.part").rename(drop / "large.xml")
        error = wait_for(lambda: (p := drop / "refused/large.xml.error.json").exists() and p)
        self.assertEqual(json.loads(error.read_text())["code"], "exchange.message-too-large")

    def test_a_route_whose_key_is_missing_is_an_error_of_ours(self):
        text = (self.union.folder / "hansa.toml").read_text(encoding="utf-8")
        (self.union.folder / "hansa.toml").write_text(text.replace('"asice.ecdsa-p256-sha256", ', ""), encoding="utf-8")
        self.union.start()
        self.assertIn("exchange.no-signer", self.send_one(53_000))
        self.assertIn("daemon.no-signer", self.union.log())

    def test_an_address_in_use_is_said(self):
        self.union.start()
        self.edit("hansa.toml", "state/journal.db", "state/other.db")
        done = subprocess.run([str(self.union.build / "bin/hansad"), "--config", str(self.union.folder / "hansa.toml")], capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 5)
        self.assertIn(b"server.listen-failed", done.stderr)

    def test_a_second_daemon_on_the_same_journal_is_refused(self):
        self.union.start()
        done = subprocess.run([str(self.union.build / "bin/hansad"), "--config", str(self.union.folder / "hansa.toml")], capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 5)
        self.assertIn(b"daemon.already-running", done.stderr)


if __name__ == "__main__":
    run_suite("fault")
