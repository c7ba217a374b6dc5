"""Answers questions of the tests, one JSON object a line, with one JSON value a line:

    {"key": hex}                                       is the key enrolled?
    {"key": hex, "message": hex, "signature": hex}     is the signature valid?
    {"folder": path, "bank": id, "ledger": path}       the first finding, if the bank's ledger of this run were that file
    {"folder": path}                                   all findings of the run, each [code, bank, where, detail]
    {"genesis": path, "proof": path}                   is the proof valid?
"""

import json
import sys
from functools import cache
from pathlib import Path

sys.dont_write_bytecode = True

import auditor  # noqa: E402
from curve import enrol, is_signed  # noqa: E402
from encoding import Invalid  # noqa: E402
from proof import check_proof  # noqa: E402


@cache
def genesis_file(path):
    return auditor.read_genesis(Path(path).read_text("utf-8"))


@cache
def run_folder(folder):
    genesis = genesis_file(Path(folder) / "genesis.json")
    return genesis, auditor.read_heads((Path(folder) / "manifest.json").read_text("utf-8"), genesis)


def first_finding(folder, bank, ledger):
    genesis, heads = run_folder(folder)
    findings = []

    def found(*finding):
        findings.append(": ".join(finding))
        raise auditor.Enough

    only = {other: head if other == bank else None for other, head in heads.items()}
    try:
        auditor.Audit(genesis, only, {bank: Path(ledger).read_bytes()}, found).run()
    except auditor.Enough:
        pass
    return findings[0] if findings else None


def all_findings(folder):
    genesis, heads = run_folder(folder)
    paths = {bank: Path(folder) / "ledgers" / f"{bank}.ledger" for bank in heads}
    files = {bank: path.read_bytes() for bank, path in paths.items() if path.is_file()}
    findings = []
    auditor.Audit(genesis, heads, files, lambda *finding: findings.append(finding)).run()
    return findings


def is_proof(genesis, proof):
    try:
        check_proof(Path(proof).read_bytes(), genesis_file(genesis))
    except Invalid:
        return False
    return True


def answer(question):
    if "ledger" in question:
        return first_finding(**question)
    if "folder" in question:
        return all_findings(**question)
    if "proof" in question:
        return is_proof(**question)
    asked = {name: bytes.fromhex(value) for name, value in question.items()}
    return is_signed(**asked) if "signature" in asked else enrol(**asked)


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
