#!/usr/bin/env python3
"""Balances in a running gateway: parcels enter, lists take, a list beyond the balance is refused with the balance named, a return gives
back, answers confirm and free, yearly limits, a crash and a restart."""
import json
import re
import shutil
import unittest

from support import SOURCE, new_union, run_suite

GOLDEN = SOURCE / "plugins/cn/golden"
BOOK, RECORD, UNIT = "S1501I000164", "1210", "cn.unit:125"
STOCK = f"""document cargo-report
FunctionCode 9
FunctionalReferenceID STOCK-{{number}}
TypeCode ARR
AdditionalDocument[1]/ID {BOOK}
AdditionalDocument[1]/TypeCode BOOK
AdditionalDocument[1]/TypeCode/@listID cn
Consignment[1]/SequenceNumeric 1
Consignment[1]/GovernmentAgencyGoodsItem[1]/SequenceNumeric 1
Consignment[1]/GovernmentAgencyGoodsItem[1]/Commodity/Classification[1]/ID {RECORD}
Consignment[1]/GovernmentAgencyGoodsItem[1]/Commodity/Classification[1]/IdentificationTypeCode RECORD
Consignment[1]/GovernmentAgencyGoodsItem[1]/Commodity/Classification[1]/IdentificationTypeCode/@listID cn
Consignment[1]/GovernmentAgencyGoodsItem[1]/Commodity/InvoiceLine/InvoicedQuantity {{quantity}}
Consignment[1]/GovernmentAgencyGoodsItem[1]/Commodity/InvoiceLine/InvoicedQuantity/@unitCode {UNIT}
"""
CUSTOMS = """id = "yerevan"
name = "Customs"
authority = "cn"
tokens = ["file:../keys/yerevan.token.sha256"]
trust = "../keys/trust"
signers = ["file:../keys/yerevan.sha256"]

[address]
url = "folder:../delivered/customs"
""" + "".join(f"""
[envelope."cn.{name}"]
"@guid" = "$uuid"
"BaseTransfer/copCode" = "4401980033"
"BaseTransfer/copName" = "gateway"
"BaseTransfer/dxpMode" = "DXP"
"BaseTransfer/dxpId" = "DXPGATEWAY"
""" for name in ("ceb621", "ceb625", "ceb711"))


class Balances(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.union = new_union()
        sender = cls.union.folder / "agencies/guangzhou.toml"
        text = sender.read_text(encoding="utf-8").replace('formats = ["cn.ceb603", "cn.ceb621"]', 'balances = ["cn.bonded", "cn.parcels", "cn.buyer-year"]')
        text += "".join(f'\n[envelope."cn.{name}"]\n"@guid" = "$uuid"\n' for name in ("ceb622", "ceb626", "ceb712"))
        sender.write_text(text, encoding="utf-8")
        (cls.union.folder / "agencies/yerevan.toml").write_text(CUSTOMS, encoding="utf-8")
        routes = "".join(f'[[route]]\nname = "to-customs-{name}"\nfrom = "guangzhou"\nfrom-format = "cn.{name}"\nto = "yerevan"\nto-format = "cn.{name}"\npurpose = "copy"\n\n'
                         for name in ("ceb621", "ceb625", "ceb711"))
        for path in (cls.union.folder / "routes").glob("*.toml"):
            path.unlink()
        (cls.union.folder / "routes/customs.toml").write_text(routes, encoding="utf-8")
        cls.store = cls.union.folder / "state/balances.db"
        cls.union.start()
        cls.number = 0

    @classmethod
    def tearDownClass(cls):
        cls.union.stop()
        shutil.rmtree(cls.union.folder)

    # --- documents ---

    def signed(self, agency, example, *edits):
        Balances.number += 1
        text = (GOLDEN / f"{example}.xml").read_text(encoding="utf-8")
        text = re.sub(r"<ds:Signature.*</ds:Signature>", "", text, flags=re.S)
        text = re.sub(r'4CDE1CFD-EDED-46B1-946C-0000', f"4CDE1CFD-EDED-46B1-{Balances.number:04d}-0000", text)
        for old, new in edits:
            self.assertRegex(text, old)
            text = re.sub(old, new, text, count=1, flags=re.S)
        path = self.union.folder / "out" / f"{Balances.number}.xml"
        path.write_text(text, encoding="utf-8")
        out = path.with_suffix(".signed")
        self.union.sign(agency, path, out)
        return out

    def post(self, agency, path):
        kind = "application/xml" if path.read_bytes()[:2] != b"PK" else "application/vnd.etsi.asic-e+zip"
        done = self.union.curl("--data-binary", f"@{path}", "-H", f"Content-Type: {kind}", "-D", "-", "-w", "\n%{http_code}", self.union.url + "/v1/messages", agency=agency)
        head, _, rest = done.stdout.decode(errors="replace").replace("\r", "").partition("\n\n")
        body, _, status = rest.rpartition("\n")
        self.assertTrue(status, done.stderr.decode() + done.stdout.decode(errors="replace") + self.union.log()[-2000:])
        return int(status), head, body

    def accept(self, agency, path):
        status, head, body = self.post(agency, path)
        self.assertEqual(status, 202, body)
        return re.search(r"(?i)^location: .*/([^/\s]+)$", head, re.M).group(1), body

    def a_list(self, reference, quantity, *edits):
        return self.signed("guangzhou", "ceb621/bonded", ("<ceb:copNo>[^<]*</ceb:copNo>|(?=<ceb:(?:preNo|assureCode)>)", f"<ceb:copNo>{reference}</ceb:copNo>"),
                           ("<ceb:qty>[^<]*<", f"<ceb:qty>{quantity}<"), *edits)

    def state_stock(self, number, quantity):
        path = self.union.folder / f"out/stock-{number}.pivot"
        path.write_text(STOCK.format(number=number, quantity=quantity), encoding="utf-8")
        return self.union.run("balance", "add", "--store", self.store, "--table", "cn.bonded", path)

    def held(self, table, account, item=""):
        done = self.union.run("balance", "list", "--store", self.store, "--table", table, "--json")
        for one in json.loads(done.stdout):
            if one["account"] != account:
                continue
            for line in one["lines"]:
                if line["item"] == item:
                    return line.get("quantity", line.get("value"))
        return None

    # --- stories, in their order ---

    def test_0_a_table_that_no_plugin_brings_is_a_fault_of_the_configuration(self):
        sender = self.union.folder / "agencies/guangzhou.toml"
        text = sender.read_text(encoding="utf-8")
        sender.write_text(text.replace('"cn.bonded"', '"cn.bondet"'), encoding="utf-8")
        done = self.union.run("config", "check", "--config", self.union.folder / "hansa.toml", check=False)
        sender.write_text(text, encoding="utf-8")
        self.assertEqual(done.returncode, 4, done.stderr.decode())
        self.assertIn("guangzhou.toml:1:1: balances.table-unknown: 'cn.bondet'; did you mean 'cn.bonded'?", done.stderr.decode())

    def test_1_parcels_enter_by_711(self):
        entry = self.signed("guangzhou", "ceb711/parcels-of-one-bill", ("<ceb:operatorCode>[^<]*<", "<ceb:operatorCode>110108130000000007<"))
        self.accept("guangzhou", entry)
        self.assertEqual(self.held("cn.parcels", "110108130000000007", "L-1"), "1")
        self.assertEqual(self.held("cn.parcels", "110108130000000007", "L-2"), "1")

    def test_2_a_list_within_takes_and_the_same_message_takes_once(self):
        self.state_stock(1, 10)
        self.state_stock(1, 10)
        self.assertEqual(self.held("cn.bonded", BOOK, RECORD), "10")
        path = self.a_list("NB-1", 6)
        first, receipt = self.accept("guangzhou", path)
        self.assertNotIn("cn.parcels", receipt)
        second, _ = self.accept("guangzhou", path)
        self.assertEqual(first, second)
        self.assertEqual(self.held("cn.bonded", BOOK, RECORD), "4")
        self.assertEqual(self.held("cn.parcels", "110108130000000007", "L-1"), "0")
        Balances.list_id = first

    def test_3_a_list_beyond_is_refused_with_the_balance_named(self):
        status, _, body = self.post("guangzhou", self.a_list("NB-2", 5, ("<ceb:logisticsNo>L-1<", "<ceb:logisticsNo>L-2<"), ("<ceb:orderNo>[^<]*<", "<ceb:orderNo>O-2<")))
        problem = json.loads(body)
        self.assertEqual((status, problem["code"]), (422, "balances.beyond"), body)
        for word in ("cn.bonded", BOOK, RECORD, f"asked 5 {UNIT}", f"held 4 {UNIT}"):
            self.assertIn(word, body)
        self.assertEqual(self.held("cn.bonded", BOOK, RECORD), "4")
        self.assertEqual(self.held("cn.parcels", "110108130000000007", "L-2"), "1", "nothing of a refused message stays")

    def answer(self, example, reference, *edits):
        return self.signed("yerevan", example, ("<(ceb:)?copNo>[^<]*<", rf"<\1copNo>{reference}<"), *edits)

    def test_4_answers_confirm_and_a_return_gives_back(self):
        number = "370020261000000001"
        released = self.answer("ceb622/released", "NB-1", ("<(ceb:)?invtNo>[^<]*<", rf"<\1invtNo>{number}<"))
        self.accept("yerevan", released)
        back = self.signed("guangzhou", "ceb625/smallest", ("<ceb:invtNo>[^<]*<", f"<ceb:invtNo>{number}<"), ("<ceb:copNo>[^<]*</ceb:copNo>|(?=<ceb:invtNo>)", "<ceb:copNo>R-1</ceb:copNo>"),
                           ("<ceb:gnum>[^<]*<", "<ceb:gnum>1<"), ("<ceb:qty>[^<]*<", "<ceb:qty>2<"), ("<ceb:unit>[^<]*<", "<ceb:unit>125<"))
        self.accept("guangzhou", back)
        self.assertEqual(self.held("cn.bonded", BOOK, RECORD), "4", "it counts when customs have decided")
        self.accept("yerevan", self.answer("ceb626/decided", "R-1", ("<(ceb:)?invtNo>[^<]*<", rf"<\1invtNo>{number}<")))
        self.assertEqual(self.held("cn.bonded", BOOK, RECORD), "6")
        more = self.signed("guangzhou", "ceb625/smallest", ("<ceb:invtNo>[^<]*<", f"<ceb:invtNo>{number}<"), ("<ceb:copNo>[^<]*</ceb:copNo>|(?=<ceb:invtNo>)", "<ceb:copNo>R-2</ceb:copNo>"),
                           ("<ceb:gnum>[^<]*<", "<ceb:gnum>1<"), ("<ceb:qty>[^<]*<", "<ceb:qty>5<"), ("<ceb:unit>[^<]*<", "<ceb:unit>125<"))
        status, _, body = self.post("guangzhou", more)
        self.assertEqual((status, json.loads(body)["code"]), (422, "balances.back-too-much"), body)

    def test_5_a_refused_list_frees(self):
        self.accept("guangzhou", self.a_list("NB-3", 6, ("<ceb:orderNo>[^<]*<", "<ceb:orderNo>O-3<")))
        self.assertEqual(self.held("cn.bonded", BOOK, RECORD), "0")
        self.accept("yerevan", self.answer("ceb622/released", "NB-3", ("<(ceb:)?returnStatus>[^<]*<", r"<\1returnStatus>100<")))
        self.assertEqual(self.held("cn.bonded", BOOK, RECORD), "6")

    def test_6_what_is_held_survives_a_kill(self):
        self.accept("guangzhou", self.a_list("NB-4", 1, ("<ceb:orderNo>[^<]*<", "<ceb:orderNo>O-4<")))
        self.union.kill()
        self.assertEqual(self.held("cn.bonded", BOOK, RECORD), "5")
        self.union.start()
        self.accept("guangzhou", self.a_list("NB-5", 5, ("<ceb:orderNo>[^<]*<", "<ceb:orderNo>O-5<")))
        self.assertEqual(self.held("cn.bonded", BOOK, RECORD), "0")

    def test_7_the_year_of_a_buyer(self):
        done = self.union.run("balance", "list", "--store", self.store, "--table", "cn.buyer-year", "--json")
        years = json.loads(done.stdout)
        self.assertEqual([one["account"] for one in years], [""], "nobody is named")
        key = self.store.with_name("balances.db.keys") / "cn.key"
        self.assertEqual((key.stat().st_size, key.stat().st_mode & 0o777), (16, 0o600), "a key of the authority whose limit it is")
        before = -float(years[0]["lines"][0]["value"])
        self.assertGreater(before, 0)
        path = self.a_list("NB-6", 1)
        told = json.loads(self.union.run("tax", "--balances", self.store, "--json", path).stdout)
        year = next(line for line in told[0]["lines"] if line["row"] == "cn.year")
        self.assertEqual(float(year["base"]), before + 240)
        self.state_stock(2, 100)
        status, _, body = self.post("guangzhou", self.a_list("NB-7", 1, ("<ceb:orderNo>[^<]*<", "<ceb:orderNo>O-7<"), ("<ceb:totalPrice>[^<]*<", "<ceb:totalPrice>26000<")))
        self.assertEqual((status, json.loads(body)["code"]), (422, "balances.beyond"), body)
        self.assertIn("cn.buyer-year: the account of this person in 2026: asked 26000 CNY, held", body)
        self.assertNotIn("000000190001010000", body)

    def test_8_an_account_with_its_movements(self):
        shown = self.union.run("balance", "show", "--store", self.store, "cn.bonded", BOOK).stdout.decode()
        for word in ("add", "take", "give", "confirmed", "undone", Balances.list_id):
            self.assertIn(word, shown)
        self.assertEqual(self.union.run("balance", "show", "--store", self.store, "cn.bonded", "X", check=False).returncode, 1)


if __name__ == "__main__":
    run_suite("e2e-balances")
