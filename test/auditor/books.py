"""What the domestic entries of one ledger add up to, and what its bank's rules decide (FORMAT.md, sections 6.3, 7.2
and 8). Everything is decided again from the entries alone."""

from collections import defaultdict
from types import SimpleNamespace

import encoding
import rules
from blocks import digest, domain
from curve import enrol, is_signed
from encoding import Invalid
from rules import facts_of, hash_of, number_of

MAX_AMOUNT = 2**63 - 1
MAX_TAGS = 100_000
MAX_OPEN_HOLDS = 65_536
MAX_CONTRACTS = 10_000
MAX_EVIDENCE = 100_000
MAX_ATTESTATIONS = 1_000_000
NUMBER_WINDOW = 1024
COMMERCIAL_BANK, TREASURY, ATTESTER, AUDITOR, MONITOR, ENFORCEMENT = 1, 2, 7, 8, 9, 10
VAT, VOUCHER = 2, 3
DENY, FINAL_IMPORT, CARRY = 1, 2, 3
WARN = 1
MOVES = ("issue", "redeem", "transfer", "swap", "issue-tag", "return-tag", "court-debit")
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
        self.attestations = {}
        self.totals = {}
        self.imports = {}
        self.rules = None

    # --- Section 8.2: what makes an entry valid

    def judge(self, entry):
        """Raises Finding when the entry is not valid on these books."""
        if entry.is_ == "ENROL":
            if not enrol(entry.key):
                raise otherwise(f"the key of {entry.member} cannot be enrolled")
            if entry.member in self.members:
                raise otherwise(f"{entry.member} is enrolled already")
        elif entry.is_ == "RULES":
            try:
                encoding.decode(rules.rule_set, entry.rules)
            except Invalid as why:
                raise otherwise(f"rules: {why}") from None
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
        move = self.movement(taken, at)
        if order.is_ == "defineTag":
            try:
                move.definition = encoding.decode(encoding.tag_definition, order.definition)
            except Invalid:
                return [33, signed, None, "TAG_DEFINITION_INVALID", "TAG-1", at]
            move.id = tag_id(order.definition)
            move.net = taken.net
        flags, refused = self.weigh(move)
        if refused is not None:
            rule, code = refused
            return [33, signed, None, code, rule, at]
        return self.execution(order, move, flags) + [signed, at]

    def movement(self, taken, at):
        """What an order other than a swap's asks for (section 8.3)."""
        order = taken.order
        move = SimpleNamespace(payer=taken.member, by=taken.member, payee=None, tag=None, amount=0, line=None, purpose=None, case=None, timeMs=at)
        move.channel, move.kind = CHANNELS[order.is_], order.raw[0]
        move.legs = move.expiryMs = None
        for field in ("payee", "tag", "amount", "line", "purpose", "case"):
            setattr(move, field, getattr(order, field, getattr(move, field)))
        if order.is_ in ("freeze", "unfreeze"):
            move.payee = order.account
        if order.is_ == "returnTag" and order.tag in self.tags:
            move.payee = self.tags[order.tag].definition.fundOwner
        if order.is_ == "courtDebit":
            move.payer, move.by = order.account, taken.member
        move.facts = facts_of(getattr(order, "facts", []))
        return move

    def execution(self, order, move, flags):
        if order.is_ == "issue":
            return [1, move.payer, move.amount]
        if order.is_ == "redeem":
            return [2, move.payer, move.amount]
        if order.is_ == "transfer":
            if "vat-tag" in move.facts:
                vat, vat_tag = number_of(move.facts["vat"]), hash_of(move.facts["vat-tag"])
                return [43, move.payer, move.payee, move.tag, move.amount, move.line, vat, vat_tag, flags]
            if move.tag is not None and self.is_final(self.tags[move.tag], move) and move.line is not None:
                return [36, move.payer, move.payee, move.tag, move.amount, move.line, flags]
            return [3, move.payer, move.payee, move.tag, move.amount, move.line, flags]
        if order.is_ == "issueTag":
            return [35, move.tag, move.payer, move.amount]
        if order.is_ == "returnTag":
            return [37, move.payer, move.tag, move.amount]
        if order.is_ == "courtDebit":
            return [44, move.payer, move.payee, move.amount, flags]
        return [{"defineTag": 34, "attest": 39, "contract": 40, "freeze": 41, "unfreeze": 42}[order.is_]]

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
        move = swap_movement(leg.payer, leg.payee, order.tag, leg.amount, terms, at)
        flags, refused = self.weigh(move)
        if refused is not None:
            rule, code = refused
            return [33, signed, [stated.terms, stated.termsSalt, stated.leg], code, rule, at]
        sid = getattr(entry, "sid", None)
        return [16, sid, stated.leg, leg.payer, leg.payee, order.tag, leg.amount, stated.terms, stated.termsSalt, flags, signed, at]

    # --- Section 8.4: the rules, in order

    def weigh(self, move):
        """The flags, and the first rule that refuses with its code, or None when all let it pass."""
        flags = []
        refused = self.refuse_before(move, flags)
        if refused is not None:
            return flags, refused
        for rule, code, flag in () if self.rules is None else self.rules.ask(move):
            if not flag:
                return flags, (rule, code)
            flags.append(rule)
        return flags[:16], self.refuse_after(move)

    def refuse_before(self, move, flags):
        channel, payer, payee = move.channel, move.payer, move.payee
        member = self.members.get(payer)
        receiver = None if payee is None else self.members.get(payee)
        if member is None or (payee is not None and receiver is None):
            return "MEMBER-1", "MEMBER_NOT_CONNECTED"
        if channel in MOVES or channel == "contract":
            if move.amount == 0:
                return "MEMBER-4", "AMOUNT_INVALID"
            if channel != "return-tag" and payee == payer:
                return "MEMBER-4", "TERMS_INVALID"
        freezes = channel in ("freeze", "unfreeze")
        orders = self.members[getattr(move, "by", payer)].memberClass
        if orders in (AUDITOR, MONITOR):
            if not (freezes and orders == AUDITOR):
                return "MEMBER-5", "ROLE_READ_ONLY"
        elif freezes or (channel == "attest" and orders != ATTESTER) or (channel == "court-debit" and orders != ENFORCEMENT):
            return "MEMBER-5", "CLASS_FORBIDDEN"
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
            refused = self.refuse_tagged(move, receiver, flags)
            if refused is not None:
                return refused
        elif channel == "swap" and "carry" in move.facts:
            code = self.refuse_mirror(move)
            if code is not None:
                return "BORDER-1", code
        if channel == "transfer" and "vat-tag" in move.facts:
            code = self.refuse_vat(move)
            if code is not None:
                return "VAT-1", code
        return None

    def refuse_after(self, move):
        channel, payer, amount = move.channel, move.payer, move.amount
        if channel == "swap" and move.timeMs >= move.expiryMs:
            return "PVP-1", "PVP_EXPIRED"
        if channel == "swap" and self.open_holds[payer] >= MAX_OPEN_HOLDS:
            return "LIMIT-1", "HOLD_BUDGET"
        if channel == "issue":
            if self.issued - self.redeemed + amount > MAX_AMOUNT:
                return "LIMIT-2", "LIMIT_BALANCE"
            return ("FUNDS-1", "RESERVES_INSUFFICIENT") if amount > self.members[payer].reserves else None
        if channel == "attest" and len(self.attestations) >= MAX_ATTESTATIONS:
            return "LIMIT-3", "LIMIT_RECORDS"
        if channel not in MOVES:
            return None
        column = None if channel == "issue-tag" else move.tag
        return ("FUNDS-2", "FUNDS_INSUFFICIENT") if amount > self.posted[payer, column] else None

    def refuse_definition(self, move, member):
        definition = move.definition
        if definition.net != move.net:
            return "TAG_DEFINITION_INVALID"
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
            or definition.maxDepth == 0
            or len(lines) != len(definition.lines)
            or len(payees) != len(definition.payees)
        )
        return "TAG_DEFINITION_INVALID" if invalid else None

    def refuse_tagged(self, move, receiver, flags):
        channel = move.channel
        tag = self.tags.get(move.tag)
        if tag is None:
            return "TAG-2", "TAG_UNKNOWN"
        definition = tag.definition
        freezes = channel in ("freeze", "unfreeze")
        if channel == "issue-tag" and definition.fundOwner != move.payer:
            return "TAG-3", "TAG_OWNER_ONLY"
        if channel == "unfreeze":
            if tag.frozen.get(move.payee) != (move.payer, move.case):
                return "TAG-11", "TAG_NOT_FROZEN"
        elif move.payee in tag.frozen if channel == "freeze" else None in tag.frozen or move.payer in tag.frozen:
            return "TAG-11", "TAG_FROZEN"
        if channel != "return-tag" and not freezes and not definition.validFromMs <= move.timeMs < definition.validToMs:
            return "TAG-4", "TAG_EXPIRED"
        if channel == "redeem":
            return "TAG-5", "TAG_REDEEM_FORBIDDEN"
        way = move.facts.get("channel")
        if way in CHANNEL_CODES and not (way == "card" and definition.kind == VOUCHER):
            return "TAG-5", CHANNEL_CODES[way]
        if channel == "swap":
            if self.is_forbidden_export(move, definition):
                return "KZ-9", "TAG_EXPORT_FORBIDDEN"
        elif not freezes and receiver is not None and receiver.resident != RESIDENT:
            return "KZ-9", "TAG_EXPORT_FORBIDDEN"
        if channel == "court-debit":
            return "TAG-6", "TAG_PAYEE_NOT_ALLOWED"
        if channel in ("transfer", "contract", "swap"):
            return self.refuse_payment(move, tag, flags)
        return None

    def is_forbidden_export(self, move, definition):
        if definition.borderMode == DENY or move.expiryMs > definition.validToMs:
            return True
        if definition.borderMode == CARRY:
            return "carry" not in move.facts
        lines = {line.line: line.importable for line in definition.lines}
        return (
            (definition.countries != [] and move.facts.get("country") not in definition.countries)
            or any(leg.payer != move.payer and leg.payee == move.payer for leg in move.legs)
            or lines.get(move.line) == 0
        )

    def refuse_mirror(self, move):
        mirror = self.tags.get(hash_of(move.facts["carry"]))
        if mirror is None:
            return "TAG_UNKNOWN"
        if not mirror.definition.validFromMs <= move.timeMs < mirror.definition.validToMs:
            return "TAG_EXPIRED"
        if move.payee not in mirror.payees:
            return "TAG_PAYEE_NOT_ALLOWED"
        line = mirror.lines.get(move.facts.get("line"))
        return "TAG_LINE_EXHAUSTED" if line is None or move.amount > line.maxAmount - mirror.paid_in[line.line] else None

    def refuse_payment(self, move, tag, flags):
        """The rules about payments under a tag, and about contracts, which are asked some of them."""
        channel, payer, payee, amount, definition = move.channel, move.payer, move.payee, move.amount, tag.definition
        is_vat, owner, pays = definition.kind == VAT, definition.fundOwner == payer, channel != "contract"
        if channel != "swap" and payee not in tag.payees:
            return "TAG-6", "VAT_PAYEE_NOT_REGISTERED" if is_vat else "TAG_PAYEE_NOT_ALLOWED"
        if pays and move.purpose not in definition.purposes:
            return "TAG-7", "VAT_TAG_MISUSE" if is_vat else "TAG_PURPOSE_MISMATCH"
        line = tag.lines.get(move.line)
        if line is None:
            return "TAG-8", "TAG_LINE_NOT_IN_ESTIMATE"
        if pays:
            left = line.maxAmount - tag.paid_in[move.line] if owner else tag.received[payer, move.line]
        else:
            left = line.maxAmount - tag.contracted[move.line] if owner else amount
        if amount > left:
            return "TAG-9", "TAG_LINE_EXHAUSTED"
        if not pays:
            if not owner and payer not in tag.payees:
                return "TAG-15", "TAG_PAYEE_NOT_ALLOWED"
            return ("TAG-15", "LIMIT_RECORDS") if len(tag.contracts) >= MAX_CONTRACTS else None
        final = self.is_final(tag, move)
        pieces = number_of(move.facts.get("quantity"))
        if final and line.maxUnitPrice is not None and amount > line.maxUnitPrice * (pieces or 0):
            return "TAG-12", "TAG_UNIT_PRICE_EXCEEDED"
        if final and line.quantity is not None and (pieces is None or pieces > line.quantity - tag.bought[move.line]):
            return "TAG-12", "TAG_LINE_EXHAUSTED"
        if channel == "transfer" and definition.regions:
            found = (self.attested("REGION", payee, by, move.timeMs) for by in definition.attesters)
            if not any(region in definition.regions for region in found):
                return "TAG-13", "TAG_REGION"
        if not is_vat and self.depth(tag, payer) + 1 > definition.maxDepth:
            return "TAG-14", "TAG_DEPTH_EXCEEDED"
        if definition.disclosure:
            contract = tag.contracts.get((payer, payee, move.line))
            if amount > (contract.amount - contract.paid if contract else 0):
                if definition.disclosure != WARN:
                    return "TAG-15", "CHAIN_UNDISCLOSED"
                flags.append("TAG-15")
        code = self.refuse_evidence(move, tag, final)
        return None if code is None else ("TAG-16", code)

    def refuse_evidence(self, move, tag, final):
        topics = evidence_asked(tag, final)
        for topic in topics:
            document = move.facts.get(topic.lower())
            told = (self.attested(topic, document, by, move.timeMs) for by in tag.definition.attesters)
            if hash_of(document) is None or all(value is None for value in told):
                return "TAG_EVIDENCE_MISSING"
            if (topic, move.line, document) in tag.used:
                return "TAG_EVIDENCE_REUSED"
        return "LIMIT_RECORDS" if topics and len(tag.used) + len(topics) > MAX_EVIDENCE else None

    def refuse_vat(self, move):
        tag = self.tags.get(hash_of(move.facts["vat-tag"]))
        vat, net = (number_of(move.facts.get(fact)) for fact in ("vat", "net"))
        if tag is None or vat is None or net is None:
            return "VAT_SPLIT_MISMATCH"
        definition = tag.definition
        own = None if move.tag is None else self.tags[move.tag].definition.kind
        if definition.kind != VAT or not definition.validFromMs <= move.timeMs < definition.validToMs or own == VAT:
            return "VAT_TAG_MISUSE"
        if move.payee not in tag.payees:
            return "VAT_PAYEE_NOT_REGISTERED"
        if None in tag.frozen or move.payee in tag.frozen:
            return "TAG_FROZEN"
        if vat > (tag.lines["VAT"].maxAmount - tag.paid_in["VAT"] if "VAT" in tag.lines else 0):
            return "TAG_LINE_EXHAUSTED"
        rate = 0 if self.rules is None else self.rules.record.vatBasisPoints
        off = abs(vat - move.amount * rate // (10_000 + rate))
        return None if net + vat == move.amount and off <= 1 else "VAT_SPLIT_MISMATCH"

    def is_final(self, tag, move):
        return move.channel == "swap" or tag.payees.get(move.payee) == 1

    def depth(self, tag, account):
        return 0 if tag.definition.fundOwner == account else tag.depths.get(account, 0)

    def attested(self, topic, subject, by, at):
        """The value of a valid attestation, or None."""
        value, valid_to = self.attestations.get((topic, subject, by), (None, 0))
        return value if at < valid_to else None

    # --- Section 8.6: expiry of tags

    def is_due(self, entry):
        tag = self.tags.get(entry.tag)
        return (
            tag is not None
            and tag.held > 0
            and tag.definition.validToMs <= entry.timeMs
            and entry.payer in tag.holders
            and None not in tag.frozen
            and entry.payer not in tag.frozen
            and 0 < entry.amount == self.posted[entry.payer, entry.tag]
        )

    # --- Section 8.7: what an entry does

    def apply(self, entry):
        """Carries the entry out; raises Finding when that is impossible."""
        if getattr(entry, "instruction", None) is not None:
            self.take_number(entry.instruction)
        getattr(self, f"apply_{entry.is_}")(entry)

    def take_number(self, signed):
        taken = self.taken(signed)
        member = self.member(taken.member)
        member.used.add(taken.number)
        member.highest = max(member.highest, taken.number)

    def taken(self, signed):
        try:
            return encoding.decode(encoding.instruction, signed.body)
        except Invalid:
            raise otherwise("an instruction that does not decode") from None

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
        self.pay(entry, 0)

    def apply_TAG_RELEASE(self, entry):
        self.pay(entry, 0)

    def apply_VAT_XFER(self, entry):
        self.pay(entry, entry.vat)
        if entry.vat > 0:
            tag = self.tag(entry.vatTag)
            self.credit(entry.payee, entry.vatTag, entry.vat)
            tag.paid_in["VAT"] += entry.vat
            self.begin(tag, entry.payee, "VAT", entry.vat)

    def pay(self, entry, vat):
        taken = self.taken(entry.instruction)
        if taken.order.is_ != "transfer":
            raise otherwise("a payment without its order")
        move = self.movement(taken, entry.timeMs)
        self.add_up(move)
        payer, payee, net = entry.payer, entry.payee, entry.amount - vat
        self.debit(payer, entry.tag, entry.amount)
        if entry.tag is None:
            self.credit(payee, None, net)
            return
        tag = self.tag(entry.tag)
        final = self.is_final(tag, move)
        self.spend(tag, move, final, 1)
        if final:
            self.credit(payee, None, net)
            self.release(tag, entry.amount)
        else:
            self.credit(payee, entry.tag, net)
            tag.received[payee, entry.line] += net
            tag.holders.add(payee)
            tag.depths[payee] = max(self.depth(tag, payee), self.depth(tag, payer) + 1)
            self.release(tag, vat)
        self.forget_holder(tag, payer)

    def apply_COURT_DEBIT(self, entry):
        taken = self.taken(entry.instruction)
        if taken.order.is_ != "courtDebit":
            raise otherwise("a debit without its order")
        self.add_up(self.movement(taken, entry.timeMs))
        self.debit(entry.payer, None, entry.amount)
        self.credit(entry.payee, None, entry.amount)

    def apply_HOLD(self, entry):
        key = (entry.sid, entry.leg)
        if key in self.holds:
            raise otherwise("the hold is placed already")
        move = swap_movement(entry.payer, entry.payee, entry.tag, entry.amount, read_terms(entry.terms), entry.timeMs)
        mirror = self.tags.get(hash_of(move.facts.get("carry"))) if entry.tag is None else None
        counts = self.add_up(move)
        self.debit(entry.payer, entry.tag, entry.amount)
        self.pending[entry.payer, entry.tag] += entry.amount
        self.holds[key] = SimpleNamespace(move=move, mirror=mirror, counts=counts)
        self.open_holds[entry.payer] += 1
        if entry.tag is not None:
            self.spend(self.tag(entry.tag), move, True, 1)
            self.forget_holder(self.tag(entry.tag), entry.payer)
        elif mirror is not None:
            mirror.paid_in[move.facts.get("line")] += entry.amount

    def apply_POST(self, entry):
        hold = self.take_hold(entry)
        move = hold.move
        if hold.mirror is not None:
            self.credit(move.payee, hold.mirror.id, move.amount)
            self.begin(hold.mirror, move.payee, move.facts.get("line"), move.amount)
            return
        self.credit(move.payee, None, move.amount)
        if move.tag is not None:
            self.release(self.tag(move.tag), move.amount)
            self.forget_holder(self.tag(move.tag), move.payer)
            self.imports[move.payer] = move.timeMs

    def apply_UNHOLD(self, entry):
        hold = self.take_hold(entry)
        move = hold.move
        self.credit(move.payer, move.tag, move.amount)
        for key, period, added in hold.counts:
            of, total = self.totals.get(key, (None, 0))
            if of == period:
                self.totals[key] = (period, total - added)
                if total == added:
                    del self.totals[key]
        if hold.mirror is not None:
            hold.mirror.paid_in[move.facts.get("line")] -= move.amount
        if move.tag is not None:
            self.spend(self.tag(move.tag), move, True, -1)
            self.tag(move.tag).holders.add(move.payer)

    def apply_RULES(self, entry):
        try:
            self.rules = rules.Rules(encoding.decode(rules.rule_set, entry.rules), self)
        except Invalid:
            raise otherwise("rules that do not decode") from None

    def apply_ATTEST(self, entry):
        taken = self.taken(entry.instruction)
        order = taken.order
        self.attestations[order.topic, order.subject, taken.member] = (order.value, order.validToMs)

    def apply_TAG_CONTRACT(self, entry):
        taken = self.taken(entry.instruction)
        order, tag = taken.order, self.tag(taken.order.tag)
        contract = tag.contracts.setdefault((taken.member, order.payee, order.line), SimpleNamespace(amount=0, paid=0))
        contract.amount += order.amount
        if tag.definition.fundOwner == taken.member:
            tag.contracted[order.line] += order.amount

    def apply_TAG_FREEZE(self, entry):
        taken = self.taken(entry.instruction)
        self.tag(taken.order.tag).frozen[taken.order.account] = (taken.member, taken.order.case)

    def apply_TAG_UNFREEZE(self, entry):
        order = self.taken(entry.instruction).order
        self.tag(order.tag).frozen.pop(order.account, None)

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
            lines={line.line: line for line in definition.lines},
            issued=0, held=0, released=0, returned=0,
            paid_in=defaultdict(int), received=defaultdict(int), holders=set(), contracted=defaultdict(int),
            bought=defaultdict(int), depths={}, contracts={}, used=set(), frozen={},
        )

    def apply_TAG_ISSUE(self, entry):
        tag = self.tag(entry.tag)
        self.debit(entry.account, None, entry.amount)
        self.credit(entry.account, entry.tag, entry.amount)
        tag.issued += entry.amount
        tag.held += entry.amount
        tag.holders.add(entry.account)

    def apply_TAG_RETURN(self, entry):
        tag = self.tag(entry.tag)
        owner = tag.definition.fundOwner
        self.debit(entry.payer, entry.tag, entry.amount)
        self.credit(owner, None, entry.amount)
        self.leave(tag, entry.amount)
        tag.returned += entry.amount
        left = 0 if entry.payer == owner else entry.amount
        for line in tag.lines:
            part = min(left, tag.received[entry.payer, line])
            tag.received[entry.payer, line] -= part
            tag.paid_in[line] -= part
            left -= part
        self.forget_holder(tag, entry.payer)

    def spend(self, tag, move, final, sign):
        """Uses up what a payment under a tag uses; gives it back with sign -1."""
        amount = sign * move.amount
        if tag.definition.fundOwner == move.payer:
            tag.paid_in[move.line] += amount
        else:
            self.pay_on(tag, move.payer, move.line, amount)
        if final:
            tag.bought[move.line] += sign * (number_of(move.facts.get("quantity")) or 0)
        contract = tag.contracts.get((move.payer, move.payee, move.line))
        if contract is not None:
            contract.paid += amount
        for topic in evidence_asked(tag, final):
            document = move.facts.get(topic.lower())
            if document is not None:
                (tag.used.add if sign > 0 else tag.used.discard)((topic, move.line, document))

    def begin(self, tag, account, line, amount):
        """Money that arrives under a tag from outside it."""
        tag.issued += amount
        tag.held += amount
        tag.received[account, line] += amount
        tag.holders.add(account)
        tag.depths[account] = max(tag.depths.get(account, 0), 1)

    def release(self, tag, amount):
        self.leave(tag, amount)
        tag.released += amount

    def add_up(self, move):
        """Counts for the rules about totals; the result is what was counted."""
        counts = [] if self.rules is None else list(self.rules.counts(move))
        for key, period, added in counts:
            of, total = self.totals.get(key, (None, 0))
            self.totals[key] = (period, (total if of == period else 0) + added)
        return counts

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
            if self.pending[account, tag.id] == 0:
                tag.depths.pop(account, None)

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
        self.pending[hold.move.payer, hold.move.tag] -= hold.move.amount
        self.open_holds[hold.move.payer] -= 1
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
    "attest": "attest",
    "contract": "contract",
    "freeze": "freeze",
    "unfreeze": "unfreeze",
    "courtDebit": "court-debit",
}
CHANNEL_CODES = {"card": "TAG_CARD_FORBIDDEN", "atm": "TAG_CASHOUT_FORBIDDEN", "crypto": "TAG_CRYPTO_FORBIDDEN"}


def swap_movement(payer, payee, tag, amount, terms, at):
    """A leg to be held, as the rules see it (section 8.5)."""
    facts = facts_of(terms.border)
    return SimpleNamespace(
        channel="swap", kind=4, payer=payer, payee=payee, tag=tag, amount=amount, line=facts.get("line"), purpose=facts.get("purpose"),
        facts=facts, legs=terms.legs, expiryMs=terms.expiryMs, case=None, timeMs=at,
    )


def evidence_asked(tag, final):
    return [asked.topic for asked in tag.definition.evidence if asked.final == 0 or final]


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
