#!/usr/bin/env python3
"""The demo: agencies exchange messages through a running gateway, a customs office works on its imports; then a table of what happened."""
import argparse
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from demo_imports import Imports  # noqa: E402
from demo_parcels import Parcels  # noqa: E402
from union import ROOT, Union, main_environment  # noqa: E402

CORPUS = pathlib.Path(os.environ.get("HANSA_CORPUS", ROOT / "../shared/corpus"))
OFFICIAL = {
    "cn.ceb603": "china-ceb/xsd-202205/ceb-export-202205.xsd",
    "cn.ceb604": "china-ceb/xsd-202205/ceb-export-202205.xsd",
    "eaeu.goods-declaration": "eaeu-eec/xsd-album-5.23.0/EEC_GoodsDeclaration.xsd",
}
WCO = (("urn:wco:datamodel:WCO:RES-DMS:2", "wco-dms/schemas/wco/notification/WCO_RES_2_DMS.xsd"),
       ("urn:wco:datamodel:WCO:DEC-DMS:2", "wco-dms/schemas/wco/declaration/WCO_DEC_2_DMS.xsd"),
       ("urn:wco:datamodel:WCO:DocumentMetaData-DMS:2", "wco-dms/schemas/wco/declaration/DocumentMetaData_2_DMS.xsd"))


def say(text):
    print(f"\n-- {text}", flush=True)


def document_in(message):
    """The document's bytes: out of its container, if it is in one."""
    if not message.startswith(b"PK"):
        return message
    with zipfile.ZipFile(io.BytesIO(message)) as container:
        name = next(n for n in container.namelist() if n != "mimetype" and not n.startswith("META-INF/"))
        return container.read(name)


def schema_verdict(union, format_id, document):
    """By the official schema where the corpus holds it (xmllint judges), else by ours (Xerces-C judges)."""
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name) / "document.xml"
        path.write_bytes(document)
        official = None
        if format_id in OFFICIAL:
            official = CORPUS / OFFICIAL[format_id]
        elif format_id.startswith("wco."):
            official = pathlib.Path(name) / "driver.xsd"
            imports = "".join(f'<xs:import namespace="{ns}" schemaLocation="{(CORPUS / file).resolve()}"/>' for ns, file in WCO)
            official.write_text(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>')
        if official is not None and CORPUS.is_dir():
            done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", str(official), str(path)], capture_output=True)
            return ("official" if done.returncode == 0 else "NOT VALID (official)"), done.stderr.decode()
        done = union.run("validate", "--format", format_id, path, check=False)
        return ("ours" if done.returncode == 0 else "NOT VALID (ours)"), done.stderr.decode()


def witness(union, message):
    """A voice that is not ours: xmlsec1 for RSA and ECDSA, OpenSSL's own command for SM2."""
    trusted = str(union.key("union-root.crt"))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if message.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(message)) as container:
                container.extractall(folder)
            done = subprocess.run(["xmlsec1", "--verify", "--trusted-pem", trusted, "--enabled-reference-uris", "empty,same-doc,local",
                                   "--url-map:", "", "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties", "META-INF/signatures.xml"],
                                  cwd=folder, capture_output=True)
            if done.returncode != 0:
                done = subprocess.run(["xmlsec1", "--verify", "--trusted-pem", trusted, "--id-attr:Id",
                                       "http://uri.etsi.org/01903/v1.3.2#:SignedProperties", "META-INF/signatures.xml"], cwd=folder, capture_output=True)
            return "xmlsec1 OK" if done.returncode == 0 else "xmlsec1 FAILED"
        if b"sm2-sm3" in message:
            return sm2_witness(message, folder)
        path = folder / "m.xml"
        path.write_bytes(message)
        done = subprocess.run(["xmlsec1", "--verify", "--trusted-pem", trusted, str(path)], capture_output=True)
        return "xmlsec1 OK" if done.returncode == 0 else "xmlsec1 FAILED"


def der_integer(raw):
    raw = raw.lstrip(b"\0") or b"\0"
    if raw[0] & 0x80:
        raw = b"\0" + raw
    return b"\x02" + bytes([len(raw)]) + raw


def sm2_witness(message, folder):
    """Canonical SignedInfo by xmllint, the value by openssl pkeyutl."""
    import base64
    text = message.decode("utf-8")
    certificate = re.search(r"<(?:\w+:)?X509Certificate>([^<]+)<", text).group(1)
    value = base64.b64decode(re.search(r"<(?:\w+:)?SignatureValue[^>]*>([^<]+)<", text).group(1))
    (folder / "c.pem").write_text("-----BEGIN CERTIFICATE-----\n" + re.sub(r"\s", "", certificate) + "\n-----END CERTIFICATE-----\n")
    signed_info = re.search(r"<(\w+:)?SignedInfo[ >].*?</(\w+:)?SignedInfo>", text, re.S).group(0)
    scope = sorted(set(re.findall(r'xmlns(?::\w+)?="[^"]+"', text[:text.index("SignedInfo")])))
    head, rest = re.match(r"(<[\w:]+)(.*)", signed_info, re.S).groups()
    (folder / "si.xml").write_text(head + "".join(" " + s for s in scope if s not in rest[:rest.index(">")]) + rest, encoding="utf-8")
    canonical = subprocess.run(["xmllint", "--c14n", "si.xml"], cwd=folder, capture_output=True).stdout.rstrip(b"\n")
    (folder / "si.bin").write_bytes(canonical)
    body = der_integer(value[:32]) + der_integer(value[32:])
    (folder / "sig.der").write_bytes(b"\x30" + bytes([len(body)]) + body)
    subprocess.run("openssl x509 -in c.pem -pubkey -noout > k.pem", shell=True, cwd=folder)
    done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "k.pem", "-rawin", "-digest", "sm3", "-in", "si.bin",
                           "-sigfile", "sig.der", "-pkeyopt", "distid:1234567812345678"], cwd=folder, capture_output=True)
    return "openssl OK" if b"Signature Verified Successfully" in done.stdout + done.stderr else "openssl FAILED"


class Demo:
    def __init__(self, union):
        self.union = union
        self.rows = []

    def hand_over(self, agency, name, by_folder=False):
        """Signs a message as its agency and hands it over. Returns the gateway's message id."""
        union = self.union
        source = union.folder / "messages" / name if not isinstance(name, pathlib.Path) else name
        signed = union.folder / "out" / (source.stem + (".xml" if agency == "guangzhou" else ".asice"))
        union.sign(agency, source, signed)
        start = time.monotonic()
        if by_folder:
            part = union.folder / "drop" / agency / (signed.name + ".part")
            part.write_bytes(signed.read_bytes())
            part.rename(part.with_suffix(""))
            return self.wait_dropped(agency, signed.name), start
        done = union.send(agency, signed)
        return re.search(r"/v1/messages/(\w+)", done.stderr.decode()).group(1), start

    def wait_dropped(self, agency, name):
        receipt = self.union.folder / "drop" / agency / "done" / (name + ".receipt.xml")
        refused = self.union.folder / "drop" / agency / "refused" / (name + ".error.json")
        for _ in range(600):
            if receipt.exists():
                return re.search(r"<message>(\w+)<", receipt.read_text()).group(1)
            if refused.exists():
                raise SystemExit(f"refused: {refused.read_text()}")
            time.sleep(0.05)
        raise SystemExit("the drop folder was not read")

    def wait_delivered(self, message_id):
        return self.union.comes_to(message_id, "delivered", "dead", "answered")

    def evidence_file(self, message_id, sent_id, ending):
        container = self.union.curl(f"{self.union.url}/v1/messages/{message_id}/evidence").stdout
        with zipfile.ZipFile(io.BytesIO(container)) as files:
            name = next(n for n in files.namelist() if n.startswith(sent_id + "/") and ending in n)
            return files.read(name)

    def pass_through(self, agency, name, by_folder=False):
        """Hands a message over, waits for its deliveries, notes a row for each. Returns (id, translations)."""
        message_id, start = self.hand_over(agency, name, by_folder)
        message = self.wait_delivered(message_id)
        milliseconds = (time.monotonic() - start) * 1000
        for sent in message["translations"]:
            self.note(message, sent, milliseconds)
        return message_id, message["translations"]

    def note(self, message, sent, milliseconds):
        body = self.evidence_file(message["id"], sent["id"], "-sent.")
        verdict, words = schema_verdict(self.union, sent["format"], document_in(body))
        if verdict.startswith("NOT"):
            print(words[:2000], file=sys.stderr)
        counts = {}
        for entry in (sent["ledger"] or {}).get("entries", []):
            counts[entry["kind"]] = counts.get(entry["kind"], 0) + 1
        profile = "SM2-SM3 enveloped" if b"sm2-sm3" in body else "ECDSA in ASiC-E" if body.startswith(b"PK") else "ECDSA enveloped"
        facts = self.facts(document_in(body))
        self.rows.append((message.get("business_key", message["id"])[:26], sent["from"], sent["to"], sent.get("purpose", ""),
                          f"{message['format']} > {sent['format']}", verdict, f"{profile}, {witness(self.union, body)}",
                          f"{facts} / {counts.get('carried', 0)} / {counts.get('dropped', 0)} / {counts.get('defaulted', 0)}",
                          f"{milliseconds:.0f}", sent["state"]))

    @staticmethod
    def facts(document):
        """Leaves with a value in the document that arrived."""
        import xml.etree.ElementTree as tree
        return sum(1 for e in tree.fromstring(document).iter() if len(e) == 0 and (e.text or "").strip() and "xmldsig" not in e.tag)

    def answer(self, agency, template, sent_id, message_id):
        """The receiver's system answers the document that it got, by the reference that stands in it."""
        body = document_in(self.evidence_file(message_id, sent_id, "-sent.")).decode()
        match = re.search(r"<(?:\w+:)?InternalDocId>([^<]+)<", body) or re.search(r"<Reference>.*?<Number>([^<]+)<", body, re.S)
        text = (self.union.folder / "messages" / template).read_text(encoding="utf-8").replace("@REFERENCE@", match.group(1))
        path = self.union.folder / "out" / f"{agency}-answer.xml"
        path.write_text(text, encoding="utf-8")
        return self.pass_through(agency, path)

    def table(self):
        head = ("message", "from", "to", "purpose", "formats", "valid by", "signature, witness", "facts / carried / dropped / defaulted", "ms", "state")
        rows = [head, *self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
        for number, row in enumerate(rows):
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
            if number == 0:
                print("  ".join("-" * width for width in widths))


def before_and_after(demo, message_id, sent):
    say("one document before and after: Guangzhou's list as Minsk gets it (first lines)")
    before = (demo.union.folder / "messages/guangzhou-export-list.xml").read_text(encoding="utf-8").splitlines()
    body = document_in(demo.evidence_file(message_id, sent["id"], "-sent."))
    pretty = subprocess.run(["xmllint", "--format", "-"], input=body, capture_output=True).stdout.decode().splitlines()
    for line in before[:24]:
        print("  < " + line)
    for line in pretty[:40]:
        print("  > " + line)
    print(f"  ... ({len(before)} lines before, {len(pretty)} after)")
    say("its loss ledger")
    entries = (sent["ledger"] or {}).get("entries", [])
    for entry in entries[:30]:
        print(f"  {entry['kind']:<9} {entry['path']}  '{entry['value'][:30]}'  {entry['reason']}")
    if len(entries) > 30:
        print(f"  ... and {len(entries) - 30} more")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--keep-running", action="store_true")
    options = parser.parse_args()
    main_environment()
    union = Union(options.build, options.folder)
    try:
        say("making keys and certificates (ECDSA, RSA, SM2), starting the gateway and a receiving endpoint")
        union.prepare()
        union.start_receiver()
        union.start()
        demo = Demo(union)
        say("Guangzhou hands over an export list, signed with SM2; it is split by destination")
        list_id, sent = demo.pass_through("guangzhou", "guangzhou-export-list.xml")
        minsk = next(s for s in sent if s["to"] == "minsk")
        cotonou = next(s for s in sent if s["to"] == "cotonou")
        own = (union.folder / "out/guangzhou-export-list.xml").read_bytes()
        print(f"  its signature: SM2 with SM3, enveloped; the gateway accepted it, and another program says: {witness(union, own)}")
        say("Minsk and Cotonou answer; Guangzhou gets its own national answer")
        demo.answer("minsk", "minsk-response.xml", minsk["id"], list_id)
        demo.answer("cotonou", "cotonou-response.xml", cotonou["id"], list_id)
        say("Minsk to Yerevan, Yerevan to Minsk")
        demo.pass_through("minsk", "minsk-goods-declaration.xml")
        demo.pass_through("yerevan", "yerevan-esad.xml")
        say("Cotonou drops a declaration and the certificate of origin it names into its folder, for Abidjan")
        demo.pass_through("cotonou", "cotonou-certificate-of-origin.xml", by_folder=True)
        demo.pass_through("cotonou", "cotonou-sad.xml", by_folder=True)
        before_and_after(demo, list_id, minsk)
        say("the trace of the list, as the operator sees it")
        trace = union.run("trace", list_id, "--url", union.url, "--token", union.key("operator.token"), "--trust", union.key("union-root.crt"))
        print(trace.stdout.decode().rstrip())
        faults = Parcels(demo, say, document_in).run() + Imports(union, say).run()
        say("what happened")
        demo.table()
        bad = [row for row in demo.rows if "NOT VALID" in row[5] or "FAILED" in row[6] or row[9] not in ("delivered", "answered")]
        print(f"\n{len(demo.rows)} messages delivered, {len(bad)} with a fault; {len(faults)} fault(s) among parcels and imports")
        if options.keep_running:
            print(f"the gateway is at {union.url}, its folder is {union.folder}; press Ctrl-C to stop")
            union.daemon.wait()
        return 1 if bad or faults else 0
    except KeyboardInterrupt:
        return 0
    finally:
        union.stop()


if __name__ == "__main__":
    sys.exit(main())
