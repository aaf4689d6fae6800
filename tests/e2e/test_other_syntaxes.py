#!/usr/bin/env python3
"""What is not XML: on the command line, and as messages of a gateway, both ways."""
import io
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile

from support import BUILD, SOURCE, new_union, run_suite, wait_for

ZA = SOURCE / "plugins/za/golden"
IMPORT = ZA / "cusdec/parties-and-numbers.edi"


def hansa(*words, **options):
    return subprocess.run([str(BUILD / "bin/hansa"), *map(str, words)], capture_output=True, timeout=120, check=False, **options)


class CommandLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hansa-syntaxes-"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_formats_are_told_by_their_heads(self):
        for path, wanted in ((IMPORT, "za.cusdec"), (ZA / "cusres/accepted.edi", "za.cusres")):
            self.assertIn(wanted, hansa("detect", path).stdout.decode())
        other = hansa("detect", "-", input=b"UNB+UNOA:3+A+B+260415:0910+1'UNH+1+INVOIC:D:97B:UN'")
        self.assertIn("plugin.format-unknown: a UN/EDIFACT message INVOIC:D:97B:UN", other.stderr.decode())

    def test_faults_are_at_the_senders_places(self):
        bad = self.folder / "bad.edi"
        bad.write_bytes(IMPORT.read_bytes().replace(b"LRN0000003", b"LRN" + b"0" * 40))
        line = next(i for i, text in enumerate(bad.read_text().splitlines(), 1) if text.startswith("BGM"))
        self.assertIn(f"bad.edi:{line}:9: schema.length: ", hansa("validate", bad).stderr.decode())
        self.assertEqual(hansa("validate", IMPORT).returncode, 0)

    def test_there_and_back(self):
        out, back = self.folder / "out.xml", self.folder / "back.edi"
        done = hansa("translate", "--to", "wco.declaration", IMPORT, "-o", out)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        around = ("--envelope", "UNB/S002/e0004=GATEWAY", "--envelope", "UNB/S003/e0010=SARSDEC")
        done = hansa("translate", "--to", "za.cusdec", out, "-o", back, *around)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertEqual(hansa("validate", back).returncode, 0)
        text = back.read_text(encoding="latin-1")
        self.assertTrue(text.startswith("UNB+UNOB:4+GATEWAY+SARSDEC+"), text)
        self.assertIn("'\nBGM+929+LRN0000003+9'", text)
        self.assertIn("MOA+38:1250:USD'", text)
        first, again = (set(hansa("pivot", path).stdout.decode().splitlines()) for path in (IMPORT, back))
        self.assertIn("GoodsShipment/Importer/Name SYNTHETIC IMPORTERS", again)
        for whose in ("Importer/", "Exporter/", "InvoiceAmount", "/Origin", "/Packaging"):
            self.assertEqual({line for line in again if whose in line}, {line for line in first if whose in line}, whose)

    def test_the_fast_way_declines_and_counts(self):
        done = hansa("translate", "--engine", "fast", "--to", "wco.declaration", IMPORT, "-o", self.folder / "fast.xml")
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertIn(b"done by the reference engine", done.stderr)

    def test_generated_documents_are_spelt_as_the_format_is(self):
        for form in ("za.cusdec", "za.cusres"):
            made = hansa("generate", form, "--seed", 7)
            self.assertEqual(made.returncode, 0, made.stderr.decode())
            self.assertTrue(made.stdout.startswith(b"UNB+UNO"), made.stdout[:40])
            self.assertIn(form, hansa("detect", "-", input=made.stdout).stdout.decode())


class Exchange(unittest.TestCase):
    """Durban sends and gets UN/EDIFACT in containers; Cotonou speaks ASYCUDA."""

    @classmethod
    def setUpClass(cls):
        cls.union = new_union()
        (cls.union.folder / "agencies/durban.toml").write_text(
            'id = "durban"\nname = "Customs in Durban"\nauthority = "za"\ntokens = ["file:../keys/abidjan.token.sha256"]\n'
            'trust = "../keys/trust"\nsigners = ["file:../keys/abidjan.sha256"]\nformats = ["za.cusdec", "za.cusres"]\n'
            '[address]\nurl = "folder:../delivered/durban"\n[envelope."za.cusdec"]\n"UNB/S002/e0004" = "GATEWAY"\n"UNB/S003/e0010" = "SARSDEC"\n', encoding="utf-8")
        (cls.union.folder / "agencies/abidjan.toml").unlink()
        (cls.union.folder / "routes/corridors.toml").write_text(
            '[[route]]\nname = "durban-cotonou"\nfrom = "durban"\nfrom-format = "za.cusdec"\nto = "cotonou"\nto-format = "asycuda.sad"\n'
            '[[route]]\nname = "cotonou-durban"\nfrom = "cotonou"\nfrom-format = "asycuda.sad"\nto = "durban"\nto-format = "za.cusdec"\n'
            'signature = "asice.ecdsa-p256-sha256"\n', encoding="utf-8")
        cls.union.start()

    @classmethod
    def tearDownClass(cls):
        cls.union.stop()
        shutil.rmtree(cls.union.folder)

    def send(self, agency, path, check=True):
        signed = self.union.folder / "out" / (path.name + ".asice")
        self.union.sign(agency, path, signed, "--profile", "asice.ecdsa-p256-sha256")
        return self.union.send(agency, signed, check=check)

    def delivered(self, sent, folder):
        message_id = re.search(r"/v1/messages/(\w+)", sent.stderr.decode()).group(1)
        message = wait_for(lambda: (m := json.loads(self.union.get(f"/v1/messages/{message_id}")))["state"] in ("delivered", "dead") and m)
        self.assertEqual(message["state"], "delivered", message)
        files = sorted((self.union.folder / "delivered" / folder).glob("*.asice"), key=lambda path: path.stat().st_mtime)
        with zipfile.ZipFile(io.BytesIO(files[-1].read_bytes())) as packed:
            return {name: packed.read(name) for name in packed.namelist() if not name.startswith("META-INF/") and name != "mimetype"}

    def test_an_interchange_becomes_a_declaration_of_asycuda(self):
        files = self.delivered(self.send("abidjan", IMPORT), "cotonou")
        self.assertEqual(len(files), 1)
        text = next(iter(files.values())).decode()
        self.assertIn("<Importer", text.replace("<Consignee_name", "<Importer"))
        self.assertIn("SYNTHETIC IMPORTERS", text)

    def test_a_declaration_of_asycuda_becomes_an_interchange(self):
        files = self.delivered(self.send("cotonou", SOURCE / "conf/demo/messages/cotonou-sad.xml"), "durban")
        name, bytes_ = next(iter(files.items()))
        self.assertTrue(name.endswith(".edi"), name)
        self.assertTrue(bytes_.startswith(b"UNB+UNO"), bytes_[:40])
        self.assertIn(b"UNT+", bytes_)

    def test_a_broken_interchange_is_refused_with_its_place(self):
        broken = self.union.folder / "out/broken.edi"
        broken.write_bytes(IMPORT.read_bytes().replace(b"UNS+D'", b"", 1).replace(b"UNT+", b"UNT+9"))
        done = self.send("abidjan", broken, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("syntax.count-differs", done.stderr.decode())

    def test_an_unsigned_interchange_is_refused(self):
        done = self.union.send("abidjan", IMPORT, check=False)
        self.assertIn("exchange.signature-missing", done.stderr.decode())


if __name__ == "__main__":
    run_suite("other-syntaxes")
