"""A bank's own rules (FORMAT.md, section 8.8): reading them, asking them, and counting for them."""

import re
from datetime import date, timedelta

from encoding import amount, array, currency, entry, fact_name, fact_value, kinds, name, optional, purpose, record, text, time, uint

MAX_TOTALS = 1_000_000
DAY_MS = 86_400_000
SWAP = 4

limit = record(unit=uint(1), amount=amount)
condition = record(name=fact_name, values=array(0, 64, fact_value))
scope = record(
    channels=uint(4095),
    border=uint(2),
    tags=uint(63),
    payerClasses=uint(1023),
    payeeClasses=uint(1023),
    payerResidence=uint(2),
    payeeResidence=uint(2),
    above=optional(limit),
    when=array(0, 8, condition),
    unless=array(0, 8, condition),
)
check = kinds(
    dict(
        [
            entry(1, "require", facts=array(1, 16, fact_name)),
            entry(2, "codes", fact=fact_name, allowed=array(0, 256, fact_value), refused=array(0, 256, fact_value)),
            entry(3, "eknp", fact=fact_name, purposes=array(1, 256, text(3, 3, "[0-9]*"))),
            entry(4, "iban", fact=fact_name, country=text(2, 2, "[A-Z]*")),
            entry(5, "screen", names=array(1, 1000, fact_value), facts=array(0, 16, fact_name)),
            entry(6, "limit", limit=limit),
            entry(7, "balance", limit=limit),
            entry(8, "total", measure=uint(2, 1), by=uint(7), fact=optional(fact_name), period=uint(4, 1), limit=limit),
            entry(
                9,
                "attested",
                topic=purpose,
                subject=uint(3, 1),
                fact=optional(fact_name),
                by=array(1, 8, name),
                least=uint(),
                most=uint(),
                wanted=uint(1),
            ),
            entry(10, "calendar", fromMs=time, toMs=time, weekdays=uint(127)),
            entry(11, "deadline", fact=fact_name),
            entry(12, "forbid"),
            entry(13, "returning", withinMs=uint()),
        ]
    )
)
rule_set = record(
    currency=currency,
    usd=record(minor=amount, cents=amount),
    offsetMinutes=uint(840),
    vatBasisPoints=uint(10_000),
    rules=array(
        0,
        200,
        record(
            id=text(1, 24, "[A-Z0-9-]*"),
            code=text(1, 40, "[A-Z0-9_]*"),
            verdict=uint(2, 1),
            basis=uint(3, 1),
            scope=scope,
            check=check,
        ),
    ),
)


def facts_of(stated):
    facts = {}
    for fact in stated:
        facts.setdefault(fact.name, fact.value)
    return facts


def number_of(value):
    """The fact as a number, or None."""
    if value is None or not re.fullmatch("0|[1-9][0-9]{0,18}", value) or int(value) >= 2**63:
        return None
    return int(value)


def hash_of(value):
    """The fact as a hash, or None."""
    return bytes.fromhex(value) if value is not None and re.fullmatch("[0-9a-f]{64}", value) else None


def fact_of(move, of):
    stated = move.facts.get(of)
    if stated is None and of in ("purpose", "line"):
        return getattr(move, of)
    return stated


class Rules:
    """One rule set on the books of its bank."""

    def __init__(self, record, books):
        self.record, self.books = record, books

    def ask(self, move):
        """(rule, code, flags) of each rule that does not let the movement pass, in order."""
        for rule in self.record.rules:
            if self.is_about(rule.scope, move) and not self.passes(rule, move):
                yield rule.id, rule.code, rule.verdict == 2

    def counts(self, move):
        """(key, period, added) of each total that the movement adds to."""
        for rule in self.record.rules:
            if rule.check.is_ == "total" and self.is_about(rule.scope, move):
                counted = self.count(rule, move)
                if counted is not None:
                    yield counted

    def is_above(self, n, of):
        if of.unit == 0:
            return n > of.amount
        return n * self.record.usd.cents > of.amount * self.record.usd.minor

    def is_resident(self, account):
        return account in self.books.members and self.books.members[account].resident == 1

    def is_about(self, scope, move):
        cross = move.kind == SWAP or not all(self.is_resident(party) for party in (move.payer, move.payee) if party is not None)
        bit = 0 if move.tag is None else self.books.tags[move.tag].definition.kind
        return (
            scope.channels >> (move.kind - 1) & 1
            and scope.tags >> bit & 1
            and scope.border in (0, 2 if cross else 1)
            and self.is_party(move.payer, scope.payerClasses, scope.payerResidence)
            and self.is_party(move.payee, scope.payeeClasses, scope.payeeResidence)
            and (scope.above is None or self.is_above(move.amount, scope.above))
            and all(is_met(wanted, move) for wanted in scope.when)
            and not any(is_met(unwanted, move) for unwanted in scope.unless)
        )

    def is_party(self, account, classes, residence):
        if classes == 0 and residence == 0:
            return True
        member = self.books.members.get(account)
        if member is None or (classes and not classes >> (member.memberClass - 1) & 1):
            return False
        return residence == 0 or residence == (1 if member.resident == 1 else 2)

    def passes(self, rule, move):
        return getattr(self, f"passes_{rule.check.is_}")(rule.check, move, rule)

    def passes_require(self, check, move, _):
        return all(fact_of(move, fact) is not None for fact in check.facts)

    def passes_codes(self, check, move, _):
        value = fact_of(move, check.fact)
        return (not check.allowed or value in check.allowed) and value not in check.refused

    def passes_eknp(self, check, move, _):
        digits = [1 if self.is_resident(party) else 2 for party in (move.payer, move.payee)]
        pattern = f"EKNP {digits[0]}[0-9]{digits[1]}[0-9]{self.record.currency}([0-9]{{3}})"
        match = re.fullmatch(pattern, fact_of(move, check.fact) or "")
        return match is not None and match[1] in check.purposes

    def passes_iban(self, check, move, _):
        iban = fact_of(move, check.fact) or ""
        if not re.fullmatch(check.country + "[0-9]{2}[A-Z0-9]{11,30}", iban):
            return False
        return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1

    def passes_screen(self, check, move, _):
        parties = [move.payer, move.payee, *(fact_of(move, fact) for fact in check.facts)]
        listed = {plain(listed) for listed in check.names}
        return not any(party is not None and plain(party) in listed for party in parties)

    def passes_limit(self, check, move, _):
        return not self.is_above(move.amount, check.limit)

    def passes_balance(self, check, move, _):
        if move.payee is None:
            return True
        books = self.books
        after = books.posted[move.payee, None] + books.pending[move.payee, None] + move.amount
        return not self.is_above(after, check.limit)

    def passes_total(self, check, move, rule):
        counted = self.count(rule, move)
        if counted is None:
            return False
        key, period, added = counted
        if key not in self.books.totals and len(self.books.totals) >= MAX_TOTALS:
            return False
        of, total = self.books.totals.get(key, (period, 0))
        return not self.is_above((total if of == period else 0) + added, check.limit)

    def passes_attested(self, check, move, _):
        subject = {1: move.payer, 2: move.payee, 3: check.fact and fact_of(move, check.fact)}[check.subject]
        said = any(
            (found := self.books.attested(check.topic, subject, by, move.timeMs)) is not None and check.least <= found <= check.most
            for by in check.by
        )
        return said == (check.wanted == 1)

    def passes_calendar(self, check, move, _):
        weekday = (self.day(move.timeMs) + 3) % 7
        return check.fromMs <= move.timeMs < check.toMs and check.weekdays >> weekday & 1

    def passes_deadline(self, check, move, _):
        end = number_of(fact_of(move, check.fact))
        return end is not None and move.timeMs < end

    def passes_forbid(self, *_):
        return False

    def passes_returning(self, check, move, _):
        paid = None if move.payee is None else self.books.imports.get(move.payee)
        return paid is None or move.timeMs - paid > check.withinMs

    def count(self, rule, move):
        of = rule.check
        key = [rule.id, *(part for bit, part in ((1, move.payer), (2, move.payee), (4, move.tag)) if of.by & bit)]
        if of.fact is not None:
            value = fact_of(move, of.fact)
            if value is None:
                return None
            key.append(value)
        return tuple(key), self.period(of.period, move.timeMs), move.amount if of.measure == 1 else 1

    def day(self, time_ms):
        return (time_ms + self.record.offsetMinutes * 60_000) // DAY_MS

    def period(self, of, time_ms):
        day = self.day(time_ms)
        if of == 1:
            return day
        when = date(1970, 1, 1) + timedelta(days=day)
        return {2: (when.year, when.month), 3: when.year, 4: 0}[of]


def is_met(condition, move):
    value = fact_of(move, condition.name)
    return value is not None and (not condition.values or value in condition.values)


def plain(text):
    return re.sub("[^a-z0-9]", "", text.lower())
