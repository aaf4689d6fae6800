#!/usr/bin/env python3
"""Documents of a route that go out as one, through a real gateway: durable while they wait, one declaration, an answer for each sender's own items."""
import io
import json
import re
import shutil
import unittest
import zipfile

from support import list_with, new_union, run_suite, wait_for

WHEN = '[route.when]\nfield = "GoodsShipment/Destination/CountryCode"\nvalue = "BY"\n'
GATHERS = '[route.consolidate]\ntable = "wco.parcels"\ndocuments = 2\nwait-s = 600\n'
FAULT = """<Error><Description>forbidden here</Description><ValidationCode>CDS12005</ValidationCode>
  <Pointer><DocumentSectionCode>42A</DocumentSectionCode></Pointer><Pointer><DocumentSectionCode>67A</DocumentSectionCode></Pointer>
  <Pointer><SequenceNumeric>3</SequenceNumeric><DocumentSectionCode>68A</DocumentSectionCode></Pointer></Error>"""


class Consolidation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.union = new_union()
        routes = cls.union.folder / "routes/corridors.toml"
        text = routes.read_text(encoding="utf-8")
        block = text[text.index("[[route]]"):text.index(WHEN) + len(WHEN)]
        assert 'name = "guangzhou-minsk"' in block, block
        routes.write_text(text.replace(block, block.replace("eaeu.goods-declaration", "wco.declaration") + GATHERS), encoding="utf-8")
        cls.union.start_receiver()
        cls.union.start()

    @classmethod
    def tearDownClass(cls):
        cls.union.stop()
        shutil.rmtree(cls.union.folder)

    def signed(self, number, edit=lambda text: text, name="list"):
        source = list_with(self.union.folder, f"{name}-{number}.xml", number, lambda text: edit(text.replace("EMS7700512BY", f"EMS{number:07d}BY").replace("EMS7700644BJ", f"EMS{number:07d}BJ")))
        target = source.with_suffix(".signed.xml")
        self.union.sign("guangzhou", source, target)
        return target

    def send(self, number, *edit):
        done = self.union.send("guangzhou", self.signed(number, *edit))
        return re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1), done.stdout.decode()

    def waiting(self, count):
        line = f'hansa_waiting_documents{{of="guangzhou-minsk",service="consolidation"}} {count}\n'
        self.assertTrue(wait_for(lambda: line in self.union.get("/metrics")), self.union.get("/metrics"))

    def sent_to(self, receiver):
        page = json.loads(self.union.get(f"/v1/deliveries?agency={receiver}"))
        return [one for one in page["deliveries"]]

    def sent_bytes(self, path):
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as container:
            name = next(n for n in container.namelist() if n != "mimetype" and not n.startswith("META-INF/"))
            return container.read(name).decode("utf-8")

    def answer(self, name, function, reference, more=""):
        text = (self.union.folder / "messages/minsk-response.xml").read_text(encoding="utf-8").replace("@REFERENCE@", reference)
        text = text.replace("MSQ-ANSWER-1", name).replace("<FunctionCode>01<", f"<FunctionCode>{function}<").replace("<Declaration>", more + "<Declaration>")
        path = self.union.folder / f"out/{name}.xml"
        path.write_text(text, encoding="utf-8")
        self.union.sign("minsk", path, path.with_suffix(".asice"))
        done = self.union.send("minsk", path.with_suffix(".asice"))
        return re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1)

    def told(self, message_id):
        """What went back to guangzhou for an answer, by the number that it names."""
        out = {}
        for one in self.union.message(message_id)["translations"]:
            self.assertEqual((one["to"], one["format"]), ("guangzhou", "cn.ceb604"))
            path = wait_for(lambda: list((self.union.folder / "delivered/guangzhou").glob(f"{one['id']}.*")))[0]
            text = path.read_text(encoding="utf-8") if path.suffix == ".xml" else self.sent_bytes(path)
            number = re.search(r"copNo>([^<]*)<", text).group(1)
            self.assertIn(f"orderNo>{number.replace('EXP', '')}<", text, "what the answer leaves out is the list's own")
            out[number] = text
        return out

    def master(self, message_id):
        container = self.union.curl(f"{self.union.url}/v1/messages/{message_id}/evidence").stdout
        with zipfile.ZipFile(io.BytesIO(container)) as evidence:
            inner = evidence.read(next(n for n in evidence.namelist() if n.startswith(message_id) and "-sent." in n))
        with zipfile.ZipFile(io.BytesIO(inner)) as signed:
            return signed.read(next(n for n in signed.namelist() if n != "mimetype" and not n.startswith("META-INF/"))).decode("utf-8")

    def test_parcels_wait_through_a_restart_go_out_as_one_and_are_answered_apart(self):
        first, receipt = self.send(1)
        self.assertIn('<waits consolidation="wco.parcels"', receipt)
        self.assertEqual(self.union.comes_to(first, "held")["state"], "held")
        self.waiting(1)
        # What goes another way does not wait.
        self.assertTrue(wait_for(lambda: [one for one in self.sent_to("cotonou") if one["state"] == "delivered"]), self.union.log()[-2000:])
        self.assertEqual(self.sent_to("minsk"), [])
        self.union.kill()
        self.union.start()
        second, _ = self.send(2)
        for message_id in (first, second):
            self.assertEqual(self.union.comes_to(message_id, "delivered")["state"], "delivered", self.union.log()[-3000:])
        self.waiting(0)
        self.assertEqual(len(self.sent_to("minsk")), 1)
        text = self.master(self.sent_to("minsk")[0]["message"])
        self.assertEqual(len(re.findall(r"GovernmentAgencyGoodsItem>", text)), 8, "two items of each list")
        self.assertTrue("EMS0000001BY" in text and "EMS0000002BY" in text)
        reference = re.search(r"FunctionalReferenceID>([^<]*)<", text).group(1)
        told = self.told(self.answer("MSQ-1", "01", reference))
        self.assertEqual(len(told), 2, told)
        for message_id in (first, second):
            self.assertEqual(self.union.message(message_id)["state"], "answered")
        told = self.told(self.answer("MSQ-2", "03", reference, FAULT))
        with_reason = [number for number, text in told.items() if "forbidden here" in text]
        self.assertEqual((len(told), len(with_reason)), (2, 1), "the fault is at an item of the second list")
        self.assertIn(f"{2:010d}", with_reason[0])
        verified = self.union.run("journal", "verify", "--journal", self.union.folder / "state/journal.db")
        self.assertIn("0 faults", verified.stdout.decode())

    def test_what_still_waits_is_changed_and_taken_out(self):
        def minsk_alone(kind, goods="无线耳机"):
            def edit(text):
                rest = text.index("<ceb:Inventory>", text.index("</ceb:Inventory>"))
                text = text[:rest] + text[text.rindex("</ceb:Inventory>") + len("</ceb:Inventory>"):]
                return text.replace("appType>1<", f"appType>{kind}<").replace("无线耳机", goods)
            return edit
        before = {one["message"] for one in self.sent_to("minsk")}
        taken, _ = self.send(4, minsk_alone(1))
        out, _ = self.send(4, minsk_alone(3))
        for message_id in (taken, out):
            self.assertEqual(self.union.comes_to(message_id, "answered")["state"], "answered", self.union.log()[-2000:])
        self.waiting(0)
        first, _ = self.send(3, minsk_alone(1))
        self.waiting(1)
        change, _ = self.send(3, minsk_alone(2, "有线耳机"))
        self.assertEqual(self.union.comes_to(first, "answered")["state"], "answered")
        self.waiting(1)
        second, _ = self.send(5, minsk_alone(1))
        for message_id in (change, second):
            self.assertEqual(self.union.comes_to(message_id, "delivered")["state"], "delivered", self.union.log()[-2000:])
        new = {one["message"] for one in self.sent_to("minsk")} - before
        self.assertEqual(len(new), 1)
        text = self.master(new.pop())
        for part, count in (("EMS0000003BY", 1), ("EMS0000005BY", 1), ("有线耳机", 1), ("EMS0000004BY", 0)):
            self.assertEqual(part in text, bool(count), part)
        done = self.union.send("guangzhou", self.signed(3, minsk_alone(2, "耳机"), "late"), check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"exchange.gone-out", done.stderr + done.stdout)


class MasterLists(unittest.TestCase):
    """Lists of parcels under one bill as a master list, whose format can say a change: what has gone out is changed in it."""

    @classmethod
    def setUpClass(cls):
        cls.union = new_union()
        (cls.union.folder / "routes/corridors.toml").write_text(
            '[[route]]\nname = "guangzhou-clearing"\nfrom = "guangzhou"\nfrom-format = "cn.ceb603"\nto = "clearing"\nto-format = "cn.ceb607"\n'
            '[route.consolidate]\ntable = "cn.master-list"\ndocuments = 2\nwait-s = 600\n', encoding="utf-8")
        clearing = cls.union.folder / "agencies/clearing.toml"
        text = clearing.read_text(encoding="utf-8")
        clearing.write_text(text + text[text.index('[envelope."cn.ceb311"]'):text.index('[envelope."cn.ceb411"]')].replace("ceb311", "ceb607"), encoding="utf-8")
        cls.union.start_receiver()
        cls.union.start()

    @classmethod
    def tearDownClass(cls):
        cls.union.stop()
        shutil.rmtree(cls.union.folder)

    def send(self, number, kind=1, bag="BAG-0007"):
        def edit(text):
            rest = text.index("<ceb:Inventory>", text.index("</ceb:Inventory>"))
            text = text[:rest] + text[text.rindex("</ceb:Inventory>") + len("</ceb:Inventory>"):]
            text = text.replace("EMS7700512BY", f"EMS{number:07d}BY").replace("loctNo></ceb", "loctNo>514101</ceb")
            return text.replace("appType>1<", f"appType>{kind}<").replace("BAG-0007", bag)
        source = list_with(self.union.folder, f"master-{number}-{kind}-{bag}.xml", number, edit)
        target = source.with_suffix(".signed.xml")
        self.union.sign("guangzhou", source, target)
        done = self.union.send("guangzhou", target)
        return re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1)

    def lists(self, count):
        """The master lists that the clearance centre has got, in their order."""
        folder = self.union.folder / "delivered/clearing"
        found = wait_for(lambda: (paths := sorted(folder.glob("*.xml"))) and len(paths) == count and paths)
        self.assertTrue(found, self.union.log()[-3000:])
        return [path.read_text(encoding="utf-8") for path in found]

    def test_a_change_of_one_list_changes_the_master_list_that_it_went_out_in(self):
        first, second = self.send(1), self.send(2)
        for message_id in (first, second):
            self.assertEqual(self.union.comes_to(message_id, "delivered")["state"], "delivered", self.union.log()[-3000:])
        change = self.send(1, 2, "BAG-0008")
        self.assertEqual(self.union.comes_to(change, "delivered")["state"], "delivered", self.union.log()[-3000:])
        gone = self.send(2, 3)
        self.assertEqual(self.union.comes_to(gone, "delivered")["state"], "delivered", self.union.log()[-3000:])
        new, changed, left = self.lists(3)
        number = re.search(r"copNo>([^<]*)<", new).group(1)
        for text, kind, bags in ((new, 1, {"EMS0000001BY": "BAG-0007", "EMS0000002BY": "BAG-0007"}), (changed, 2, {"EMS0000001BY": "BAG-0008", "EMS0000002BY": "BAG-0007"}),
                                 (left, 2, {"EMS0000001BY": "BAG-0008"})):
            self.assertEqual(re.findall(r"appType>([^<]+)</", text), [str(kind)])
            self.assertEqual(re.findall(r"copNo>([^<]+)</", text), [number], "one master list, whatever becomes of it")
            rows = re.findall(r"totalPackageNo>([^<]*)<.*?logisticsNo>([^<]*)<", text, re.S)
            self.assertEqual({waybill: bag for bag, waybill in rows}, bags)
        verified = self.union.run("journal", "verify", "--journal", self.union.folder / "state/journal.db")
        self.assertIn("0 faults", verified.stdout.decode())


if __name__ == "__main__":
    run_suite("e2e-consolidation")
