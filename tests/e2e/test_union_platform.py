#!/usr/bin/env python3
"""The Eurasian union's platform on the command line: a document is signed in its holder, lies in a SOAP message, and is found, validated and verified there."""
import json
import pathlib
import subprocess
import tempfile
import unittest

from support import BUILD, SOURCE, run_suite

GOLDEN = SOURCE / "plugins/eaeu/golden"
RUSSIA = SOURCE / "plugins/ru/golden"
HANSA = [str(BUILD / "bin/hansa"), "--plugins", str(SOURCE / "plugins/eaeu")]
RSA, ECDSA = "eaeu.signed-doc.rsa-sha256", "eaeu.signed-doc.ecdsa-p256-sha256"


def hansa(*words):
    return subprocess.run([*HANSA, *map(str, words)], capture_output=True, timeout=120)


class Platform(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.kept.name)
        for name, *more in (("root",), ("ec", "--authority", cls.folder / "root"), ("rsa", "--kind", "rsa2048", "--authority", cls.folder / "root")):
            assert hansa("keys", name, "--folder", cls.folder, *more).returncode == 0
        (cls.folder / "trust").mkdir()
        (cls.folder / "trust/root.crt").write_bytes((cls.folder / "root.crt").read_bytes())
        cls.frame = (GOLDEN / "platform-message/request.xml").read_text(encoding="utf-8")

    @classmethod
    def tearDownClass(cls):
        cls.kept.cleanup()

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def signed(self, profile, key):
        path = self.folder / f"{key}.xml"
        done = hansa("sign", "--profile", profile, "--key", self.folder / f"{key}.key", "--cert", self.folder / f"{key}.crt", GOLDEN / "goods-declaration/smallest.xml", "-o", path)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return path

    def test_a_signed_document_in_a_message(self):
        for profile, key in ((ECDSA, "ec"), (RSA, "rsa")):
            with self.subTest(profile):
                holder = self.signed(profile, key)
                done = hansa("verify", "--trust", self.folder / "trust", holder)
                self.assertEqual(done.returncode, 0, done.stderr.decode())
                self.assertIn("covers /doc:SignedDoc/doc:Data/doc:SignedContent", done.stdout.decode())
                message = self.write("message.xml", self.frame.replace("<soap:Body/>", f"<soap:Body>{holder.read_text(encoding='utf-8')}</soap:Body>"))
                done = hansa("detect", "--json", message)
                self.assertEqual(done.returncode, 0, done.stderr.decode())
                found = json.loads(done.stdout)[0]
                self.assertEqual([layer["kind"] for layer in found["wrappers"]], ["eaeu.platform-message", "eaeu.signed-doc"])
                self.assertEqual(found["wrappers"][0]["headers"]["Sender/ID"], "EAEU://EEC/CP/P.CC.05/P.CC.05.ACT.022AT")
                self.assertEqual(found["documents"], [{"path": "payload/payload", "format": "eaeu.goods-declaration"}])
                done = hansa("validate", message)
                self.assertEqual(done.returncode, 0, done.stderr.decode())

    def test_what_is_changed_or_cannot_be_computed_is_refused(self):
        text = self.signed(ECDSA, "ec").read_text(encoding="utf-8")
        cases = (("</doc:SignedContent>", "<more/></doc:SignedContent>", "trust.digest-wrong"),
                 ("<doc:SignedContent", "<doc:SignedContent Id=\"other\"><x/></doc:SignedContent><doc:SignedContent", "trust.signature-place"),
                 ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "urn:EAEU:Signature:bign-with-hbelt", "trust.algorithm-unavailable"))
        for good, bad, code in cases:
            with self.subTest(code):
                self.assertIn(good, text)
                done = hansa("verify", "--trust", self.folder / "trust", self.write("changed.xml", text.replace(good, bad, 1)))
                self.assertEqual(done.returncode, 1)
                self.assertIn(code, done.stderr.decode())

    def test_a_container_holds_documents_of_several_formats(self):
        text = (RUSSIA / "container/two-documents.xml").read_text(encoding="utf-8")
        for place, example in (('<a:First xmlns:a="urn:a">one</a:First>', "cmr/goods-by-road.xml"), ("<Second/>", "invoice/two-goods.xml")):
            text = text.replace(place, (RUSSIA / example).read_text(encoding="utf-8").split("?>", 1)[1].strip(), 1)
        done = subprocess.run([*HANSA, "--plugins", str(SOURCE / "plugins/ru"), "detect", "--json", str(self.write("container.xml", text))], capture_output=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        found = json.loads(done.stdout)[0]
        self.assertEqual([(layer["kind"], layer["headers"]["MessageID"]) for layer in found["wrappers"]], [("ru.container", "3F2A8F0E-5B1C-4D7A-9E64-1C2B7A9D0E11")])
        self.assertEqual(found["documents"], [{"path": "payload[1]", "format": "ru.cmr"}, {"path": "payload[2]", "format": "ru.invoice"}])

    def test_headers_that_must_not_come(self):
        body = "<soap:Body>" + (GOLDEN / "goods-declaration/smallest.xml").read_text(encoding="utf-8").split("?>", 1)[1] + "</soap:Body>"
        message = self.frame.replace("<soap:Body/>", body)
        for header, code in (("<wsa:From><wsa:Address>x</wsa:Address></wsa:From>", "envelope.header-forbidden"), ("<wsa:FaultTo><wsa:Address>x</wsa:Address></wsa:FaultTo>", "envelope.header-forbidden"),
                             ('<x:y xmlns:x="urn:x" soap:mustUnderstand="true"/>', "envelope.header-not-understood"), ('<x:y xmlns:x="urn:x"/>', "")):
            with self.subTest(header):
                done = hansa("detect", self.write("headers.xml", message.replace("<wsa:To>", header + "<wsa:To>", 1)))
                self.assertEqual(done.returncode, 1 if code else 0, done.stderr.decode())
                self.assertIn(code, done.stderr.decode())


if __name__ == "__main__":
    run_suite("e2e-union-platform")
