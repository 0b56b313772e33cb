"""Files made worse on purpose: the same seed always makes the same file.

Blind changes (bits, numbers, cuts, splices) are mixed with ones that know where a format keeps its lengths and the
first fields of its parts, because that is where parsers trust what they read.
"""

import random
import struct
import zlib
from collections.abc import Iterator

Span = tuple[int, int, int]
"""Where a part's length is written, in how many bytes, and where its contents begin."""

NUMBERS = (0, 1, 2, 7, 8, 15, 16, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
BOXES_OF_BOXES = b"moov trak mdia minf stbl edts udta dinf mvex moof traf".split()
ELEMENTS_OF_ELEMENTS = (0x18538067, 0x1654AE6B, 0xAE, 0xE0, 0xE1, 0x1F43B675, 0xA0, 0x1549A966, 0x114D9B74, 0x1C53BB6B)


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """`data` after one to five changes; a splice takes from `other`."""
    for _ in range(chance.randint(1, 5)):
        data = bytes(chance.choice(CHANGES)(bytearray(data), other, chance))
    return with_checksums(data) if data[:8] == b"\x89PNG\r\n\x1a\n" else data


def flip_bits(data: bytearray, _: bytes, chance: random.Random) -> bytearray:
    for _ in range(chance.randint(1, 16) if data else 0):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data


def write_number(data: bytearray, _: bytes, chance: random.Random) -> bytearray:
    return put(data, chance.randint(0, max(0, len(data) - 8)), chance.choice((1, 2, 4, 8)), chance)


def cut_off(data: bytearray, _: bytes, chance: random.Random) -> bytearray:
    return data[: chance.randint(0, len(data))]


def cut_out(data: bytearray, _: bytes, chance: random.Random) -> bytearray:
    start = chance.randint(0, len(data))
    del data[start : start + chance.choice((1, 4, 64, 512))]
    return data


def say_again(data: bytearray, _: bytes, chance: random.Random) -> bytearray:
    start = chance.randint(0, len(data))
    piece = data[start : start + chance.choice((1, 16, 256, 2048))] * chance.randint(1, 8)
    return data[:start] + piece + data[start:]


def splice(data: bytearray, other: bytes, chance: random.Random) -> bytearray:
    begin, end = chance.randint(0, len(data)), chance.randint(0, len(other))
    return data[:begin] + other[end : end + chance.choice((64, 1024, len(other)))]


def change_length(data: bytearray, _: bytes, chance: random.Random) -> bytearray:
    spans = list(parts(data))
    if not spans:
        return data
    at, width, _ = chance.choice(spans)
    if chance.random() < 0.5:
        data[at + width - 1] = (data[at + width - 1] + chance.randint(-8, 8)) % 256
        return data
    return put(data, at, width, chance)


def change_field(data: bytearray, _: bytes, chance: random.Random) -> bytearray:
    spans = list(parts(data))
    return (
        put(data, chance.choice(spans)[2] + chance.randrange(40), chance.choice((1, 2, 4)), chance) if spans else data
    )


CHANGES = (flip_bits, write_number, cut_off, cut_out, say_again, splice, *[change_length, change_field] * 3)


def put(data: bytearray, at: int, width: int, chance: random.Random) -> bytearray:
    """A number that parsers stumble over, big endian or little, where it fits."""
    if at + width <= len(data):
        number = chance.choice(NUMBERS) % (1 << 8 * width)
        data[at : at + width] = number.to_bytes(width, chance.choice(("big", "big", "little")))
    return data


def parts(data: bytes) -> Iterator[Span]:
    """The parts of a file, in the manner of its format."""
    if data[:4] == b"\x1aE\xdf\xa3":
        return elements(data, 0, len(data))
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return ((at, 4, at + 8) for at in chunks(data, 8, ">I", 12))
    if data[:4] == b"RIFF":
        return ((at + 4, 4, at + 8) for at in chunks(data, 12, "<4xI", 8))
    if data[:2] == b"\xff\xd8":
        return ((at + 2, 2, at + 4) for at in chunks(data, 2, ">2xH", 2))
    return boxes(data, 0, len(data))


def boxes(data: bytes, at: int, end: int) -> Iterator[Span]:
    """MP4 and MOV."""
    while at + 8 <= end:
        size = struct.unpack_from(">I", data, at)[0]
        yield at, 4, at + 8
        if bytes(data[at + 4 : at + 8]) in BOXES_OF_BOXES:
            yield from boxes(data, at + 8, min(end, at + size))
        at += max(8, size)


def elements(data: bytes, at: int, end: int) -> Iterator[Span]:
    """Matroska and WebM: how many bytes a number has is told by its first set bit."""
    while at + 2 <= end and data[at]:
        begin = at + 9 - data[at].bit_length()
        if begin >= end or not data[begin]:
            return
        width = 9 - data[begin].bit_length()
        size = int.from_bytes(data[begin : begin + width], "big") & ((1 << 7 * width) - 1)
        yield begin, width, begin + width
        if int.from_bytes(data[at:begin], "big") in ELEMENTS_OF_ELEMENTS:
            yield from elements(data, begin + width, min(end, begin + width + size))
        at = begin + width + size


def chunks(data: bytes, at: int, length: str, around: int) -> Iterator[int]:
    """PNG, JPEG and WebP: one part after another."""
    while at + 8 <= len(data):
        yield at
        at += struct.unpack_from(length, data, at)[0] + around


def with_checksums(data: bytes) -> bytes:
    """A PNG whose checksums are right again, so that what was changed is looked at and not just thrown out."""
    fixed = bytearray(data)
    for at in chunks(data, 8, ">I", 12):
        end = at + 8 + struct.unpack_from(">I", data, at)[0]
        if end + 4 <= len(data):
            fixed[end : end + 4] = struct.pack(">I", zlib.crc32(data[at + 4 : end]))
    return bytes(fixed)
