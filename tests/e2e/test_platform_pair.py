#!/usr/bin/env python3
"""Two gateways that speak as the Eurasian union's platform does: a declaration goes over signed in its holder and in a SOAP message, the
signals come back, the answer finds its question by its frame, and what does not belong there is refused."""
import io
import json
import re
import shutil
import unittest
import uuid
import zipfile

from support import SOURCE, new_union, run_suite, wait_for

FRAME, PROFILE = "eaeu.platform-message", "eaeu.signed-doc.ecdsa-p256-sha256"
ANSWER = "eaeu.customs-control-document"  # it names the document that it answers by its UUID
WEST, EAST = "EAEU://AM/CP/P.XX.01/P.XX.01.ACT.001", "EAEU://BY/CP/P.XX.01/P.XX.01.ACT.002"
ACTION = "int://CP/P.XX.01/1.0.0/P.XX.01.PRC.001/P.XX.01.TRN.001/"


def documents_in(container):
    with zipfile.ZipFile(io.BytesIO(container)) as files:
        return {name: files.read(name) for name in files.namelist()}


def header(message, name):
    return re.search(rf"<(?:\w+:)?{name}(?: [^>]*)?>([^<]*)<", message).group(1)


def behind_the_platform(agency, authority, formats, here, there, url, token):
    """An agency on the other gateway: its messages bear that gateway's signature."""
    return f'''id = "{agency}"
authority = "{authority}"
tokens = ["file:../keys/{agency}.token.sha256"]
trust = "../keys/trust"
signers = ["file:../keys/gateway.sha256"]
formats = {json.dumps(formats)}
answer-format = "{ANSWER}"
frame = "{FRAME}"
[address]
url = "{url}/v1/messages"
token-file = "../keys/{token}.token"
trust = "../keys/union-root.crt"
[envelope."{FRAME}"]
"Sender/ID" = "{here}"
"Receiver/ID" = "{there}"
"ActionID" = "{ACTION}P.XX.01.MSG.001"
"Answer/ActionID" = "P.XX.01.MSG.002"
"Answer/Signature" = "{PROFILE}"
'''


def route(from_format, to_format, more=""):
    return f'[[route]]\nname = "yerevan-minsk"\nfrom = "yerevan"\nfrom-format = "{from_format}"\nto = "minsk"\nto-format = "{to_format}"\npurpose = "copy"\n{more}'


def of_its_own(union, agency):
    """An agency of this gateway gets its messages in a folder."""
    path = union.folder / f"agencies/{agency}.toml"
    text = path.read_text(encoding="utf-8").replace('"wco.response"', f'"{ANSWER}"')
    path.write_text(re.sub(r'url = "[^"]*"', f'url = "folder:../delivered/{agency}"', text), encoding="utf-8")


class Pair(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.west, cls.east = west, east = new_union(), new_union()
        shutil.rmtree(east.folder / "keys")
        shutil.copytree(west.folder / "keys", east.folder / "keys")
        for union in (west, east):
            config = union.folder / "hansa.toml"
            config.write_text(config.read_text(encoding="utf-8").replace('"enveloped.ecdsa-p256-sha256"]', f'"enveloped.ecdsa-p256-sha256", "{PROFILE}"]'), encoding="utf-8")
        of_its_own(west, "yerevan")
        of_its_own(east, "minsk")
        (west.folder / "agencies/minsk.toml").write_text(behind_the_platform("minsk", "eaeu", [ANSWER], WEST, EAST, east.url, "yerevan"), encoding="utf-8")
        (east.folder / "agencies/yerevan.toml").write_text(behind_the_platform("yerevan", "am", ["eaeu.goods-declaration"], EAST, WEST, west.url, "minsk"), encoding="utf-8")
        (west.folder / "routes/corridors.toml").write_text(route("am.esad", "eaeu.goods-declaration", f'signature = "{PROFILE}"\n'), encoding="utf-8")
        (east.folder / "routes/corridors.toml").write_text(route("eaeu.goods-declaration", "eaeu.goods-declaration"), encoding="utf-8")
        for union in (west, east):
            union.start()
        cls.question()

    @classmethod
    def tearDownClass(cls):
        for union in (cls.west, cls.east):
            union.stop()
            shutil.rmtree(union.folder)

    @classmethod
    def question(cls):
        """Yerevan's declaration, on its way over both gateways."""
        signed = cls.west.folder / "out/esad.asice"
        cls.west.sign("yerevan", cls.west.folder / "messages/yerevan-esad.xml", signed)
        done = cls.west.send("yerevan", signed)
        cls.asked = re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1)
        sent = wait_for(lambda: (m := cls.message(cls.west, cls.asked))["state"] in ("delivered", "dead") and m)
        assert sent["state"] == "delivered", sent
        cls.sent = sent["translations"][0]["id"]
        cls.soap = cls.sent_bytes(cls.west, cls.asked, cls.sent)

    @staticmethod
    def message(union, message_id):
        return json.loads(union.get(f"/v1/messages/{message_id}"))

    @staticmethod
    def sent_bytes(union, asked, sent):
        evidence = union.curl(f"{union.url}/v1/messages/{asked}/evidence").stdout
        return next(body for name, body in documents_in(evidence).items() if name.startswith(sent) and "-sent." in name).decode()

    @staticmethod
    def heads(union, **wanted):
        found = json.loads(union.get("/v1/messages"))["messages"]
        return [m for m in found if all(m.get(key) == value for key, value in wanted.items())]

    def post(self, union, agency, text):
        path = union.folder / "out/posted.xml"
        path.write_text(text, encoding="utf-8")
        done = union.curl("-D", "-", "--data-binary", f"@{path}", "-H", "Content-Type: application/xml", f"{union.url}/v1/messages", agency=agency)
        head, _, body = done.stdout.decode().partition("\r\n\r\n")
        while head.startswith("HTTP/1.1 100"):
            head, _, body = body.partition("\r\n\r\n")
        return int(head.split()[1]), head, body

    def about(self, body, last, **headers):
        """What Minsk says of Yerevan's message."""
        said = {"relates": header(self.soap, "MessageID"), "conversation": header(self.soap, "ConversationID"), "action": ACTION + last, "more": ""} | headers
        relates = f"<a:RelatesTo>{said['relates']}</a:RelatesTo>" if said["relates"] else ""
        return (f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:i="urn:EEC:Interaction:v1.0">\n<s:Header>\n'
                f'<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID>\n<i:ProcedureID>{header(self.soap, "ProcedureID")}</i:ProcedureID>\n'
                f'<i:ConversationID>{said["conversation"]}</i:ConversationID>\n<a:To>{WEST}</a:To>\n<a:Action>{said["action"]}</a:Action>\n{said["more"]}'
                f'<a:ReplyTo><a:Address>{EAST}</a:Address></a:ReplyTo>{relates}</s:Header>\n<s:Body>{body}</s:Body></s:Envelope>')

    def refused(self, union, agency, text):
        status, _, body = self.post(union, agency, text)
        problem = json.loads(body)
        return status, problem["code"], problem

    def test_1_the_message_is_soap_around_a_signed_document(self):
        self.assertEqual((header(self.soap, "To"), header(self.soap, "Address"), header(self.soap, "Action")), (EAST, WEST, ACTION + "P.XX.01.MSG.001"))
        self.assertNotIn("RelatesTo", self.soap)
        self.assertIn("SignedContent", self.soap)
        arrived = wait_for(lambda: list((self.east.folder / "delivered/minsk").glob("*.asice")))
        self.assertEqual(len(arrived), 1)
        document = next(body for name, body in documents_in(arrived[0].read_bytes()).items() if name.endswith(".xml") and not name.startswith("META-INF"))
        self.assertIn(b"GoodsDeclaration", document)
        come = self.heads(self.east, direction="in", format="eaeu.goods-declaration")
        self.assertEqual(len(come), 1)
        evidence = documents_in(self.east.curl(f"{self.east.url}/v1/messages/{come[0]['id']}/evidence").stdout)
        verified = next(body.decode() for name, body in evidence.items() if name.endswith("-verification.json"))
        self.assertIn("doc:SignedContent", verified)

    def test_2_it_is_signalled_as_taken_into_processing(self):
        signals = wait_for(lambda: self.heads(self.west, direction="in", format="eaeu.processing-receipt"))
        self.assertEqual([s["parent"] for s in signals], [{"id": self.sent, "relation": "answer"}])
        self.assertIn("P.MSG.PRS", json.dumps(self.message(self.west, signals[0]["id"])["history"]))
        self.assertEqual(self.message(self.west, self.asked)["state"], "delivered")  # the wait goes on

    def test_3_a_delivery_signal_is_kept_too(self):
        status, _, body = self.post(self.west, "minsk", self.about("<delivered/>", "P.MSG.RCV"))
        self.assertEqual(status, 202, body)
        self.assertEqual(self.message(self.west, self.asked)["state"], "delivered")
        self.assertEqual([m["parent"]["id"] for m in self.heads(self.west, direction="in", format=FRAME)], [self.sent])

    def test_4_the_same_document_under_another_id_is_known(self):
        again = self.soap.replace(header(self.soap, "MessageID"), f"urn:uuid:{uuid.uuid4()}", 1)
        status, head, body = self.post(self.east, "yerevan", again)
        self.assertEqual(status, 202, body)
        self.assertRegex(head, "(?i)hansa-repeated: true")
        self.assertEqual(len(list((self.east.folder / "delivered/minsk").glob("*.asice"))), 1)

    def test_5_what_does_not_belong_to_it_is_refused(self):
        receipt = f'<g:ProcessingReceipt xmlns:g="urn:EEC:signal:v1.0"><g:SignalId>{uuid.uuid4()}</g:SignalId><g:DateTime>2026-11-05T10:00:00</g:DateTime></g:ProcessingReceipt>'
        fault = '<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang="en">no</s:Text></s:Reason></s:Fault>'
        other = f"urn:uuid:{uuid.uuid4()}"
        cases = ((self.about(receipt, "P.MSG.PRS", relates=other), "exchange.question-unknown"),
                 (self.about(receipt, "P.MSG.PRS", relates=""), "exchange.question-unknown"),
                 (self.about(receipt, "P.MSG.PRS", conversation=other), "exchange.correlation-differs"),
                 (self.about(receipt, "P.MSG.ABC"), "exchange.signal-unknown"),
                 (self.about(receipt, "", action="mailto:x"), "schema.pattern"),
                 (self.about(fault, "P.XX.01.MSG.002"), "exchange.format-not-allowed"),
                 (self.about("", "P.XX.01.MSG.002"), "envelope.payload-missing"),
                 (self.about("<x/>", "P.XX.01.MSG.002"), "plugin.format-unknown"),
                 (self.about(receipt, "P.MSG.PRS", more="<a:From><a:Address>x</a:Address></a:From>\n"), "envelope.header-forbidden"))
        for text, code in cases:
            with self.subTest(code):
                status, found, problem = self.refused(self.west, "minsk", text)
                self.assertEqual((found, status // 100), (code, 4), problem)
        # The place is that of the message as it came.
        self.assertEqual((problem["line"], problem["column"]), (8, 1), problem)
        # A signed document with another content, under an id of its own.
        changed = self.soap.replace(header(self.soap, "MessageID"), other, 1).replace("GoodsDescriptionText>", "GoodsDescriptionText> ", 1)
        self.assertNotIn(changed, (self.soap,))
        self.assertEqual(self.refused(self.east, "yerevan", changed)[1], "trust.digest-wrong")

    def test_6_the_answer_finds_its_question(self):
        document = next(body.decode() for name, body in documents_in(next((self.east.folder / "delivered/minsk").glob("*.asice")).read_bytes()).items()
                        if name.endswith(".xml") and not name.startswith("META-INF"))
        text = (SOURCE / "plugins/eaeu/golden/customs-control-document/smallest.xml").read_text(encoding="utf-8")
        own = header(text, "EDocId")
        text = re.sub(r"(<csdo:EDocId>[^\n]*\n)", rf"\g<1>  <csdo:EDocRefId>{header(document, 'EDocId')}</csdo:EDocRefId>\n", text, count=1)
        answer = self.east.folder / "out/answer.xml"
        answer.write_text(text, encoding="utf-8")
        signed = answer.with_suffix(".asice")
        self.east.sign("minsk", answer, signed)
        done = self.east.send("minsk", signed)
        answer_id = re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1)
        went = wait_for(lambda: (m := self.message(self.east, answer_id))["state"] in ("delivered", "dead") and m)
        self.assertEqual(went["state"], "delivered", went)
        soap = self.sent_bytes(self.east, answer_id, went["translations"][0]["id"])
        for name in ("ConversationID", "ProcedureID"):
            self.assertEqual(header(soap, name), header(self.soap, name))
        self.assertEqual(header(soap, "RelatesTo"), header(self.soap, "MessageID"))
        self.assertEqual((header(soap, "To"), header(soap, "Address"), header(soap, "Action")), (WEST, EAST, ACTION + "P.XX.01.MSG.002"))
        self.assertEqual(self.message(self.west, self.asked)["state"], "answered")
        arrived = wait_for(lambda: list((self.west.folder / "delivered/yerevan").glob("*.asice")))
        self.assertEqual(len(arrived), 1)
        self.assertIn(own, "".join(body.decode("utf-8", "replace") for body in documents_in(arrived[0].read_bytes()).values()))


if __name__ == "__main__":
    run_suite("e2e-platform-pair")
