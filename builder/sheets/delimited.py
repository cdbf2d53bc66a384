"""CSV and its relatives: encoding, delimiter, records. Streams: memory does not grow with the file."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from charset_normalizer import from_bytes

from builder.sheets.source import Source
from model.errors import Unreadable

DELIMITERS = ",;\t|"
CELL_LIMIT = 1_000_000
"""Characters in one cell; a quote that is never closed ends here instead of eating the file."""
HEAD = 64 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_LEGACY = ["cp1251", "cp1252", "koi8_r", "cp866"]
"""What files of people who read English or Russian are written in; everything else can be told."""
_END = "\x00"
"""Put behind the last line, where no other NUL is left: whoever still waits for a quote swallows it."""
_CONTROL = bytes(b for b in range(32) if b not in b"\t\n\r\x0c\x1b") + b"\x7f"


def encoding_of(source: Source) -> str:
    """The name of the encoding, as Python knows it. UTF-8 is proved over the whole file, the others guessed from a sample."""
    head = source.head(HEAD)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    wide = _wide(head)
    if wide:
        return wide
    return "utf-8" if _is_utf8(source) else _legacy(source)


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: every second byte is 0 (Latin, digits, commas) or 4 (Cyrillic), the others hardly ever 0."""
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        upper, lower = head[start::2], head[1 - start :: 2]
        if 0 in upper and 0 not in lower and upper.count(0) + upper.count(4) > 0.9 * len(upper):
            return name
    return ""


def _is_utf8(source: Source) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with source.open() as file:
        try:
            while block := file.read(1024 * 1024):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _legacy(source: Source) -> str:
    """Ask charset-normalizer about the lines that are not plain ASCII: the others say nothing."""
    telling: list[bytes] = []
    with source.open() as file:
        for line in file:
            if not line.isascii():
                telling.append(line[:4096])
            if len(telling) >= 300:
                break
    found = from_bytes(b"".join(telling), cp_isolation=_LEGACY, enable_fallback=False).best()
    return found.encoding if found else "cp1252"


def is_binary(head: bytes) -> bool:
    """Whether bytes without an encoding mark are no text: more than one in 200 is a control character."""
    if any(head.startswith(mark) for mark, _ in _BOMS) or _wide(head):
        return False
    controls = len(head) - len(head.translate(None, _CONTROL))
    return controls * 200 > len(head)


def delimiter_of(source: Source, encoding: str) -> str:
    """The delimiter that cuts the first records into the most even table; a comma when none cuts at all."""
    with text_of(source, encoding) as file:
        sample = file.read(HEAD)
    told = _told(sample)
    if told:
        return told
    if len(sample) == HEAD:
        sample = sample[: sample.rfind("\n") + 1] or sample
    return max(DELIMITERS, key=lambda mark: _evenness(sample, mark))


def _told(sample: str) -> str:
    """Excel's own first line, `sep=;`."""
    line = sample.split("\n", 1)[0].strip("\r\ufeff ")
    return line[4] if len(line) == 5 and line.startswith("sep=") else ""


def _evenness(sample: str, mark: str) -> float:
    """How well a delimiter fits: the share of records as wide as the first one, wider tables slightly preferred."""
    try:
        widths = [len(record) for record in csv.reader(io.StringIO(sample, newline=""), delimiter=mark) if record][:300]
    except csv.Error:
        return 0.0
    if not widths or widths[0] < 2:
        return 0.0
    same = Counter(widths)[widths[0]] / len(widths)
    return same + min(widths[0], 20) / 100


def text_of(source: Source, encoding: str) -> io.TextIOWrapper:
    """The file as text; what the encoding cannot read becomes U+FFFD. Unreadable("bad_encoding") for an unknown one."""
    try:
        codecs.lookup(encoding)
    except LookupError as refused:
        raise Unreadable("bad_encoding", name=source.name, encoding=encoding) from refused
    return io.TextIOWrapper(source.open(), encoding=encoding, errors="replace", newline="")


def records(source: Source, encoding: str, delimiter: str) -> Iterator[list[str]]:
    """Every record, blank ones too (they keep the count right).

    Unreadable: "unclosed_quote" names the line where a quote opens that swallows the rest of the file, "cell_too_large" the one
    where such a row begins.
    """
    if len(delimiter) != 1 or delimiter in '"\r\n\x00':
        raise Unreadable("bad_delimiter", name=source.name, delimiter=delimiter)
    csv.field_size_limit(max(csv.field_size_limit(), CELL_LIMIT))
    with text_of(source, encoding) as file:
        above = 1 if _told(file.readline(16)) else 0
        if not above:
            file.seek(0)
        reader = csv.reader(chain((line.replace("\x00", "") for line in file), [_END]), delimiter=delimiter)
        begun = above + 1
        try:
            for record in reader:
                if record and record[-1].endswith(_END):
                    _refuse_unclosed(source, record, begun)
                    return
                yield record
                begun = above + reader.line_num + 1
        except csv.Error as refused:
            raise Unreadable("cell_too_large", name=source.name, line=begun, limit=CELL_LIMIT) from refused
        except UnicodeError as refused:
            raise Unreadable("bad_encoding", name=source.name, encoding=encoding) from refused


def _refuse_unclosed(source: Source, record: list[str], begun: int) -> None:
    """Refuse a record that has swallowed the end of the file; `begun` is the line of its first cell."""
    if record != [_END]:
        line = begun + sum(cell.count("\n") for cell in record[:-1])
        raise Unreadable("unclosed_quote", name=source.name, line=line)
