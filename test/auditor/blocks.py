"""Hashes, genesis, blocks and ledger files (FORMAT.md, sections 2, 3, 4 and 12.1)."""

import json
from hashlib import sha256
from types import SimpleNamespace

import encoding
from curve import enrol, is_signed
from encoding import Invalid

MAGIC = bytes.fromhex("64616c697a2d6c65646765722f310a00")
OWN, COPY = 1, 2
ZERO_HASH = bytes(32)


def domain(name):
    return b"corridor/" + name.encode() + b"/v1\0"


def digest(*parts):
    return sha256(b"".join(parts)).digest()


def merkle_root(leaves):
    if not leaves:
        return digest()
    level = [digest(b"\0", leaf) for leaf in leaves]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [digest(b"\1", left, right) for left, right in zip(level[::2], level[1::2])] + odd
    return level[0]


def is_included(leaf, index, size, path, root):
    if index >= size:
        return False
    fn, sn, r = index, size - 1, digest(b"\0", leaf)
    for p in path:
        if sn == 0:
            return False
        if fn % 2 == 1 or fn == sn:
            r = digest(b"\1", p, r)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            r = digest(b"\1", r, p)
        fn, sn = fn // 2, sn // 2
    return sn == 0 and r == root


# --- Genesis

TOP_FIELDS = ("version", "name", "banks", "byzantine", "crashed", "quorum", "deltaMs", "ttlMs")
BANK_FIELDS = ("number", "id", "name", "currency", "decimals", "ledgerKey", "transportKey", "binding")


def read_genesis(content):
    """The checked genesis of a genesis.json; raises Invalid."""
    try:
        value = json.loads(content)
    except ValueError:
        raise Invalid("genesis.json is no JSON") from None
    if not isinstance(value, dict) or set(value) != {"format", "net", *TOP_FIELDS}:
        raise Invalid("genesis.json has other fields")
    if value["format"] != "daliz-genesis/1" or not isinstance(value["banks"], list):
        raise Invalid("genesis.json has another format")
    banks = []
    for bank in value["banks"]:
        if not isinstance(bank, dict) or set(bank) != set(BANK_FIELDS):
            raise Invalid("a bank of genesis.json has other fields")
        banks.append([from_hex(bank[f]) if f in BANK_FIELDS[5:] else plain(bank[f]) for f in BANK_FIELDS])
    raw = [banks if field == "banks" else plain(value[field]) for field in TOP_FIELDS]
    genesis = encoding.genesis(raw)
    genesis.net = digest(domain("genesis"), encoding.encode(raw))
    if genesis.net != from_hex(value["net"]):
        raise Invalid("genesis.json: net is not the hash of the record")
    check_genesis(genesis)
    genesis.by_number = {bank.number: bank for bank in genesis.banks}
    return genesis


def plain(value):
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise Invalid("genesis.json: neither integer nor text")
    return value


def from_hex(value):
    try:
        return bytes.fromhex(value)
    except (TypeError, ValueError):
        raise Invalid("genesis.json: not hex") from None


def check_genesis(genesis):
    n, b, c = len(genesis.banks), genesis.byzantine, genesis.crashed
    if n < 3 * b + 2 * c + 1 or genesis.quorum != -(-(n + b + 1) // 2):
        raise Invalid("genesis: n or the quorum is wrong")
    if genesis.deltaMs == 0 or genesis.ttlMs == 0:
        raise Invalid("genesis: a time of 0")
    keys = [key for bank in genesis.banks for key in (bank.ledgerKey, bank.transportKey)]
    for values in (keys, *([getattr(bank, f) for bank in genesis.banks] for f in ("number", "id", "currency"))):
        if len(set(values)) != len(values):
            raise Invalid("genesis: something stands twice")
    for bank in genesis.banks:
        if not enrol(bank.ledgerKey) or not enrol(bank.transportKey):
            raise Invalid(f"genesis: a key of {bank.id} cannot be enrolled")
        bound = domain("transport") + bank.transportKey + bank.ledgerKey
        if not is_signed(bank.ledgerKey, bound, bank.binding):
            raise Invalid(f"genesis: the binding of {bank.id}")


# --- Blocks

known_blocks = {}
known_entries = {}


def read_block(payload, form):
    """A well-formed block; raises Invalid. Copies of one block in many ledgers are read once."""
    question = (form, payload)
    if question not in known_blocks:
        try:
            known_blocks[question] = take_apart(payload, form)
        except Invalid as why:
            known_blocks[question] = str(why)
    block = known_blocks[question]
    if isinstance(block, str):
        raise Invalid(block)
    return block


def take_apart(payload, form):
    parts = encoding.decode(encoding.full_block if form == OWN else encoding.public_block, payload)
    header = encoding.decode(encoding.header, parts.header)
    if header.corridorCount != len(parts.corridor) or header.corridorRoot != merkle_root(parts.corridor):
        raise Invalid("corridor root")
    domestic = parts.domestic if form == OWN else None
    if domestic is not None:
        count = len(domestic).to_bytes(4, "big")
        if header.domesticRoot != digest(domain("domestic"), count, merkle_root(domestic)):
            raise Invalid("domestic root")
    return SimpleNamespace(
        header=header,
        header_bytes=parts.header,
        hash=digest(parts.header),
        signature=parts.signature,
        corridor=[read_entry(entry) for entry in parts.corridor],
        domestic=domestic,
    )


def read_entry(data):
    """A corridor entry, or None when the bytes are none."""
    if data not in known_entries:
        try:
            known_entries[data] = encoding.decode(encoding.corridor, data)
        except Invalid:
            known_entries[data] = None
    return known_entries[data]


def is_header_signed(header, header_bytes, signature, genesis):
    bank = genesis.by_number.get(header.bank)
    if bank is None or header.epoch != 0 or header.net != genesis.net:
        return False
    return is_signed(bank.ledgerKey, domain("block") + header_bytes, signature)


# --- Ledger files


def crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ 0x82F63B78 if byte & 1 else byte >> 1
        table.append(byte)
    return table


CRC_TABLE = crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def read_file(data):
    """The records of a ledger file, (kind, payload, end), and the damage: (offset, why) or None."""
    if data[:16] != MAGIC:
        return [], (0, "not a ledger file of version 1")
    records, at = [], 16
    while at < len(data):
        if at + 9 > len(data):
            return records, (at, "record head is cut short")
        length = int.from_bytes(data[at : at + 4], "big")
        if not 2 <= length <= 262_145:
            return records, (at, "record length is impossible")
        end = at + 8 + length
        if end > len(data):
            return records, (at, "record is cut short")
        if crc32c(data[at + 8 : end]) != int.from_bytes(data[at + 4 : at + 8], "big"):
            return records, (at, "checksum differs")
        kind = data[at + 8]
        if kind not in (OWN, COPY):
            return records, (at, "record kind is unknown")
        records.append((kind, data[at + 9 : end], end))
        at = end
    return records, None
