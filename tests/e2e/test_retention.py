#!/usr/bin/env python3
"""Retention: rules of the configuration and `hansa journal drop`; bytes go, digests and history stay."""
import json
import re
import shutil
import signal
import subprocess
import unittest

from support import list_with, new_union, run_suite, wait_for

RULE = '\n[retention]\nevery-s = 1\npause-ms = 1\n\n[[retention.rule]]\nkinds = {kinds}\nstates = ["delivered", "answered"]\nafter-days = {days}\n'


class Retention(unittest.TestCase):
    def setUp(self):
        self.union = new_union()
        self.union.start_receiver()
        self.config = self.union.folder / "hansa.toml"
        self.plain = self.config.read_text(encoding="utf-8")
        self.journal = self.union.folder / "state/journal.db"

    def tearDown(self):
        self.union.stop()
        shutil.rmtree(self.union.folder)

    def rules(self, kinds, days):
        self.config.write_text(self.plain + RULE.format(kinds=json.dumps(kinds), days=days), encoding="utf-8")

    def send_one(self, number):
        only_minsk = lambda text: text.replace("<ceb:country>203<", "<ceb:country>340<")
        path = list_with(self.union.folder, f"r-{number}.xml", number, only_minsk)
        self.signed = path.with_suffix(".signed.xml")
        self.union.sign("guangzhou", path, self.signed)
        done = self.union.send("guangzhou", self.signed)
        message_id = re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1)
        self.assertIn(self.union.comes_to(message_id, "delivered", "answered")["state"], ("delivered", "answered"))
        return message_id

    def dropped(self, message_id):
        return {body["kind"] for body in self.union.message(message_id)["bodies"] if body.get("dropped") == "journal.body-dropped"}

    def test_a_rule_drops_bodies_and_leaves_what_proves(self):
        self.rules(["received", "pivot", "receipt"], 365)
        self.union.start()
        message_id = self.send_one(71_001)
        before = self.union.message(message_id)
        self.assertEqual(self.dropped(message_id), set(), "not a year old")
        self.rules(["received", "pivot", "receipt"], 0)
        self.union.daemon.send_signal(signal.SIGHUP)
        self.assertTrue(wait_for(lambda: {"received", "receipt"} <= self.dropped(message_id)), self.union.log()[-2000:])
        after = self.union.message(message_id)
        for key in ("id", "state", "history", "translations"):
            self.assertEqual(after[key], before[key])
        self.assertEqual([(b["kind"], b["digest"], b["bytes"]) for b in after["bodies"]], [(b["kind"], b["digest"], b["bytes"]) for b in before["bodies"]])
        self.assertRegex(self.union.get("/metrics"), r'hansa_retention\{what="bodies"\} [1-9]')
        self.assertRegex(self.union.log(), r"retention: \d+ bodies dropped, \d+ bytes")
        evidence = self.union.folder / "evidence.asice"
        evidence.write_bytes(self.union.curl(f"{self.union.url}/v1/messages/{message_id}/evidence").stdout)
        self.union.run("verify", "--trust", self.union.folder / "keys/trust", evidence)
        listed = subprocess.run(["unzip", "-p", evidence, f"{message_id}/bodies.tsv"], capture_output=True, check=True).stdout.decode()
        self.assertIn(next(b["digest"] for b in before["bodies"] if b["kind"] == "received"), listed)
        self.assertIn("journal.body-dropped", listed)
        traced = self.union.run("trace", "--url", self.union.url, "--token", self.union.key("operator.token"), "--trust", self.union.key("union-root.crt"), message_id)
        self.assertIn(message_id, traced.stdout.decode())
        again = self.union.send("guangzhou", self.signed)
        self.assertIn(message_id, again.stderr.decode())
        self.assertIn("journal.body-dropped", again.stderr.decode())
        self.assertEqual(self.union.run("journal", "verify", "--journal", self.journal).returncode, 0)

    def test_the_command_counts_beside_a_gateway_and_drops_without_one(self):
        self.union.start()
        self.send_one(71_002)
        words = ("journal", "drop", "--journal", self.journal, "--older-than", "0", "--states", "delivered,answered", "--kinds", "received")
        counted = self.union.run(*words, "--dry-run").stdout.decode()
        self.assertRegex(counted, r"^[1-9]\d* bodies, \d+ bytes would be dropped")
        busy = self.union.run(*words, check=False)
        self.assertEqual(busy.returncode, 5)
        self.assertIn("journal.locked", busy.stderr.decode())
        self.assertEqual(self.union.run("journal", "compact", "--journal", self.journal, check=False).returncode, 5)
        self.union.daemon.terminate()
        self.union.daemon.wait(timeout=60)
        self.assertEqual(self.union.run(*words).stdout.decode(), counted.replace("would be dropped", "dropped"))
        self.assertEqual(self.union.run(*words).stdout.decode(), "0 bodies, 0 bytes dropped\n")
        self.assertEqual(self.union.run("journal", "verify", "--journal", self.journal).returncode, 0)
        for wrong in (("--states", "queued", "--older-than", "1"), ("--states", "answered"), ("--states", "answered", "--before", "yesterday"),
                      ("--states", "answered", "--before", "2999-01-01"), ("--states", "answered", "--kinds", "recieved", "--older-than", "1")):
            self.assertEqual(self.union.run("journal", "drop", "--journal", self.journal, *wrong, check=False).returncode, 2, wrong)
        self.assertRegex(self.union.run("journal", "compact", "--journal", self.journal).stdout.decode(), r"^[1-9]\d* bytes before, [1-9]\d* now\n$")
        none = self.union.folder / "none.db"
        for words in (("drop", "--states", "answered", "--older-than", "1"), ("compact",), ("verify",), ("deliveries",), ("export",)):
            done = self.union.run("journal", *words, "--journal", none, check=False)
            self.assertEqual(done.returncode, 3, words)
            self.assertIn("none.db: base.file-unreadable: there is no journal", done.stderr.decode())
            self.assertFalse(none.exists(), words)

    def test_a_wrong_rule_names_its_line(self):
        self.rules(["recieved"], 1)
        done = self.union.run("config", "check", "--config", self.config, check=False)
        self.assertEqual(done.returncode, 4)
        self.assertRegex(done.stderr.decode(), r"hansa\.toml:\d+:\d+: daemon\.retention-unfit: .*recieved.*received")


if __name__ == "__main__":
    run_suite("e2e-retention")
