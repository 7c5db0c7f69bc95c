#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes invoice files for tests/test_einvoice.c in a folder of its caller's.

  make.py OUT   OUT/good/*.ofd, and OUT/bad/* with OUT/bad.tsv: one line a file, its name and the reason
                token with which it must be refused.

The sound XML files stand beside this script. All firms, numbers and codes are invented. Archives have a
fixed date, so the same script makes the same bytes.
"""
import hashlib
import os
import struct
import sys
import zipfile
import zlib
from io import BytesIO

HERE = os.path.dirname(os.path.abspath(__file__))
DATE = (2025, 3, 18, 0, 0, 0)


def sample(name):
    with open(os.path.join(HERE, name), "rb") as f:
        return f.read()


def pack(entries, method=zipfile.ZIP_DEFLATED):
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, data in entries:
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = method
            z.writestr(info, data)
    return out.getvalue()


HEAD = sample("OFD.xml")
DIGITAL = sample("digital.xml")
LEGACY = sample("legacy.xml")
ATTACHMENT = "Doc_0/Attachs/original_invoice.xml"
LIST = b'<ofd:Attachments xmlns:ofd="http://www.ofdspec.org/2016"/>'
LEGACY_HEAD = (HEAD.replace(b"25312000000012345678", b"21010038").replace(
    "1132.08".encode(), b"2.92").replace(b"18867.92", b"97.09").replace(
    b"12310115MA20000275", b"91320106MA2000035X").replace(
    '<ofd:CustomData Name="发票号码">'.encode(),
    '<ofd:CustomData Name="发票代码">032002100311</ofd:CustomData><ofd:CustomData Name="发票号码">'.encode()))


def good():
    yield "head_only.ofd", pack([("OFD.xml", HEAD), ("Doc_0/Document.xml", b"<x/>")])
    yield "digital.ofd", pack([("OFD.xml", HEAD), ("Doc_0/Document.xml", b"<x/>"),
                               ("Doc_0/Attachs/Attachments.xml", LIST), (ATTACHMENT, DIGITAL)])
    yield "legacy.ofd", pack([("OFD.xml", LEGACY_HEAD), (ATTACHMENT, LEGACY),
                              ("Doc_0/Attachs/tags.xml", b"<tags/>")], zipfile.ZIP_STORED)


# --- XML ------------------------------------------------------------------------------------------

def put(old, new, count=-1):
    """The sound invoice with one thing changed."""
    old, new = old.encode(), new.encode()
    assert old in DIGITAL, old
    return DIGITAL.replace(old, new, count)


def behind_declaration(text):
    line, rest = DIGITAL.split(b"\n", 1)
    return line + b"\n" + text + b"\n" + rest


def bad_dtd():
    lol = b'<!DOCTYPE EInvoice [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;">' % ((c,) + (c - 1,) * 8)
        for c in range(ord("b"), ord("m"))) + b"]>"
    yield "doctype.xml", behind_declaration(b"<!DOCTYPE EInvoice>")
    yield "doctype_system.xml", behind_declaration(b'<!DOCTYPE EInvoice SYSTEM "file:///etc/passwd">')
    yield "doctype_public.xml", behind_declaration(
        b'<!DOCTYPE EInvoice PUBLIC "-//x//y" "http://127.0.0.1:9/x.dtd">')
    yield "xxe.xml", behind_declaration(
        b'<!DOCTYPE EInvoice [<!ENTITY x SYSTEM "file:///etc/passwd">]>').replace(
        "申江示例电池研究所".encode(), b"&x;")
    yield "xxe_parameter.xml", behind_declaration(
        b'<!DOCTYPE EInvoice [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>')
    yield "laughs.xml", behind_declaration(lol).replace("申江示例电池研究所".encode(), b"&l;")
    yield "quadratic.xml", behind_declaration(
        b'<!DOCTYPE EInvoice [<!ENTITY a "' + b"a" * 100000 + b'">]>').replace(
        "申江示例电池研究所".encode(), b"&a;" * 10000)
    yield "doctype_lower.xml", behind_declaration(b"<!doctype EInvoice>")
    yield "doctype_late.xml", DIGITAL + b"<!DOCTYPE EInvoice>"
    yield "attlist.xml", behind_declaration(b'<!ATTLIST EInvoice a CDATA "b">')
    yield "doctype_attribute.xml", behind_declaration(
        b'<!DOCTYPE EInvoice [<!ATTLIST EInvoice xmlns CDATA "urn:x">]>')


def bad_limits():
    inside = "<IssuItemInformation>"
    yield "deep.xml", "too_deep", put(inside, "<a>" * 200000 + "</a>" * 200000 + inside)
    yield "deep_25.xml", "too_deep", put(inside, "<a>" * 23 + "</a>" * 23 + inside)
    yield "long_names.xml", "too_deep", put(
        inside, "<%s>" % ("n" * 2000) + "</%s>" % ("n" * 2000) + inside)
    yield "nodes.xml", "too_many_nodes", put(inside, "<a/>" * 60000 + inside)
    yield "attributes.xml", "too_many_attributes", put(
        inside, "<a %s/>" % " ".join(f'a{i}="1"' for i in range(65)) + inside)
    yield "attributes_100000.xml", "too_many_attributes", put(
        inside, "<a %s/>" % " ".join(f'a{i}="1"' for i in range(100000)) + inside)
    yield "namespaces.xml", "too_many_attributes", put(
        inside, "<a %s/>" % " ".join(f'xmlns:a{i}="urn:{i}"' for i in range(17)) + inside)
    yield "long_value.xml", "too_many_attributes", put(inside, '<a b="%s"/>' % ("b" * 20000) + inside)
    yield "open_quote.xml", "too_many_attributes", put(inside, '<a b="' + "b" * 20000)
    # 4 MiB is the limit of the kind, which is asked first.
    yield "big.xml", "file_size", put(inside, "<!--" + "x" * (4 << 20) + "-->" + inside)


def bad_text():
    yield "utf16.xml", "file_kind", DIGITAL.decode().encode("utf-16")
    yield "utf16_bare.xml", "charset", DIGITAL.decode().encode("utf-16-le")
    yield "gb18030.xml", "charset", DIGITAL.decode().encode("gb18030")
    yield "overlong.xml", "charset", DIGITAL.replace(b"SWEI", b"\xc0\xbc")
    yield "cesu.xml", "charset", DIGITAL.replace(b"SWEI", b"\xed\xa0\x80\xed\xb0\x80")
    yield "nul.xml", "charset", DIGITAL.replace(b"SWEI", b"a\0b")
    yield "control.xml", "not_well_formed", DIGITAL.replace(b"SWEI", b"a\x01b")
    yield "control_reference.xml", "not_well_formed", put("SWEI", "&#1;")
    yield "entity.xml", "not_well_formed", put("SWEI", "&nbsp;")
    yield "amp.xml", "not_well_formed", put("SWEI", "a & b")
    yield "unclosed.xml", "not_well_formed", DIGITAL.replace(b"</EInvoice>", b"")
    yield "crossed.xml", "not_well_formed", put("</SellerName>", "</SellerNam>")
    yield "twice_attribute.xml", "not_well_formed", put("<EInvoice>", '<EInvoice a="1" a="2">')
    yield "no_quotes.xml", "not_well_formed", put("<EInvoice>", "<EInvoice a=1>")
    yield "prefix.xml", "not_well_formed", put("<Header>", "<x:Header>").replace(
        b"</Header>", b"</x:Header>")
    yield "two_roots.xml", "not_well_formed", DIGITAL + DIGITAL.split(b"\n", 1)[1]
    yield "trailing.xml", "not_well_formed", DIGITAL + b"text"
    yield "half.xml", "not_well_formed", DIGITAL[:len(DIGITAL) // 2]
    yield "comment_open.xml", "not_well_formed", DIGITAL + b"<!-- "
    yield "cdata_open.xml", "not_well_formed", put("<SellerBankName/>", "<![CDATA[")
    yield "declaration_late.xml", "not_well_formed", b"\n" + DIGITAL
    yield "bare_less.xml", "not_well_formed", put("SWEI", "<")


def bad_content():
    yield "other_root.xml", "not_an_invoice", b"<Invoice><Number>1</Number></Invoice>"
    yield "other_case.xml", "not_an_invoice", DIGITAL.replace(b"EInvoice>", b"einvoice>")
    yield "ubl.xml", "not_an_invoice", b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>'
    yield "namespace.xml", "not_an_invoice", put("<EInvoice>", '<EInvoice xmlns="urn:x">')
    yield "namespace_inside.xml", "not_an_invoice", put("<EIid>", '<EIid xmlns="urn:x">')
    yield "xinclude.xml", "no_number", b'<EInvoice><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/></EInvoice>'
    yield "legacy_namespace.xml", "not_an_invoice", LEGACY.replace(b"schema/e-invoice/2019", b"schema/other")
    yield "legacy_no_code.xml", "no_number", LEGACY.replace(b"032002100311", b"")
    yield "no_number.xml", "no_number", DIGITAL.replace(b"25312000000012345678", b"")
    yield "short_number.xml", "no_number", DIGITAL.replace(b"25312000000012345678", b"2531200000001234567")
    yield "wide_number.xml", "no_number", DIGITAL.replace(
        b"25312000000012345678", "２５３１２０００００００１２３４５６７８".encode())
    yield "two_numbers.xml", "ambiguous", put("25312000000012345678</Inv", "25312000000012345679</Inv")
    yield "two_sellers.xml", "ambiguous", put(
        "</SellerName>", "</SellerName><SellerName>别家示例公司</SellerName>")
    yield "two_totals.xml", "ambiguous", put(
        "</BasicInformation>", "<TotalTaxAm>0.01</TotalTaxAm></BasicInformation>")


# --- ZIP ------------------------------------------------------------------------------------------

def with_entry(name, data=b"<x/>", method=zipfile.ZIP_DEFLATED):
    return pack([("OFD.xml", HEAD), (name, data)], method)


def renamed(old, new):
    """Python would mend such a name, so it is written over one of the same length."""
    assert len(old) == len(new)
    return with_entry(old.decode()).replace(old, new)


def sizes_lie(packed_for, stated):
    """Local and central header state another size than the data have."""
    data = with_entry("Doc_0/Attachs/a.xml", packed_for)
    real, lie = struct.pack("<I", len(packed_for)), struct.pack("<I", stated)
    assert data.count(real) >= 2
    return data.replace(real, lie)


def overlapped():
    """Sixty directory entries that all point at the one packed body: a bomb without a ratio."""
    body = pack([("OFD.xml", HEAD), ("Doc_0/Attachs/a.xml", b"<a>" + b"x" * 60000 + b"</a>")])
    at = body.index(b"PK\x05\x06")
    start = struct.unpack("<I", body[at + 16:at + 20])[0]
    second = body.index(b"PK\x01\x02", start + 4)
    head, entry = body[start:second], body[second:at]
    entries = [entry.replace(b"a.xml", b"%c.xml" % c) for c in range(ord("A"), ord("Z"))]
    central = head + b"".join(entries)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1 + len(entries), 1 + len(entries),
                      len(central), start, 0)
    return body[:start] + central + end


def noise(seed):
    """96 bytes that do not pack."""
    return b"".join(hashlib.sha256(struct.pack("<II", seed, i)).digest() for i in range(3))


def bad_zip():
    sound = pack([("OFD.xml", HEAD), (ATTACHMENT, DIGITAL)])
    end = sound.index(b"PK\x05\x06")
    yield "parent.ofd", "zip_name", with_entry("../evil.xml")
    yield "parent_inside.ofd", "zip_name", with_entry("Doc_0/../../evil.xml")
    yield "parent_last.ofd", "zip_name", with_entry("Doc_0/..")
    yield "absolute.ofd", "zip_name", with_entry("/etc/evil.xml")
    yield "backslash.ofd", "zip_name", renamed(b"Doc_0/b.xml", b"Doc_0\\b.xml")
    yield "drive.ofd", "zip_name", with_entry("C:/evil.xml")
    yield "nul.ofd", "zip_name", renamed(b"Doc_0/b.xml", b"Doc_0/b\0xml")
    yield "control.ofd", "zip_name", renamed(b"Doc_0/b.xml", b"Doc_0/b\nxml")
    yield "dot.ofd", "zip_name", with_entry("./b.xml")
    yield "empty_part.ofd", "zip_name", with_entry("Doc_0//b.xml")
    yield "long_name.ofd", "zip_name", with_entry("Doc_0/" + "n" * 300)
    yield "not_utf8.ofd", "zip_name", renamed(b"Doc_0/b.xml", b"Doc_0/\xff.xml")
    yield "twice.ofd", "zip_duplicate", renamed(b"ofd.xml", b"OFD.xml")
    yield "twice_case.ofd", "zip_duplicate", with_entry("ofd.XML")
    yield "entries.ofd", "zip_entries", pack([("OFD.xml", HEAD)] + [(f"d/{i}", b"") for i in range(600)])
    yield "entries_60000.ofd", "zip_entries", pack(
        [("OFD.xml", HEAD)] + [(f"{i}", b"") for i in range(60000)], zipfile.ZIP_STORED)
    yield "bomb.ofd", "zip_ratio", with_entry("Doc_0/big.xml", b"\0" * (15 << 20))
    yield "bomb_300.ofd", "zip_size", with_entry("Doc_0/big.xml", b"\0" * (300 << 20))
    yield "bomb_many.ofd", "zip_size", pack([("OFD.xml", HEAD)] + [
        (f"d/{i}", b"".join(noise(i * 2000 + k) + b"\0" * 3700 for k in range(2000))) for i in range(9)])
    yield "overlapped.ofd", "zip_form", overlapped()
    yield "size_small.ofd", "zip_size", sizes_lie(b"<a>" + b"x" * 5000 + b"</a>", 17)
    yield "size_large.ofd", "zip_size", sizes_lie(b"<a>" + b"x" * 5000 + b"</a>", 9000)
    yield "checksum.ofd", "zip_form", sound.replace(
        struct.pack("<I", zlib.crc32(DIGITAL)), b"\1\2\3\4")
    yield "cut_half.ofd", "zip_form", sound[:len(sound) // 2]
    yield "cut_end.ofd", "zip_form", sound[:-1]
    yield "tail.ofd", "zip_form", sound + b"tail"
    yield "count.ofd", "zip_form", sound[:end + 8] + struct.pack("<HH", 3, 3) + sound[end + 12:]
    yield "offset.ofd", "zip_form", sound[:end + 16] + struct.pack("<I", 1 << 30) + sound[end + 20:]
    yield "disk.ofd", "zip_form", sound[:end + 4] + struct.pack("<HH", 1, 1) + sound[end + 8:]
    yield "headers_differ.ofd", "zip_form", sound.replace(ATTACHMENT.encode(), ATTACHMENT.encode()[:-4] + b".xmk", 1)
    yield "bzip2.ofd", "zip_method", with_entry("Doc_0/b.xml", b"<x/>" * 50, zipfile.ZIP_BZIP2)
    flags = bytearray(sound)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        flags[sound.index(mark) + at] |= 1
    yield "encrypted.ofd", "zip_method", bytes(flags)


def bad_ofd():
    def ofd(head, attachment=None):
        return pack([("OFD.xml", head)] + ([(ATTACHMENT, attachment)] if attachment else []))
    yield "head_dtd.ofd", "dtd", ofd(HEAD.replace(b"?>", b"?><!DOCTYPE x>", 1))
    yield "head_other.ofd", "not_an_invoice", ofd(b"<OFD/>")
    yield "head_no_xml.ofd", "not_well_formed", ofd(b"OFD")
    yield "no_head.ofd", "not_an_invoice", pack([("Doc_0/OFD.xml", HEAD)])
    yield "two_bodies.ofd", "ambiguous", ofd(HEAD.replace(
        b"</ofd:OFD>", b"<ofd:DocBody></ofd:DocBody></ofd:OFD>"))
    yield "no_number.ofd", "no_number", ofd(HEAD.replace(b"25312000000012345678", b""))
    yield "attachment_dtd.ofd", "dtd", ofd(HEAD, b"<!DOCTYPE x><x/>")
    yield "attachment_deep.ofd", "too_deep", ofd(HEAD, b"<EInvoice>" + b"<a>" * 3000 + b"</a>" * 3000 + b"</EInvoice>")
    yield "attachment_other.ofd", "ambiguous", ofd(HEAD, DIGITAL.replace(b"25312000000012345678", b"25312000000012345679"))
    yield "attachments.ofd", "zip_entries", pack([("OFD.xml", HEAD)] + [
        (f"Doc_0/Attachs/{i}.xml", b"<x/>") for i in range(9)])


def bad_kinds():
    yield "office.xlsx", "file_kind", pack([("[Content_Types].xml", b"<x/>"), ("OFD.xml", HEAD)])
    yield "plain.zip", "file_kind", pack([("a.xml", DIGITAL)])
    yield "page.xml", "file_kind", b"<!DOCTYPE html><html><body>invoice</body></html>"
    yield "page_2.xml", "file_kind", b"<?xml version='1.0'?>\n<HTML></HTML>"
    yield "drawing.xml", "file_kind", b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    yield "old.doc", "file_kind", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100
    yield "program.exe", "file_kind", b"MZ\x90\0" + b"\0" * 100
    yield "text.txt", "file_kind", b"25312000000012345678"
    yield "empty", "file_empty", b""
    yield "invoice.pdf", "not_an_invoice", b"%PDF-1.4\n"
    yield "photo.jpg", "not_an_invoice", b"\xff\xd8\xff\xe0" + b"\0" * 20
    yield "picture.png", "not_an_invoice", b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def bad():
    for name, data in bad_dtd():
        yield name, "dtd", data
    for part in (bad_limits, bad_text, bad_content, bad_zip, bad_ofd, bad_kinds):
        yield from part()


def write(folder, name, data):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def main(out):
    for name, data in good():
        write(os.path.join(out, "good"), name, data)
    lines = []
    for name, reason, data in bad():
        write(os.path.join(out, "bad"), name, data)
        lines.append(f"{name}\t{reason}\n")
    assert len({line.split("\t")[0] for line in lines}) == len(lines)
    write(out, "bad.tsv", "".join(lines).encode())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
