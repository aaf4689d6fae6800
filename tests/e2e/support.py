"""Shared by the end-to-end tests: a union in a folder of the build tree, and the counts of a suite."""
import json
import os
import pathlib
import re
import sys
import tempfile
import time
import unittest

SOURCE = pathlib.Path(os.environ.get("HANSA_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("HANSA_BUILD_DIR", SOURCE / "build/release"))
sys.path.insert(0, str(SOURCE / "packaging/lib"))
from union import Union, main_environment  # noqa: E402

main_environment()
sys.dont_write_bytecode = True
SHADOW = os.environ.get("HANSA_SHADOW")
LIST = SOURCE / "conf/demo/messages/guangzhou-export-list.xml"


def new_union(**options):
    union = Union(BUILD, tempfile.mkdtemp(prefix="hansa-e2e-"), **options)
    union.prepare()
    set_shadow(union)
    return union


def set_shadow(union):
    """The demo's gateway does every message on both ways; HANSA_SHADOW=0 lets the fast way work alone."""
    if SHADOW is None:
        return
    config = union.folder / "hansa.toml"
    text = config.read_text(encoding="utf-8")
    assert "shadow = 1.0" in text
    config.write_text(text.replace("shadow = 1.0", f"shadow = {SHADOW}"), encoding="utf-8")


def list_with(folder, name, number, edit=lambda text: text):
    """Guangzhou's list with references of its own, edited."""
    text = LIST.read_text(encoding="utf-8").replace("20261105000117", f"2026{number:010d}").replace("20261105000131", f"2027{number:010d}")
    text = re.sub(r'guid="0F8C2B4E[^"]*"', f'guid="0F8C2B4E-6C1D-4B0B-8D5E-{number:012d}"', text)
    path = folder / "out" / name
    path.write_text(edit(text), encoding="utf-8")
    return path


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    return condition()


class Suite(unittest.TextTestResult):
    """Counts by test, for build/<preset>/results."""


def run_suite(name, module="__main__"):
    program = unittest.main(module=module, exit=False, verbosity=2)
    result = program.result
    failed = len(result.failures) + len(result.errors)
    passed = result.testsRun - failed - len(result.skipped)
    reasons = {}
    for _, reason in result.skipped:
        reasons[reason] = reasons.get(reason, 0) + 1
    line = {"suite": name, "passed": passed, "failed": failed, "refused": 0,
            "skipped": [{"count": count, "reason": reason} for reason, count in reasons.items()], "seed": 0, "by": {}}
    folder = BUILD / "results"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(line) + "\n")
    print(json.dumps(line))
    sys.exit(1 if failed else 0)
