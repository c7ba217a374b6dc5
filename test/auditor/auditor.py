"""An auditor of the corridor that was written from corridor/FORMAT.md alone: the steps of its sections 12.3 and 13.

    python3 auditor.py <run folder>                              every ledger of a run
    python3 auditor.py <run folder> --bank <id>                  the ledger of one bank
    python3 auditor.py --proof <file> --genesis <genesis.json>   the proof of one swap

With --first it stops at the first finding. Exit code 0: nothing found. 1: something is wrong; each finding names a
bank. 2: bad input.
"""

import argparse
import json
import sys
from pathlib import Path
from types import SimpleNamespace

sys.dont_write_bytecode = True

import encoding  # noqa: E402
from blocks import COPY, OWN, ZERO_HASH, digest, is_header_signed, read_block, read_file, read_genesis  # noqa: E402
from books import Books, Finding, commitment, read_terms  # noqa: E402
from conduct import ABORT, COMMIT, Acts, Held, Swaps, guilty_of, is_closed_rightly  # noqa: E402
from encoding import Invalid  # noqa: E402
from proof import check_proof  # noqa: E402

CORRIDOR = "the corridor"
HALVES = {"LOCK": "HOLD", "SETTLE": "POST", "VOID": "UNHOLD"}


OTHER_ARRANGEMENTS = {"htlc", "two-phase", "gross"}


class Unsupported(Exception):
    """What this auditor does not audit."""


def arrangement_of(announcement):
    """Field 7 of an announcement, whatever its params are."""
    try:
        fields, _ = encoding.read(announcement, 0, 0)
    except Invalid:
        return None
    return fields[6] if isinstance(fields, list) and len(fields) == 9 and isinstance(fields[6], str) else None


class Audit:
    """One audit. `found` is called with (code, bank, where, detail) for each finding."""

    def __init__(self, genesis, heads, files, found):
        self.genesis, self.heads, self.files, self.found = genesis, heads, files, found
        self.ledgers = []
        self.swaps = Swaps(genesis)
        self.entries = 0

    def run(self):
        for bank in self.genesis.banks:
            self.take_apart(bank, self.heads[bank.id])
        for ledger in self.ledgers:
            self.refuse_other_arrangements(ledger)
        for ledger in self.ledgers:
            self.check_blocks(ledger)
        for ledger in self.ledgers:
            self.check_domestic(ledger)
        self.check_across()

    # --- Each ledger by itself

    def take_apart(self, bank, head):
        """A2 and A3. A ledger that is not to be audited has a head of None."""
        if head is None:
            return
        data = self.files.get(bank.id)
        if not data:
            if head["seq"] > 0:
                self.found("ledger_cut_short", bank.id, head["file"], "the ledger is not there")
            return
        records, damage = read_file(data)
        if damage is not None and (damage[0] == 0 or damage[0] < head["bytes"]):
            self.found("ledger_corrupt", bank.id, f"byte {damage[0]}", damage[1])
        books = Books(self.genesis, bank)
        self.ledgers.append(SimpleNamespace(bank=bank, head=head, records=records, own=[], copies=[], books=books, holds=[]))

    def refuse_other_arrangements(self, ledger):
        """The rules of 9.6 are not written down here: better no audit than one that leaves them out."""
        for kind, payload, _ in ledger.records:
            try:
                block = read_block(payload, kind)
            except Invalid:
                continue
            for entry in block.corridor:
                arrangement = None if entry is None or entry.is_ != "ANNOUNCE" else arrangement_of(entry.announcement)
                if arrangement in OTHER_ARRANGEMENTS:
                    raise Unsupported(f"a swap under {arrangement} in the ledger of bank {ledger.bank.id}")

    def check_blocks(self, ledger):
        """A4 to A8."""
        bank = ledger.bank
        ends = {}
        blocks = []
        for kind, payload, end in ledger.records:
            where = f"the record that ends at byte {end}"
            try:
                block = read_block(payload, kind)
            except Invalid as why:
                self.found("block_invalid", bank.id, where, str(why))
                continue
            if (block.header.bank == bank.number) != (kind == OWN):
                self.found("block_invalid", bank.id, where, f"it is of bank {block.header.bank}")
                continue
            if not is_header_signed(block.header, block.header_bytes, block.signature, self.genesis):
                self.found("signature_invalid", bank.id, where, f"bank {block.header.bank} did not sign it")
                continue
            blocks.append((kind, block))
            if kind == COPY:
                ledger.copies.append(block)
                continue
            self.check_chain(ledger, block)
            ledger.own.append(block)
            ends[len(ledger.own)] = end
        ledger.records = blocks
        self.check_head(ledger, ends)

    def check_chain(self, ledger, block):
        header, seq = block.header, len(ledger.own) + 1
        before = ledger.own[-1] if ledger.own else None
        if header.seq != seq or header.prev != (before.hash if before else ZERO_HASH):
            self.found("chain_broken", ledger.bank.id, f"block {header.seq}", "it does not follow the block before it")
        if before and header.timeMs < before.header.timeMs:
            self.found("chain_broken", ledger.bank.id, f"block {header.seq}", "its time goes back")
        if None in block.corridor:
            self.found("entry_invalid", ledger.bank.id, f"block {header.seq}", "a corridor entry that does not decode")
        self.entries += len(block.corridor) + len(block.domestic)

    def check_head(self, ledger, ends):
        head, seq = ledger.head, ledger.head["seq"]
        if seq == 0:
            right = not ledger.own
        else:
            right = seq <= len(ledger.own) and ledger.own[seq - 1].hash.hex() == head["hash"] and ends[seq] == head["bytes"]
        if not right:
            self.found("ledger_cut_short", ledger.bank.id, f"block {seq}", f"not the head of the manifest; {len(ledger.own)} blocks are here")

    def check_domestic(self, ledger):
        """A8, A9, A10 and A12."""
        for block in ledger.own:
            where = f"block {block.header.seq}"
            halves = self.halves_of(ledger, block, where)
            for i, data in enumerate(block.domestic):
                self.check_domestic_entry(ledger, block, data, halves, f"{where}, domestic entry {i}")
            if halves:
                self.found("hold_mismatch", ledger.bank.id, where, "a corridor entry without its domestic half")
        for code, detail in ledger.books.unbalanced():
            self.found(code, ledger.bank.id, "at the head", detail)

    def halves_of(self, ledger, block, where):
        halves = set()
        for entry in block.corridor:
            if entry is None or entry.is_ not in HALVES:
                continue
            held = (entry.sid, entry.leg) in ledger.books.holds or ("HOLD", entry.sid, entry.leg) in halves
            if entry.is_ == "VOID" and not held:
                continue
            half = (HALVES[entry.is_], entry.sid, entry.leg)
            if half in halves:
                self.found("hold_mismatch", ledger.bank.id, where, "one half is asked for twice")
            halves.add(half)
        return halves

    def check_domestic_entry(self, ledger, block, data, halves, where):
        try:
            entry = encoding.decode(encoding.domestic, data)
        except Invalid as why:
            return self.found("entry_invalid", ledger.bank.id, where, str(why))
        if entry.is_ in HALVES.values():
            half = (entry.is_, entry.sid, entry.leg)
            if half not in halves:
                self.found("hold_mismatch", ledger.bank.id, where, "no corridor entry in this block asks for it")
            halves.discard(half)
        if entry.is_ == "HOLD":
            ledger.holds.append((entry, where))
        try:
            if getattr(entry, "timeMs", 0) > block.header.timeMs:
                raise Finding("decided_otherwise", "decided after the block was made")
            ledger.books.judge(entry)
        except Finding as finding:
            self.found(finding.args[0], ledger.bank.id, where, finding.args[1])
        try:
            ledger.books.apply(entry)
        except Finding as finding:
            self.found(finding.args[0], ledger.bank.id, where, finding.args[1])

    # --- Across the ledgers

    def check_across(self):
        for ledger in self.ledgers:
            self.collect_announcements(ledger)
        self.check_copies()
        closings = {}
        for ledger in self.ledgers:
            self.check_holds(ledger)
            self.check_conduct(ledger, closings)
        self.check_outcomes(closings)
        self.check_decisions()

    def collect_announcements(self, ledger):
        """A13."""
        for _, block in ledger.records:
            for entry in block.corridor:
                if entry is not None and entry.is_ == "ANNOUNCE":
                    announcement = self.read_announcement(entry.announcement)
                    if announcement is not None:
                        self.swaps.announced[digest(entry.announcement)] = announcement

    def read_announcement(self, data):
        try:
            announcement = encoding.decode(encoding.announcement, data)
        except Invalid:
            return None
        usable = (
            announcement.net == self.genesis.net
            and announcement.epoch == 0
            and announcement.arrangement == "certified"
            and all(bank in self.genesis.by_number for bank in announcement.legBanks)
            and announcement.expiryMs > announcement.createdMs
        )
        return announcement if usable else None

    def check_copies(self):
        """A14."""
        seen = {(ledger.bank.number, block.header.seq): block.hash for ledger in self.ledgers for block in ledger.own}
        audited = {ledger.bank.number for ledger in self.ledgers}
        for ledger in self.ledgers:
            for block in ledger.copies:
                bank, seq = block.header.bank, block.header.seq
                known = seen.setdefault((bank, seq), None if bank in audited else block.hash)
                if known != block.hash:
                    code = "ledger_cut_short" if known is None else "equivocation"
                    seen[bank, seq] = known or block.hash
                    detail = f"bank {ledger.bank.id} holds another block of this height, validly signed"
                    self.found(code, self.genesis.by_number[bank].id, f"block {seq}", detail)

    def check_holds(self, ledger):
        """A15."""
        for hold, where in ledger.holds:
            announcement = self.swaps.announced.get(hold.sid)
            if announcement is None or not self.agrees(hold, announcement, ledger.bank):
                self.found("terms_mismatch", ledger.bank.id, where, "no announcement agrees with the terms of this hold")

    def agrees(self, hold, announcement, bank):
        try:
            terms = read_terms(hold.terms)
        except Finding:
            return False
        currencies = [self.genesis.by_number[number].currency for number in announcement.legBanks]
        return (
            announcement.commitment == commitment(hold.terms, hold.termsSalt)
            and terms.expiryMs == announcement.expiryMs
            and [leg.currency for leg in terms.legs] == currencies
            and hold.leg < len(currencies)
            and announcement.legBanks[hold.leg] == bank.number
        )

    def check_conduct(self, ledger, closings):
        """A11."""
        bank, held, acts = ledger.bank, Held(self.swaps), {}
        for kind, block in ledger.records:
            where = f"block {block.header.seq}"
            for entry in block.corridor if kind == OWN else ():
                if entry is None:
                    continue
                if entry.is_ == "EVIDENCE":
                    self.check_evidence(ledger, entry, where)
                elif entry.is_ == "ANNOUNCE":
                    announcement = self.swaps.announced.get(digest(entry.announcement))
                    if announcement is None or announcement.legBanks[0] != bank.number:
                        self.found("conduct", bank.id, where, "C7: an announcement that is not usable, or another bank's")
                    held.announce(entry)
                else:
                    done = acts.setdefault(entry.sid, Acts())
                    for code, broken in done.breaks(entry, bank.number, held):
                        self.found(code, bank.id, where, f"{broken}, swap {entry.sid.hex()[:16]}")
                    if entry.is_ in ("SETTLE", "VOID"):
                        certified = is_closed_rightly(entry, bank.number, held)
                        closings.setdefault(entry.sid, set()).add((entry.is_, bank.id, certified))
            held.add(block)

    def check_evidence(self, ledger, entry, where):
        guilty = guilty_of(entry, self.genesis)
        if guilty is None:
            self.found("conduct", ledger.bank.id, where, "C15: EVIDENCE that proves nothing")
        else:
            self.found("equivocation", self.genesis.by_number[guilty].id, where, f"EVIDENCE of bank {ledger.bank.id}")

    def check_outcomes(self, closings):
        """A16."""
        audited = {ledger.bank.number for ledger in self.ledgers}
        own, any_ = set(), set()
        for ledger in self.ledgers:
            for kind, block in ledger.records:
                locks = {(e.sid, e.leg, block.header.bank) for e in block.corridor if e is not None and e.is_ == "LOCK"}
                any_ |= locks
                if kind == OWN:
                    own |= locks
        for sid, closed in closings.items():
            where = f"swap {sid.hex()[:16]}"
            if len({kind for kind, _, _ in closed}) > 1:
                guilty = {bank for _, bank, certified in closed if not certified}
                for bank in sorted(guilty or {CORRIDOR}):
                    self.found("atomicity", bank, where, "settled here, voided there")
            announcement = self.swaps.announced.get(sid)
            if announcement is None or not any(kind == "SETTLE" and certified for kind, _, certified in closed):
                continue
            for leg, number in enumerate(announcement.legBanks):
                lock = (sid, leg, number)
                if number in audited and lock not in own:
                    bank = self.genesis.by_number[number].id if lock in any_ else CORRIDOR
                    self.found("atomicity", bank, where, f"COMMIT, but its bank's ledger has no LOCK of leg {leg}")

    def check_decisions(self):
        """A17."""
        voters = {}
        for block in {block.hash: block for ledger in self.ledgers for _, block in ledger.records}.values():
            for entry in block.corridor:
                if entry is None or entry.is_ not in ("VOTE", "CONFIRM"):
                    continue
                ballot = (0, COMMIT) if entry.is_ == "VOTE" else (entry.view, entry.decision)
                voters.setdefault(entry.sid, {}).setdefault(ballot, set()).add(block.header.bank)
        for sid, ballots in voters.items():
            decided = {decision for (_, decision), banks in ballots.items() if len(banks) >= self.genesis.quorum}
            if decided == {COMMIT, ABORT}:
                self.found("atomicity", CORRIDOR, f"swap {sid.hex()[:16]}", "quorums for both outcomes")


# --- Command line


def read_heads(content, genesis):
    """The heads of a manifest, one for each bank of the genesis (A2)."""
    manifest = json.loads(content)
    if not isinstance(manifest, dict) or manifest.get("format") != "daliz-run/1":
        raise Invalid("manifest.json is not of format daliz-run/1")
    types = {"bank": str, "file": str, "seq": int, "hash": str, "bytes": int}
    heads = manifest.get("heads")
    if not isinstance(heads, list) or not all(isinstance(h, dict) and all(type(h.get(f)) is t for f, t in types.items()) for h in heads):
        raise Invalid("manifest.json has no heads")
    if sorted(head["bank"] for head in heads) != sorted(bank.id for bank in genesis.banks):
        raise Invalid("manifest.json has not one head for each bank of the genesis")
    return {head["bank"]: head for head in heads}


class Enough(Exception):
    """The first finding was all that was asked for."""


def audit_folder(folder, only, stop):
    genesis = read_genesis((folder / "genesis.json").read_text("utf-8"))
    heads = read_heads((folder / "manifest.json").read_text("utf-8"), genesis)
    if only is not None:
        if only not in heads:
            raise Invalid(f"no bank {only}")
        heads = {bank: head if bank == only else None for bank, head in heads.items()}
    paths = {bank: folder / "ledgers" / f"{bank}.ledger" for bank in heads}
    files = {bank: path.read_bytes() for bank, path in paths.items() if path.is_file()}
    findings = []

    def found(code, bank, where, detail):
        print(f"{code}: {bank if bank == CORRIDOR else f'bank {bank}'}, {where}: {detail}")
        findings.append(code)
        if stop:
            raise Enough

    audit = Audit(genesis, heads, files, found)
    try:
        audit.run()
    except Enough:
        return 1
    blocks = sum(len(ledger.own) for ledger in audit.ledgers)
    swaps = len(audit.swaps.announced)
    print(f"{len(audit.ledgers)} ledgers, {blocks} blocks, {audit.entries} entries, {swaps} swaps: {len(findings)} findings")
    return 1 if findings else 0


def proof_file(file, genesis_file):
    genesis = read_genesis(genesis_file.read_text("utf-8"))
    sid, decision, view, signers, legs = check_proof(file.read_bytes(), genesis)
    outcome = "COMMIT" if decision == COMMIT else "ABORT"
    print(f"swap {sid.hex()}: {outcome} in view {view}, signed by banks {signers}, closed legs {legs}")
    return 0


def main():
    parser = argparse.ArgumentParser(description="Audits a run folder, or checks the proof of one swap.")
    parser.add_argument("folder", type=Path, nargs="?", help="run folder: genesis.json, manifest.json, ledgers/")
    parser.add_argument("--bank", help="audit the ledger of this bank alone")
    parser.add_argument("--first", action="store_true", help="stop at the first finding")
    parser.add_argument("--proof", type=Path, help="a .proof file")
    parser.add_argument("--genesis", type=Path, help="the corridor's genesis.json")
    options = parser.parse_args()
    if (options.folder is None) == (options.proof is None) or (options.proof is None) != (options.genesis is None):
        parser.error("want a run folder, or --proof with --genesis")
    try:
        if options.proof is None:
            return audit_folder(options.folder, options.bank, options.first)
        return proof_file(options.proof, options.genesis)
    except Unsupported as why:
        print(f"not audited: {why}; this auditor reads certified swaps only", file=sys.stderr)
        return 2
    except (Invalid, ValueError) as why:
        print(f"invalid: {why}")
        return 1
    except OSError as why:
        print(why, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
