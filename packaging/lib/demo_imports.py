"""The demo's third act: an import that is matched and one that is not, a tax explained, a parcel's timeline, a consented disclosure."""
import json
import re
import time

from union import ROOT

EXAMPLES = ROOT / "plugins/cn/matching/examples"
SHOP, SCHEME = "1101110326", "cn:CUSTOMS"
FIELDS = ("FunctionalReferenceID", "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Description",
          "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/InvoiceLine/ItemChargeAmount",
          "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/InvoiceLine/ItemChargeAmount/@currencyID")


class Imports:
    def __init__(self, union, say):
        self.union = union
        self.say = say
        self.faults = []

    def expect(self, holds, what):
        if not holds:
            self.faults.append(what)
            print(f"  NOT AS IT SHOULD BE: {what}")

    def send(self, kind, number, example):
        """One of the four documents of an import, with numbers of its own. Returns its message id."""
        union = self.union
        text = (EXAMPLES / example / f"{kind}.xml").read_text(encoding="utf-8")
        text = re.sub(r"<ds:Signature.*?</ds:Signature>", "", text, flags=re.S)
        text = text.replace("      <ceb:assureCode>", f"      <ceb:copNo>NB-2026-{number}</ceb:copNo>\n      <ceb:assureCode>", 1)
        text = text.replace("O-20261105-1", f"O-2026110{number}").replace(">L-1<", f">L-{number}<").replace("T-77", f"T-{number}")
        source, signed = union.folder / f"out/import-{kind}-{number}.xml", union.folder / f"out/import-{kind}-{number}.signed.xml"
        source.write_text(text, encoding="utf-8")
        union.sign("ningbo", source, signed)
        done = union.send("ningbo", signed)
        return re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1)

    def arrive(self, number, example, order):
        ids = {kind: self.send(kind, number, example) for kind in order}
        self.union.comes_to(ids["list"], "delivered", "refused", "dead", "answered")
        return ids

    def show_matches(self):
        self.say("Ningbo's imports: the list comes first, then payment, waybill and order; it waits until all are there and agree")
        good = self.arrive(1, "agrees", ("list", "payment", "waybill", "order"))
        message = self.union.message(good["list"])
        print("  " + " > ".join(step["state"] for step in message["history"]))
        self.expect(message["state"] == "delivered", "the list that agrees is delivered")
        self.say("another one, whose payment is of another sum: Ningbo gets China's own answer, and nothing of the list goes out")
        bad = self.arrive(2, "paid-another-sum", ("order", "list", "waybill", "payment"))
        message = self.union.message(bad["list"])
        print("  " + " > ".join(step["state"] for step in message["history"]))
        self.expect(message["state"] == "refused", "the list that differs is refused")
        for step in message["history"]:
            if step.get("code"):
                print(f"  {step['code']}: {step.get('detail', '')}")
        answers = [one for one in message["related"] if one["direction"] == "out"]
        self.expect(len(answers) == 1, "the refused list has one answer")
        for one in answers:
            print(f"  answered in {one['format']}")
        return good["list"]

    def show_tax(self):
        self.say("what a buyer owes, line by line, with rule, days and source")
        done = self.union.run("tax", EXAMPLES / "agrees/list.xml")
        lines = done.stdout.decode().splitlines()
        for line in lines[:8]:
            print("  " + line)
        print(f"  ... ({len(lines)} lines)")
        print("  " + lines[-1])
        self.expect(lines[-1].split()[0] == "total", "the tax has a total")

    def show_timeline(self):
        self.say("the timeline of that parcel, by its waybill, with stage times")
        union = self.union
        words = ("trace", "L-1", "--url", union.url, "--token", union.key("operator.token"), "--trust", union.key("union-root.crt"))
        for _ in range(100):
            trace = json.loads(union.get("/v1/traces/L-1"))
            if {event["event"] for event in trace.get("timeline", [])} >= {"ordered", "paid"}:
                break
            time.sleep(0.1)
        print(union.run(*words).stdout.decode().rstrip())
        self.expect(len(trace.get("timeline", [])) >= 4, "the timeline knows order, payment, waybill and list")

    def show_disclosure(self):
        self.say("the shop consents that its bank sees four fields of its declarations; the bank asks, and gets these and no more")
        union = self.union
        written, signed = union.folder / "out/consent.xml", union.folder / "out/consent.signed.xml"
        fields = [word for field in FIELDS for word in ("--field", field)]
        union.run("keys", "shop", "--folder", union.key(""), "--authority", union.key("union-root"))
        union.run("consent", "new", "--reference", "C-1", "--place", "GoodsShipment/Seller/ID", "--identity", SHOP,
                  "--scheme", SCHEME, "--recipient", "bank", "--purpose", "trade-credit", "--from", "2026-01-01", "--to", "2031-01-01", *fields, "-o", written)
        union.sign("shop", written, signed)
        lodged = json.loads(union.curl("--data-binary", f"@{signed}", f"{union.url}/v1/consents", agency="ningbo").stdout)
        asked = {"reference": "NB-2026-1", "consent": lodged.get("id", ""), "purpose": "trade-credit"}
        answer = self.ask(asked)
        print("  " + json.dumps(answer, ensure_ascii=False)[:400])
        told = {re.sub(r"\[\d+\]", "", line["path"]) for line in answer.get("fields", [])}
        self.expect(told == set(FIELDS), "the bank gets the four fields")
        refused = self.ask(asked | {"purpose": "advertising"})
        print(f"  for another purpose: {refused.get('code')}")
        self.expect(refused.get("code") == "disclosure.purpose-differs", "another purpose is refused")
        rows = json.loads(union.get(f"/v1/disclosures?consent={asked['consent']}"))["disclosures"]
        for row in rows:
            print(f"  evidence: {row['recipient']}, {row['purpose']}, {'disclosed' if row['disclosed'] else 'refused: ' + row['code']}")
        self.expect([row["disclosed"] for row in rows] == [True, False], "both are evidence")

    def ask(self, body):
        return json.loads(self.union.curl("-X", "POST", "-d", json.dumps(body), f"{self.union.url}/v1/disclosures", agency="bank").stdout)

    def run(self):
        self.show_matches()
        self.show_tax()
        self.show_timeline()
        self.show_disclosure()
        return self.faults
