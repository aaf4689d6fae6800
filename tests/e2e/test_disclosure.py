#!/usr/bin/env python3
"""Consents and what leaves under them, asked of a real gateway; copies for regulators. Everything that is answered is evidence."""
import hashlib
import json
import re
import shutil
import unittest

from support import SOURCE, list_with, new_union, run_suite, wait_for

FIRM, SCHEME, PLACE = "4401960045", "cn:CUSTOMS", "Exporter/ID"
FIELDS = ("FunctionalReferenceID", "Exporter/Name", "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/InvoiceLine/ItemChargeAmount",
          "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/InvoiceLine/ItemChargeAmount/@currencyID")
PURPOSE = "trade-credit"

AGENCY = """id = "{0}"
name = "{0}"
authority = "cn"
tokens = ["file:../keys/{0}.token.sha256"]
{1}
[address]
url = "folder:../delivered/{0}"
"""


def add_agency(union, name, more=""):
    keys = union.folder / "keys"
    token = f"token-of-{name}-{hashlib.sha256(name.encode()).hexdigest()}"
    (keys / f"{name}.token").write_text(token)
    (keys / f"{name}.token.sha256").write_text(hashlib.sha256(token.encode()).hexdigest() + "\n")
    (union.folder / "agencies" / f"{name}.toml").write_text(AGENCY.format(name, more))


class Disclosure(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.union = union = new_union()
        agency = union.folder / "agencies/guangzhou.toml"
        text = agency.read_text(encoding="utf-8")
        text = text.replace('id = "guangzhou"', 'id = "guangzhou"\nconsents = true\nconsent-trust = "../keys/trust"', 1)
        agency.write_text(text + '\n[regulator]\ntax = "cn-tax"\n', encoding="utf-8")
        add_agency(union, "bank", "receives-disclosures = true")
        add_agency(union, "rival", "receives-disclosures = true")
        add_agency(union, "cn-tax")
        union.run("keys", "firm", "--folder", union.key(""), "--authority", union.key("union-root"))
        union.start_receiver()
        union.start()
        cls.number = 7_000
        cls.reference = cls.send_list()

    @classmethod
    def tearDownClass(cls):
        cls.union.stop()
        shutil.rmtree(cls.union.folder)

    @classmethod
    def send_list(cls, *more, edit=lambda text: text):
        cls.number += 1
        path = list_with(cls.union.folder, f"d-{cls.number}.xml", cls.number, edit)
        signed = path.with_suffix(".signed.xml")
        cls.union.sign("guangzhou", path, signed)
        cls.union.send("guangzhou", signed, *more)
        return f"GZEXP2026{cls.number:010d}"

    def call(self, method, path, agency, body=None, **headers):
        words = ["-X", method, "-D", self.union.folder / "out/headers", "-w", "\n%{http_code}"]
        if body is not None:
            raw = self.union.folder / "out/body"
            raw.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
            words += ["--data-binary", f"@{raw}"]
        done = self.union.curl(*words, self.union.url + path, agency=agency)
        text, _, status = done.stdout.decode().rpartition("\n")
        lines = (self.union.folder / "out/headers").read_text().splitlines()
        self.headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        return int(status), text

    def consent(self, *more, signer="firm", **changes):
        Disclosure.number += 1
        part = {"reference": f"C-{Disclosure.number}", "place": PLACE, "identity": FIRM, "scheme": SCHEME, "recipient": "bank", "purpose": PURPOSE,
                "from": "2026-01-01", "to": "2031-01-01"} | changes
        words = [word for name, value in part.items() for word in (f"--{name}", value)]
        written, signed = self.union.folder / "out/consent.xml", self.union.folder / "out/consent.signed.xml"
        self.union.run("consent", "new", *words, *(word for field in FIELDS for word in ("--field", field)), *more, "-o", written)
        self.union.sign(signer, written, signed)
        self.last_reference = part["reference"]
        return signed.read_bytes()

    def lodged(self, **changes):
        status, body = self.call("POST", "/v1/consents", "guangzhou", self.consent(**changes))
        self.assertEqual(status, 201, body)
        return json.loads(body)["id"]

    def ask(self, consent, agency="bank", reference=None, purpose=PURPOSE, **more):
        return self.call("POST", "/v1/disclosures", agency, {"reference": reference or self.reference, "consent": consent, "purpose": purpose} | more)

    def refused(self, answer, status, code):
        got, body = answer
        self.assertEqual((got, json.loads(body).get("code")), (status, code), body)
        self.assertNotIn(FIRM, body)
        return json.loads(body)

    def evidence(self, consent=None, agency="operator", **query):
        path = "/v1/disclosures?" + "&".join(f"{k}={v}" for k, v in ({"consent": consent} if consent else {} | query).items())
        status, body = self.call("GET", path, agency)
        self.assertEqual(status, 200, body)
        return json.loads(body)["disclosures"]

    def test_a_bank_gets_exactly_the_fields(self):
        consent = self.lodged()
        status, body = self.ask(consent)
        self.assertEqual(status, 200, body)
        items = "GoodsShipment/GovernmentAgencyGoodsItem[{}]/Commodity/InvoiceLine/ItemChargeAmount"
        found = json.loads(body)
        self.assertEqual([line["path"] for line in found["fields"]],
                         ["FunctionalReferenceID", "Exporter/Name", items.format(1), items.format(1) + "/@currencyID", items.format(2), items.format(2) + "/@currencyID"])
        self.assertEqual(found["kind"], "declaration")
        self.assertEqual(found["fields"][0]["value"], self.reference)
        for hidden in (FIRM, "4401980021", "SKU-88201", "BAG-0007", "gift wrap", "9610", "B20261105000000117"):
            self.assertNotIn(hidden, body)
        digest = hashlib.sha256(body.encode()).hexdigest()
        self.assertEqual(self.headers["hansa-digest"], digest)
        [row] = self.evidence(consent)
        self.assertEqual((row["recipient"], row["purpose"], row["disclosed"], row["digest"], row["fields"]), ("bank", PURPOSE, True, digest, list(FIELDS)))

    def test_without_a_consent_that_holds_nothing_leaves(self):
        consent = self.lodged()
        expired, early = self.lodged(to="2026-02-01"), self.lodged(**{"from": "2030-01-01"})
        cases = [("no consent", dict(consent="01ARZ3NDEKTSV4RRFFQ69G5FAV"), 404, "disclosure.consent-unknown", None),
                 ("another purpose", dict(consent=consent, purpose="advertising"), 403, "disclosure.purpose-differs", None),
                 ("another recipient", dict(consent=consent, agency="rival"), 404, "disclosure.consent-unknown", "disclosure.recipient-differs"),
                 ("who gets no disclosures", dict(consent=consent, agency="minsk"), 403, "disclosure.not-switched-on", None),
                 ("expired", dict(consent=expired), 403, "disclosure.expired", None),
                 ("too early", dict(consent=early), 403, "disclosure.too-early", None),
                 ("no such document", dict(consent=consent, reference="GZEXP20260000000000"), 404, "disclosure.document-unknown", None)]
        for name, asked, status, code, true_code in cases:
            with self.subTest(name):
                problem = self.refused(self.ask(**asked), status, code)
                self.assertNotIn("fields", problem)
                row = self.evidence(asked["consent"])[-1]
                self.assertEqual((row["disclosed"], row["code"]), (False, true_code or code))
                self.assertEqual(row["recipient"], asked.get("agency", "bank"))

    def test_another_firms_document_is_told_as_unknown(self):
        other = self.send_list(edit=lambda text: text.replace(FIRM, "4401960099"))
        consent = self.lodged()
        self.refused(self.ask(consent, reference=other), 404, "disclosure.document-unknown")
        self.assertEqual(self.evidence(consent)[-1]["code"], "disclosure.subject-differs")

    def test_more_than_was_consented_cannot_be_asked(self):
        consent = self.lodged()
        self.refused(self.ask(consent, fields=["ID"]), 400, "server.bad-parameter")
        for body in (b"", b"[]", b"{}", b'{"reference": 1, "consent": "x", "purpose": "y"}', b'{"reference": "a\\u0000b", "consent": "x", "purpose": "y"}', b"\xff"):
            with self.subTest(body):
                self.refused(self.call("POST", "/v1/disclosures", "bank", body), 400, "server.bad-parameter")

    def test_a_withdrawn_consent_lets_nothing_out(self):
        consent = self.lodged()
        self.assertEqual(self.ask(consent)[0], 200)
        written, signed = self.union.folder / "out/withdrawal.xml", self.union.folder / "out/withdrawal.signed.xml"
        for identity, status in (("4401960099", 404), (FIRM, 200)):
            self.union.run("consent", "withdraw", "--reference", self.last_reference, "--place", PLACE, "--identity", identity, "--scheme", SCHEME, "-o", written)
            self.union.sign("firm", written, signed)
            got, body = self.call("POST", "/v1/consents", "guangzhou", signed.read_bytes())
            self.assertEqual(got, status, body)
        self.assertEqual(json.loads(body)["state"], "withdrawn")
        self.refused(self.ask(consent), 403, "disclosure.withdrawn")
        self.assertEqual([row["disclosed"] for row in self.evidence(consent)], [True, False])

    def test_what_is_wrong_in_a_consent_is_told_with_its_line(self):
        signed = self.consent()
        text = (self.union.folder / "out/consent.xml").read_text()
        for name, old, new, code, named in (("unknown field", "Exporter/Name", "Exportre/Name", "disclosure.field-unknown", "'Exporter'"),
                                            ("percent", "Exporter/Name", "%45xporter/Name", "disclosure.field-not-plain", "'Exporter/Name'"),
                                            ("look-alike", "Exporter/Name", "Exp\u043erter/Name", "disclosure.field-not-plain", "'Exporter/Name'"),
                                            ("class", "Exporter/Name", "GoodsShipment/Consignor", "disclosure.field-is-class", "Consignor")):
            with self.subTest(name):
                bad, out = self.union.folder / "out/bad.xml", self.union.folder / "out/bad.signed.xml"
                bad.write_text(text.replace(f">{old}<", f">{new}<", 1), encoding="utf-8")
                self.union.sign("firm", bad, out)
                problem = self.refused(self.call("POST", "/v1/consents", "guangzhou", out.read_bytes()), 422, code)
                self.assertGreater(problem["line"], 0)
                self.assertIn(named, problem["detail"])
        self.refused(self.call("POST", "/v1/consents", "guangzhou", text.encode()), 422, "trust.signature-missing")
        self.refused(self.call("POST", "/v1/consents", "guangzhou", signed.replace(b">bank<", b">rival<")), 422, "trust.digest-wrong")
        self.refused(self.call("POST", "/v1/consents", "guangzhou", self.consent(signer="stranger")), 403, "trust.certificate-unknown")
        self.refused(self.call("POST", "/v1/consents", "bank", signed), 403, "disclosure.not-switched-on")
        status, first = self.call("POST", "/v1/consents", "guangzhou", signed)
        again, second = self.call("POST", "/v1/consents", "guangzhou", signed)
        self.assertEqual((status, again, json.loads(first)["id"]), (201, 201, json.loads(second)["id"]))
        self.refused(self.call("POST", "/v1/consents", "guangzhou", self.consent(reference=json.loads(first)["reference"], purpose="other")), 409, "disclosure.reference-used")

    def test_each_side_sees_its_own(self):
        consent = self.lodged()
        self.ask(consent)
        for agency in ("guangzhou", "bank", "operator"):
            status, body = self.call("GET", f"/v1/consents/{consent}", agency)
            self.assertEqual((status, json.loads(body)["state"]), (200, "valid"))
            self.assertNotIn(FIRM, body)
        self.refused(self.call("GET", f"/v1/consents/{consent}", "rival"), 404, "disclosure.consent-unknown")
        self.assertEqual(len(self.evidence(consent, agency="bank")), 1)
        self.assertNotIn("message", self.evidence(consent, agency="bank")[0])
        self.refused(self.call("GET", f"/v1/disclosures?consent={consent}", "rival"), 404, "disclosure.consent-unknown")
        self.refused(self.call("GET", f"/v1/disclosures?subject={FIRM}&scheme={SCHEME}", "bank"), 403, "server.forbidden")
        self.refused(self.call("GET", "/v1/disclosures", "bank"), 400, "server.bad-parameter")
        self.refused(self.call("GET", "/v1/disclosures?after=x", "operator"), 400, "server.bad-parameter")
        self.refused(self.call("DELETE", f"/v1/consents/{consent}", "guangzhou"), 405, "server.method")

    def test_the_subject_lists_all_after_a_restart(self):
        consent = self.lodged()
        self.ask(consent)
        self.ask(consent, purpose="advertising")
        self.ask(consent, agency="rival")
        self.union.daemon.terminate()
        self.union.daemon.wait(timeout=60)
        store = self.union.folder / "state/disclosures.db"
        listed = json.loads(self.union.run("consent", "list", "--store", store, "--json").stdout)
        self.assertGreaterEqual(listed["rows"], 4)
        self.assertNotIn(FIRM.encode(), b"".join(path.read_bytes() for path in store.parent.glob("disclosures.db*")))
        self.union.start()
        rows = [row for row in self.evidence(agency="guangzhou", subject=FIRM, scheme=SCHEME) if row["consent"] == consent]
        self.assertEqual([(row["recipient"], row["disclosed"], row.get("code")) for row in rows],
                         [("bank", True, None), ("bank", False, "disclosure.purpose-differs"), ("rival", False, "disclosure.recipient-differs")])
        self.assertEqual(self.evidence(agency="guangzhou", subject="4401960000", scheme=SCHEME), [])
        self.assertEqual(self.ask(consent)[0], 200)

    def test_a_regulator_gets_its_copy_with_exactly_its_fields(self):
        folder = self.union.folder / "delivered/cn-tax"
        before = set(folder.glob("*"))
        reference = self.send_list()
        new = wait_for(lambda: set(folder.glob("*.json")) - before)
        self.assertEqual(len(new), 1)
        text = new.pop().read_text(encoding="utf-8")
        copy = json.loads(text)
        self.assertEqual((copy["role"], copy["rows"], len(copy["documents"])), ("tax", ["cn.tax.retail-export"], 2))
        table = (SOURCE / "plugins/cn/regulators/cn.regulators").read_text(encoding="utf-8").split("copy cn.tax.9810-export")[0]
        allowed = {line.split()[1] for line in table.splitlines() if line.strip().startswith("field ")}
        for document in copy["documents"]:
            self.assertTrue(document["fields"])
            for line in document["fields"]:
                self.assertIn(re.sub(r"\[\d+\]", "", line["path"]), allowed)
        self.assertIn(reference, text)
        self.assertIn(FIRM, text)
        for hidden in ("4401980021", "SKU-88201", "BAG-0007", "gift wrap", "B20261105000000117"):
            self.assertNotIn(hidden, text)
        status, body = self.call("GET", "/v1/messages?agency=cn-tax", "operator")
        self.assertEqual(status, 200)
        message = json.loads(body)["messages"][0]
        self.assertEqual((message["purpose"], message["format"], message["digest"]), ("copy", "hansa.fields", hashlib.sha256(text.encode()).hexdigest()))

    def test_test_messages_make_no_copies(self):
        folder = self.union.folder / "delivered/cn-tax"
        wait_for(lambda: any(folder.glob("*.json")))
        before = len(json.loads(self.call("GET", "/v1/messages?agency=cn-tax", "operator")[1])["messages"])
        self.send_list("--test")
        self.assertEqual(len(json.loads(self.call("GET", "/v1/messages?agency=cn-tax", "operator")[1])["messages"]), before)

    def test_a_configuration_that_cannot_work_is_told(self):
        agency, routes = self.union.folder / "agencies/guangzhou.toml", self.union.folder / "routes/corridors.toml"
        good, route = agency.read_text(encoding="utf-8"), routes.read_text(encoding="utf-8")
        try:
            for old, new, code in (('tax = "cn-tax"', 'tax = "cn-taxes"', "daemon.agency-unknown"), ('tax = "cn-tax"', 'taxes = "cn-tax"', "base.toml-key-unknown"),
                                   ('tax = "cn-tax"', 'tax = "cn-tax"\ntables = ["cnn"]', "daemon.table-unknown"),
                                   ('tax = "cn-tax"', 'tax = "cn-tax"\nsignature = "none"', "daemon.profile-unknown"),
                                   ('tax = "cn-tax"', 'tax = "cn-tax"\nsignature = "enveloped.ecdsa-p256-sha256"', "daemon.profile-unfit"),
                                   ('consents = true', 'consents = "yes"', "base.toml-value-wrong"), ('"../keys/trust"', '"../keys/no-trust"', "daemon.file-missing")):
                with self.subTest(new):
                    self.assertIn(old, good)
                    agency.write_text(good.replace(old, new, 1), encoding="utf-8")
                    done = self.union.run("config", "check", "--config", self.union.folder / "hansa.toml", check=False)
                    self.assertEqual(done.returncode, 4, done.stderr)
                    self.assertIn(code, done.stderr.decode())
            by_route = good.replace('tax = "cn-tax"', 'tax = "cn-tax"\nby-route = true', 1)
            for text, added, fault in ((by_route, "", r"guangzhou.toml:\d+:\d+: daemon.regulator-off: .*by route"), (by_route, 'regulators = ["tax"]\n', None),
                                       (good, 'regulators = ["taxes"]\n', r"corridors.toml:\d+:\d+: daemon.regulator-off: .*'taxes'.*'tax'"), (good, "regulators = []\n", None),
                                       (good, 'regulators = "tax"\n', r"corridors.toml:\d+:\d+: base.toml-")):
                with self.subTest(added):
                    agency.write_text(text, encoding="utf-8")
                    routes.write_text(route.replace('from = "guangzhou"\n', 'from = "guangzhou"\n' + added, 1), encoding="utf-8")
                    done = self.union.run("config", "check", "--config", self.union.folder / "hansa.toml", check=False)
                    self.assertEqual(done.returncode, 4 if fault else 0, done.stderr)
                    if fault:
                        self.assertRegex(done.stderr.decode(), fault)
        finally:
            agency.write_text(good, encoding="utf-8")
            routes.write_text(route, encoding="utf-8")
        self.assertEqual(self.union.run("config", "check", "--config", self.union.folder / "hansa.toml").returncode, 0)

    def test_an_author_is_told_where_a_table_of_regulators_is_wrong(self):
        plugins, schemas = self.union.folder / "out/plugins", self.union.folder / "out/schemas"
        self.union.run("plugin", "new", "zz", "--folder", plugins, "--schemas", schemas)
        table = plugins / "zz/regulators/zz.regulators"
        table.parent.mkdir()
        row = 'regulators zz\ncopy zz.tax.all\n  for tax\n  text "All."\n  over declaration\n  certainty settled\n  source "a law"\n  field {}\n'
        for field, code in (("InvoiceAmount", 0), ("InvoiceAmont", 1)):
            table.write_text(row.format(field))
            done = self.union.run("plugin", "check", plugins / "zz", "--schemas", schemas, check=False)
            self.assertEqual(done.returncode, code, done.stderr)
        self.assertRegex(done.stderr.decode(), r"zz\.regulators:8:3: disclosure\.field-unknown: .*'InvoiceAmount'")

    def test_offline_the_command_line_says_the_same(self):
        consent = self.union.folder / "out/offline.xml"
        consent.write_bytes(self.consent())
        def words(to="bank", purpose=PURPOSE):
            return ["disclose", "--consent", consent, "--trust", self.union.key("trust"), "--to", to, "--purpose", purpose]
        path = list_with(self.union.folder, "offline-list.xml", 6_999)
        lines = self.union.run(*words(), path).stdout.decode().splitlines()
        self.assertEqual([sorted({line["path"].split("/")[0] for line in json.loads(one)["fields"]}) for one in lines], [["Exporter", "FunctionalReferenceID", "GoodsShipment"]] * 2)
        text = self.union.run(*words(), "--text", path).stdout.decode()
        self.assertTrue(text.startswith("document declaration\nFunctionalReferenceID GZEXP20260000006999\nExporter/Name "))
        for asked, code in ((words(purpose="other"), b"disclosure.purpose-differs"), (words(to="rival"), b"disclosure.recipient-differs"), ([*words(), "--at", "2035-01-01"], b"disclosure.expired")):
            done = self.union.run(*asked, path, check=False)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(code, done.stderr)
            self.assertEqual(done.stdout, b"")
        shown = json.loads(self.union.run("consent", "show", "--trust", self.union.key("trust"), "--json", consent).stdout)
        self.assertEqual(shown[0]["terms"]["fields"], list(FIELDS))
        self.assertEqual(self.union.run("consent", "show", "--trust", self.union.key("trust-sm2"), consent, check=False).returncode, 1)
        rows = json.loads(self.union.run("disclose", "--regulators", "--json").stdout)
        self.assertIn("in.foreign-exchange.postal-export", [row["row"] for row in rows])
        copies = json.loads(self.union.run("disclose", "--regulators", "--json", path).stdout)
        self.assertEqual({row["row"] for row in copies}, {"cn.tax.retail-export"})


if __name__ == "__main__":
    run_suite("e2e-disclosure")
