"""What the domestic entries of one ledger add up to, and what its bank's rules decide (FORMAT.md, sections 6.3, 7.2
and 8). Everything is decided again from the entries alone."""

from collections import defaultdict
from types import SimpleNamespace

import encoding
from blocks import digest, domain
from curve import enrol, is_signed
from encoding import Invalid

MAX_AMOUNT = 2**63 - 1
MAX_TAGS = 100_000
MAX_OPEN_HOLDS = 65_536
NUMBER_WINDOW = 1024
COMMERCIAL_BANK, TREASURY = 1, 2
RESIDENT = 1


class Finding(Exception):
    """Why an entry should not be where it is: a code of section 12.3 and a detail."""


def otherwise(detail):
    return Finding("decided_otherwise", detail)


class Books:
    def __init__(self, genesis, bank):
        self.genesis, self.bank = genesis, bank
        self.members = {}
        self.posted = defaultdict(int)
        self.pending = defaultdict(int)
        self.holds = {}
        self.open_holds = defaultdict(int)
        self.tags = {}
        self.issued = self.redeemed = 0

    # --- Section 8.2: what makes an entry valid

    def judge(self, entry):
        """Raises Finding when the entry is not valid on these books."""
        if entry.is_ == "ENROL":
            if not enrol(entry.key):
                raise otherwise(f"the key of {entry.member} cannot be enrolled")
            if entry.member in self.members:
                raise otherwise(f"{entry.member} is enrolled already")
        elif entry.is_ in ("POST", "UNHOLD"):
            if (entry.sid, entry.leg) not in self.holds:
                raise otherwise("no such hold is placed")
        elif entry.instruction is None:
            if not self.is_due(entry):
                raise otherwise("the rule of expiry does not ask for it")
        else:
            taken = self.authenticate(entry.instruction)
            if self.decide(entry, taken) != entry.raw[:-1]:
                raise otherwise("the rules come to another entry for this instruction")

    def authenticate(self, signed):
        try:
            taken = encoding.decode(encoding.instruction, signed.body)
        except Invalid as why:
            raise Finding("signature_invalid", f"instruction: {why}") from None
        if taken.net != self.genesis.net or taken.bank != self.bank.number:
            raise Finding("signature_invalid", "the instruction is for another bank or corridor")
        member = self.members.get(taken.member)
        if member is None:
            raise Finding("signature_invalid", f"{taken.member} is not enrolled")
        if not is_signed(member.key, domain("instruction") + signed.body, signed.signature):
            raise Finding("signature_invalid", f"{taken.member} did not sign the instruction")
        m = taken.number
        if m < 1 or m <= member.highest - NUMBER_WINDOW or m in member.used:
            raise Finding("number_reused", f"number {m} of {taken.member}")
        return taken

    def decide(self, entry, taken):
        """The fields, without the salt, of the entry that the rules decide (sections 8.3 and 8.5)."""
        if entry.is_ == "HOLD":
            return self.decide_leg(entry, entry, taken)
        if entry.is_ == "REJECTED" and entry.terms is not None:
            return self.decide_leg(entry, entry.terms, taken)
        order = taken.order
        if order.is_ == "swap":
            raise Finding("terms_mismatch", "a swap's instruction without its terms")
        signed, at = entry.instruction.raw, entry.timeMs
        move = SimpleNamespace(
            payer=taken.member, payee=None, tag=None, amount=0, line=None, purpose=None, definition=None, expiryMs=None, timeMs=at
        )
        move.channel = CHANNELS[order.is_]
        for field in ("payee", "tag", "amount", "line", "purpose"):
            setattr(move, field, getattr(order, field, getattr(move, field)))
        if order.is_ == "defineTag":
            try:
                move.definition = encoding.decode(encoding.tag_definition, order.definition)
            except Invalid:
                return [33, signed, None, "TAG_DEFINITION_INVALID", "TAG-1", at]
            move.id = tag_id(order.definition)
        if order.is_ == "returnTag" and order.tag in self.tags:
            move.payee = self.tags[order.tag].definition.fundOwner
        refused = self.refuse(move)
        if refused is not None:
            rule, code = refused
            return [33, signed, None, code, rule, at]
        return self.execution(order, move) + [signed, at]

    def execution(self, order, move):
        if order.is_ == "issue":
            return [1, move.payer, move.amount]
        if order.is_ == "redeem":
            return [2, move.payer, move.amount]
        if order.is_ == "transfer":
            final = move.tag is not None and self.tags[move.tag].payees.get(move.payee) == 1
            if final and move.line is not None:
                return [36, move.payer, move.payee, move.tag, move.amount, move.line]
            return [3, move.payer, move.payee, move.tag, move.amount, move.line]
        if order.is_ == "defineTag":
            return [34]
        if order.is_ == "issueTag":
            return [35, move.tag, move.payer, move.amount]
        return [37, move.payer, move.tag, move.amount]

    def decide_leg(self, entry, stated, taken):
        terms = read_terms(stated.terms)
        if stated.leg >= len(terms.legs) or terms.legs[stated.leg].currency != self.bank.currency:
            raise Finding("terms_mismatch", f"leg {stated.leg} is not on this ledger")
        leg, order = terms.legs[stated.leg], taken.order
        if order.is_ != "swap" or order.commitment != commitment(stated.terms, stated.termsSalt):
            raise Finding("terms_mismatch", "the payer signed other terms")
        if leg.payer != taken.member:
            raise Finding("terms_mismatch", "the payer did not sign")
        signed, at = entry.instruction.raw, entry.timeMs
        move = SimpleNamespace(
            channel="swap", payer=leg.payer, payee=leg.payee, tag=order.tag, amount=leg.amount, line=None, purpose=None,
            definition=None, expiryMs=terms.expiryMs, timeMs=at,
        )
        refused = self.refuse(move)
        if refused is not None:
            rule, code = refused
            return [33, signed, [stated.terms, stated.termsSalt, stated.leg], code, rule, at]
        sid = getattr(entry, "sid", None)
        return [16, sid, stated.leg, leg.payer, leg.payee, order.tag, leg.amount, stated.terms, stated.termsSalt, signed, at]

    # --- Section 8.4: the rules, in order

    def refuse(self, move):
        """The first rule that refuses the movement, and its code; None when all let it pass."""
        channel, payer, payee, amount = move.channel, move.payer, move.payee, move.amount
        member = self.members.get(payer)
        receiver = None if payee is None else self.members.get(payee)
        if member is None or (payee is not None and receiver is None):
            return "MEMBER-1", "MEMBER_NOT_CONNECTED"
        if channel != "define-tag" and amount == 0:
            return "MEMBER-4", "AMOUNT_INVALID"
        if channel in ("transfer", "swap") and payee == payer:
            return "MEMBER-4", "TERMS_INVALID"
        issues = member.memberClass in (COMMERCIAL_BANK, TREASURY)
        if channel in ("issue", "redeem"):
            if member.resident != RESIDENT:
                return "MEMBER-2", "MINT_FORBIDDEN"
            if not issues:
                return "MEMBER-2", "CLASS_FORBIDDEN"
        if channel == "swap" and member.memberClass != COMMERCIAL_BANK:
            return "MEMBER-3", "CLASS_FORBIDDEN"
        if channel == "define-tag":
            if not issues:
                return "TAG-10", "CLASS_FORBIDDEN"
            code = self.refuse_definition(move, member)
            if code is not None:
                return "TAG-1", code
        if move.tag is not None:
            refused = self.refuse_tagged(move, receiver)
            if refused is not None:
                return refused
        if channel == "swap" and move.timeMs >= move.expiryMs:
            return "PVP-1", "PVP_EXPIRED"
        if channel == "swap" and self.open_holds[payer] >= MAX_OPEN_HOLDS:
            return "LIMIT-1", "HOLD_BUDGET"
        if channel == "issue":
            if self.issued - self.redeemed + amount > MAX_AMOUNT:
                return "LIMIT-2", "LIMIT_BALANCE"
            return ("FUNDS-1", "RESERVES_INSUFFICIENT") if amount > member.reserves else None
        if channel == "define-tag":
            return None
        column = None if channel == "issue-tag" else move.tag
        return ("FUNDS-2", "FUNDS_INSUFFICIENT") if amount > self.posted[payer, column] else None

    def refuse_definition(self, move, member):
        definition = move.definition
        if definition.fundOwner != move.payer or member.resident != RESIDENT:
            return "TAG_OWNER_ONLY"
        if move.id in self.tags:
            return "TAG_EXISTS"
        lines = {line.line for line in definition.lines}
        payees = {payee.account for payee in definition.payees}
        invalid = (
            len(self.tags) >= MAX_TAGS
            or definition.validFromMs >= definition.validToMs
            or definition.validToMs <= move.timeMs
            or len(lines) != len(definition.lines)
            or len(payees) != len(definition.payees)
        )
        return "TAG_DEFINITION_INVALID" if invalid else None

    def refuse_tagged(self, move, receiver):
        channel = move.channel
        tag = self.tags.get(move.tag)
        if tag is None:
            return "TAG-2", "TAG_UNKNOWN"
        definition = tag.definition
        if channel == "issue-tag" and definition.fundOwner != move.payer:
            return "TAG-3", "TAG_OWNER_ONLY"
        if channel != "return-tag" and not definition.validFromMs <= move.timeMs < definition.validToMs:
            return "TAG-4", "TAG_EXPIRED"
        if channel == "redeem":
            return "TAG-5", "TAG_REDEEM_FORBIDDEN"
        if channel == "swap" or (receiver is not None and receiver.resident != RESIDENT):
            return "KZ-9", "TAG_EXPORT_FORBIDDEN"
        if channel != "transfer":
            return None
        if move.payee not in tag.payees:
            return "TAG-6", "TAG_PAYEE_NOT_ALLOWED"
        if move.purpose not in definition.purposes:
            return "TAG-7", "TAG_PURPOSE_MISMATCH"
        if move.line not in tag.lines:
            return "TAG-8", "TAG_LINE_NOT_IN_ESTIMATE"
        if definition.fundOwner == move.payer:
            left = tag.lines[move.line] - tag.paid_in[move.line]
        else:
            left = tag.received[move.payer, move.line]
        return ("TAG-9", "TAG_LINE_EXHAUSTED") if move.amount > left else None

    # --- Section 8.6: expiry of tags

    def is_due(self, entry):
        tag = self.tags.get(entry.tag)
        return (
            tag is not None
            and tag.held > 0
            and tag.definition.validToMs <= entry.timeMs
            and entry.payer in tag.holders
            and 0 < entry.amount == self.posted[entry.payer, entry.tag]
        )

    # --- Section 8.7: what an entry does

    def apply(self, entry):
        """Carries the entry out; raises Finding when that is impossible."""
        if getattr(entry, "instruction", None) is not None:
            self.take_number(entry.instruction)
        getattr(self, f"apply_{entry.is_}")(entry)

    def take_number(self, signed):
        try:
            taken = encoding.decode(encoding.instruction, signed.body)
        except Invalid:
            raise otherwise("an instruction that does not decode") from None
        member = self.member(taken.member)
        member.used.add(taken.number)
        member.highest = max(member.highest, taken.number)

    def apply_ISSUE(self, entry):
        member = self.member(entry.account)
        member.reserves -= entry.amount
        if member.reserves < 0:
            raise otherwise("reserves below zero")
        self.credit(entry.account, None, entry.amount)
        self.issued += entry.amount

    def apply_REDEEM(self, entry):
        self.member(entry.account).reserves += entry.amount
        self.debit(entry.account, None, entry.amount)
        self.redeemed += entry.amount

    def apply_XFER(self, entry):
        self.debit(entry.payer, entry.tag, entry.amount)
        self.credit(entry.payee, entry.tag, entry.amount)
        if entry.tag is not None:
            self.tagged_move(self.tag(entry.tag), entry)

    def apply_HOLD(self, entry):
        key = (entry.sid, entry.leg)
        if key in self.holds:
            raise otherwise("the hold is placed already")
        self.debit(entry.payer, entry.tag, entry.amount)
        self.pending[entry.payer, entry.tag] += entry.amount
        self.holds[key] = entry
        self.open_holds[entry.payer] += 1

    def apply_POST(self, entry):
        hold = self.take_hold(entry)
        self.credit(hold.payee, hold.tag, hold.amount)

    def apply_UNHOLD(self, entry):
        hold = self.take_hold(entry)
        self.credit(hold.payer, hold.tag, hold.amount)

    def apply_ENROL(self, entry):
        self.members[entry.member] = SimpleNamespace(
            memberClass=entry.memberClass, resident=entry.resident, key=entry.key, reserves=entry.reserves, used=set(), highest=0
        )

    def apply_REJECTED(self, entry):
        pass

    def apply_TAG_DEFINE(self, entry):
        try:
            order = encoding.decode(encoding.instruction, entry.instruction.body).order
            definition = encoding.decode(encoding.tag_definition, getattr(order, "definition", b""))
        except Invalid:
            raise otherwise("a tag definition that does not decode") from None
        id_ = tag_id(order.definition)
        self.tags[id_] = SimpleNamespace(
            id=id_,
            definition=definition,
            payees={payee.account: payee.final for payee in definition.payees},
            lines={line.line: line.maxAmount for line in definition.lines},
            issued=0, held=0, released=0, returned=0,
            paid_in=defaultdict(int), received=defaultdict(int), holders=set(),
        )

    def apply_TAG_ISSUE(self, entry):
        tag = self.tag(entry.tag)
        self.debit(entry.account, None, entry.amount)
        self.credit(entry.account, entry.tag, entry.amount)
        tag.issued += entry.amount
        tag.held += entry.amount
        tag.holders.add(entry.account)

    def apply_TAG_RELEASE(self, entry):
        tag = self.tag(entry.tag)
        self.debit(entry.payer, entry.tag, entry.amount)
        self.credit(entry.payee, None, entry.amount)
        self.tagged_move(tag, entry)
        self.leave(tag, entry.amount)
        tag.released += entry.amount
        self.pay_on(tag, entry.payee, entry.line, entry.amount)
        self.forget_holder(tag, entry.payee)

    def apply_TAG_RETURN(self, entry):
        tag = self.tag(entry.tag)
        self.debit(entry.payer, entry.tag, entry.amount)
        self.credit(tag.definition.fundOwner, None, entry.amount)
        self.leave(tag, entry.amount)
        tag.returned += entry.amount
        self.forget_holder(tag, entry.payer)

    def tagged_move(self, tag, entry):
        if tag.definition.fundOwner == entry.payer:
            tag.paid_in[entry.line] += entry.amount
        else:
            self.pay_on(tag, entry.payer, entry.line, entry.amount)
        tag.received[entry.payee, entry.line] += entry.amount
        tag.holders.add(entry.payee)
        self.forget_holder(tag, entry.payer)

    def leave(self, tag, amount):
        tag.held -= amount
        if tag.held < 0:
            raise otherwise("less is held under the tag")

    def pay_on(self, tag, account, line, amount):
        tag.received[account, line] -= amount
        if tag.received[account, line] < 0:
            raise otherwise("less was received under the line")

    def forget_holder(self, tag, account):
        if self.posted[account, tag.id] == 0:
            tag.holders.discard(account)

    def credit(self, account, tag, amount):
        self.posted[account, tag] += amount

    def debit(self, account, tag, amount):
        self.posted[account, tag] -= amount
        if self.posted[account, tag] < 0:
            raise otherwise(f"{account} falls below zero")

    def take_hold(self, entry):
        hold = self.holds.pop((entry.sid, entry.leg), None)
        if hold is None:
            raise otherwise("the hold is not placed")
        self.pending[hold.payer, hold.tag] -= hold.amount
        self.open_holds[hold.payer] -= 1
        return hold

    def member(self, name):
        if name not in self.members:
            raise otherwise(f"no account {name}")
        return self.members[name]

    def tag(self, id_):
        if id_ not in self.tags:
            raise otherwise("the tag is not defined")
        return self.tags[id_]

    # --- Section 8.1 and 7.2: what holds at every point

    def unbalanced(self):
        """(code, detail) of each law that the books break."""
        parts = [*self.posted.values(), *self.pending.values()]
        if any(part < 0 for part in parts) or sum(parts) != self.issued - self.redeemed:
            yield "conservation", f"{sum(parts)} held, {self.issued - self.redeemed} outstanding"
        for tag in self.tags.values():
            held = sum(part for book in (self.posted, self.pending) for (_, id_), part in book.items() if id_ == tag.id)
            if tag.held != held or tag.issued != held + tag.released + tag.returned:
                yield "tag_conservation", f"tag {tag.id.hex()[:16]}"


CHANNELS = {
    "issue": "issue",
    "redeem": "redeem",
    "transfer": "transfer",
    "defineTag": "define-tag",
    "issueTag": "issue-tag",
    "returnTag": "return-tag",
}


def tag_id(definition):
    return digest(domain("tag"), definition)


def commitment(terms, terms_salt):
    return digest(domain("terms"), terms_salt, terms)


def read_terms(data):
    """Consistent terms (section 9.3); raises Finding."""
    try:
        terms = encoding.decode(encoding.terms, data)
    except Invalid as why:
        raise Finding("terms_mismatch", f"terms: {why}") from None
    accounts = [(leg.currency, account) for leg in terms.legs for account in (leg.payer, leg.payee)]
    if any(leg.amount == 0 for leg in terms.legs) or len(set(accounts)) != len(accounts):
        raise Finding("terms_mismatch", "terms that are not consistent")
    return terms
