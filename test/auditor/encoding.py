"""The canonical profile of msgpack, and the layouts of everything in a ledger (FORMAT.md, sections 1 to 9)."""

import re
from types import SimpleNamespace

MAX_BYTES = 262_144
MAX_DEPTH = 8
MAX_ELEMENTS = 4096


class Invalid(Exception):
    """Bytes that are not the one encoding of a value of the layout."""


def decode(layout, data):
    """Bytes to a value of the layout; raises Invalid."""
    if len(data) > MAX_BYTES:
        raise Invalid("too long")
    value, end = read(data, 0, 0)
    if end != len(data):
        raise Invalid("bytes left over")
    return layout(value)


def read(data, at, depth):
    tag = byte_at(data, at)
    if tag <= 0x7F:
        return tag, at + 1
    if tag == 0xC0:
        return None, at + 1
    if 0x90 <= tag <= 0x9F:
        return read_array(data, at + 1, tag & 15, depth)
    if tag == 0xDC:
        return read_array(data, at + 3, number(data, at + 1, 2, 16), depth)
    if 0xA0 <= tag <= 0xBF:
        return read_text(data, at + 1, tag & 31)
    if tag == 0xD9:
        return read_text(data, at + 2, number(data, at + 1, 1, 32))
    if tag == 0xDA:
        return read_text(data, at + 3, number(data, at + 1, 2, 256))
    if tag == 0xC4:
        return cut(data, at + 2, number(data, at + 1, 1, 0))
    if tag == 0xC5:
        return cut(data, at + 3, number(data, at + 1, 2, 256))
    if tag in INTEGERS:
        width, least = INTEGERS[tag]
        value = number(data, at + 1, width, least)
        if value >= 2**63:
            raise Invalid("integer above 2^63 - 1")
        return value, at + 1 + width
    raise Invalid(f"first byte {tag:02x}")


INTEGERS = {0xCC: (1, 2**7), 0xCD: (2, 2**8), 0xCE: (4, 2**16), 0xCF: (8, 2**32)}


def byte_at(data, at):
    if at >= len(data):
        raise Invalid("cut short")
    return data[at]


def number(data, at, width, least):
    value = int.from_bytes(cut(data, at, width)[0], "big")
    if value < least:
        raise Invalid("not the shortest form")
    return value


def cut(data, at, length):
    if at + length > len(data):
        raise Invalid("cut short")
    return data[at : at + length], at + length


def read_text(data, at, length):
    raw, end = cut(data, at, length)
    if any(byte < 0x20 or byte > 0x7E for byte in raw):
        raise Invalid("text outside printable ASCII")
    return raw.decode("ascii"), end


def read_array(data, at, count, depth):
    if depth >= MAX_DEPTH or count > MAX_ELEMENTS:
        raise Invalid("too deep or too many elements")
    elements = []
    for _ in range(count):
        element, at = read(data, at, depth + 1)
        elements.append(element)
    return elements, at


def encode(value):
    """The one encoding of a value; only the genesis record is ever written."""
    if value is None:
        return b"\xc0"
    if isinstance(value, int):
        if value < 128:
            return bytes([value])
        tag, width = next((t, w) for t, (w, _) in INTEGERS.items() if value < 256**w)
        return bytes([tag]) + value.to_bytes(width, "big")
    if isinstance(value, bytes):
        return head(len(value), (), (0xC4, 1), (0xC5, 2)) + value
    if isinstance(value, str):
        return head(len(value), (0xA0, 32), (0xD9, 1), (0xDA, 2)) + value.encode("ascii")
    return head(len(value), (0x90, 16), (0xDC, 2)) + b"".join(map(encode, value))


def head(length, short, *longer):
    if short and length < short[1]:
        return bytes([short[0] + length])
    tag, width = next((t, w) for t, w in longer if length < 256**w)
    return bytes([tag]) + length.to_bytes(width, "big")


# --- Layouts: functions that take a decoded value and return it, or raise Invalid.


def uint(most=2**53 - 1, least=0):
    def layout(value):
        if not isinstance(value, int) or not least <= value <= most:
            raise Invalid(f"want an integer from {least} to {most}")
        return value

    return layout


def equal(n):
    return uint(n, n)


def octets(least, most=None):
    most = least if most is None else most

    def layout(value):
        if not isinstance(value, bytes) or not least <= len(value) <= most:
            raise Invalid(f"want {least} to {most} bytes")
        return value

    return layout


def text(least, most, pattern):
    matches = re.compile(pattern).fullmatch

    def layout(value):
        if not isinstance(value, str) or not least <= len(value) <= most or not matches(value):
            raise Invalid(f"want a text like {pattern}")
        return value

    return layout


def optional(inner):
    return lambda value: None if value is None else inner(value)


def array(least, most, inner):
    def layout(value):
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise Invalid(f"want an array of {least} to {most}")
        return [inner(element) for element in value]

    return layout


def record(**fields):
    """An array of exactly these fields; the result has them by name, and the array itself as `raw`."""

    def layout(value):
        if not isinstance(value, list) or len(value) != len(fields):
            raise Invalid(f"want [{', '.join(fields)}]")
        named = {name: inner(element) for (name, inner), element in zip(fields.items(), value)}
        return SimpleNamespace(raw=value, **named)

    return layout


def kinds(members):
    """An array that begins with its kind; the result has the kind's name as `is_`."""

    def layout(value):
        if not isinstance(value, list) or not value or not isinstance(value[0], int) or value[0] not in members:
            raise Invalid("unknown kind")
        name, fields = members[value[0]]
        result = fields(value)
        result.is_ = name
        return result

    return layout


def entry(number, name, **fields):
    return number, (name, record(kind=equal(number), **fields))


amount = uint(2**63 - 1)
time = uint()
digest = octets(32)
bank = uint(65535)
name = text(2, 32, "[a-z][a-z0-9-]*")
currency = text(3, 3, "[A-Z]*")
line = text(1, 16, "[A-Z0-9.-]*")
purpose = text(1, 16, "[A-Z0-9-]*")
printable = ".*"

genesis_bank = record(
    number=bank,
    id=name,
    name=text(1, 64, printable),
    currency=currency,
    decimals=uint(6),
    ledgerKey=octets(32),
    transportKey=octets(32),
    binding=octets(64),
)
genesis = record(
    version=equal(1),
    name=name,
    banks=array(1, 64, genesis_bank),
    byzantine=uint(64),
    crashed=uint(64),
    quorum=uint(64),
    deltaMs=uint(3_600_000),
    ttlMs=uint(86_400_000),
)

header = record(
    version=equal(1),
    net=digest,
    bank=bank,
    epoch=uint(2**32 - 1),
    seq=uint(),
    prev=digest,
    timeMs=time,
    domesticRoot=digest,
    corridorRoot=digest,
    corridorCount=uint(4096),
)
header_bytes = octets(1, 512)
signature = octets(64)
entries = array(0, 4096, octets(1, 65535))
public_block = record(header=header_bytes, signature=signature, corridor=entries)
full_block = record(header=header_bytes, signature=signature, corridor=entries, domestic=entries)

definition = octets(1, 60_000)
fact_name = text(1, 24, "[a-z][a-z0-9-]*")
fact_value = text(1, 140, printable)
facts = array(0, 16, record(name=fact_name, value=fact_value))
case = text(1, 32, printable)
order = kinds(
    dict(
        [
            entry(1, "issue", amount=amount),
            entry(2, "redeem", amount=amount),
            entry(3, "transfer", payee=name, tag=optional(digest), amount=amount, line=optional(line), purpose=optional(purpose), facts=facts),
            entry(4, "swap", commitment=digest, tag=optional(digest)),
            entry(5, "defineTag", definition=definition),
            entry(6, "issueTag", tag=digest, amount=amount),
            entry(7, "returnTag", tag=digest, amount=amount),
            entry(8, "attest", topic=purpose, subject=text(2, 64, "[a-z0-9-]*"), value=uint(), document=optional(digest), validToMs=time),
            entry(9, "contract", tag=digest, payee=name, line=line, amount=amount, document=digest),
            entry(10, "freeze", tag=digest, account=optional(name), case=case),
            entry(11, "unfreeze", tag=digest, account=optional(name), case=case),
            entry(12, "courtDebit", account=name, payee=name, tag=optional(digest), amount=amount, case=case),
        ]
    )
)
instruction = record(net=digest, bank=bank, member=name, number=uint(), order=order)
signed = record(body=octets(1, 60_500), signature=signature)
tag_definition = record(
    net=digest,
    kind=uint(5, 1),
    colour=text(1, 16, "[a-z]*"),
    fundOwner=name,
    reference=text(1, 64, printable),
    purposes=array(1, 16, purpose),
    payees=array(1, 400, record(account=name, final=uint(1))),
    lines=array(
        1,
        1000,
        record(line=line, maxAmount=amount, maxUnitPrice=optional(amount), quantity=optional(uint(2**32 - 1)), importable=uint(1)),
    ),
    validFromMs=time,
    validToMs=time,
    maxDepth=uint(16),
    disclosure=uint(2),
    evidence=array(0, 4, record(topic=purpose, final=uint(1))),
    attesters=array(0, 4, name),
    regions=array(0, 16, uint(999_999_999)),
    borderMode=uint(3, 1),
    countries=array(0, 16, text(2, 2, "[A-Z]*")),
    estimateHash=optional(digest),
)

domestic_leg = uint(15)
terms_bytes = octets(1, 4096)
salt = octets(16)
flags = array(0, 16, text(1, 24, "[A-Z0-9-]*"))
decided = {"instruction": signed, "timeMs": time, "salt": salt}
domestic = kinds(
    dict(
        [
            entry(1, "ISSUE", account=name, amount=amount, **decided),
            entry(2, "REDEEM", account=name, amount=amount, **decided),
            entry(3, "XFER", payer=name, payee=name, tag=optional(digest), amount=amount, line=optional(line), flags=flags, **decided),
            entry(16, "HOLD", sid=digest, leg=domestic_leg, payer=name, payee=name, tag=optional(digest), amount=amount, terms=terms_bytes, termsSalt=digest, flags=flags, **decided),
            entry(17, "POST", sid=digest, leg=domestic_leg, salt=salt),
            entry(18, "UNHOLD", sid=digest, leg=domestic_leg, salt=salt),
            entry(32, "ENROL", member=name, memberClass=uint(10, 1), resident=uint(1), key=octets(32), reserves=amount, timeMs=time, salt=salt),
            entry(
                33,
                "REJECTED",
                instruction=signed,
                terms=optional(record(terms=terms_bytes, termsSalt=digest, leg=domestic_leg)),
                code=text(1, 40, "[A-Z0-9_]*"),
                rule=text(1, 24, "[A-Z0-9-]*"),
                timeMs=time,
                salt=salt,
            ),
            entry(34, "TAG_DEFINE", **decided),
            entry(35, "TAG_ISSUE", tag=digest, account=name, amount=amount, **decided),
            entry(36, "TAG_RELEASE", payer=name, payee=name, tag=digest, amount=amount, line=line, flags=flags, **decided),
            entry(37, "TAG_RETURN", payer=name, tag=digest, amount=amount, instruction=optional(signed), timeMs=time, salt=salt),
            entry(38, "RULES", rules=definition, timeMs=time, salt=salt),
            entry(39, "ATTEST", **decided),
            entry(40, "TAG_CONTRACT", **decided),
            entry(41, "TAG_FREEZE", **decided),
            entry(42, "TAG_UNFREEZE", **decided),
            entry(
                43,
                "VAT_XFER",
                payer=name,
                payee=name,
                tag=optional(digest),
                amount=amount,
                line=optional(line),
                vat=amount,
                vatTag=digest,
                flags=flags,
                **decided,
            ),
            entry(44, "COURT_DEBIT", payer=name, payee=name, amount=amount, flags=flags, **decided),
        ]
    )
)

sid = digest
leg = uint(7)
view = uint(24)
decision = uint(2, 1)
ref = record(bank=bank, seq=uint(), index=uint(4095), blockHash=digest)
refs = array(1, 64, ref)
lock_report = record(view=view, decision=decision, accepts=refs)
fast_certificate = record(view=equal(0), refs=refs)
slow_certificate = record(view=uint(24, 1), decision=decision, refs=refs)


def certificate(value):
    if isinstance(value, list) and len(value) == 2:
        result = fast_certificate(value)
        result.decision = 1
        return result
    return slow_certificate(value)


corridor = kinds(
    dict(
        [
            entry(4, "ANNOUNCE", announcement=octets(1, 512)),
            entry(5, "LOCK", sid=sid, leg=leg),
            entry(6, "REFUSE", sid=sid),
            entry(7, "VOTE", sid=sid),
            entry(8, "STATUS", sid=sid, view=view, locks=optional(array(1, 8, ref)), lock=optional(lock_report)),
            entry(9, "LEAD", sid=sid, view=view, decision=decision, statuses=refs),
            entry(10, "ACCEPT", sid=sid, view=view, decision=decision),
            entry(11, "CONFIRM", sid=sid, view=view, decision=decision),
            entry(12, "SETTLE", sid=sid, leg=leg, certificate=certificate),
            entry(13, "VOID", sid=sid, leg=leg, certificate=certificate),
            entry(15, "EVIDENCE", headerA=header_bytes, signatureA=signature, headerB=header_bytes, signatureB=signature),
        ]
    )
)
announcement = record(
    version=equal(1),
    net=digest,
    epoch=uint(2**32 - 1),
    legBanks=array(2, 8, bank),
    createdMs=time,
    expiryMs=time,
    arrangement=text(2, 16, "[a-z-]*"),
    params=record(ttlMs=uint(86_400_000)),
    commitment=digest,
)
terms = record(
    legs=array(2, 8, record(payer=name, payee=name, currency=currency, amount=amount)),
    expiryMs=time,
    border=facts,
)

entry_proof = record(header=header_bytes, signature=signature, entry=octets(1, 65535), index=uint(4095), path=array(0, 12, digest))
swap_proof = record(version=equal(1), announcement=octets(1, 512), certificate=array(1, 64, entry_proof), closings=array(0, 8, entry_proof))
