#!/usr/bin/env python3
"""Brazil's invoices carry a signature that the layout fixes: RSA with SHA-1 over infNFe by its Id. It is judged by its own profile, and its
weak algorithms count nowhere else. The invoices are signed here, by hand: the gateway never signs one."""
import base64
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from support import BUILD, SOURCE, new_union, run_suite

HANSA = [str(BUILD / "bin/hansa"), "--plugins", str(SOURCE / "plugins")]
NFE, DSIG = "http://www.portalfiscal.inf.br/nfe", "http://www.w3.org/2000/09/xmldsig#"
EXAMPLE = SOURCE / "plugins/br/golden/nfe/export.xml"


def hansa(*words):
    return subprocess.run([*HANSA, *words], capture_output=True, text=True, timeout=120)


def bare(text):
    """Without white space between elements, so that the canonical form can be written down."""
    return re.sub(r">\s+<", "><", text.split("?>", 1)[1].strip())


def signed(key, certificate):
    """The example with a true signature."""
    text = bare(EXAMPLE.read_text(encoding="utf-8"))
    body = re.search(r"<infNFe.*</infNFe>", text).group(0)
    ident = re.search(r'Id="(NFe[0-9]{44})"', body).group(1)
    canonical = body.replace(f'<infNFe versao="4.00" Id="{ident}">', f'<infNFe xmlns="{NFE}" Id="{ident}" versao="4.00">')
    digest = base64.b64encode(hashlib.sha1(canonical.encode()).digest()).decode()
    info = re.search(r"<SignedInfo>.*</SignedInfo>", text).group(0)
    info = re.sub(r"<DigestValue>[^<]*", f"<DigestValue>{digest}", re.sub(r'URI="[^"]*"', f'URI="#{ident}"', info))
    form = re.sub(r'<(\w+)( [^>]*)/>', r"<\1\2></\1>", info).replace("<SignedInfo>", f'<SignedInfo xmlns="{DSIG}">')
    value = subprocess.run(["openssl", "dgst", "-sha1", "-sign", str(key)], input=form.encode(), capture_output=True, check=True).stdout
    one_line = "".join(certificate.read_text().split("-----")[2].split())
    text = text.replace(re.search(r"<SignedInfo>.*</SignedInfo>", text).group(0), info)
    text = re.sub(r"<SignatureValue>[^<]*", "<SignatureValue>" + base64.b64encode(value).decode(), text)
    return re.sub(r"<X509Certificate>[^<]*", "<X509Certificate>" + one_line, text)


class Invoice(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        keys = cls.folder / "keys"
        for words in (["root"], ["seller", "--kind", "rsa2048", "--authority", str(keys / "root")]):
            made = hansa("keys", *words, "--folder", str(keys))
            assert made.returncode == 0, made.stderr
        (cls.folder / "trust").mkdir()
        (cls.folder / "trust/root.crt").write_text((keys / "root.crt").read_text())
        cls.text = signed(cls.folder / "keys/seller.key", cls.folder / "keys/seller.crt")

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def verify(self, text, *words):
        file = self.folder / "invoice.xml"
        file.write_text(text, encoding="utf-8")
        return hansa("verify", "--trust", str(self.folder / "trust"), *words, str(file))

    def test_a_sellers_signature_is_good_and_says_what_it_covers(self):
        done = self.verify(self.text)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("verified, covers /nfeProc/NFe/infNFe, signed by", done.stdout)

    def test_a_changed_invoice_is_found(self):
        for good, bad in ((">1500.00<", ">1500.01<"), (">CHUVEIRO ELETRICO<", ">CHUVEIRO<"), ('nItem="1"', 'nItem="2"')):
            done = self.verify(self.text.replace(good, bad, 1))
            self.assertEqual(done.returncode, 1)
            self.assertIn("trust.digest-wrong", done.stderr)

    def test_the_protocol_is_not_covered_and_a_second_invoice_is_no_cover(self):
        self.assertEqual(self.verify(self.text.replace(">135260000000001<", ">135260000000002<")).returncode, 0)
        second = self.text.replace("<protNFe", re.search(r"<NFe.*</NFe>", self.text).group(0) + "<protNFe", 1)
        self.assertIn("trust.signature-many", self.verify(second).stderr)

    def test_its_weak_algorithms_count_nowhere_else(self):
        for profile in ("enveloped.rsa-sha256", "cn.import.sm2-sm3"):
            done = self.verify(self.text, "--profile", profile)
            self.assertEqual(done.returncode, 1, profile)
            self.assertRegex(done.stderr, "trust.algorithm-(weak|refused)|trust.signature-place", profile)

    def test_the_gateway_does_not_make_one(self):
        file = self.folder / "unsigned.xml"
        file.write_text(re.sub(r"<Signature.*</Signature>", "", self.text), encoding="utf-8")
        done = hansa("sign", "--profile", "br.nfe", "--key", str(self.folder / "keys/seller.key"), "--cert", str(self.folder / "keys/seller.crt"), str(file))
        self.assertEqual(done.returncode, 1)
        self.assertIn("trust.profile-invalid", done.stderr)

    def test_of_the_samples_no_signature_holds(self):
        corpus = pathlib.Path(os.environ.get("HANSA_CORPUS", SOURCE / "../shared/corpus")) / "brazil-nfe/samples"
        samples = sorted(corpus.glob("*-nfe.xml")) if corpus.is_dir() else []
        if not samples:
            self.skipTest("no corpus")
        for sample in samples:
            done = hansa("verify", "--trust", str(self.folder / "trust"), str(sample))
            self.assertEqual(done.returncode, 1, sample.name)
            self.assertRegex(done.stderr, "trust.(digest-wrong|signature-wrong|chain|key)", sample.name)


class InAContainer(unittest.TestCase):
    """Minsk sends an invoice in its own container: the seller's signature inside must be good, and the seller is not asked to be Minsk."""

    @classmethod
    def setUpClass(cls):
        cls.union = new_union()
        folder = cls.union.folder
        for words in (["seller", "--kind", "rsa2048", "--authority", str(folder / "keys/union-root")], ["alone", "--kind", "rsa2048"]):
            cls.union.run("keys", *words, "--folder", folder / "keys")
        agency = folder / "agencies/minsk.toml"
        agency.write_text(re.sub(r"formats = .*", 'formats = ["br.nfe"]', agency.read_text(encoding="utf-8")), encoding="utf-8")
        cls.union.start()

    @classmethod
    def tearDownClass(cls):
        cls.union.stop()
        shutil.rmtree(cls.union.folder)

    def send(self, text, name):
        file = self.union.folder / f"out/{name}.xml"
        file.write_text(text, encoding="utf-8")
        self.union.sign("minsk", file, file.with_suffix(".asice"), "--profile", "asice.ecdsa-p256-sha256")
        return self.union.send("minsk", file.with_suffix(".asice"), check=False)

    def test_a_good_one_goes_on_to_the_routes(self):
        # No format of orders takes what an invoice lacks, so no route is here: what is asked next is where it goes.
        done = self.send(signed(self.union.key("seller.key"), self.union.key("seller.crt")), "good")
        self.assertIn("exchange.no-route", done.stderr.decode())

    def test_a_changed_one_and_a_strangers_are_refused(self):
        good = signed(self.union.key("seller.key"), self.union.key("seller.crt"))
        done = self.send(good.replace(">1500.00<", ">1500.01<", 1), "changed")
        self.assertEqual(done.returncode, 1)
        self.assertIn("trust.digest-wrong", done.stderr.decode())
        done = self.send(signed(self.union.key("alone.key"), self.union.key("alone.crt")), "stranger")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr.decode(), "trust.certificate-unknown")


if __name__ == "__main__":
    run_suite("e2e-brazil_invoice")
