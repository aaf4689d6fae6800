#!/usr/bin/env python3
"""Of the facts that two format pages both name, how many arrive: facts.tsv, told by documents/, pair by pair.

A fact has arrived when the target's element says what the source said: the same text, number, day or, through
codes.tsv, the same meaning; an element that was filled by default is no arrival, another value is a wrong one.
"""
import csv
import datetime
import decimal
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(os.environ.get("HANSA_SOURCE_DIR") or HERE.parents[1])
BUILD = pathlib.Path(os.environ.get("HANSA_BUILD_DIR", SOURCE / "build/release"))
sys.path.insert(0, str(SOURCE / "packaging/lib"))
sys.dont_write_bytecode = True
from union import Union, main_environment  # noqa: E402

HANSA = str(BUILD / "bin/hansa")
SHARE_MIN = 70

# The element that holds one item; facts below it are compared item by item.
ITEM = {"cn.ceb603": "Inventory/InventoryList", "cn.ceb621": "Inventory/InventoryList",
        "wco.declaration": "Declaration/GoodsShipment/GovernmentAgencyGoodsItem",
        "eaeu.goods-declaration": "GDGoodsShipmentDetails/GDGoodsItemDetails",
        "am.esad": "ESADout_CUGoodsShipment/ESADout_CUGoods", "asycuda.sad": "Item"}

# Translations that must reach SHARE_MIN. The others are printed, and may be refused: an import list out of an export
# declaration; a tariff code of ten digits, or the union's kinds of payment, out of what another country knows.
DEMANDED = {("cn.ceb603", "eaeu.goods-declaration"), ("cn.ceb603", "asycuda.sad"), ("cn.ceb603", "wco.declaration"), ("cn.ceb621", "wco.declaration"),
            ("eaeu.goods-declaration", "am.esad"), ("am.esad", "eaeu.goods-declaration"), ("eaeu.goods-declaration", "wco.declaration"),
            ("eaeu.goods-declaration", "asycuda.sad"), ("am.esad", "wco.declaration"), ("am.esad", "asycuda.sad"),
            ("asycuda.sad", "wco.declaration"), ("wco.declaration", "asycuda.sad"),
            ("cn.ceb604", "wco.response"), ("cn.ceb622", "wco.response")}

# What stands around a list and no document knows: who transmits.
ENVELOPE = {name: ["@guid=0F8C2B4E-6C1D-4B0B-8D5E-5A1F7C3E9D31", "BaseTransfer/copCode=4401980033", "BaseTransfer/copName=Transmitter",
                   "BaseTransfer/dxpMode=DXP", "BaseTransfer/dxpId=DXPENT0000458765"] for name in ("cn.ceb603", "cn.ceb621")}
ENVELOPE |= {name: ["@guid=0F8C2B4E-6C1D-4B0B-8D5E-5A1F7C3E9D31"] for name in ("cn.ceb604", "cn.ceb622")}


def table(name):
    with open(HERE / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


MEANINGS = {}
for row in table("codes.tsv"):
    for authority in ("cn", "wco", "eaeu", "am", "asycuda"):
        for code in (row[authority] or "").split():
            MEANINGS[row["list"], authority, code] = row["meaning"]


# --- reading a document ---

def local(name):
    return name.rpartition("}")[2]


def children(node, step):
    """`name`, `name[child=value]`, `name[child^=start]`, `name[2]`."""
    name, _, rest = step.partition("[")
    found = [child for child in node if local(child.tag) == name]
    if not rest:
        return found
    rest = rest.rstrip("]")
    if rest.isdigit():
        return found[int(rest) - 1:int(rest)]
    key, start, value = re.fullmatch(r"(\w+)(\^?)=(.*)", rest).groups()
    said = lambda child: [(grand.text or "").strip() for grand in child if local(grand.tag) == key]
    return [child for child in found if any(text.startswith(value) if start else text == value for text in said(child))]


def values(node, path):
    """What stands at a path below node, in document order; `=X path` is X for each value there (said by the format, not written)."""
    if path.startswith("="):
        constant, _, path = path[1:].partition(" ")
        return [constant] * len(values(node, path))
    path, _, cut = path.partition(":")
    nodes, attribute = [node], None
    for step in path.split("/"):
        if step.startswith("@"):
            attribute = step[1:]
        else:
            nodes = [child for parent in nodes for child in children(parent, step)]
    texts = [(found.get(attribute) if attribute else found.text) or "" for found in nodes]
    first, _, last = cut.partition("-")
    return [text.strip()[int(first):int(last)] if cut else text.strip() for text in texts if text.strip()]


class Document:
    def __init__(self, form, data):
        self.form = form
        self.root = ElementTree.fromstring(data)
        item = ITEM.get(form)
        self.items = self.descend(item) if item else []

    def descend(self, path):
        nodes = [self.root]
        for step in path.split("/"):
            nodes = [child for parent in nodes for child in children(parent, step)]
        return nodes

    def groups(self, path):
        """The values of a path: one list an item for what stands in items, one for all else."""
        item = ITEM.get(self.form, "\0") + "/"
        constant, _, place = path.rpartition(" ")
        if place.startswith(item):
            return [values(node, f"{constant} {place[len(item):]}".strip()) for node in self.items]
        return [values(self.root, path)]


# --- comparing ---

def plain(text):
    return re.sub(r"[\s,]+", " ", text).strip().casefold()


def day(text, form):
    if form == "asycuda.sad":
        return datetime.datetime.strptime(text, "%d/%m/%y").date()
    joined = re.fullmatch(r"[^/]+/(\d{6})/[^/]+", text)  # office/day/number of a union's declaration
    if joined:
        return datetime.datetime.strptime(joined[1], "%d%m%y").date()
    return datetime.date(*map(int, re.match(r"(\d{4})-?(\d\d)-?(\d\d)", text).groups()))


def same(kind, source, target, source_form, target_form):
    """Whether one value says the other. A text may stand inside of a longer one (name and address in one box)."""
    if kind == "any":
        return True
    if kind == "number":
        try:
            return decimal.Decimal(source) == decimal.Decimal(target)
        except decimal.InvalidOperation:
            return False
    if kind == "day":
        try:
            return day(source, source_form) == day(target, target_form)
        except (ValueError, AttributeError):
            return False
    if kind.startswith("code:"):
        meaning = [MEANINGS.get((kind[5:], form.split(".")[0], text)) for form, text in ((source_form, source), (target_form, target))]
        if None in meaning:
            return source == target
        return meaning[0] == meaning[1]
    return plain(source) in plain(target) or plain(target) in plain(source)


def group_arrives(kind, source, target, forms):
    """Every value of one item (or of the head) is said by the other side, and in the same order where both say as many."""
    if kind == "first":
        return bool(set(source) & set(target)) or not source
    if kind == "digits":
        return any(text in "".join(target) or "".join(target) in text and len("".join(target)) >= 8 for text in source) if target else not source
    if len(source) == len(target):
        return all(same(kind, a, b, *forms) for a, b in zip(source, target)) or all(any(same(kind, a, b, *forms) for b in target) for a in source)
    return all(any(same(kind, a, b, *forms) for b in target) for a in source)


def arrives(kind, source, target, forms):
    if len(source) == len(target):
        return all(group_arrives(kind, a, b, forms) for a, b in zip(source, target))
    flat = [text for group in target for text in group]
    if len(source) == 1 or len(target) == 1:
        return all(group_arrives(kind, group, flat, forms) for group in source)
    return False


def judge(fact, source, target, defaulted):
    """'arrived', 'lost', or 'wrong: ...'."""
    forms = (source.form, target.form)
    met = []
    for from_path, to_path in itertools.product(fact[source.form].split("|"), fact[target.form].split("|")):
        said = source.groups(from_path)
        heard = target.groups(to_path)
        if not any(said) or not any(heard) or is_defaulted(to_path, target.form, defaulted):
            continue
        if arrives(fact["compare"], said, heard, forms):
            return "arrived", ""
        met.append((said, heard))
    # Alternatives are places that hold other facts too (a second party, another document): only a place that is this
    # fact's alone can be wrong.
    if met and fact["compare"] not in ("digits", "any") and "|" not in fact[source.form] + fact[target.form]:
        return "differs", f"{met[0][0]} became {met[0][1]}"
    return "lost", ""


def is_defaulted(path, form, defaulted):
    wanted = re.sub(r"\[[^]]*\]|:.*$", "", path).replace("/@", "/@").split("/")
    return any(entry[-len(wanted):] == wanted for entry in defaulted)


# --- translating ---

class Translator:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.union = Union(BUILD, self.folder / "conf")
        self.union.prepare()
        self.documents = {}

    def document(self, form):
        """The rich document of a format; signed where its schema demands a signature."""
        if form not in self.documents:
            path = HERE / "documents" / f"{form}.xml"
            if form == "cn.ceb621":
                signed = self.folder / path.name
                self.union.sign("guangzhou", path, signed)
                path = signed
            self.check(form, path)
            self.documents[form] = path
        return self.documents[form]

    def check(self, form, path):
        """Valid, or an error. The days of a SAD are written as its agency writes them, which only a translation is told."""
        if form == "asycuda.sad":
            self.run("translate", "--settings", "cotonou", "--to", "wco.declaration", "-o", self.folder / "read-again.xml", path)
        else:
            self.run("validate", path)

    def run(self, *words):
        done = subprocess.run([HANSA, *map(str, words)], capture_output=True, timeout=120, cwd=self.folder)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.decode(errors="replace").strip())
        return done.stdout

    def translate(self, source, target):
        out, loss = self.folder / f"{source}-{target}.xml", self.folder / f"{source}-{target}.json"
        words = ["translate", "--from", source, "--to", target, "--loss", loss, "-o", out]
        if "asycuda.sad" in (source, target):
            words += ["--settings", "cotonou"]
        words += [word for value in ENVELOPE.get(target, ()) for word in ("--envelope", value)]
        self.run(*words, self.document(source))
        self.check(target, out)
        entries = json.loads(loss.read_text(encoding="utf-8"))["entries"]
        defaulted = [re.sub(r"\[[^]]*\]|\w+:", "", entry["path"]).split("/") for entry in entries if entry["kind"] == "defaulted"]
        return Document(target, out.read_bytes()), defaulted


def compare_pair(translator, facts, source, target):
    """Counts of one pair, or why there is none."""
    common = [fact for fact in facts if fact[source] and fact[target]]
    if not common:
        return None
    try:
        given = Document(source, translator.document(source).read_bytes())
        got, defaulted = translator.translate(source, target)
    except RuntimeError as trouble:
        return {"common": len(common), "refused": str(trouble).splitlines()[0]}
    verdicts = [(fact["fact"], *judge(fact, given, got, defaulted)) for fact in common]
    return {"common": len(common), "arrived": sum(v[1] == "arrived" for v in verdicts),
            "lost": [v[0] for v in verdicts if v[1] == "lost"], "differs": [(v[0], v[2]) for v in verdicts if v[1] == "differs"]}


def check_documents(translator, facts, form):
    """A rich document fills every fact of its column: else a pair would be judged on what it never said."""
    document = Document(form, translator.document(form).read_bytes())
    return [fact["fact"] for fact in facts if fact[form] and not any(group for path in fact[form].split("|") for group in document.groups(path))]


def unexplained(source, target, result):
    """What arrived as something else, without a line in differences.tsv."""
    explained = {row["fact"] for row in table("differences.tsv") if (row["from"], row["to"]) == (source, target)}
    return [fact for fact, _ in result.get("differs", ()) if fact not in explained]


def show(source, target, result):
    name = f"{source} -> {target}"
    mark = "*" if (source, target) in DEMANDED else " "
    if "refused" in result:
        print(f"{mark} {name:50} {'refused':>9}        {result['refused'][:150]}")
        return
    print(f"{mark} {name:50} {result['arrived']:4}/{result['common']:<4} {100 * result['arrived'] / result['common']:5.1f} %")
    if result["lost"]:
        print(f"      lost: {' '.join(result['lost'])}")
    strange = unexplained(source, target, result)
    for fact, how in result["differs"]:
        print(f"      {'WRONG' if fact in strange else 'differs'}: {fact}: {how[:200]}")


def main():
    main_environment()
    line = {"suite": "share", "passed": 0, "failed": 0, "refused": 0, "skipped": [], "seed": 0, "by": {}}
    with tempfile.TemporaryDirectory(prefix="hansa-share-") as folder:
        translator = Translator(folder)
        for name in ("facts.tsv", "responses.tsv"):
            facts = table(name)
            forms = [column for column in facts[0] if "." in column]
            for form in forms:
                silent = check_documents(translator, facts, form)
                if silent:
                    line["failed"] += 1
                    print(f"{form}: the document does not say {' '.join(silent)}")
            for source, target in itertools.permutations(forms, 2):
                result = compare_pair(translator, facts, source, target)
                if result is None:
                    continue
                show(source, target, result)
                demanded = (source, target) in DEMANDED
                if "refused" in result:
                    line["refused"] += not demanded
                    line["failed"] += demanded
                    line["by"][f"{source}:{target}"] = {"passed": 0, "failed": result["common"], "refused": 1}
                    continue
                good = 100 * result["arrived"] >= SHARE_MIN * result["common"]
                wrong = unexplained(source, target, result)
                line["passed"] += good and not wrong
                line["failed"] += bool(demanded and not good or wrong)
                line["by"][f"{source}:{target}"] = {"passed": result["arrived"], "failed": result["common"] - result["arrived"],
                                                    "share": round(100 * result["arrived"] / result["common"], 1), "demanded": demanded}
    print(f"* demanded: at least {SHARE_MIN} % of the facts that both format pages name")
    (BUILD / "results").mkdir(parents=True, exist_ok=True)
    (BUILD / "results/share.json").write_text(json.dumps(line) + "\n")
    print(json.dumps(line))
    return 1 if line["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
