#!/usr/bin/env python3
"""Bad input of China's import messages: every refusal names the field, the value, and the list or the rule; the frame around a message is taken off."""
import json
import pathlib
import subprocess
import tempfile
import unittest

from support import BUILD, SOURCE, run_suite

GOLDEN = SOURCE / "plugins/cn/golden"
HANSA = [str(BUILD / "bin/hansa"), "--plugins", str(SOURCE / "plugins/cn")]

# Example, a piece of it and what stands in its place, the code of the refusal, the field, and what the message must name.
CASES = [
    ("ceb412/stored", "returnStatus>120<", "returnStatus>0<", "mapping.code-unknown", "PaymentReturn[1]/returnStatus", ("'0'", "cn.return-status")),
    ("ceb512/stored", "20261105102646001", "20261305102646001", "mapping.date-domain", "LogisticsReturn[1]/returnTime", ("'20261305102646001'", "yyyyMMddHHmmssSSS")),
    ("ceb513/smallest", "logisticsStatus>S<", "logisticsStatus>R<", "mapping.code-unknown", "LogisticsStatus[1]/logisticsStatus", ("'R'", "cn.logistics-status")),
    ("ceb623/smallest", "appType>1<", "appType>2<", "mapping.code-unknown", "InvtCancel[1]/appType", ("'2'", "cn.request-type")),
    ("ceb624/decided", "returnStatus>399<", "returnStatus>800<", "mapping.code-unknown", "InvtCancelReturn[1]/returnStatus", ("'800'", "cn.request-status")),
    ("ceb625/smallest", "qty>2<", "qty>2.123456<", "schema.digits", "InvtRefundList/qty", ("'2.123456'", "fractionDigits 5", "Decimal19.5")),
    ("ceb625/smallest", "9619001100", "96190011XX", "mapping.domain", "InvtRefundList[1]/gcode", ("'96190011XX'", "cut 6")),
    ("ceb711/smallest", "trafMode>5<", "trafMode>Q<", "mapping.code-unknown", "DeliveryHead/trafMode", ("'Q'", "cn.traf-mode")),
    ("ceb711/smallest", "ieFlag>I<", "ieFlag>a<", "mapping.code-unknown", "DeliveryHead/ieFlag", ("'a'", "cn.direction")),
    ("ceb816/smallest", "taxPrice>200<", "taxPrice>123456789012345678901<", "schema.digits", "TaxListRd/taxPrice", ("'123456789012345678901'", "totalDigits 19", "Decimal19.5")),
    ("ceb818/smallest", "status>1<", "status>4<", "mapping.code-unknown", "TaxHeadStatus/status", ("'4'", "cn.tax-bill-status")),
    ("ceb900/bad-format", "returnStatus>-1<", "returnStatus>120<", "mapping.code-unknown", "MessageReturn/returnStatus", ("'120'", "cn.format-status")),
]


def hansa(*words):
    return subprocess.run([*HANSA, *words], capture_output=True, timeout=120)


class BadInput(unittest.TestCase):
    def test_each_refusal_names_field_value_and_rule(self):
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for number, (example, good, bad, *_) in enumerate(CASES):
                text = (GOLDEN / f"{example}.xml").read_text(encoding="utf-8")
                self.assertIn(good, text)
                files.append(pathlib.Path(folder) / f"{number}.xml")
                files[-1].write_text(text.replace(good, bad, 1), encoding="utf-8")
            done = hansa("validate", "--json", *map(str, files))
        self.assertEqual(done.returncode, 1, done.stderr.decode())
        for (example, _, bad, code, field, named), found in zip(CASES, json.loads(done.stdout), strict=True):
            with self.subTest(example, bad=bad):
                self.assertFalse(found["valid"])
                error = found["errors"][0]
                self.assertEqual(error["code"], code, error)
                self.assertTrue(error["path"].endswith("/" + field), error)
                self.assertTrue(error["line"] > 0 and error["column"] > 0, error)
                for word in named:
                    self.assertIn(word, error["message"])

    def test_the_frame_is_taken_off(self):
        done = hansa("detect", "--json", str(GOLDEN / "dxp-message/file-and-character-set.xml"))
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        found = json.loads(done.stdout)[0]
        self.assertEqual([layer["kind"] for layer in found["wrappers"]], ["cn.dxp-message"])
        self.assertEqual(found["wrappers"][0]["headers"]["Receiver/ID"], "DXPEDCCEB0000002")
        self.assertEqual(found["documents"], [{"path": "payload", "format": "cn.ceb511"}])
        done = hansa("validate", str(GOLDEN / "dxp-message/smallest.xml"))
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertIn("payload: valid cn.ceb511", done.stdout.decode())


if __name__ == "__main__":
    run_suite("e2e-china-import")
