"""What corridor entries rest on (FORMAT.md, section 9.4): conduct of a bank as its own ledger shows it."""

from blocks import digest, is_header_signed
import encoding
from encoding import Invalid

COMMIT, ABORT = 1, 2


class Swaps:
    """What all ledgers announce, with the quorum that decides."""

    def __init__(self, genesis):
        self.genesis = genesis
        self.announced = {}

    def leader(self, sid, view):
        numbers = sorted(self.genesis.by_number)
        return numbers[(int.from_bytes(sid[:8], "big") + view) % len(numbers)]


class Held:
    """The blocks that a bank holds at one place of its ledger, by hash."""

    def __init__(self, swaps):
        self.swaps, self.quorum = swaps, swaps.genesis.quorum
        self.blocks = {}
        self.entries = {}
        self.announced = {}

    def add(self, block):
        if block.hash in self.blocks:
            return
        self.blocks[block.hash] = block
        for entry in block.corridor:
            if entry is not None and entry.is_ == "ANNOUNCE":
                self.announce(entry)
            elif entry is not None and entry.is_ != "EVIDENCE":
                self.entries.setdefault((entry.is_, entry.sid), []).append((block, entry))

    def announce(self, entry):
        sid = digest(entry.announcement)
        if sid in self.swaps.announced:
            self.announced[sid] = self.swaps.announced[sid].legBanks

    def named(self, ref):
        """The block and the entry that a reference names, or (None, None)."""
        block = self.blocks.get(ref.blockHash)
        if block is None or (block.header.bank, block.header.seq) != (ref.bank, ref.seq):
            return None, None
        return block, block.corridor[ref.index] if ref.index < len(block.corridor) else None

    def is_good(self, ref, kind, sid, **fields):
        _, entry = self.named(ref)
        return entry is not None and entry.is_ == kind and entry.sid == sid and all(getattr(entry, f) == v for f, v in fields.items())

    def are_quorum(self, refs, kind, sid, **fields):
        return len({ref.bank for ref in refs}) >= self.quorum and all(self.is_good(ref, kind, sid, **fields) for ref in refs)

    def has_accepts(self, confirm):
        """C13: whether q banks accepted what a CONFIRM says."""
        accepts = self.entries.get(("ACCEPT", confirm.sid), ())
        said = (confirm.view, confirm.decision)
        return len({block.header.bank for block, accept in accepts if (accept.view, accept.decision) == said}) >= self.quorum

    def has_lock(self, sid, leg, bank):
        return any(entry.leg == leg and block.header.bank == bank for block, entry in self.entries.get(("LOCK", sid), ()))

    def is_verified(self, status, legs):
        if status.locks is not None:
            if len(status.locks) != len(legs):
                return False
            for leg, (ref, bank) in enumerate(zip(status.locks, legs)):
                if ref.bank != bank or not self.is_good(ref, "LOCK", status.sid, leg=leg):
                    return False
        lock = status.lock
        return lock is None or (
            1 <= lock.view < status.view
            and self.are_quorum(lock.accepts, "ACCEPT", status.sid, view=lock.view, decision=lock.decision)
        )

    def is_led(self, lead, author, legs):
        """C11: whether a LEAD by this author follows from the STATUSes that it names."""
        if author != self.swaps.leader(lead.sid, lead.view):
            return False
        statuses = []
        for ref in lead.statuses:
            if not self.is_good(ref, "STATUS", lead.sid, view=lead.view):
                return False
            statuses.append(self.named(ref)[1])
        banks = {ref.bank for ref in lead.statuses}
        if len(banks) != len(statuses) or len(banks) < self.quorum:
            return False
        return all(self.is_verified(status, legs) for status in statuses) and value_of(statuses) == lead.decision

    def is_certified(self, entry):
        """Whether the certificate of a SETTLE or VOID is valid and decides what the entry says."""
        certificate = entry.certificate
        if certificate.decision != (COMMIT if entry.is_ == "SETTLE" else ABORT):
            return False
        if certificate.view == 0:
            return self.are_quorum(certificate.refs, "VOTE", entry.sid)
        return self.are_quorum(certificate.refs, "CONFIRM", entry.sid, view=certificate.view, decision=certificate.decision)


def is_closed_rightly(entry, author, held):
    """C14: whether a SETTLE or VOID is of the author's own leg, with a valid certificate."""
    legs = held.announced.get(entry.sid, ())
    return entry.leg < len(legs) and legs[entry.leg] == author and held.is_certified(entry)


def value_of(statuses):
    locks = [status.lock for status in statuses if status.lock is not None]
    if locks:
        return max(locks, key=lambda lock: lock.view).decision
    return COMMIT if any(status.locks is not None for status in statuses) else ABORT


class Acts:
    """What a bank has signed about one swap so far, in the order of its own ledger."""

    def __init__(self):
        self.slots = set()
        self.kinds = set()
        self.locked = set()
        self.view = 0
        self.confirmed = None

    def breaks(self, entry, author, held):
        """A code and the rule for each rule that the entry breaks; the entry is then on record."""
        legs = held.announced.get(entry.sid)
        alone = self.broken_alone(entry)
        if alone is not None:
            yield "conduct", alone
        if legs is None:
            yield "conduct", f"C0: {entry.is_} without an announcement"
        else:
            resting = self.broken_at_large(entry, author, held, legs)
            if resting is not None:
                yield "conduct", resting
            if entry.is_ in ("SETTLE", "VOID") and not is_closed_rightly(entry, author, held):
                yield "certificate_invalid", f"C14: {entry.is_}"
        self.record(entry)

    def record(self, entry):
        self.slots.add(self.slot_of(entry))
        self.kinds.add(entry.is_)
        if entry.is_ == "LOCK":
            self.locked.add(entry.leg)
        if entry.is_ == "STATUS":
            self.view = max(self.view, entry.view)
        if entry.is_ == "CONFIRM":
            self.confirmed = max(self.confirmed or (0, 0), (entry.view, entry.decision))

    def slot_of(self, entry):
        return entry.is_, getattr(entry, "view", None), getattr(entry, "leg", None)

    def broken_alone(self, entry):
        """The rule of C1 to C6 that the entry breaks, if any."""
        kind, kinds, view = entry.is_, self.kinds, getattr(entry, "view", None)
        if self.slot_of(entry) in self.slots:
            return f"C1: a second {kind}"
        if kind in ("LOCK", "REFUSE") and {"LOCK", "REFUSE"} - {kind} <= kinds:
            return "C2: LOCK and REFUSE"
        if kind in ("LOCK", "REFUSE", "VOTE") and "STATUS" in kinds:
            return f"C3: {kind} after STATUS"
        if kind == "STATUS" and view <= self.view:
            return "C4: STATUS of a view that is not higher"
        if kind in ("LEAD", "ACCEPT", "CONFIRM") and (view != self.view or view == 0):
            return f"C5: {kind} in view {view}"
        if kinds & {"SETTLE", "VOID"} - {kind}:
            return f"C6: {kind} after the leg was closed"
        return None

    def broken_at_large(self, entry, author, held, legs):
        """The rule of C8 to C13 that the entry breaks, if any."""
        kind, sid = entry.is_, entry.sid
        if kind == "VOTE":
            own = self.locked
            if not all(held.has_lock(sid, leg, bank) or (bank == author and leg in own) for leg, bank in enumerate(legs)):
                return "C8: VOTE without P"
        elif kind == "STATUS":
            if not held.is_verified(entry, legs) or ("VOTE" in self.kinds and entry.locks is None):
                return "C9: STATUS that is not verified, or without P after VOTE"
            if (entry.lock and (entry.lock.view, entry.lock.decision)) != self.confirmed:
                return "C10: STATUS with another lock than the last CONFIRM"
        elif kind == "LEAD":
            if not held.is_led(entry, author, legs):
                return "C11: LEAD that does not follow from its STATUSes"
        elif kind == "ACCEPT":
            leads = held.entries.get(("LEAD", sid), ())
            said = (entry.view, entry.decision)
            led = ((lead, block.header.bank) for block, lead in leads if (lead.view, lead.decision) == said)
            if not any(held.is_led(lead, leader, legs) for lead, leader in led):
                return "C12: ACCEPT without a LEAD"
        elif kind == "CONFIRM" and not held.has_accepts(entry):
            return "C13: CONFIRM without q ACCEPTs"
        return None


def guilty_of(evidence, genesis):
    """C15: the bank that an EVIDENCE convicts, or None when it proves nothing."""
    try:
        a = encoding.decode(encoding.header, evidence.headerA)
        b = encoding.decode(encoding.header, evidence.headerB)
    except Invalid:
        return None
    if (a.bank, a.seq) != (b.bank, b.seq) or evidence.headerA == evidence.headerB:
        return None
    both = is_header_signed(a, evidence.headerA, evidence.signatureA, genesis) and is_header_signed(
        b, evidence.headerB, evidence.signatureB, genesis
    )
    return a.bank if both else None
