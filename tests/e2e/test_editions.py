#!/usr/bin/env python3
"""Two editions of one format side by side: what comes is of the edition that its sender names, else of that day's; routes follow each
other by their days."""
import json
import re
import shutil
import unittest

from support import list_with, new_union, run_suite, wait_for

LONG = "EMS7700512BY-0000-1111-2222-3333-4444-55"  # 40 signs: edition 2018 has room for 80, 202205 for 32
ROUTE = """
[[route]]
name = "{name}"
from = "guangzhou"
from-format = "{format}"
to = "office"
to-format = "{to}"
{days}
"""


class Editions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.union = new_union()
        folder = cls.union.folder
        cls.agency = folder / "agencies/guangzhou.toml"
        (folder / "agencies/office.toml").write_text(
            'id = "office"\nauthority = "cn"\n[address]\nurl = "folder:../delivered/office"\n' + "".join(
                f'[envelope."{name}"]\n"@guid" = "$uuid"\n"BaseTransfer/copCode" = "4401980033"\n"BaseTransfer/copName" = "gateway"\n'
                '"BaseTransfer/dxpMode" = "DXP"\n"BaseTransfer/dxpId" = "DXPGATEWAY"\n' for name in ("cn.ceb603", "cn.ceb603-2018")))
        cls.routes = folder / "routes/corridors.toml"
        cls.routes.write_text("".join((
            ROUTE.format(name="before", format="cn.ceb603", to="cn.ceb603-2018", days='until = "2022-05-01"'),
            ROUTE.format(name="since", format="cn.ceb603", to="cn.ceb603", days='since = "2022-05-01"'),
            ROUTE.format(name="old", format="cn.ceb603-2018", to="cn.ceb603-2018", days='since = "2018-11-08"\nuntil = "2122-05-01"'))), encoding="utf-8")
        (folder / "routes/imports.toml").unlink()
        cls.number = 0

    @classmethod
    def tearDownClass(cls):
        cls.union.stop()
        shutil.rmtree(cls.union.folder)

    def sends(self, formats):
        """The gateway starts with what Guangzhou may send."""
        self.union.stop()
        text = re.sub(r"formats = .*", f"formats = {json.dumps(formats)}", self.agency.read_text(encoding="utf-8"))
        self.agency.write_text(text, encoding="utf-8")
        self.union.start()

    def send(self, edit=lambda text: text):
        Editions.number += 1
        path = list_with(self.union.folder, f"list-{Editions.number}.xml", 7_000 + Editions.number, edit)
        signed = path.with_suffix(".signed.xml")
        self.union.sign("guangzhou", path, signed)
        return self.union.send("guangzhou", signed, check=False)

    def translations(self, done):
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        number = re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1)
        message = wait_for(lambda: (m := json.loads(self.union.get(f"/v1/messages/{number}")))["state"] in ("delivered", "dead") and m)
        return message["format"], [one["format"] for one in message["translations"]]

    def test_1_the_day_chooses(self):
        self.sends(["cn.ceb603", "cn.ceb603-2018"])
        self.assertEqual(self.translations(self.send()), ("cn.ceb603", ["cn.ceb603"]))
        refused = self.send(lambda text: text.replace("EMS7700512BY", LONG))
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("logisticsNo", refused.stderr.decode())

    def test_2_who_sends_the_earlier_edition_alone_is_read_by_it(self):
        self.sends(["cn.ceb603-2018"])
        self.assertEqual(self.translations(self.send(lambda text: text.replace("EMS7700512BY", LONG))), ("cn.ceb603-2018", ["cn.ceb603-2018"]))

    def test_3_days_that_are_none_are_told(self):
        good = self.routes.read_text(encoding="utf-8")
        for bad, words in (('until = "2022-05-32"', "no day"), ('since = "2022-05-02"\nuntil = "2022-05-02"', "not behind")):
            self.routes.write_text(good.replace('until = "2022-05-01"', bad, 1), encoding="utf-8")
            done = self.union.run("config", "check", "--config", self.union.folder / "hansa.toml", check=False)
            self.assertNotEqual(done.returncode, 0, bad)
            self.assertIn(words, done.stderr.decode() + done.stdout.decode())
        self.routes.write_text(good, encoding="utf-8")


if __name__ == "__main__":
    run_suite("e2e-editions")
