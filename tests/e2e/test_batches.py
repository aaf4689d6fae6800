#!/usr/bin/env python3
"""Batches that go apart: over HTTP, by `hansa send`, through a drop folder, what is refused of them does not stop the others."""
import json
import re
import shutil
import unittest

from support import list_with, new_union, run_suite, wait_for


class Batches(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.union = new_union()
        agency = cls.union.folder / "agencies/guangzhou.toml"
        text = agency.read_text(encoding="utf-8")
        agency.write_text(text.replace('id = "guangzhou"', 'id = "guangzhou"\nbatches-apart = true\ndrop-folder = "../drop/guangzhou"', 1), encoding="utf-8")
        (cls.union.folder / "drop/guangzhou").mkdir(parents=True, exist_ok=True)
        cls.union.start_receiver()
        cls.union.start()
        cls.number = 73_000

    @classmethod
    def tearDownClass(cls):
        cls.union.stop()
        shutil.rmtree(cls.union.folder)

    def signed(self, old="", new=""):
        Batches.number += 1
        path = list_with(self.union.folder, f"a-{Batches.number}.xml", Batches.number, lambda text: text.replace(old, new, 1) if old else text)
        out = path.with_suffix(".signed.xml")
        self.union.sign("guangzhou", path, out)
        return out.read_text(encoding="utf-8")

    def bad(self):
        return self.signed("<ceb:currency>142<", "<ceb:currency>999<")

    def batch(self, name, documents):
        inside = "".join(f"<b:document>{re.sub('^<[?]xml[^>]*[?]>', '', text).strip()}</b:document>" for text in documents)
        path = self.union.folder / "out" / name
        path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<b:batch xmlns:b="urn:hansa:batch:1" count="{len(documents)}">{inside}</b:batch>\n', encoding="utf-8")
        return path

    def post(self, path):
        done = self.union.curl("--data-binary", f"@{path}", "-H", "Content-Type: application/xml", "-w", "\n%{http_code}", self.union.url + "/v1/messages", agency="guangzhou")
        body, _, status = done.stdout.decode().rpartition("\n")
        return int(status), json.loads(body)

    def refused(self):
        return json.loads(self.union.get("/v1/messages?state=refused&agency=guangzhou"))["messages"]

    def test_the_others_go_on(self):
        good, bad, other = self.signed(), self.bad(), self.signed()
        before = {one["id"] for one in self.refused()}
        status, body = self.post(self.batch("mixed.xml", [good, bad, other]))
        self.assertEqual(status, 202)
        first, second, third = body["documents"]
        self.assertEqual(second["problem"]["code"], "mapping.code-unknown")
        self.assertIn("currency", second["problem"]["path"])
        self.assertGreater(second["problem"]["line"], 0)
        for one in (first, third):
            self.assertIn("receipt", one["receipt"])
            self.assertIn(self.union.comes_to(one["message"], "delivered", "answered")["state"], ("delivered", "answered"))
        new = [one for one in self.refused() if one["id"] not in before]
        self.assertEqual([one["reason"] for one in new], ["mapping.code-unknown"])
        # Mended and handed over whole, it gives the first two answers again.
        status, body = self.post(self.batch("mended.xml", [good, self.signed(), other]))
        self.assertEqual([one.get("repeated", False) for one in body["documents"]], [True, False, True])
        self.assertEqual(body["documents"][0]["message"], first["message"])

    def test_all_refused_is_a_refusal(self):
        status, body = self.post(self.batch("bad.xml", [self.bad()]))
        self.assertEqual(status, 422)
        self.assertEqual(body["documents"][0]["problem"]["code"], "mapping.code-unknown")

    def test_a_batch_that_cannot_be_read_is_refused_whole(self):
        path = self.batch("cut.xml", [self.signed()])
        path.write_text(path.read_text(encoding="utf-8").replace('count="1"', 'count="2"'), encoding="utf-8")
        status, body = self.post(path)
        self.assertEqual((status, body["code"]), (422, "envelope.batch-malformed"))

    def test_the_command_says_each(self):
        done = self.union.send("guangzhou", self.batch("sent.xml", [self.signed(), self.bad()]), check=False)
        words = done.stderr.decode()
        self.assertEqual(done.returncode, 1)
        self.assertRegex(words, r"sent\.xml, document 1: accepted, \w{26}")
        self.assertRegex(words, r"sent\.xml, document 2:\d+:\d+: mapping\.code-unknown")

    def test_a_file_says_it_beside_it(self):
        drop = self.union.folder / "drop/guangzhou"
        for name, documents in (("mixed", [self.signed(), self.bad()]), ("well", [self.signed()])):
            self.batch(f"{name}.file", documents).rename(drop / f"{name}.part")
            (drop / f"{name}.part").rename(drop / f"{name}.xml")
        mixed = wait_for(lambda: (p := drop / "refused/mixed.xml.answers.json").exists() and p)
        found = json.loads(mixed.read_text(encoding="utf-8"))["documents"]
        self.assertIn("receipt", found[0])
        self.assertEqual(found[1]["problem"]["code"], "mapping.code-unknown")
        self.assertTrue(wait_for(lambda: (drop / "done/well.xml.answers.json").exists()))


if __name__ == "__main__":
    run_suite("e2e-batches")
