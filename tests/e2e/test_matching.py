#!/usr/bin/env python3
"""Documents that belong together through a real gateway: parts in any order, an answer in China's own format, a wait that is over, a restart between the parts."""
import io
import json
import re
import shutil
import signal
import unittest
import zipfile

from support import SOURCE, new_union, run_suite, wait_for

EXAMPLES = SOURCE / "plugins/cn/matching/examples"
KINDS = {"order": "cn.ceb311", "payment": "cn.ceb411", "waybill": "cn.ceb511", "list": "cn.ceb621"}
AGENCY = """id = "beijing"
authority = "cn"
tokens = ["{digest}"]
[address]
url = "folder:../delivered/beijing"
"""
ENVELOPE = """
[envelope."{0}"]
"@guid" = "$uuid"
"BaseTransfer/copCode" = "4401000001"
"BaseTransfer/copName" = "Gateway"
"BaseTransfer/dxpMode" = "DXP"
"BaseTransfer/dxpId" = "DXPENT0000000001"
"""
ROUTE = """[[route]]
name = "guangzhou-beijing-{0}"
from = "guangzhou"
from-format = "{0}"
to = "beijing"
to-format = "{0}"
purpose = "copy"
"""


class Matching(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.union = new_union()
        folder = cls.union.folder
        (folder / "agencies/beijing.toml").write_text(AGENCY.format(digest="0" * 63 + "1") + "".join(ENVELOPE.format(format) for format in KINDS.values()), encoding="utf-8")
        (folder / "routes/import.toml").write_text("".join(ROUTE.format(format) for format in KINDS.values()), encoding="utf-8")
        cls.agency = folder / "agencies/guangzhou.toml"
        text = cls.agency.read_text(encoding="utf-8").replace('"cn.ceb621"]', '"cn.ceb621", "cn.ceb311", "cn.ceb411", "cn.ceb511"]\nmatching = ["cn.import"]')
        for answer in ("cn.ceb622", "cn.ceb312"):
            text += f'\n[envelope."{answer}"]\n"@guid" = "$uuid"\n'
        cls.agency.write_text(text, encoding="utf-8")
        cls.union.start_receiver()
        cls.union.start()

    @classmethod
    def tearDownClass(cls):
        cls.union.stop()
        shutil.rmtree(cls.union.folder)

    def signed(self, kind, number, example="agrees", edit=lambda text: text):
        text = (EXAMPLES / example / f"{kind}.xml").read_text(encoding="utf-8")
        text = re.sub(r"<ds:Signature.*?</ds:Signature>", "", text, flags=re.S)
        text = text.replace("O-20261105-1", f"O-{number}").replace(">L-1<", f">L-{number}<").replace("T-77", f"T-{number}")
        if kind == "list":  # China's answer names the list by it
            text = text.replace("</ceb:logisticsName>", f"</ceb:logisticsName><ceb:copNo>C-{number}</ceb:copNo>")
        out = self.union.folder / "out"
        path, target = out / f"{kind}-{number}.xml", out / f"{kind}-{number}.signed.xml"
        path.write_text(edit(text), encoding="utf-8")
        self.union.sign("guangzhou", path, target)
        return target

    def send(self, kind, number, example="agrees", edit=lambda text: text):
        done = self.union.send("guangzhou", self.signed(kind, number, example, edit))
        return re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1), done.stdout.decode()

    def answer_to(self, message):
        """The text of the only answer that went back to guangzhou."""
        answers = [one for one in message["related"] if one["direction"] == "out" and one["parent"]["relation"] == "answer"]
        self.assertEqual(len(answers), 1, self.union.log()[-3000:])
        self.assertEqual(answers[0]["to"], "guangzhou")
        path = wait_for(lambda: list((self.union.folder / "delivered/guangzhou").glob(f"{answers[0]['id']}.*")))[0]
        if path.suffix == ".xml":
            return answers[0]["format"], path.read_text(encoding="utf-8")
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as container:
            name = next(n for n in container.namelist() if n != "mimetype" and not n.startswith("META-INF/"))
            return answers[0]["format"], container.read(name).decode("utf-8")

    def matching_metrics(self):
        text = self.union.get("/metrics")
        return text if 'outcome="waiting"' in text else None

    def reload(self, old, new):
        text = self.agency.read_text(encoding="utf-8")
        self.assertIn(old, text)
        self.agency.write_text(text.replace(old, new), encoding="utf-8")
        before = self.union.log().count("reloaded")
        self.union.daemon.send_signal(signal.SIGHUP)
        self.assertTrue(wait_for(lambda: self.union.log().count("reloaded") > before), self.union.log()[-2000:])

    def test_parts_may_come_in_any_order(self):
        for number, order in enumerate([("list", "order", "payment", "waybill"), ("waybill", "payment", "order", "list"), ("order", "list", "waybill", "payment")]):
            with self.subTest(order=order):
                ids = {}
                for kind in order:
                    ids[kind], receipt = self.send(kind, f"A{number}")
                    self.assertEqual('<waits match="cn.import"' in receipt, kind == "list", receipt)
                    if kind == "list" and kind != order[-1]:
                        self.assertEqual(self.union.message(ids["list"])["state"], "held")
                message = self.union.comes_to(ids["list"], "delivered")
                self.assertEqual(message["state"], "delivered", message)
                self.assertEqual([h["state"] for h in message["history"]], ["received", "held", "accepted", "translated", "queued", "delivered"])
                self.assertEqual(message["related"], [])

    def test_what_waits_is_seen(self):
        message_id, _ = self.send("list", "S1")
        page = json.loads(self.union.get("/v1/deliveries?state=held"))
        mine = [one for one in page["deliveries"] if one["message"] in {t["id"] for t in self.union.message(message_id)["translations"]}]
        self.assertEqual([one["waits"] for one in mine], ["waits for cn.import"])
        self.assertIn('hansa_deliveries{state="held"}', self.union.get("/metrics"))
        self.assertIn('hansa_matching_documents{outcome="waiting",table="cn.import"}', wait_for(self.matching_metrics) or "")
        self.assertRegex(self.union.get("/metrics"), r'hansa_waiting_documents\{of="cn.import",service="matching"\} [1-9]')
        lines = self.union.run("journal", "deliveries", "--journal", self.union.folder / "state/journal.db", "--state", "held").stdout.decode()
        self.assertIn(mine[0]["id"], lines)
        # A receiver sees what goes to itself, an unknown state is told.
        own = json.loads(self.union.get("/v1/deliveries?state=held", agency="minsk"))
        self.assertEqual(own["deliveries"], [])
        self.assertEqual(json.loads(self.union.get("/v1/deliveries?agency=beijing", agency="minsk"))["code"], "server.forbidden")
        self.assertEqual(json.loads(self.union.get("/v1/deliveries?state=lost"))["code"], "server.bad-parameter")

    def test_what_differs_is_answered_in_chinas_own_answer(self):
        ordered = re.search(r"<ceb:itemName>([^<]*)<", (EXAMPLES / "goods-renamed/order.xml").read_text(encoding="utf-8")).group(1)
        for kind in ("order", "payment", "waybill"):
            self.send(kind, "M1", "goods-renamed")
        message_id, _ = self.send("list", "M1", "goods-renamed")
        message = self.union.comes_to(message_id, "refused", "delivered")
        self.assertEqual(message["state"], "refused", message)
        self.assertEqual(message["reason"], "matching.disagree")
        self.assertEqual([t["state"] for t in message["translations"]], ["dead"])
        format, text = self.answer_to(message)
        self.assertEqual(format, "cn.ceb622")
        self.assertIn("<returnStatus>100<", text)
        reason = re.search(r"<returnInfo>(.*?)</returnInfo>", text, re.S).group(1)
        self.assertIn("cn.7", reason)
        self.assertIn("Commodity/Description of list and order", reason)
        self.assertFalse(list((self.union.folder / "delivered/beijing").glob(f"{message['translations'][0]['id']}*")))
        # The number is free again: a list that agrees is taken, and goes out.
        again, _ = self.send("list", "M1", "goods-renamed", lambda text: re.sub(r"<ceb:gname>[^<]*<", f"<ceb:gname>{ordered}<", text))
        self.assertEqual(self.union.comes_to(again, "delivered", "refused")["state"], "delivered")

    def test_an_item_that_was_not_ordered_gets_the_e_ports_own_code(self):
        for kind in ("order", "payment", "waybill"):
            self.send(kind, "M2", "item-not-ordered")
        message = self.union.comes_to(self.send("list", "M2", "item-not-ordered")[0], "refused", "delivered")
        self.assertEqual(message["state"], "refused")
        _, text = self.answer_to(message)
        self.assertIn("<returnStatus>-621027<", text)

    def test_a_wait_that_is_over_names_what_is_missing(self):
        self.reload('matching = ["cn.import"]', 'matching = ["cn.import"]\nmatching-wait-s = 1')
        try:
            for kind in ("order", "waybill"):
                self.send(kind, "E1")
            message = self.union.comes_to(self.send("list", "E1")[0], "refused")
            self.assertEqual(message["state"], "refused", message)
            self.assertEqual(message["reason"], "matching.part-missing")
            _, text = self.answer_to(message)
            self.assertRegex(text, r"<returnInfo>[^<]*did not arrive in time: payment<")
        finally:
            self.reload("\nmatching-wait-s = 1", "")

    def test_a_restart_between_the_parts_changes_nothing(self):
        message_id, _ = self.send("list", "R1")
        self.send("order", "R1")
        self.union.kill()
        self.union.start()
        self.send("payment", "R1")
        self.assertEqual(self.union.message(message_id)["state"], "held")
        self.union.daemon.terminate()
        self.union.daemon.wait(timeout=60)
        self.union.start()
        self.send("waybill", "R1")
        message = self.union.comes_to(message_id, "delivered")
        self.assertEqual(message["state"], "delivered", message)
        sent = message["translations"][0]["id"]
        self.assertEqual(len(list((self.union.folder / "delivered/beijing").glob(f"{sent}*"))), 1)
        verified = self.union.run("journal", "verify", "--journal", self.union.folder / "state/journal.db")
        self.assertIn("0 faults", verified.stdout.decode())

    def test_an_unknown_table_is_named_with_file_and_line(self):
        config = self.union.folder / "hansa.toml"
        with_trace = config.read_text(encoding="utf-8")
        text = self.agency.read_text(encoding="utf-8")
        line = text.split("matching =")[0].count("\n") + 1
        try:
            self.agency.write_text(text.replace('matching = ["cn.import"]', 'matching = ["cn.imports"]'), encoding="utf-8")
            done = self.union.run("config", "check", "--config", config, check=False)
            self.assertEqual(done.returncode, 4)
            self.assertRegex(done.stdout.decode() + done.stderr.decode(), rf"guangzhou.toml:{line}:\d+: matching.table-unknown: 'cn.imports'.*cn.import")
            self.agency.write_text(text.replace('matching = ["cn.import"]', 'matching-wait-s = 5'), encoding="utf-8")
            done = self.union.run("config", "check", "--config", config, check=False)
            self.assertRegex(done.stdout.decode() + done.stderr.decode(), r"guangzhou.toml:\d+:\d+: daemon.matching-off")
            routes = self.union.folder / "routes/import.toml"
            before = routes.read_text(encoding="utf-8")
            self.agency.write_text(text, encoding="utf-8")
            routes.write_text(before + 'matching = ["cn.export-arrival"]\n', encoding="utf-8")
            done = self.union.run("config", "check", "--config", config, check=False)
            routes.write_text(before, encoding="utf-8")
            self.assertRegex(done.stdout.decode() + done.stderr.decode(), r"import.toml:\d+:\d+: daemon.matching-off: .*cn.export-arrival")
            for key, fault in (('trace = true', r"daemon.trace-off: .*trace = true"), ('disclosure = "yes"', r"base.toml-\S+: .*disclosure"),
                               ('rules = ["xz"]', r"rules.set-unknown: .*xz"), ('balances = ["cn.bond"]', r"balances.table-unknown: .*cn.bond"),
                               ('[route.consolidate]\ntable = "cn.summary"', r"daemon.gathering-unfit: .*matching = \[\]"),
                               ('matching = []\nbatch = true\n[route.consolidate]\ntable = "cn.summary"', r"daemon.gathering-unfit: .*batch"),
                               ('matching = []\n[route.consolidate]\ntable = "cn.sumary"', r"consolidation.table-unknown: .*cn.summary"),
                               ('matching = []\n[route.consolidate]\ntable = "asycuda.manifest"', r"daemon.gathering-unfit: .*asycuda.manifest gathers cargo-report, not cn.ceb621"),
                               ('matching = []\n[route.consolidate]\ntable = "wco.parcels"\nrefusal = "some"', r"base.toml-\S+: .*refusal"),
                               ('matching = []\n[route.consolidate]\ntable = "wco.parcels"\ndocuments = 0', r"base.toml-\S+: .*documents")):
                routes.write_text(before + key + "\n", encoding="utf-8")
                config.write_text(with_trace.replace("[trace]", "[trace]\nenabled = false"), encoding="utf-8")
                done = self.union.run("config", "check", "--config", config, check=False)
                routes.write_text(before, encoding="utf-8")
                config.write_text(with_trace, encoding="utf-8")
                self.assertRegex(done.stdout.decode() + done.stderr.decode(), r"import.toml:\d+:\d+: " + fault)
        finally:
            self.agency.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run_suite("e2e-matching")
