"""The proof of one swap (FORMAT.md, section 13)."""

import encoding
from blocks import digest, is_header_signed, is_included, read_entry
from conduct import COMMIT
from encoding import Invalid


def check_proof(data, genesis):
    """What a proof shows, as (sid, decision, view, signers, closed legs); raises Invalid."""
    proof = encoding.decode(encoding.swap_proof, data)
    announcement = encoding.decode(encoding.announcement, proof.announcement)
    if announcement.net != genesis.net or announcement.epoch != 0:
        raise Invalid("the announcement is of another corridor or epoch")
    sid = digest(proof.announcement)
    ballots, signers = set(), set()
    for ballot in proof.certificate:
        header, entry = check_entry_proof(ballot, genesis)
        if entry.is_ not in ("VOTE", "CONFIRM") or entry.sid != sid:
            raise Invalid("neither VOTE nor CONFIRM for this swap")
        if entry.is_ == "CONFIRM" and entry.view == 0:
            raise Invalid("CONFIRM in view 0")
        ballots.add((0, COMMIT) if entry.is_ == "VOTE" else (entry.view, entry.decision))
        if header.bank in signers:
            raise Invalid("a bank twice")
        signers.add(header.bank)
    if len(ballots) != 1 or len(signers) < genesis.quorum:
        raise Invalid("no quorum for one decision")
    ((view, decision),) = ballots
    legs = set()
    for closing in proof.closings:
        header, entry = check_entry_proof(closing, genesis)
        if entry.is_ != ("SETTLE" if decision == COMMIT else "VOID") or entry.sid != sid:
            raise Invalid("an entry that does not close this swap so")
        if entry.leg >= len(announcement.legBanks) or announcement.legBanks[entry.leg] != header.bank:
            raise Invalid("a leg of another bank")
        if entry.leg in legs:
            raise Invalid("a leg twice")
        legs.add(entry.leg)
    return sid, decision, view, sorted(signers), sorted(legs)


def check_entry_proof(proof, genesis):
    header = encoding.decode(encoding.header, proof.header)
    if not is_header_signed(header, proof.header, proof.signature, genesis):
        raise Invalid(f"bank {header.bank} did not sign this header")
    if not is_included(proof.entry, proof.index, header.corridorCount, proof.path, header.corridorRoot):
        raise Invalid("the block does not contain this entry")
    entry = read_entry(proof.entry)
    if entry is None:
        raise Invalid("an entry that does not decode")
    return header, entry
