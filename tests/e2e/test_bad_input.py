#!/usr/bin/env python3
"""Every kind of bad input on each of its three ways in: over HTTP, through a drop folder, on the command line.

Each gets its own code; the line and column where there is a place; a refusal in the journal where it came from a known agency;
and the gateway goes on. A row without a command is one that only an exchange can know; `hansa send` says it then.
"""
import json
import re
import shutil
import unittest

from support import BUILD, list_with, new_union, run_suite, wait_for

BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "aaaaaaaaaa">' + "".join(
    f'<!ENTITY a{i} "{"&a%d;" % (i - 1) * 10}">' for i in range(1, 10)) + "]>\n<a>&a9;</a>"
LIMIT = 400_000


class Case:
    """One bad input. `code`: what an exchange says; `command`: what the command line says of the file, or nothing where it
    cannot know; `line`: is there a place?"""

    def __init__(self, name, code, data, *, command=(), command_code=None, http_code=None, line=False, sender="guangzhou", test=False):
        self.name, self.code, self.data, self.line, self.sender, self.test = name, code, data, line, sender, test
        self.command, self.command_code, self.http_code = command, command_code or code, http_code or code


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.union = new_union()
        folder = cls.union.folder
        cls.edit("agencies/guangzhou.toml", 'authority = "cn"', f'authority = "cn"\nmessage-bytes-max = {LIMIT}\ndrop-folder = "../drop/guangzhou"')
        (folder / "drop/guangzhou").mkdir()
        # Two countries that took the same pattern and kept its namespace: what both could read is no one's.
        cls.plugins, cls.schemas = folder / "plugins", folder / "schemas"
        for name in ("zy", "zb"):
            cls.union.run("plugin", "new", name, "--folder", cls.plugins, "--schemas", cls.schemas)
        for path in (*(cls.plugins / "zb").rglob("*"), *(cls.schemas / "zb").rglob("*")):
            if path.is_file():
                path.write_text(path.read_text(encoding="utf-8").replace("urn:example:zb:", "urn:example:zy:"), encoding="utf-8")
        cls.edit("hansa.toml", "[server]", f'[plugins]\nfolders = ["{BUILD}/lib/hansa/plugins", "plugins"]\nschemas = "schemas"\n\n[server]')
        keys = folder / "keys"
        cls.union.run("keys", "stranger-sm2", "--folder", keys, "--kind", "sm2")
        cls.union.run("keys", "other-sm2", "--folder", keys, "--kind", "sm2", "--authority", keys / "sm2-root")
        cls.union.start_receiver()
        cls.union.start()
        cls.number = 71_000

    @classmethod
    def tearDownClass(cls):
        cls.union.stop()
        shutil.rmtree(cls.union.folder)

    @classmethod
    def edit(cls, name, old, new):
        path = cls.union.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name}: {old}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    # --- what comes in ---

    def signed(self, old="", new="", signer="guangzhou"):
        """A list of its own with one piece put in another's place, signed afterwards."""
        BadInput.number += 1
        edit = (lambda text: text.replace(old, new, 1)) if old else (lambda text: text)
        path = list_with(self.union.folder, f"b-{BadInput.number}.xml", BadInput.number, edit)
        if old:
            self.assertIn(new, path.read_text(encoding="utf-8"))
        out = path.with_suffix(".signed.xml")
        self.union.sign(signer, path, out)
        return out.read_bytes()

    def container(self, agency, name):
        out = self.union.folder / f"out/{name}.asice"
        self.union.sign(agency, self.union.folder / "messages" / f"{name}.xml", out)
        return out.read_bytes()

    def cases(self):
        validate = ("validate",)
        verify = ("verify", "--trust", self.union.key("trust-sm2"))
        bare = list_with(self.union.folder, "bare.xml", 70_999).read_bytes()
        moved = re.sub(rb'<ds:Reference([^>]*)URI=""', rb'<ds:Reference\1URI="#other"', self.signed())
        return [
            Case("not XML", "xml.not-xml", b"%PDF-1.7", command=validate, line=True),
            Case("wrong encoding", "xml.encoding-broken", bare.replace(b"gift wrap", b"gift \xff\xfe"), command=validate, line=True),
            Case("truncated", "xml.truncated", bare[:2000], command=validate, line=True),
            # Over HTTP the body is not even read.
            Case("over the limit", "exchange.message-too-large", bare + b" " * LIMIT, http_code="server.body-too-large", command_code="server.body-too-large"),
            Case("DOCTYPE", "xml.doctype-refused", b'<?xml version="1.0"?>\n<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">\n<a/>', command=validate, line=True),
            Case("entity bomb", "xml.doctype-refused", BOMB.encode(), command=validate, line=True),
            Case("deep nesting", "xml.too-deep", b'<ceb:CEB603Message xmlns:ceb="http://www.chinaport.gov.cn/ceb">' + b"<ceb:Inventory>" * 20_000, command=validate, line=True),
            Case("unknown namespace", "plugin.format-unknown", bare.replace(b"http://www.chinaport.gov.cn/ceb", b"urn:nobody"), command=validate, line=True),
            Case("ambiguous format", "plugin.format-ambiguous", (self.plugins / "zy/golden/declaration/smallest.xml").read_bytes(), line=True),
            Case("schema error", "schema.", self.signed("<ceb:appStatus>2<", "<ceb:appStatus>234<"), command=validate, line=True),
            Case("code not in the list", "mapping.code-unknown", self.signed("<ceb:currency>142<", "<ceb:currency>999<"), command=validate, line=True),
            Case("date out of domain", "mapping.date-domain", self.signed("20261105093012", "20261345093012"), command=validate, line=True),
            Case("value that fits nowhere", "mapping.unfit", self.signed("<ceb:gnum>1<", "<ceb:gnum>0<"), line=True),
            Case("missing signature", "exchange.signature-missing", bare, command=verify, command_code="trust.signature-missing"),
            Case("bad signature", "trust.digest-wrong", self.signed().replace(b"gift wrap", b"gift wrxp", 1), command=verify),
            Case("signature over something else", "trust.", moved, command=verify),
            Case("unknown certificate", "trust.certificate-unknown", self.signed(signer="stranger-sm2"), command=verify),
            Case("wrong agency", "exchange.wrong-agency", self.signed(signer="other-sm2")),
            Case("test message on a production route", "exchange.test-on-production", self.container("cotonou", "cotonou-sad"), sender="cotonou", test=True),
        ]

    # --- the three ways ---

    def over_http(self, case):
        path = self.union.folder / "out/http"
        path.write_bytes(case.data)
        test = ("-H", "Hansa-Test: true") if case.test else ()
        done = self.union.curl("--data-binary", f"@{path}", *test, "-D", "-", self.union.url + "/v1/messages", agency=case.sender)
        head, _, body = done.stdout.decode(errors="replace").rpartition("\r\n\r\n")
        self.assertIn("application/problem+json", head)
        problem = json.loads(body)
        self.assertTrue(problem["type"] and problem["title"] and problem["advice"] and 400 <= problem["status"] < 500, body)
        self.assertRegex(head, rf"(?m)^HTTP/\S+ {problem['status']}\b")
        return problem

    def by_folder(self, case, number):
        drop = self.union.folder / "drop" / case.sender
        name = f"{'test-' if case.test else ''}case-{number}.xml"
        (drop / f"{name}.part").write_bytes(case.data)
        (drop / f"{name}.part").rename(drop / name)
        error = wait_for(lambda: (p := drop / f"refused/{name}.error.json").exists() and p)
        self.assertTrue(error, f"{name} was not refused")
        return json.loads(error.read_text(encoding="utf-8"))

    def by_command(self, case):
        path = self.union.folder / "out/case.xml"
        path.write_bytes(case.data)
        if case.command:
            return self.union.run(*case.command, path, check=False)
        return self.union.send(case.sender, path, *(("--test",) if case.test else ()), check=False)

    def test_each_gets_its_code_on_every_way(self):
        refused = {}
        for number, case in enumerate(self.cases()):
            with self.subTest(case.name, way="HTTP"):
                problem = self.over_http(case)
                self.assertTrue(problem["code"].startswith(case.http_code), problem)
                self.assertEqual("line" in problem and "column" in problem, case.line, problem)
            with self.subTest(case.name, way="drop folder"):
                error = self.by_folder(case, number)
                self.assertTrue(error["code"].startswith(case.code), error)
                refused |= {problem["code"]: case.sender, error["code"]: case.sender}
                self.assertEqual(any("line" in fault and "column" in fault for fault in error["errors"]), case.line, error)
            with self.subTest(case.name, way="command line"):
                done = self.by_command(case)
                words = done.stderr.decode(errors="replace")
                self.assertIn(done.returncode, (1, 3, 5), words)
                place = r"case\.xml:\d+:\d+: " if case.line and case.command else ""
                self.assertRegex(words, rf"(?m)^.*{place}.*{re.escape(case.command_code)}")
        self.assertIsNone(self.union.daemon.poll(), "the gateway goes on")
        for code, sender in refused.items():
            with self.subTest(code, way="journal"):
                page = json.loads(self.union.get(f"/v1/messages?state=refused&agency={sender}"))
                self.assertTrue(any(code in m["reason"] for m in page["messages"]), code)
        path = self.union.folder / "out/good.xml"
        path.write_bytes(self.signed())
        self.assertEqual(self.union.send("guangzhou", path).returncode, 0)

    def test_places_are_those_of_the_file_that_was_sent(self):
        # What is read of a signed list are the octets that its signature covers, without declaration, comment and signature.
        data = self.signed("<ceb:currency>142<", "<ceb:currency>999<")
        problem = self.over_http(Case("", "", data))
        lines = data.decode("utf-8").splitlines()
        self.assertIn("<ceb:currency>999<", lines[problem["line"] - 1])
        self.assertEqual(lines[problem["line"] - 1][problem["column"] - 1:].split(">")[0], "<ceb:currency", problem)

    def test_the_ledger_of_a_sent_list_has_places_too(self):
        path = self.union.folder / "out/ledger.xml"
        path.write_bytes(self.signed())
        receipt = self.union.send("guangzhou", path).stdout.decode()
        message = json.loads(self.union.get("/v1/messages/" + re.search(r"<message>(\w+)<", receipt).group(1)))
        lines = path.read_text(encoding="utf-8").splitlines()
        entries = [entry for translation in message["translations"] for entry in translation["ledger"]["entries"] if entry["kind"] != "defaulted"]
        self.assertGreater(len(entries), 10)
        for entry in entries:
            name = re.sub(r"\[\d+\]", "", entry["path"]).rpartition("/")[2].lstrip("@")
            self.assertIn(name, lines[entry["line"] - 1], entry)

    def test_the_same_key_with_another_body(self):
        # A file of a drop folder is its own key, so only who names one can name it twice.
        first, second = (self.union.folder / f"out/key-{n}.xml" for n in (1, 2))
        for path in (first, second):
            path.write_bytes(self.signed())
        key = ("-H", "Idempotency-Key: one key")
        post = lambda path: self.union.curl("--data-binary", f"@{path}", *key, self.union.url + "/v1/messages", agency="guangzhou").stdout.decode()
        self.assertIn("<receipt", post(first))
        self.assertEqual(json.loads(post(second))["code"], "exchange.duplicate-key")

    def test_a_file_over_the_scanners_limit_on_the_command_line(self):
        path = self.union.folder / "out/large.xml"
        with open(path, "wb") as out:
            out.write(b'<ceb:CEB603Message xmlns:ceb="http://www.chinaport.gov.cn/ceb">')
            out.truncate((64 << 20) + 1)
        done = self.union.run("validate", path, check=False)
        self.assertRegex(done.stderr.decode(), r"large\.xml.*too-large")
        path.unlink()

    def test_a_change_that_the_receiver_cannot_say(self):
        """DEC, R.055 and the SAD have no word for CEB's change: the sender is told which field, and nothing of it is sent."""
        base = self.union.folder / "out/base.xml"
        base.write_bytes(self.signed())
        number = BadInput.number
        receipt = self.union.send("guangzhou", base).stdout.decode()
        base_id = re.search(r"<message>(\w+)<", receipt).group(1)
        change = list_with(self.union.folder, "changed.xml", number, lambda text: text.replace("<ceb:appType>1<", "<ceb:appType>2<").replace("20261105093012", "20261105093112"))
        self.union.sign("guangzhou", change, change.with_suffix(".signed.xml"))
        problem = self.over_http(Case("", "", change.with_suffix(".signed.xml").read_bytes()))
        self.assertIn(problem["code"], ("mapping.guard", "mapping.unfit"))
        self.assertEqual(problem["status"], 422)
        self.assertIn("appType", problem["path"])
        self.assertIn("<ceb:appType>2<", change.with_suffix(".signed.xml").read_text(encoding="utf-8").splitlines()[problem["line"] - 1])
        self.assertIn("FunctionCode", problem["detail"])
        page = json.loads(self.union.get("/v1/messages?state=refused&agency=guangzhou"))
        refusal = next(m for m in page["messages"] if problem["code"] in m["reason"])
        self.assertFalse(json.loads(self.union.get(f"/v1/messages/{refusal['id']}"))["translations"])
        self.assertNotIn(json.loads(self.union.get(f"/v1/messages/{base_id}"))["state"], ("refused", "replaced"))


if __name__ == "__main__":
    run_suite("e2e-bad-input")
