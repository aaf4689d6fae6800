#!/usr/bin/env python3
"""hansa and hansad as people and scripts use them: help, exit codes, JSON, places of errors."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from support import BUILD, LIST, SOURCE, new_union, run_suite

HANSA = str(BUILD / "bin/hansa")
HANSAD = str(BUILD / "bin/hansad")
COMMANDS = ("formats", "detect", "validate", "translate", "pivot", "explain", "coverage", "sign", "verify", "send", "trace", "replay", "generate", "plugin",
            "errors", "config", "journal", "keys", "check", "rules", "tax", "consent", "disclose")


def hansa(*words, **options):
    return subprocess.run([HANSA, *map(str, words)], capture_output=True, timeout=300, **options)


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hansa-cli-"))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def test_help_on_everything(self):
        for words in ((), *((c,) for c in COMMANDS), ("plugin", "check"), ("plugin", "new"), ("plugin", "list"), ("config", "check"), ("journal", "verify"), ("consent", "new"), ("consent", "withdraw"), ("consent", "show"), ("consent", "list")):
            done = hansa(*words, "--help")
            self.assertEqual(done.returncode, 0, words)
            self.assertIn(b"Example", done.stdout + b"Example" * (len(words) > 1), words)
        self.assertEqual(subprocess.run([HANSAD, "--help"], capture_output=True).returncode, 0)

    def test_exit_codes(self):
        bad = self.folder / "bad.xml"
        bad.write_text(LIST.read_text(encoding="utf-8").replace("<ceb:packNo>1<", "<ceb:packNo>one<", 1), encoding="utf-8")
        self.assertEqual(hansa("validate", LIST).returncode, 0)
        self.assertEqual(hansa("validate", bad).returncode, 1)
        self.assertEqual(hansa("validate").returncode, 2)
        self.assertEqual(hansa("nonsense").returncode, 2)
        self.assertEqual(hansa("validate", self.folder / "none.xml").returncode, 3)
        self.assertEqual(hansa("config", "check", "--config", self.folder / "none.toml").returncode, 4)
        self.assertEqual(hansa("trace", "x", "--url", "http://127.0.0.1:9").returncode, 5)

    def test_a_gateway_that_cannot_be_spoken_to(self):
        done = hansa("send", "--url", "https://127.0.0.1:9", "--trust", self.folder / "none.crt", LIST)
        self.assertEqual(done.returncode, 5)
        self.assertIn(b"transport.tls-setup", done.stderr)
        self.assertIn(b"exchange.partner-unreachable", hansa("send", "--url", "http://127.0.0.1:9", LIST).stderr)

    def test_engines_of_validate(self):
        bad = self.folder / "bad.xml"
        bad.write_text(LIST.read_text(encoding="utf-8").replace("<ceb:packNo>1<", "<ceb:packNo>one<", 1), encoding="utf-8")
        for engine in ("fast", "both"):
            self.assertEqual(hansa("validate", "--engine", engine, LIST).returncode, 0)
            done = hansa("validate", "--engine", engine, bad)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr.decode(), r"bad\.xml:\d+:\d+: schema\.type: ")
            self.assertNotIn(b"exchange.engines-differ", done.stderr)
        # The judge counts a character beyond U+FFFF twice: the one deviation that is listed.
        wide = self.folder / "wide.xml"
        text = (SOURCE / "plugins/cn/golden/ceb311/payment.xml").read_text(encoding="utf-8")
        wide.write_text(re.sub("<ceb:copName>[^<]*<", "<ceb:copName>" + "\U0001F600" * 60 + "<", text), encoding="utf-8")
        self.assertIn(b"exchange.engines-differ", hansa("validate", "--engine", "both", wide).stderr)

    def test_engines_of_translate(self):
        for target in ("wco.declaration", "eaeu.goods-declaration", "asycuda.sad"):
            outputs = {}
            for engine in ("reference", "fast", "both"):
                folder = self.folder / f"{engine}-{target}"
                losses = self.folder / f"{engine}-{target}.json"
                done = hansa("translate", "--engine", engine, "--to", target, LIST, "-o", f"{folder}/", "--loss", losses)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn(b"done by the reference engine", done.stderr)
                outputs[engine] = [path.read_bytes() for path in sorted(folder.iterdir())] + [losses.read_bytes()]
            self.assertEqual(outputs["fast"], outputs["reference"])
            self.assertEqual(outputs["both"], outputs["reference"])
        same = self.folder / "same.xml"
        declaration = SOURCE / "conf/demo/messages/cotonou-sad.xml"
        done = hansa("translate", "--engine", "fast", "--to", "asycuda.sad", declaration, "-o", same)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"done by the reference engine", done.stderr)

    def test_errors_have_file_line_column_and_code(self):
        bad = self.folder / "bad.xml"
        bad.write_text(LIST.read_text(encoding="utf-8").replace("<ceb:packNo>1<", "<ceb:packNo>one<", 1), encoding="utf-8")
        words = hansa("validate", bad).stderr.decode()
        line = next(i for i, text in enumerate(bad.read_text(encoding="utf-8").splitlines(), 1) if ">one<" in text)
        self.assertRegex(words, rf"bad\.xml:{line}:\d+: schema\.type: ")
        report = json.loads(hansa("validate", "--json", bad).stdout)
        self.assertFalse(report[0]["valid"])
        self.assertEqual(report[0]["errors"][0]["line"], line)

    def test_rules(self):
        whole = hansa("check", LIST)
        self.assertEqual(whole.returncode, 0, whole.stdout)
        listing = SOURCE / "plugins/cn/golden/ceb621"
        declared = next(path for path in sorted(listing.glob("*.xml")) if not path.with_suffix(".errors").exists())
        broken = self.folder / "packages.xml"
        text = re.sub("<(ceb:)?packNo>[^<]*<", lambda m: f"<{m[1] or ''}packNo>7<", declared.read_text(encoding="utf-8"))
        broken.write_text(text, encoding="utf-8")
        done = hansa("check", "--json", "--all", broken)
        self.assertEqual(done.returncode, 1, done.stderr)
        report = json.loads(done.stdout)[0]
        finding = next(f for f in report["findings"] if f["rule"] == "cn.3h")
        self.assertEqual((finding["code"], finding["severity"], finding["value"], finding["expected"]), ("rules.refused", "refuse", "7", "1"))
        self.assertEqual(finding["path"], "TotalPackageQuantity")
        self.assertTrue(finding["element"].endswith("InventoryHead/packNo"), finding["element"])
        self.assertIn("packNo", text.splitlines()[finding["line"] - 1])
        self.assertEqual(report["rules"]["cn.3h"], "broken")
        self.assertIn(b"rules.set-unknown", hansa("check", "--rules", "cnn", LIST).stderr)
        self.assertIn(b"cn.12a", hansa("rules", "cn").stdout)
        self.assertEqual(hansa("check", "--date", "yesterday", LIST).returncode, 2)

    def test_rules_of_history(self):
        """What was named before came before."""
        order = SOURCE / "plugins/cn/matching/examples/agrees/order.xml"
        later = self.folder / "order-later.xml"
        later.write_text(re.sub("appTime>2026", "appTime>2027", order.read_text(encoding="utf-8")), encoding="utf-8")
        self.assertNotIn(b"cn.20a", hansa("check", order, later).stdout)
        done = hansa("check", later, order)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stdout.decode(), r"order\.xml:\d+:\d+: rules\.refused: cn\.20a: .*IssueDateTime is '2026")
        self.assertIn("answer:  -301014", done.stdout.decode())
        self.assertNotIn(b"cn.20a", hansa("check", order).stdout)

    def test_taxes(self):
        example = SOURCE / "plugins/cn/taxes/examples/general-rate.pivot"
        done = hansa("tax", "--format", "cn.ceb621", "--json", example)
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)[0]
        self.assertEqual((report["day"], report["totals"]), ("2026-03-09", {"CNY": "93.73"}))
        line = next(one for one in report["lines"] if one["row"] == "cn.retail")
        self.assertEqual((line["base"], line["rate_percent"], line["amount"], line["rounding"]), ("1000", "9.1", "91.00", "to 2 digits, half-up"))
        self.assertEqual({figure["id"]: figure["value"] for figure in line["figures"]}, {"cn.vat": "13", "cn.consumption-tax": "0", "cn.share": "70"})
        self.assertTrue(line["source"] and line["from"])
        words = hansa("tax", "--format", "cn.ceb621", "--rate", "cn.consumption-tax=15", example).stdout.decode()
        self.assertIn("1000 at 23.058824 % = 230.58823529 -> 230.59 CNY", words)
        for part in ("base:", "rate:", "days:", "source:", "rounding:", "cn.consumption-tax as said"):
            self.assertIn(part, words)
        dollars = SOURCE / "plugins/eaeu/taxes/examples/without-the-rate-of-the-day.pivot"
        self.assertIn(b"not known without USD/EUR", hansa("tax", "--format", "eaeu.goods-declaration", dollars).stdout)
        self.assertIn(b"13.50 EUR", hansa("tax", "--format", "ru.express", "--exchange", "USD/EUR=0.9", dollars).stdout)
        self.assertEqual(hansa("tax", "--taxes", "cnn", LIST).returncode, 2)
        self.assertEqual(hansa("tax", "--rate", "cn.vat", LIST).returncode, 2)

    def test_modes(self):
        together = self.folder / "order"
        together.mkdir()
        item = "GoodsShipment/GovernmentAgencyGoodsItem[1]/"
        (together / "list.pivot").write_text(
            "document declaration\nFunctionCode 9\nAcceptanceDateTime 2026-11-26\nDirectionCode I\n"
            f"BorderTransportMeans/ID MH730\nBorderTransportMeans/JourneyID 1126\n{item}SequenceNumeric 1\n"
            f"{item}GovernmentProcedure[1]/CurrentCode 9610\n{item}GovernmentProcedure[1]/CurrentCode/@listID cn.trade-mode\n"
            "GoodsShipment/PreviousDocument[1]/ID P1\nGoodsShipment/PreviousDocument[1]/TypeCode 703\n"
            "GoodsShipment/PreviousDocument[2]/ID M1\nGoodsShipment/PreviousDocument[2]/TypeCode 704\n"
            "GoodsShipment/UCR/TraderAssignedReferenceID A1\n")
        for kind in ("order", "payment"):
            (together / f"{kind}.pivot").write_text(f"document {kind}\nFunctionCode 9\nGoodsShipment/UCR/TraderAssignedReferenceID A1\n")
        done = hansa("check", "--format", "cn.ceb621", "--together", together)
        self.assertEqual(done.returncode, 1)
        self.assertIn("rules.document-missing: cn.9610-import: declaration needs its waybill (CEB511), which is not there", done.stdout.decode())
        self.assertEqual(done.stdout.count(b"rules.document-missing"), 1)
        self.assertEqual(hansa("check", "--format", "cn.ceb621", together).returncode, 0, "without --together the references are enough")

    def test_detect_and_formats(self):
        self.assertIn(b"cn.ceb603", hansa("detect", LIST).stdout)
        formats = {f["id"]: f for f in json.loads(hansa("formats", "--json").stdout)["formats"]}
        for wanted in ("cn.ceb311", "cn.ceb603", "cn.ceb604", "cn.ceb621", "cn.ceb622", "wco.declaration", "wco.response", "eaeu.goods-declaration", "am.esad", "asycuda.sad", "asycuda.transit", "asycuda.manifest", "afcfta.certificate-of-origin", "afcfta.origin-declaration", "br.due-nfe", "ru.express", "ru.esad", "br.nfe"):
            self.assertIn(wanted, formats)
            self.assertIn(formats[wanted]["certainty"], ("official schema and samples", "official schema", "facts only"))
        self.assertEqual(formats["cn.ceb603"]["answer"], "cn.ceb604")

    def test_translate_writes_files_and_a_ledger(self):
        loss = self.folder / "loss.json"
        done = hansa("translate", "--to", "wco.declaration", LIST, "-o", f"{self.folder}/out/", "--loss", loss)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        files = sorted((self.folder / "out").iterdir())
        self.assertEqual(len(files), 2)
        for path in files:
            self.assertEqual(hansa("validate", path).returncode, 0)
        ledger = json.loads(loss.read_text())
        self.assertEqual((ledger["from"], ledger["to"]), ("cn.ceb603", "wco.declaration"))
        self.assertTrue({e["kind"] for e in ledger["entries"]} <= {"dropped", "carried", "defaulted", "narrowed", "rounded", "aliased"})
        lost = next(e for e in ledger["entries"] if e["path"].endswith("InventoryHead/guid"))
        self.assertIn("guid", LIST.read_text(encoding="utf-8").splitlines()[lost["line"] - 1])
        batch = hansa("translate", "--to", "wco.declaration", LIST)
        self.assertIn(b"urn:hansa:batch:1", batch.stdout)
        self.assertEqual(hansa("translate", "--to", "wco.declaration", LIST).stdout, batch.stdout, "the same input gives the same bytes")

    def test_pivot_there_and_back(self):
        lines = hansa("pivot", "--kept", LIST)
        self.assertEqual(lines.returncode, 0, lines.stderr.decode())
        self.assertIn(b"GoodsShipment/GovernmentAgencyGoodsItem", lines.stdout)
        around = [w for n, v in (("@guid", "0F8C2B4E-6C1D-4B0B-8D5E-5A1F7C3E9D01"), ("BaseTransfer/copCode", "4401980033"), ("BaseTransfer/copName", "x"), ("BaseTransfer/dxpMode", "DXP"), ("BaseTransfer/dxpId", "D")) for w in ("--envelope", f"{n}={v}")]
        back = hansa("pivot", "--to", "cn.ceb603", *around, "-", input=lines.stdout)
        self.assertEqual(back.returncode, 0, back.stderr.decode())
        again = hansa("pivot", "--kept", "-", input=back.stdout)
        self.assertEqual(again.stdout, lines.stdout)

    def test_generate_is_valid_and_repeats(self):
        for form in ("cn.ceb621", "am.esad", "asycuda.sad"):
            one, two = (hansa("generate", form, "--seed", 7).stdout for _ in range(2))
            self.assertEqual(one, two)
            self.assertTrue(one)

    def test_sign_and_verify(self):
        keys = self.folder / "keys"
        hansa("keys", "root", "--folder", keys)
        hansa("keys", "me", "--folder", keys, "--authority", keys / "root")
        self.assertEqual((keys / "me.key").stat().st_mode & 0o777, 0o600)
        trust = self.folder / "trust"
        trust.mkdir()
        shutil.copy(keys / "root.crt", trust)
        document = self.folder / "d.xml"
        document.write_bytes(hansa("translate", "--to", "wco.declaration", LIST, "-o", f"{self.folder}/t/").stdout)
        signed = self.folder / "d.asice"
        done = hansa("sign", "--key", keys / "me.key", "--cert", keys / "me.crt", f"{self.folder}/t/0001.xml", "-o", signed)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        report = json.loads(hansa("verify", "--json", "--trust", trust, signed).stdout)
        self.assertTrue(report["valid"] and report["covered"])
        broken = bytearray(signed.read_bytes())
        broken[len(broken) // 3] ^= 1
        signed.write_bytes(broken)
        self.assertEqual(hansa("verify", "--trust", trust, signed).returncode, 1)

    def test_the_catalogue(self):
        rows = json.loads(hansa("errors", "--json").stdout)
        self.assertGreater(len(rows), 100)
        self.assertIn(b"doctype", hansa("errors", "xml.doctype-refused").stdout.lower())
        done = hansa("errors", "xml.doctype-refusd")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"cli.usage", done.stderr)
        self.assertIn(b"xml.doctype-refused", done.stderr)
        page = (SOURCE / "docs/errors.md").read_text(encoding="utf-8")
        self.assertEqual(hansa("errors", "--markdown").stdout.decode(), page, "docs/errors.md is not what `hansa errors --markdown` prints")

    def test_the_page_of_formats(self):
        page = (SOURCE / "docs/formats.md").read_text(encoding="utf-8")
        self.assertEqual(hansa("formats", "--markdown").stdout.decode(), page, "docs/formats.md is not what `hansa formats --markdown` prints")

    def test_the_page_of_losses(self):
        page = (SOURCE / "docs/losses.md").read_text(encoding="utf-8")
        self.assertEqual(hansa("coverage", "--markdown").stdout.decode(), page, "docs/losses.md is not what `hansa coverage --markdown` prints")

    def test_the_data_set(self):
        rows = {(r["element"], r["part"]): r["formats"] for r in json.loads(hansa("coverage", "--data-set", "--json").stdout)}
        self.assertEqual(rows[("item", "SKU")]["cn.ceb621"], "yes")
        self.assertNotIn("asycuda.sad", rows[("item", "SKU")])
        self.assertNotIn("cn.ceb511", rows[("item", "HS code")])
        fates = {(r["element"], r["part"]): r["there_and_back"]
                 for r in json.loads(hansa("coverage", "--data-set", "--json", "--pair", "cn.ceb621", "asycuda.sad").stdout)}
        self.assertEqual(fates[("item", "HS code")], "kept")
        self.assertEqual(fates[("item", "SKU")], "lost")
        self.assertEqual(fates[("consignor", "name")], "not carried")
        done = hansa("coverage", "--pair", "cn.ceb621", "hansa.batch")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"hansa.batch is not translated", done.stderr)

    def test_explain_and_coverage(self):
        done = hansa("explain", "--from", "cn.ceb603", "--to", "wco.declaration")
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertIn(b"ceb603.map", done.stdout)
        self.assertEqual(hansa("coverage", "cn.ceb603").returncode, 0)
        self.assertEqual(hansa("coverage", "--pair", "cn.ceb603", "wco.declaration").returncode, 0)

    def test_a_new_country_passes_its_check_without_a_compiler(self):
        done = hansa("plugin", "new", "xx", "--folder", self.folder / "plugins", "--schemas", self.folder / "schemas")
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        done = hansa("plugin", "check", self.folder / "plugins/xx", "--schemas", self.folder / "schemas", "--count", "20")
        self.assertEqual(done.returncode, 0, done.stdout.decode() + done.stderr.decode())

    def test_configuration_faults_have_file_line_and_a_suggestion(self):
        union = new_union()
        try:
            done = hansa("config", "check", "--config", union.folder / "hansa.toml")
            self.assertEqual(done.returncode, 0, done.stderr.decode())
            for old, new, code in (('listen = ', 'lisen = ', "base.toml-key-unknown"), ("log-level = \"info\"", "log-level = \"loud\"", "base.toml-value-wrong"),
                                   ("[server]", "[server", "base.toml-syntax"), ("key = \"keys/gateway.key\"", "key = \"keys/none.key\"", "daemon.file-missing")):
                text = (union.folder / "hansa.toml").read_text()
                (union.folder / "bad.toml").write_text(text.replace(old, new, 1))
                done = hansa("config", "check", "--config", union.folder / "bad.toml")
                self.assertEqual(done.returncode, 4, new)
                self.assertRegex(done.stderr.decode(), rf"bad\.toml:\d+:\d+: {re.escape(code)}")
            routes = union.folder / "routes/corridors.toml"
            good = routes.read_text(encoding="utf-8")
            for old, new, code in (('to = "minsk"', 'to = "minks"', "daemon.agency-unknown"), ('"asycuda.sad"', '"asycuda.sat"', "daemon.format-unknown"),
                                   ('name = "guangzhou-cotonou"', 'name = "guangzhou-minsk"', "daemon.route-twice"), ('"transit"', '"draft-import"', "daemon.mirror-missing"),
                                   ('to-format = "am.esad"', 'to-format = "cn.ceb604"', "daemon.kind-differs"),
                                   ('to-format = "am.esad"', 'to-format = "am.esad"\nsignature = "none"', "daemon.profile-unknown"),
                                   ('to-format = "am.esad"', 'to-format = "am.esad"\nsignature = "cn.export.rsa-sha1"', "daemon.no-signer")):
                routes.write_text(good.replace(old, new, 1), encoding="utf-8")
                done = hansa("config", "check", "--config", union.folder / "hansa.toml")
                self.assertEqual(done.returncode, 4, new)
                self.assertRegex(done.stderr.decode(), rf"corridors\.toml:\d+:\d+: {re.escape(code)}")
            routes.write_text(good, encoding="utf-8")
            agency = union.folder / "agencies/minsk.toml"
            text = agency.read_text(encoding="utf-8")
            for old, new, code in (('url = "http', 'url = "ftp', "daemon.bad-address"), ('tokens = ["file:../keys/minsk.token.sha256"]', 'tokens = ["secret"]', "daemon.bad-digest"),
                                   ('id = "minsk"', 'id = "yerevan"', "daemon.agency-twice"),
                                   ('id = "minsk"', 'id = "minsk"\nrules = ["cnn"]', "rules.set-unknown"),
                                   ('id = "minsk"', 'id = "minsk"\nframe = "cn.dxp"', "daemon.format-unknown"),
                                   ('id = "minsk"', 'id = "minsk"\nframe = "cn.ceb604"', "daemon.kind-differs"),
                                   ('id = "minsk"', 'id = "minsk"\nframe = "eaeu.platform-message"', "daemon.profile-unfit")):
                agency.write_text(text.replace(old, new, 1), encoding="utf-8")
                self.assertIn(code, hansa("config", "check", "--config", union.folder / "hansa.toml").stderr.decode())
            agency.write_text(text, encoding="utf-8")
            config = (union.folder / "hansa.toml").read_text()
            (union.folder / "bad.toml").write_text(config.replace("[server]", "[server]\ntls = false").replace("127.0.0.1:", "0.0.0.0:"))
            self.assertIn("daemon.plain-http", hansa("config", "check", "--config", union.folder / "bad.toml").stderr.decode())
        finally:
            shutil.rmtree(union.folder)

    def test_hostile_files_open_nothing(self):
        if shutil.which("strace") is None:
            self.skipTest("no strace")
        secret = self.folder / "secret.txt"
        secret.write_text("must not be read")
        hostile = self.folder / "xxe.xml"
        hostile.write_text(f'<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY y SYSTEM "http://127.0.0.1:9/y">]>\n<a>&x;&y;</a>')
        trace = self.folder / "trace"
        subprocess.run(["strace", "-f", "-o", trace, "-e", "trace=open,openat,socket,connect", HANSA, "validate", "--format", "cn.ceb603", hostile], capture_output=True)
        text = trace.read_text(errors="replace")
        self.assertIn("xxe.xml", text)
        self.assertNotIn("secret.txt", text)
        self.assertNotIn("connect(", text)
        self.assertNotIn("AF_INET", text)


if __name__ == "__main__":
    run_suite("e2e-command-line")
