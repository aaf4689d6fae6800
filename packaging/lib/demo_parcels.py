"""The demo's second act: three parcels go out as one declaration, and its one answer comes back to each of them; one is refused, alone."""
import json
import re
import time

FAULT = """<Error><Description>not allowed into Armenia</Description><ValidationCode>CDS12005</ValidationCode>
  <Pointer><DocumentSectionCode>42A</DocumentSectionCode></Pointer><Pointer><DocumentSectionCode>67A</DocumentSectionCode></Pointer>
  <Pointer><SequenceNumeric>{item}</SequenceNumeric><DocumentSectionCode>68A</DocumentSectionCode></Pointer></Error>"""
REFUSED = "100"  # returnStatus of China


class Parcels:
    """`demo` hands over, waits, and notes rows of the table."""

    def __init__(self, demo, say, document_in):
        self.demo = demo
        self.union = demo.union
        self.say = say
        self.document_in = document_in
        self.faults = []

    def expect(self, holds, what):
        if not holds:
            self.faults.append(what)
            print(f"  NOT AS IT SHOULD BE: {what}")

    def parcel(self, number):
        """The demo's export list, its first parcel alone, for Armenia, with numbers of its own."""
        text = (self.union.folder / "messages/guangzhou-export-list.xml").read_text(encoding="utf-8")
        other = re.findall(r"  <ceb:Inventory>.*?</ceb:Inventory>\n", text, re.S)[1]
        text = text.replace(other, "").replace("20261105000117", f"2026110700000{number}").replace("EMS7700512BY", f"EMS880000{number}AM")
        text = text.replace("<ceb:country>340<", "<ceb:country>338<").replace("<ceb:POD>BLR<", "<ceb:POD>EVN<").replace("78412345671", "78412345699")
        text = text.replace("5A1F7C3E9D01", f"5A1F7C3E9E0{number}").replace("2A90C4D1F101", f"2A90C4D1E10{number}")
        path = self.union.folder / f"out/parcel-{number}.xml"
        path.write_text(text, encoding="utf-8")
        return path

    def sent_to_yerevan(self):
        return {one["message"] for one in json.loads(self.union.get("/v1/deliveries?agency=yerevan"))["deliveries"]}

    def go_out(self):
        before, start = self.sent_to_yerevan(), time.monotonic()
        ids = []
        for number in (1, 2, 3):
            ids.append(self.demo.hand_over("guangzhou", self.parcel(number))[0])
            if number == 1:
                print(f"  the first one is {self.union.message(ids[0])['state']}")
        states = [self.demo.wait_delivered(one)["state"] for one in ids]
        print("  with the third all are " + ", ".join(sorted(set(states))))
        self.expect(states == ["delivered"] * 3, "the three parcels are delivered")
        masters = self.sent_to_yerevan() - before
        self.expect(len(masters) == 1, "they went out as one message")
        milliseconds = (time.monotonic() - start) * 1000
        master = next(iter(masters), "")
        self.demo.note({"id": master, "format": "cn.ceb603", "business_key": "three parcels"},
                       {"id": master, "format": "wco.declaration", "from": "guangzhou", "to": "yerevan", "purpose": "advance-information", "ledger": None, "state": states[0]}, milliseconds)
        return self.document_in(self.demo.evidence_file(master, master, "-sent.")).decode()

    def answer(self, declaration):
        """Yerevan refuses the declaration for what lies in the second parcel: its third item."""
        reference = re.search(r"<(?:\w+:)?FunctionalReferenceID>([^<]+)<", declaration).group(1)
        text = (self.union.folder / "messages/minsk-response.xml").read_text(encoding="utf-8").replace("@REFERENCE@", reference)
        text = text.replace("MSQ-ANSWER-1", "EVN-ANSWER-1").replace("<FunctionCode>01<", "<FunctionCode>03<").replace("<Declaration>", FAULT.format(item=3) + "<Declaration>")
        path = self.union.folder / "out/yerevan-parcels-answer.xml"
        path.write_text(text, encoding="utf-8")
        message_id, told = self.demo.pass_through("yerevan", path)
        refused = []
        for one in told:
            answer = self.document_in(self.demo.evidence_file(message_id, one["id"], "-sent.")).decode()
            number, state, info = (re.search(rf"{name}>([^<]*)<", answer).group(1) for name in ("copNo", "returnStatus", "returnInfo"))
            print(f"  {one['to']} is told in {one['format']}: list {number}, state {state}, {info}")
            if state == REFUSED:
                refused.append(number)
        self.expect(len(told) == 3, "each parcel has an answer of its own")
        self.expect(refused == ["GZEXP20261107000002"], "the second parcel is refused, and no other")

    def run(self):
        self.say("Guangzhou's parcels for Armenia: three lists of one bill wait for each other, and go to Yerevan as one declaration")
        declaration = self.go_out()
        items = re.findall(r"<(?:\w+:)?GovernmentAgencyGoodsItem>", declaration)
        print(f"  one declaration of {len(items)} items, of the waybills " + ", ".join(sorted(set(re.findall(r"EMS\d+AM", declaration)))))
        self.expect(len(items) == 6, "the declaration has the items of all three")
        self.say("Yerevan objects to an item of the second parcel: one answer, divided in three, and the other two go on")
        self.answer(declaration)
        return self.faults
