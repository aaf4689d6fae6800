#!/usr/bin/env python3
"""Messages between agencies that speak different formats: the good ways."""
import io
import json
import re
import shutil
import subprocess
import unittest
import zipfile

from support import LIST, SHADOW, list_with, new_union, run_suite, wait_for


def documents_in(container):
    with zipfile.ZipFile(io.BytesIO(container)) as files:
        return {name: files.read(name) for name in files.namelist()}


class Exchange(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.union = new_union(fail_first=2)
        cls.add_second_chinese_office()
        cls.union.start_receiver()
        cls.union.start()
        cls.number = 0

    @classmethod
    def add_second_chinese_office(cls):
        """An office that gets test lists in their own form, signed with SM2."""
        (cls.union.folder / "agencies/shenzhen.toml").write_text(
            'id = "shenzhen"\nauthority = "cn"\n[address]\nurl = "folder:../delivered/shenzhen"\n[envelope."cn.ceb603"]\n'
            '"@guid" = "$uuid"\n"BaseTransfer/copCode" = "4401980033"\n"BaseTransfer/copName" = "gateway"\n"BaseTransfer/dxpMode" = "DXP"\n"BaseTransfer/dxpId" = "DXPGATEWAY"\n')
        with open(cls.union.folder / "routes/corridors.toml", "a", encoding="utf-8") as routes:
            routes.write('\n[[route]]\nname = "guangzhou-shenzhen-test"\nfrom = "guangzhou"\nfrom-format = "cn.ceb603"\nto = "shenzhen"\nto-format = "cn.ceb603"\ntest = true\n')
        text = (cls.union.folder / "routes/corridors.toml").read_text(encoding="utf-8")
        start = text.index('# Tests never reach production')
        end = text.index('[[route]]\nname = "guangzhou-shenzhen-test"')
        (cls.union.folder / "routes/corridors.toml").write_text(text[:start] + text[end:], encoding="utf-8")

    @classmethod
    def tearDownClass(cls):
        cls.union.stop()
        shutil.rmtree(cls.union.folder)

    def fresh(self, edit=lambda text: text, name=None):
        Exchange.number += 1
        path = list_with(self.union.folder, name or f"list-{Exchange.number}.xml", Exchange.number, edit)
        signed = path.with_suffix(".signed.xml")
        self.union.sign("guangzhou", path, signed)
        return signed

    def accepted(self, path, agency="guangzhou", *more):
        done = self.union.send(agency, path, *more)
        return re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1), done.stdout.decode()

    def delivered(self, message_id):
        return wait_for(lambda: (m := self.union.message(message_id))["state"] in ("delivered", "dead") and m)

    def test_a_list_is_split_by_destination_and_delivered(self):
        message_id, receipt = self.accepted(self.fresh())
        message = self.delivered(message_id)
        self.assertEqual(message["state"], "delivered")
        self.assertEqual({(t["to"], t["format"]) for t in message["translations"]},
                         {("minsk", "eaeu.goods-declaration"), ("cotonou", "asycuda.sad")})
        self.assertIn(f"<message>{message_id}</message>", receipt)
        self.assertEqual([h["state"] for h in message["history"]], ["received", "accepted", "translated", "queued", "delivered"])
        for sent in message["translations"]:
            self.assertTrue(sent["ledger"]["entries"], "a ledger without entries would be a surprise for this pair")

    def test_the_receipt_is_signed_and_another_program_verifies_it(self):
        _, receipt = self.accepted(self.fresh())
        path = self.union.folder / "out/receipt.xml"
        path.write_text(receipt.rstrip("\n"), encoding="utf-8")
        if shutil.which("xmlsec1") is None:
            self.skipTest("no xmlsec1")
        done = subprocess.run(["xmlsec1", "--verify", "--trusted-pem", str(self.union.key("union-root.crt")), str(path)], capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr.decode())

    def test_the_same_bytes_get_the_same_answer_and_are_delivered_once(self):
        path = self.fresh()
        first, second = self.accepted(path), self.accepted(path)
        self.assertEqual(first, second)
        self.delivered(first[0])
        page = json.loads(self.union.get(f"/v1/traces/{first[0]}"))
        self.assertEqual(len([m for m in page["messages"] if m["direction"] == "in"]), 1)

    def test_an_answer_finds_its_question_and_comes_back_in_the_senders_own_format(self):
        message_id, _ = self.accepted(self.fresh())
        message = self.delivered(message_id)
        minsk = next(t for t in message["translations"] if t["to"] == "minsk")
        body = self.union.curl(f"{self.union.url}/v1/messages/{message_id}/evidence").stdout
        sent = next(b for n, b in documents_in(body).items() if n.startswith(minsk["id"]) and "-sent." in n)
        document = next(b for n, b in documents_in(sent).items() if n.endswith(".xml") and not n.startswith("META-INF"))
        reference = re.search(r"<(?:\w+:)?InternalDocId>([^<]+)<", document.decode()).group(1)
        text = (self.union.folder / "messages/minsk-response.xml").read_text(encoding="utf-8").replace("@REFERENCE@", reference)
        answer = self.union.folder / f"out/answer-{message_id}.xml"
        answer.write_text(text, encoding="utf-8")
        signed = answer.with_suffix(".asice")
        self.union.sign("minsk", answer, signed)
        answer_id, _ = self.accepted(signed, "minsk")
        self.delivered(answer_id)
        self.assertEqual(self.union.message(message_id)["state"], "answered")
        files = list((self.union.folder / "delivered/guangzhou").glob("*.asice"))
        texts = ["".join(b.decode("utf-8", "replace") for b in documents_in(f.read_bytes()).values()) for f in files]
        own = re.search(r"<ceb:copNo>([^<]+)<", (self.union.folder / "out" / f"list-{Exchange.number}.xml").read_text(encoding="utf-8")).group(1)
        self.assertTrue(any("CEB604Message" in t and own in t for t in texts), f"no CEB604 with {own} among {len(texts)} files")

    def test_change_and_cancellation_follow_their_base_on_the_same_way(self):
        base_id, _ = self.accepted(self.fresh(), "guangzhou", "--test")
        number = Exchange.number
        # DEC, R.055 and the SAD have no word for a change (mapping.guard); a list of the same form has.
        for app_type in ("2", "3"):
            change = lambda text: text.replace("<ceb:appType>1<", f"<ceb:appType>{app_type}<").replace("20261105093012", f"2026110510301{app_type}")
            path = list_with(self.union.folder, f"change-{number}-{app_type}.xml", number, change)
            signed = path.with_suffix(".signed.xml")
            self.union.sign("guangzhou", path, signed)
            message_id, _ = self.accepted(signed, "guangzhou", "--test")
            message = self.delivered(message_id)
            self.assertEqual(message["state"], "delivered")
            self.assertEqual((message["parent"]["id"], message["parent"]["relation"]), (base_id, "correction"))
            body = self.union.curl(f"{self.union.url}/v1/messages/{message_id}/evidence").stdout
            sent = next(b for n, b in documents_in(body).items() if n.startswith(message["translations"][0]["id"]) and "-sent." in n)
            self.assertIn(f"appType>{app_type}<".encode(), sent)
            base_id = message_id  # what is cancelled is the changed document

    def test_a_test_message_takes_the_test_route_only(self):
        only_minsk = lambda text: re.sub(r"<ceb:country>203<", "<ceb:country>340<", text)
        message_id, _ = self.accepted(self.fresh(only_minsk), "guangzhou", "--test")
        message = self.delivered(message_id)
        self.assertEqual({(t["to"], t["format"]) for t in message["translations"]}, {("shenzhen", "cn.ceb603")})
        self.assertTrue(message["test"])

    def test_an_unreachable_partner_is_tried_again_and_gets_it_once(self):
        message_id, _ = self.accepted(self.fresh())
        self.assertEqual(self.delivered(message_id)["state"], "delivered")
        stored = [line.split("\t") for line in (self.union.folder / "received/requests.tsv").read_text().splitlines()]
        keys = [row[1] for row in stored if row[4] == "stored"]
        self.assertEqual(len(keys), len(set(keys)))

    def test_the_evidence_verifies(self):
        message_id, _ = self.accepted(self.fresh())
        self.delivered(message_id)
        path = self.union.folder / "out/evidence.asice"
        path.write_bytes(self.union.curl(f"{self.union.url}/v1/messages/{message_id}/evidence").stdout)
        done = self.union.run("verify", "--trust", self.union.folder / "keys/trust", path, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())

    def test_client_certificates_name_the_agency_too(self):
        keys = self.union.folder / "keys"
        done = subprocess.run(["curl", "-sS", "--cacert", keys / "union-root.crt", "--cert", keys / "minsk-tls.crt", "--key", keys / "minsk-tls.key",
                               self.union.url + "/v1/messages"], capture_output=True)
        self.assertIn("messages", json.loads(done.stdout))

    def test_the_directory_and_the_description_are_there(self):
        for path in ("agencies", "routes", "formats", "plugins", "openapi.json"):
            self.assertTrue(json.loads(self.union.get(f"/v1/{path}")))
        self.assertIn("hansa_messages", self.union.get("/metrics"))
        self.assertTrue(json.loads(self.union.get("/readyz"))["ready"])

    def test_the_engines_agree_on_what_both_do(self):
        # The demo's gateway lets both engines do every message.
        declaration = self.union.folder / "messages/yerevan-esad.xml"
        signed = self.union.folder / "out/yerevan-esad.asice"
        self.union.sign("yerevan", declaration, signed)
        self.accepted(signed, "yerevan")
        metrics = self.union.get("/metrics")
        self.assertRegex(metrics, r'hansa_shadow_messages\{outcome="differed"\} 0\n')
        self.assertRegex(metrics, r'hansa_fast_way_messages\{outcome="done"\} [1-9]')
        if SHADOW is None:
            self.assertRegex(metrics, r'hansa_shadow_messages\{outcome="compared"\} [1-9]')

    def test_the_fast_way_verifies_and_what_it_leaves_is_counted(self):
        self.accepted(self.fresh())
        metrics = self.union.get("/metrics")
        self.assertRegex(metrics, r'hansa_fast_way_signatures\{outcome="done",work="verify"\} [1-9]')
        self.assertRegex(metrics, r'hansa_fast_way_signatures\{outcome="differed",work="verify"\} 0\n')
        # A list whose documents go to two receivers is split: for each, a plan does the documents that are its own.
        self.assertRegex(metrics, r'hansa_fast_way_messages\{outcome="done"\} ([2-9]|[1-9][0-9])')

    def test_validate_and_translate_over_http_are_the_commands(self):
        done = self.union.curl("--data-binary", f"@{LIST}", f"{self.union.url}/v1/translate?to=wco.declaration", agency="guangzhou")
        answer = json.loads(done.stdout)
        self.assertEqual((answer["from"], answer["to"], len(answer["messages"])), ("cn.ceb603", "wco.declaration", 2))


if __name__ == "__main__":
    run_suite("e2e")
