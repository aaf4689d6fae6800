#!/usr/bin/env python3
"""`hansa bench` in short runs: the JSON is as promised, and the peers' outputs are Hansa's.

Without peers (tests/bench is built without its libraries) only the first half runs. With HANSA_NIGHTLY=1
every case of a full run has one short round in the release build, against all peers.
"""
import json
import os
import pathlib
import subprocess
import unittest

BUILD = pathlib.Path(os.environ["HANSA_BUILD_DIR"])
HANSA = BUILD / "bin/hansa"
PEERS = BUILD / "lib/hansa/bench/peers.so"
# Times under a sanitizer say nothing, and every case there would take an hour.
NIGHTLY = os.environ.get("HANSA_NIGHTLY") == "1" and BUILD.name == "release"
SHORT = ["--rounds", "1", "--seconds", "0.05"]


def bench(*words):
    return subprocess.run([HANSA, "bench", *words], capture_output=True, timeout=3000, check=False)


class Bench(unittest.TestCase):
    def measure(self, *words, code=0):
        done = bench("--json", *SHORT, *words)
        self.assertEqual(done.returncode, code, done.stderr.decode() + done.stdout.decode()[-2000:])
        return json.loads(done.stdout)

    def check_case(self, case):
        self.assertEqual(case["unit"], "order")
        self.assertGreater(case["input_bytes"], 100)
        hansa = case["hansa"]
        self.assertGreater(hansa["per_s"], 0)
        self.assertGreater(hansa["mb_per_s"], 0)
        self.assertEqual(len(hansa["spread"]), 2)
        self.assertLessEqual(hansa["spread"][0], hansa["per_s"])
        self.assertGreaterEqual(hansa["spread"][1], hansa["per_s"])
        self.assertIn("instructions_per_unit", hansa)
        self.assertEqual(set(case["peers"]), set(case["ratios"]))
        for name, peer in case["peers"].items():
            self.assertGreater(peer["per_s"], 0, name)
            self.assertEqual(len(peer["spread"]), 2)
            # One round: the ratio is that of the two rates.
            self.assertAlmostEqual(case["ratios"][name], hansa["per_s"] / peer["per_s"], delta=0.01 * case["ratios"][name])

    def test_json(self):
        out = self.measure("--case", "parse/cn.ceb311/10", "--case", "translate/cn.ceb621/wco.declaration/1")
        self.assertTrue(out["version"])
        self.assertGreaterEqual(out["machine"]["cores"], 1)
        self.assertIn("cpu", out["machine"])
        self.assertEqual([case["name"] for case in out["cases"]], ["parse/cn.ceb311/10", "translate/cn.ceb621/wco.declaration/1"])
        for case in out["cases"]:
            self.check_case(case)
        self.assertEqual(out["shapes"], [])

    def test_shape(self):
        out = self.measure("--case", "shape/threads")
        shape = out["shapes"][0]
        self.assertEqual(shape["name"], "threads")
        self.assertEqual(shape["x"], [1, 2])
        self.assertEqual(len(shape["per_s"]), 2)
        self.assertGreater(min(shape["per_s"]), 0)
        self.assertEqual(out["cases"], [])

    def test_same_seed_same_message(self):
        for case in ("sign/enveloped.rsa/3", "parse/asycuda.sad+general/2", "parse/eaeu.goods-declaration+indented/1"):
            first, second = bench("--message", case), bench("--message", case)
            self.assertEqual(first.returncode, 0, first.stderr)
            self.assertEqual(first.stdout, second.stdout)
            self.assertNotEqual(first.stdout, bench("--message", case, "--seed", "2").stdout)

    def test_unknown_case(self):
        for name in ("fly/cn.ceb311/1", "parse/cn.ceb622", "parse/no.such/1", "parse/cn.ceb311/many", "translate/cn.ceb311/wco.declaration/1", "sign/enveloped.md5/1", "pipeline/asycuda.sad/wco.declaration/enveloped.rsa/1", "pipeline/cn.ceb621/wco.declaration/enveloped.rsa/101"):
            done = bench("--json", *SHORT, "--case", name)
            self.assertEqual(done.returncode, 1, name)
            self.assertIn("cli.bench-case", done.stderr.decode())

    def test_peers_are_named_when_missing(self):
        if PEERS.exists():
            self.skipTest("the peers are built")
        done = bench("--peers", *SHORT, "--case", "parse/cn.ceb311/1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cli.bench-no-peers", done.stderr.decode())

    def peers_agree(self, *words):
        if not PEERS.exists():
            self.skipTest("built without peers")
        out = self.measure("--peers", "--no-shapes", *words)
        for case in out["cases"]:
            self.check_case(case)
            self.assertNotIn("refused", case)
        return {case["name"]: set(case["peers"]) for case in out["cases"]}

    def test_peers_give_our_output(self):
        words = []
        names = ["parse/cn.ceb311+general/2", "validate/cn.ceb621/2", "digest/cn.ceb621+indented/2", "sign/enveloped.ecdsa/2", "verify/enveloped.rsa/2", "journal/1",
                 "translate/cn.ceb621/wco.declaration/2", "pipeline/cn.ceb621/wco.declaration/enveloped.ecdsa/2"]
        for name in names:
            words += ["--case", name]
        found = self.peers_agree(*words)
        self.assertEqual(list(found), names)
        self.assertLessEqual({"memcpy", "libxml2", "xerces"}, found["parse/cn.ceb311+general/2"])
        self.assertLessEqual({"libxml2-xsd", "libxml2-tree-xsd", "xerces-xsd"}, found["validate/cn.ceb621/2"])

    @unittest.skipUnless(NIGHTLY, "nightly")
    def test_every_case(self):
        self.peers_agree()


if __name__ == "__main__":
    unittest.main(verbosity=2)
