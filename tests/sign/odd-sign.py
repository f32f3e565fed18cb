#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""odd-sign.py IN OUT SIGNATURE...: an EFI image with Authenticode signatures that no signer makes.

A SIGNATURE is words with commas between them, all but the first two optional:

  key=FILE cert=FILE     who signs, PEM, RSA or EC
  alg=sha1|sha256|...    the first of digestAlgorithms (default: sha256)
  image=ALG info=ALG     which digest of the image DigestInfo has, and which it says (default: alg)
  sign=ALG               the SignerInfo's digest (default: alg)
  algs=N                 N more OIDs, all SHA-512, in digestAlgorithms
  type=spc|data|none     the signed attribute contentType (default: spc)
  attrs=no               no signed attributes: the signature is of the content
  sid=key                SignerInfo version 3 with a key identifier
  version=N              of SignerInfo
  embed=FILE+FILE|none   embedded certificates (default: cert)
  big=N behind=N         an unsigned attribute of N bytes; N bytes 'x' behind the message
  revision=N wtype=N     fields of WIN_CERTIFICATE
  guid=yes               WIN_CERTIFICATE_UEFI_GUID of PKCS#7
  padding=x              what fills up to 8 bytes (default: zeros)
  other=yes              the signature is of another image

IN is unsigned and has the layout that all signers hash alike. poke=OFFSET:HEX, as a SIGNATURE of its
own, changes IN before anything is hashed.
"""
import base64, hashlib, struct, subprocess, sys

OIDS = {
    "sha1": "2b0e03021a", "sha224": "608648016503040204", "sha256": "608648016503040201",
    "sha384": "608648016503040202", "sha512": "608648016503040203", "sha3-256": "608648016503040208",
    "md5": "2a864886f70d0205",
}
SIGNED_DATA, SPC = "2a864886f70d010702", "2b060104018237020104"


def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 0x80:
        size = bytes([n])
    else:
        raw = n.to_bytes((n.bit_length() + 7) // 8, "big")
        size = bytes([0x80 | len(raw)]) + raw
    return bytes([tag]) + size + body


def oid(hexes):
    return tlv(6, bytes.fromhex(hexes))


def split(der):
    """The elements inside of a TLV."""
    def head(at):
        n, at = der[at + 1], at + 2
        if n & 0x80:
            size = n & 0x7F
            n, at = int.from_bytes(der[at:at + size], "big"), at + size
        return at, at + n
    at, end = head(0)
    out = []
    while at < end:
        stop = head(at)[1]
        out.append(der[at:stop])
        at = stop
    return out


def algorithm(alg):
    return tlv(0x30, oid(OIDS[alg]), tlv(5))


def read_cert(path):
    text = open(path).read().split("-----BEGIN CERTIFICATE-----")[1].split("-----END")[0]
    return base64.b64decode(text)


def hashed(image):
    """What Authenticode hashes of an unsigned image, padded to 8 bytes."""
    pe = struct.unpack_from("<I", image, 0x3C)[0]
    opt = pe + 24
    dirs = opt + (112 if struct.unpack_from("<H", image, opt)[0] == 0x20B else 96)
    return image[:opt + 64] + image[opt + 68:dirs + 32] + image[dirs + 40:], dirs + 32


def sign(key, alg, data):
    return subprocess.run(["openssl", "dgst", "-" + alg, "-sign", key], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


def signer_info(o, cert, is_ec, content):
    tbs = split(split(cert)[0])
    names = tbs[1:] if tbs[0][0] == 0xA0 else tbs
    issuer, serial = names[2], names[0]
    alg = o.get("sign", o.get("alg", "sha256"))
    if o.get("sid") == "key":
        spki = names[5]
        bits = split(spki)[1]
        key_bits = bits[4 if bits[1] & 0x80 == 0 else 2 + (bits[1] & 0x7F) + 1:]
        sid, version = tlv(0x80, hashlib.sha1(key_bits).digest()), 3
    else:
        sid, version = tlv(0x30, issuer, serial), 1
    version = int(o.get("version", version))
    inner = content[2 if content[1] < 0x80 else 2 + (content[1] & 0x7F):]
    attrs = []
    kind = o.get("type", "spc")
    if kind != "none":
        what = SPC if kind == "spc" else "2a864886f70d010701"
        attrs.append(tlv(0x30, oid("2a864886f70d010903"), tlv(0x31, oid(what))))
    attrs.append(tlv(0x30, oid("2a864886f70d010904"),
                     tlv(0x31, tlv(4, hashlib.new(alg.replace("-", "_", 0), inner).digest()))))
    parts = [tlv(2, bytes([version])), sid, algorithm(alg)]
    if o.get("attrs") == "no":
        signed = inner
    else:
        signed = tlv(0x31, *sorted(attrs))
        parts.append(tlv(0xA0, *sorted(attrs)))
    parts.append(tlv(0x30, oid("2a8648ce3d0201" if is_ec else "2a864886f70d010101"),
                     b"" if is_ec else tlv(5)))
    parts.append(tlv(4, sign(o["key"], alg, signed)))
    if "big" in o:
        parts.append(tlv(0xA1, tlv(0x30, oid("2b0601040181ad7f01"),
                                   tlv(0x31, tlv(4, b"x" * int(o["big"]))))))
    return tlv(0x30, *parts)


def message(o, body):
    alg = o.get("alg", "sha256")
    image = hashlib.new(o.get("image", alg), body + (b"x" if o.get("other") else b"")).digest()
    cert = read_cert(o["cert"])
    is_ec = bytes.fromhex("2a8648ce3d0201") in cert
    obsolete = "<<<Obsolete>>>".encode("utf-16-be")
    content = tlv(0x30,
                  tlv(0x30, oid("2b06010401823702010f"),
                      tlv(0x30, tlv(3, b"\0"), tlv(0xA0, tlv(0xA2, tlv(0x80, obsolete))))),
                  tlv(0x30, algorithm(o.get("info", alg)), tlv(4, image)))
    embed = o.get("embed", o["cert"])
    certs = [] if embed == "none" else [read_cert(p) for p in embed.split("+")]
    algs = [algorithm(alg)] + [algorithm("sha512")] * int(o.get("algs", 0))
    signed = tlv(0x30, tlv(2, b"\1"), tlv(0x31, *algs),
                 tlv(0x30, oid(SPC), tlv(0xA0, content)),
                 tlv(0xA0, *certs) if certs else b"",
                 tlv(0x31, signer_info(o, cert, is_ec, content)))
    return tlv(0x30, oid(SIGNED_DATA), tlv(0xA0, signed)) + b"x" * int(o.get("behind", 0))


def entry(o, body):
    data = message(o, body)
    kind = int(o.get("wtype", "2"), 0)
    if o.get("guid"):
        kind = 0x0EF1
        data = bytes.fromhex("9dd2af4adf68ee498aa9347d375665a7") + data
    head = struct.pack("<IHH", 8 + len(data), int(o.get("revision", "0x200"), 0), kind)
    return head + data + o.get("padding", "\0").encode() * (-len(data) % 8)


def main():
    image = bytearray(open(sys.argv[1], "rb").read())
    signatures = []
    for word in sys.argv[3:]:
        if word.startswith("poke="):
            off, hexes = word[5:].split(":")
            new = bytes.fromhex(hexes)
            image[int(off, 0):int(off, 0) + len(new)] = new
        else:
            signatures.append(dict(w.split("=", 1) for w in word.split(",")))
    image += b"\0" * (-len(image) % 8)
    body, cert_dir = hashed(bytes(image))
    table = b"".join(entry(o, body) for o in signatures)
    struct.pack_into("<II", image, cert_dir, len(image), len(table))
    open(sys.argv[2], "wb").write(bytes(image) + table)


main()
