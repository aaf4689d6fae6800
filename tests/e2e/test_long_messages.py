#!/usr/bin/env python3
"""Messages of any size: the same bytes and losses as a small one's, memory of one document, nothing given out of a bad one.

HANSA_MEGABYTES=1000 makes the long one as long as that (usual: 64)."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import unittest

from support import BUILD, SOURCE, run_suite

HANSA = str(BUILD / "bin/hansa")
MEGABYTES = int(os.environ.get("HANSA_MEGABYTES", "64"))
MEMORY_MAX = 64 << 10  # kB: what no file stands behind, plugins included
FORMAT, TARGET, LISTS = "cn.ceb621", "wco.declaration", 100
LONG_FORMAT, LONG_TARGET = "cn.ceb607", "asycuda.manifest"  # the longest list that a target takes: 99,999 bills
LONG_LIST = 90_000
SANITIZED = b"__asan_init" in pathlib.Path(HANSA).read_bytes()


def batch_of(path, documents, count):
    """A hansa.batch of the documents, again and again until there are `count`."""
    with open(path, "wb") as out:
        out.write(b'<?xml version="1.0" encoding="UTF-8"?>\n<b:batch xmlns:b="urn:hansa:batch:1" count="%d">' % count)
        for number in range(count):
            out.write(b"<b:document>" + documents[number % len(documents)] + b"</b:document>")
        out.write(b"</b:batch>")
    return path


def run_watched(*words):
    """The finished process, and the most kB that it had for itself (RssAnon)."""
    process = subprocess.Popen([HANSA, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    most, over = [0], threading.Event()

    def look():
        while not over.wait(0.01):
            try:
                text = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            except OSError:
                return
            found = re.search(r"RssAnon:\s+(\d+) kB", text)
            if found:
                most[0] = max(most[0], int(found[1]))

    watcher = threading.Thread(target=look)
    watcher.start()
    out, words_said = process.communicate(timeout=800)
    over.set()
    watcher.join()
    return process.returncode, out, words_said.decode(), most[0]


class LongMessages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.documents = []
        for seed in range(1, 5):
            message = subprocess.run([HANSA, "bench", "--seed", str(seed), "--message", f"translate/{FORMAT}/{TARGET}/{LISTS}"], check=True, capture_output=True).stdout
            cls.documents.append(message[message.index(b"?>") + 2:].strip())

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hansa-long-"))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def translate(self, name, source, engine):
        out, loss = self.folder / f"{name}.xml", self.folder / f"{name}.json"
        done = run_watched("translate", source, "--to", TARGET, "--engine", engine, "-o", out, "--loss", loss)
        return done, out, loss

    def assert_little_memory(self, most):
        """Of a program that is built with a sanitizer, it says nothing of ours."""
        self.assertGreater(most, 1 << 10, "nobody looked")
        if not SANITIZED:
            self.assertLess(most, MEMORY_MAX)

    def test_gives_the_same_as_the_reference(self):
        source = batch_of(self.folder / "few.xml", self.documents, 4)
        given = []
        for engine in ("fast", "reference"):
            (code, _, said, _), out, loss = self.translate(engine, source, engine)
            self.assertEqual(code, 0, said)
            self.assertNotIn("note:", said)
            given.append((out.read_bytes(), loss.read_bytes(), said))
        self.assertIn("400 document(s) in 400 message(s)", given[0][2])
        self.assertEqual(given[0], given[1])

    def test_needs_the_memory_of_one_document(self):
        count = MEGABYTES * (1 << 20) * len(self.documents) // sum(map(len, self.documents))
        source = batch_of(self.folder / "many.xml", self.documents, count)
        self.assertGreater(source.stat().st_size, (MEGABYTES - 1) << 20)
        out = self.folder / "out.xml"
        code, _, said, most = run_watched("translate", source, "--to", TARGET, "--engine", "fast", "-o", out)
        self.assertEqual(code, 0, said)
        self.assertIn(f"{count * LISTS} document(s) in {count * LISTS} message(s)", said)
        print(f"{source.stat().st_size >> 20} MB in, {out.stat().st_size >> 20} MB out, {most >> 10} MB of its own")
        self.assert_little_memory(most)
        with open(out, "rb") as made:
            self.assertTrue(made.readline().startswith(b"<?xml"))
            self.assertIn(b'count="%d"' % (count * LISTS), made.read(200))
            made.seek(-20, os.SEEK_END)
            self.assertTrue(made.read().endswith(b"</b:batch>"))

    def one_document(self, name, count, size=0):
        """A master list of `count` parcels, each with a comment, so that the whole has about `size` bytes."""
        document = (SOURCE / "plugins/cn/golden/ceb607/lists-of-a-bill.xml").read_bytes()
        members = re.findall(rb"\s*<ceb:WayBillList>.*?</ceb:WayBillList>", document, re.S)
        first = document.index(members[0])
        behind = document.rindex(members[-1]) + len(members[-1])
        comment = b"<!--" + b"goods of one parcel " * max(0, (size // count - len(members[0])) // 20) + b"-->"
        path = self.folder / name
        with open(path, "wb") as out:
            out.write(document[:first])
            for number in range(count):
                out.write(members[number % len(members)] + comment)
            out.write(document[behind:])
        return path

    def test_carries_a_long_list_as_the_reference_does(self):
        source = self.one_document("list.xml", 500)
        given = []
        for engine in ("fast", "reference"):
            out, loss = self.folder / f"{engine}.xml", self.folder / f"{engine}.json"
            code, _, said, _ = run_watched("translate", source, "--to", LONG_TARGET, "--engine", engine, "-o", out, "--loss", loss)
            self.assertEqual(code, 0, said)
            self.assertNotIn("note:", said)
            given.append((out.read_bytes(), loss.read_bytes(), said))
        self.assertEqual(given[0][0].count(b"<Bol_segment>"), 500)
        self.assertEqual(given[0], given[1])

    def test_one_document_that_is_a_long_list_needs_the_memory_of_a_member(self):
        source = self.one_document("long.xml", LONG_LIST, MEGABYTES << 20)
        out = self.folder / "long-out.xml"
        code, _, said, most = run_watched("translate", source, "--to", LONG_TARGET, "--engine", "fast", "-o", out)
        self.assertEqual(code, 0, said)
        print(f"{source.stat().st_size >> 20} MB in as one document of {LONG_LIST} members, {out.stat().st_size >> 20} MB out, {most >> 10} MB of its own")
        self.assert_little_memory(most)
        with open(out, "rb") as made:
            self.assertEqual(sum(line.count(b"<Bol_segment>") for line in made), LONG_LIST)

    def test_gives_nothing_of_what_is_wrong_far_behind(self):
        wrong = self.documents[3].replace(b"</ceb:packNo>", b"x</ceb:packNo>", 1)
        self.assertNotEqual(wrong, self.documents[3])
        source = batch_of(self.folder / "wrong.xml", [*self.documents[:3], wrong], 4)
        for engine in ("fast", "reference"):
            (code, _, said, _), out, loss = self.translate(engine, source, engine)
            self.assertEqual(code, 1, said)
            self.assertIn("document 4 of 4", said)
            self.assertFalse(out.exists() or loss.exists())


if __name__ == "__main__":
    run_suite("e2e-long-messages")
