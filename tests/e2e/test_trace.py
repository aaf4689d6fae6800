#!/usr/bin/env python3
"""A parcel's timeline after a union exchange: events of messages of several agencies, stage times, recalls."""
import csv
import io
import json
import re
import shutil
import subprocess
import unittest
import zipfile

from support import BUILD, LIST, SOURCE, list_with, new_union, run_suite, wait_for

PARCEL, NEIGHBOUR, SELLER = "EMS7700512BY", "EMS7700644BJ", "4401960045"
ENVELOPE = '"@guid" = "$uuid"\n"BaseTransfer/copCode" = "4401980033"\n"BaseTransfer/copName" = "gateway"\n"BaseTransfer/dxpMode" = "DXP"\n"BaseTransfer/dxpId" = "DXPGATEWAY"\n'


def documents_in(container):
    with zipfile.ZipFile(io.BytesIO(container)) as files:
        return {name: files.read(name) for name in files.namelist()}


def plain_union(**more):
    """A union whose configuration keeps no timelines yet."""
    union = new_union(**more)
    path = union.folder / "hansa.toml"
    path.write_text(re.sub(r"\n#[^\n]*\n\[trace\]\n", "\n", path.read_text(encoding="utf-8")), encoding="utf-8")
    return union


def switch_on(union, more=""):
    with open(union.folder / "hansa.toml", "a", encoding="utf-8") as config:
        config.write(f'\n[trace]\nfolder = "state/trace"\n{more}')


class Trace(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.union = plain_union()
        switch_on(cls.union)
        (cls.union.folder / "agencies/shenzhen.toml").write_text(
            f'id = "shenzhen"\nauthority = "cn"\n[address]\nurl = "folder:../delivered/shenzhen"\n[envelope."cn.ceb509"]\n{ENVELOPE}', encoding="utf-8")
        with open(cls.union.folder / "routes/corridors.toml", "a", encoding="utf-8") as routes:
            routes.write('\n[[route]]\nname = "departures"\nfrom = "guangzhou"\nfrom-format = "cn.ceb509"\nto = "shenzhen"\nto-format = "cn.ceb509"\n')
        sender = cls.union.folder / "agencies/guangzhou.toml"
        sender.write_text(re.sub(r'(?m)^formats = \[', 'formats = ["cn.ceb509", ', sender.read_text(encoding="utf-8")), encoding="utf-8")
        cls.addClassCleanup(cls.end)
        cls.union.start_receiver()
        cls.union.start()
        cls.exchange()

    @classmethod
    def end(cls):
        cls.union.stop()
        shutil.rmtree(cls.union.folder)

    @classmethod
    def accepted(cls, path, agency):
        done = cls.union.send(agency, path)
        return re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1)

    @classmethod
    def message(cls, message_id):
        return json.loads(cls.union.get(f"/v1/messages/{message_id}"))

    @classmethod
    def exchange(cls):
        """A list with two parcels, two answers of Minsk to the first one, the departure of both."""
        path = list_with(cls.union.folder, "list.xml", 1)
        signed = path.with_suffix(".signed.xml")
        cls.union.sign("guangzhou", path, signed)
        cls.list_id = cls.accepted(signed, "guangzhou")
        sent = wait_for(lambda: (m := cls.message(cls.list_id))["state"] == "delivered" and m)
        minsk = next(t for t in sent["translations"] if t["to"] == "minsk")
        body = cls.union.curl(f"{cls.union.url}/v1/messages/{cls.list_id}/evidence").stdout
        container = next(b for n, b in documents_in(body).items() if n.startswith(minsk["id"]) and "-sent." in n)
        document = next(b for n, b in documents_in(container).items() if n.endswith(".xml") and not n.startswith("META-INF"))
        reference = re.search(r"<(?:\w+:)?InternalDocId>([^<]+)<", document.decode()).group(1)
        cls.answer(reference, "01", "20261106081530Z")
        cls.answer(reference, "08", "20261107141530Z")
        departure = SOURCE / "plugins/cn/golden/ceb509/flight.xml"
        signed = cls.union.folder / "out/departure.signed.xml"
        cls.union.sign("guangzhou", departure, signed)
        cls.departure_id = cls.accepted(signed, "guangzhou")

    @classmethod
    def answer(cls, reference, function, time):
        text = (cls.union.folder / "messages/minsk-response.xml").read_text(encoding="utf-8").replace("@REFERENCE@", reference)
        text = text.replace(">01<", f">{function}<").replace("MSQ-ANSWER-1", f"MSQ-ANSWER-{function}").replace("20261106081530Z", time)
        path = cls.union.folder / f"out/answer-{function}.xml"
        path.write_text(text, encoding="utf-8")
        signed = path.with_suffix(".asice")
        cls.union.sign("minsk", path, signed)
        return cls.accepted(signed, "minsk")

    def trace(self, reference, agency="operator"):
        return json.loads(self.union.get(f"/v1/traces/{reference}", agency=agency))

    def settled(self, reference, count):
        return wait_for(lambda: (t := self.trace(reference)) and len(t.get("timeline", [])) >= count and t)

    def events(self, trace):
        return [event["event"] for event in trace["timeline"]]

    def hansa(self, *words, check=True):
        return self.union.run("trace", "--url", self.union.url, "--token", self.union.key("operator.token"), "--trust", self.union.key("union-root.crt"), *words, check=check)

    def test_a_parcels_timeline_with_its_stage_times(self):
        trace = self.settled(PARCEL, 4)
        self.assertEqual(self.events(trace), ["lodged", "accepted", "departed", "released"])
        self.assertEqual(trace["corridor"], "CN>BY")
        self.assertEqual([(e["level"], e["own"]) for e in trace["timeline"]], [("parcel", True), ("parcel", True), ("consignment", False), ("parcel", True)])
        stages = {stage["stage"]: stage for stage in trace["stages"]}
        # The list says 2026-11-05T09:30:12+08:00, the release 2026-11-07T14:15:30Z.
        self.assertEqual(stages["lodged-to-released"]["seconds"], 2 * 86400 + 12 * 3600 + 45 * 60 + 18)
        self.assertEqual(stages["lodged-to-released"]["duration"], "P2DT12H45M18S")
        self.assertTrue(trace["complete"])
        schemes = {(r["scheme"], r["value"]) for r in trace["references"]}
        self.assertIn(("waybill", PARCEL), schemes)
        self.assertIn(("order", "GZ20260000000001"), schemes)

    def test_it_is_found_by_each_of_its_references_and_by_the_message(self):
        self.settled(PARCEL, 4)
        for reference in ("GZ20260000000001", "GZEXP20260000000001"):
            self.assertEqual(len(self.trace(reference)["timeline"]), 4, reference)
        self.assertIn("messages", self.trace("GZEXP20260000000001"))
        self.assertIn("departed", self.events(self.trace(self.departure_id)))

    def test_a_neighbour_of_the_same_message_is_another_timeline(self):
        trace = self.settled(NEIGHBOUR, 1)
        self.assertEqual(self.events(trace), ["lodged"])
        self.assertNotIn(PARCEL, json.dumps(trace["references"]))
        master = self.trace("78412345671")
        self.assertEqual(self.events(master), ["departed"])
        self.assertIn({"scheme": "waybill", "value": PARCEL}, master["parts"])

    def test_who_got_one_parcel_does_not_see_the_other(self):
        self.settled(PARCEL, 4)
        # Cotonou got the other parcel of the same message: its own message shows, as it always did, and no event.
        self.assertNotIn("timeline", self.trace(PARCEL, "cotonou"))
        self.assertEqual([e for e in self.events(self.trace(PARCEL, "minsk")) if e != "lodged"], ["accepted", "released"])
        # Guangzhou got both answers, in its own form.
        self.assertEqual(self.events(self.trace(PARCEL, "guangzhou")), ["lodged", "accepted", "departed", "released"])

    def test_the_command_prints_it(self):
        self.settled(PARCEL, 4)
        done = self.hansa(PARCEL)
        self.assertRegex(done.stdout.decode(), r"(?s)waybill EMS7700512BY.*\(CN>BY\).*lodged.*accepted.*departed.*\(consignment\).*released.*lodged-to-released +P2DT12H45M18S")
        self.assertIn("released", self.hansa("--vocabulary").stdout.decode())
        self.assertEqual(self.hansa("nothing-known", check=False).returncode, 1)
        self.assertEqual(self.hansa(PARCEL, "--vocabulary", check=False).returncode, 2)
        self.assertEqual(self.hansa(check=False).returncode, 2)

    def stage(self, path, stage):
        found = [s for s in json.loads(self.union.get(path))["stages"] if s["stage"] == stage]
        return found[0] if found else None

    def test_release_times_by_corridor(self):
        path = "/v1/statistics/release-times?from=2026-11-01&to=2026-11-30"
        found = wait_for(lambda: self.stage(path, "lodged-to-released"))
        self.assertEqual((found["corridor_from"], found["corridor_to"], found["count"]), ("CN", "BY", 1))
        exact = 2 * 86400 + 12 * 3600 + 45 * 60 + 18
        for key in ("median_seconds", "p90_seconds"):
            self.assertLessEqual(abs(found[key] - exact) * 256, exact)
        self.assertIsNone(self.stage("/v1/statistics/release-times?from=2026-11-08&to=2026-11-30", "lodged-to-released"))
        for form in (("-H", "Accept: text/csv", self.union.url + path), (self.union.url + path + "&format=csv",)):
            rows = list(csv.DictReader(io.StringIO(self.union.curl(*form).stdout.decode())))
            self.assertIn(("lodged-to-released", "CN", "BY", "1"), [(r["stage"], r["corridor_from"], r["corridor_to"], r["count"]) for r in rows])
        done = self.hansa("--release-times", "--from", "2026-11-01", "--to", "2026-11-30", "--stage", "lodged-to-released", "--corridor", "CN>BY")
        self.assertRegex(done.stdout.decode(), r"lodged-to-released +CN > BY +1 times")
        self.assertTrue(self.hansa("--release-times", "--from", "2026-11-01", "--to", "2026-11-30", "--csv").stdout.startswith(b"stage,corridor_from"))

    def test_a_recall_names_the_parcels_of_a_seller(self):
        self.settled(NEIGHBOUR, 1)
        page = json.loads(self.union.get(f"/v1/recalls?seller={SELLER}&count=1"))
        self.assertEqual(len(page["items"]), 1)
        rest = json.loads(self.union.get(f"/v1/recalls?seller={SELLER}&cursor={page['next_cursor']}"))
        values = json.dumps(page["items"] + rest["items"])
        self.assertIn(PARCEL, values)
        done = self.hansa("--recall", f"seller={SELLER}")
        self.assertIn(PARCEL, done.stdout.decode())
        product = json.loads(self.hansa("--recall", "product=SKU-88201", "--json").stdout)
        self.assertEqual(len(product["items"]), 1)
        self.assertEqual(json.loads(self.hansa("--recall", "batch=none", "--json").stdout)["items"], [])
        self.assertEqual(self.hansa("--recall", "seller", check=False).returncode, 2)

    def status(self, path, agency="operator", *more):
        answer = self.union.curl("-w", "\n%{http_code}", *more, self.union.url + path, agency=agency).stdout.decode()
        body, _, status = answer.rpartition("\n")
        return int(status), json.loads(body).get("code", "")

    def test_bad_questions_are_refused(self):
        bad = ("server.bad-parameter", 400)
        for path in ("/v1/statistics/release-times?from=yesterday", "/v1/statistics/release-times?to=2026-13-01", "/v1/statistics/release-times?from=2026-11-30&to=2026-11-01",
                     "/v1/statistics/release-times?format=xml", "/v1/statistics/release-times?stage=lodged-to-lost", "/v1/statistics/release-times?corridor=CN",
                     "/v1/statistics/release-times?fro=2026-11-01", "/v1/recalls?seller=1&product=2", "/v1/recalls?seller=1&count=0", "/v1/recalls?seller=1&count=1001",
                     "/v1/recalls?seller=1&cursor=x", "/v1/recalls?person=1", f"/v1/traces/{PARCEL}?scheme=parcle"):
            self.assertEqual(self.status(path)[::-1], bad, path)
        self.assertEqual(self.status("/v1/recalls"), (400, "trace.bad-question"))
        self.assertEqual(self.status("/v1/recalls?seller="), (400, "trace.bad-question"))
        self.assertEqual(self.status("/v1/recalls", "operator", "-X", "POST"), (405, "server.method"))
        for path in ("/v1/recalls?seller=1", "/v1/statistics/release-times"):
            self.assertEqual(self.status(path, "minsk"), (403, "server.forbidden"), path)
        self.assertEqual(self.status("/v1/traces/nothing-known"), (404, "exchange.not-found"))

    def test_metrics_tell_of_the_store(self):
        self.settled(PARCEL, 4)
        self.assertRegex(self.union.get("/metrics"), r'hansa_trace\{what="events"\} [1-9]')


class SwitchedOff(unittest.TestCase):
    def setUp(self):
        self.union = plain_union()

    def tearDown(self):
        self.union.stop()
        shutil.rmtree(self.union.folder)

    def test_without_the_section_there_are_no_timelines_and_a_reload_begins_them(self):
        self.union.start_receiver()
        self.union.start()
        signed = self.union.folder / "out/list.signed.xml"
        self.union.sign("guangzhou", LIST, signed)
        self.union.send("guangzhou", signed)
        trace = json.loads(self.union.get("/v1/traces/GZEXP20261105000117"))
        self.assertNotIn("timeline", trace)
        self.assertTrue(trace["messages"])
        self.assertEqual(json.loads(self.union.get("/v1/recalls?seller=1"))["code"], "server.service-off")
        switch_on(self.union)
        self.union.daemon.send_signal(1)
        # What came before is read from the journal.
        found = wait_for(lambda: json.loads(self.union.get(f"/v1/traces/{PARCEL}")).get("timeline"))
        self.assertEqual([e["event"] for e in found], ["lodged"])
        self.assertTrue((self.union.folder / "state/trace/trace.db").exists())

    def test_a_wrong_section_is_a_fault_with_its_line(self):
        switch_on(self.union, 'retention-days = -1\nfoldr = "x"\n')
        done = subprocess.run([BUILD / "bin/hansad", "--config", self.union.folder / "hansa.toml", "--check"], capture_output=True, timeout=60, check=False)
        self.assertNotEqual(done.returncode, 0)
        text = done.stderr.decode() + done.stdout.decode()
        self.assertRegex(text, r"hansa\.toml:\d+:\d+: base\.toml-value-wrong")
        self.assertRegex(text, r"hansa\.toml:\d+:\d+: base\.toml-key-unknown.*folder")


if __name__ == "__main__":
    run_suite("e2e-trace")
