#!/usr/bin/env python3
"""What bad input gets: its own code over HTTP and on the command line, a journalled refusal, and a daemon that goes on."""
import json
import re
import shutil
import subprocess
import unittest

from support import LIST, list_with, new_union, run_suite

DOCTYPE = '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "c">]>\n<a>&b;</a>'
BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "aaaaaaaaaa">' + "".join(
    f'<!ENTITY a{i} "{"&a%d;" % (i - 1) * 10}">' for i in range(1, 10)) + "]><a>&a9;</a>"
# name, bytes, HTTP status, code, has a line
RAW = [
    ("not XML", b"EDIFACT is not XML", 422, "xml.", True),
    ("empty", b"", 422, "xml.", False),
    ("wrong encoding", '<?xml version="1.0" encoding="UTF-8"?><a>'.encode() + b"\xff\xfe</a>", 422, "xml.", True),
    ("truncated", LIST.read_bytes()[:2000], 422, "xml.", True),
    ("DOCTYPE", DOCTYPE.encode(), 422, "xml.doctype-refused", True),
    ("entity bomb", BOMB.encode(), 422, "xml.doctype-refused", True),
    ("deep nesting", b"<a>" * 100_000, 422, "xml.", True),
    ("unknown namespace", b'<x xmlns="urn:unknown"/>', 422, "plugin.format-unknown", False),
    ("not a container", b"PK\x03\x04 and nothing more", 422, "trust.container-", False),
]


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.union = new_union()
        # Guangzhou's lists must keep the numbered rules of China.
        agency = cls.union.folder / "agencies/guangzhou.toml"
        agency.write_text(agency.read_text(encoding="utf-8").replace('id = "guangzhou"', 'id = "guangzhou"\nrules = ["cn"]', 1), encoding="utf-8")
        cls.union.start_receiver()
        cls.union.start()
        cls.number = 5_000

    @classmethod
    def tearDownClass(cls):
        cls.union.stop()
        shutil.rmtree(cls.union.folder)

    def post(self, data, agency="guangzhou", *headers):
        path = self.union.folder / "out/raw"
        path.write_bytes(data)
        done = self.union.curl("--data-binary", f"@{path}", "-H", "Content-Type: application/xml", *headers, "-w", "\n%{http_code}", self.union.url + "/v1/messages", agency=agency)
        body, _, status = done.stdout.decode(errors="replace").rpartition("\n")
        return int(status), body

    def expect(self, answer, status, code, line=None):
        got, body = answer
        problem = json.loads(body)
        self.assertTrue(problem["code"].startswith(code), body)
        self.assertEqual(got, status, body)
        self.assertEqual(problem["status"], got)
        self.assertTrue(problem["title"] and problem["advice"])
        if line is not None:
            self.assertEqual("line" in problem, line, body)

    def signed(self, edit=lambda text: text, agency="guangzhou", check=True):
        Refusals.number += 1
        path = list_with(self.union.folder, f"r-{Refusals.number}.xml", Refusals.number, edit)
        out = path.with_suffix(".signed.xml")
        self.union.sign(agency, path, out, check=check)
        return out.read_bytes()

    def still_serves(self):
        status, body = self.post(self.signed())
        self.assertEqual(status, 202, body)

    def test_raw_bytes(self):
        for name, data, status, code, line in RAW:
            with self.subTest(name):
                self.expect(self.post(data), status, code, line if line else None)
        self.still_serves()

    def test_schema_error_names_line_and_path(self):
        data = self.signed(lambda text: text.replace("<ceb:appStatus>2</ceb:appStatus>", "<ceb:appStatus>234</ceb:appStatus>", 1))
        status, body = self.post(data)
        self.expect((status, body), 422, "schema.", True)
        self.assertIn("appStatus", json.loads(body)["path"])

    def test_code_that_is_not_in_the_list(self):
        data = self.signed(lambda text: text.replace("<ceb:currency>142<", "<ceb:currency>aaa<", 1))
        self.expect(self.post(data), 422, "mapping.", True)

    def test_date_out_of_its_domain(self):
        data = self.signed(lambda text: text.replace("20261105093012", "20261345093012", 1))
        self.expect(self.post(data), 422, "mapping.", True)

    def test_missing_signature(self):
        self.expect(self.post(LIST.read_bytes()), 422, "exchange.signature-missing")

    def test_bad_signature(self):
        data = self.signed().replace("gift wrap".encode(), "gift wrxp".encode(), 1)
        self.expect(self.post(data), 422, "trust.digest-wrong")

    def test_signature_over_something_else(self):
        data = self.signed().decode("utf-8")
        moved = re.sub(r'<ds:Reference([^>]*)URI=""', r'<ds:Reference\1URI="#other"', data)
        self.assertNotEqual(moved, data)
        self.expect(self.post(moved.encode()), 422, "trust.")

    def test_unknown_certificate(self):
        keys = self.union.folder / "keys"
        if not (keys / "stranger-sm2.key").exists():
            self.union.run("keys", "stranger-sm2", "--folder", keys, "--kind", "sm2")
        self.expect(self.post(self.signed(agency="stranger-sm2")), 403, "trust.certificate-unknown")

    def test_wrong_agency(self):
        keys = self.union.folder / "keys"
        self.union.run("keys", "other-sm2", "--folder", keys, "--kind", "sm2", "--authority", keys / "sm2-root")
        self.expect(self.post(self.signed(agency="other-sm2")), 403, "exchange.wrong-agency")
        self.expect(self.post(self.signed(), "minsk"), 403, "exchange.format-not-allowed")

    def test_stranger(self):
        done = subprocess.run(["curl", "-sS", "--cacert", str(self.union.key("union-root.crt")), "-H", "Authorization: Bearer nonsense", "--data-binary", "<a/>",
                               self.union.url + "/v1/messages"], capture_output=True)
        self.assertEqual(json.loads(done.stdout)["code"], "exchange.unknown-agency")

    def test_test_message_on_a_production_route(self):
        status, body = self.post(self.signed(), "guangzhou", "-H", "Hansa-Format: cn.ceb621")
        self.expect((status, body), 422, "exchange.format-differs")
        path = self.union.folder / "messages/yerevan-esad.xml"
        out = self.union.folder / "out/esad.asice"
        self.union.sign("yerevan", path, out)
        self.expect(self.post(out.read_bytes(), "yerevan", "-H", "Hansa-Test: true"), 422, "exchange.test-on-production")

    def test_duplicate_key_with_another_body(self):
        key = ("-H", "Idempotency-Key: the-same-key")
        self.assertEqual(self.post(self.signed(), "guangzhou", *key)[0], 202)
        self.expect(self.post(self.signed(), "guangzhou", *key), 409, "exchange.duplicate-key")

    def test_new_document_with_a_used_reference(self):
        edit = lambda text: text
        first = self.signed(edit)
        self.assertEqual(self.post(first)[0], 202)
        Refusals.number -= 1
        again = self.signed(lambda text: text.replace("gift wrap", "other note"))
        self.expect(self.post(again), 409, "exchange.duplicate-document")

    def test_change_without_its_base(self):
        data = self.signed(lambda text: text.replace("<ceb:appType>1<", "<ceb:appType>2<"))
        self.expect(self.post(data), 422, "exchange.base-unknown")

    def test_no_route(self):
        data = self.signed(lambda text: text.replace("<ceb:country>340<", "<ceb:country>502<"))
        self.expect(self.post(data), 422, "exchange.no-route")

    def test_answer_without_a_question(self):
        text = (self.union.folder / "messages/minsk-response.xml").read_text(encoding="utf-8").replace("@REFERENCE@", "NEVER-SENT")
        path = self.union.folder / "out/lost.xml"
        path.write_text(text, encoding="utf-8")
        self.union.sign("minsk", path, path.with_suffix(".asice"))
        self.expect(self.post(path.with_suffix(".asice").read_bytes(), "minsk"), 422, "exchange.question-unknown")

    def test_smuggling_is_refused(self):
        import socket
        import ssl
        context = ssl.create_default_context(cafile=str(self.union.key("union-root.crt")))
        for extra in ("Content-Length: 4\r\nContent-Length: 5", "Content-Length: 4\r\nTransfer-Encoding: chunked", "Content-Length: -4"):
            with self.subTest(extra), socket.create_connection(("127.0.0.1", self.union.port)) as plain:
                with context.wrap_socket(plain, server_hostname="localhost") as connection:
                    connection.sendall(f"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n{extra}\r\n\r\n".encode())
                    answer = b""
                    while piece := connection.recv(4096):
                        answer += piece
                    self.assertIn(b" 400 ", answer.split(b"\r\n")[0])
                    self.assertIn(b"server.ambiguous-length", answer)

    def test_a_numbered_rule(self):
        broken = self.signed(lambda text: text.replace("<ceb:gnum>1<", "<ceb:gnum>7<", 1))
        answer = self.post(broken)
        self.expect(answer, 422, "rules.refused", True)
        self.assertIn("cn.4b", answer[1])
        self.assertIn("gnum", answer[1])
        self.assertRegex(self.union.get("/metrics"), r'hansa_rule_findings\{rule="cn.4b",severity="refuse"\} [1-9]')
        self.still_serves()

    def test_over_the_size_limit(self):
        path = self.union.folder / "out/large"
        with open(path, "wb") as out:
            out.truncate((64 << 20) + 1)
        done = self.union.curl("--data-binary", f"@{path}", "-H", "Expect:", "-w", "\n%{http_code}", self.union.url + "/v1/messages", agency="guangzhou")
        self.assertIn("413", done.stdout.decode()[-4:])
        self.assertIn("server.body-too-large", done.stdout.decode())

    def test_other_paths_methods_and_parameters(self):
        self.assertEqual(json.loads(self.union.get("/nothing"))["code"], "server.not-found")
        self.assertEqual(json.loads(self.union.get("/v1/messages?state=blue"))["code"], "server.bad-parameter")
        self.assertEqual(json.loads(self.union.get("/v1/messages/NONE"))["code"], "exchange.not-found")
        self.assertEqual(json.loads(self.union.curl("-X", "DELETE", self.union.url + "/v1/messages").stdout)["code"], "server.method")
        self.assertEqual(json.loads(self.union.get("/metrics", agency="minsk"))["code"], "server.forbidden")

    def test_translations_that_cannot_be(self):
        for to, code in (("wco.response", "exchange.kind-differs"), ("wco.nothing", "exchange.format-needed")):
            done = self.union.curl("--data-binary", f"@{LIST}", f"{self.union.url}/v1/translate?to={to}", agency="guangzhou")
            self.assertEqual(json.loads(done.stdout)["code"], code)

    def test_replay_is_for_dead_letters(self):
        status, body = self.post(self.signed())
        message_id = re.search(r"<message>(\w+)<", body).group(1)
        done = self.union.curl("-X", "POST", f"{self.union.url}/v1/messages/{message_id}/replay")
        self.assertEqual(json.loads(done.stdout)["code"], "exchange.not-dead")

    def test_refusals_of_known_agencies_are_journalled(self):
        self.post(b"<x/>")
        page = json.loads(self.union.get("/v1/messages?state=refused&agency=guangzhou"))
        self.assertTrue(page["messages"])
        self.assertTrue(all(m["reason"] for m in page["messages"]))

    def test_the_drop_folder_says_why(self):
        drop = self.union.folder / "drop/cotonou"
        (drop / "bad.xml.part").write_text("<a>")
        (drop / "bad.xml.part").rename(drop / "bad.xml")
        from support import wait_for
        error = wait_for(lambda: (p := drop / "refused/bad.xml.error.json").exists() and p)
        self.assertTrue(json.loads(error.read_text())["code"].startswith("xml."))
        (drop / "half.part").write_text("<a>")
        self.still_serves()
        self.assertTrue((drop / "half.part").exists(), "a partial file must not be touched")


if __name__ == "__main__":
    run_suite("e2e-refusals")
