"""A second verifier of record.json, written from docs/record-format.md alone: standard library and cryptography."""

import hashlib
import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ENVELOPE = {
    "act": str,
    "fact": dict,
    "kind": str,
    "person": str,
    "relied_on": list,
    "request": object,
    "role": str,
    "seq": int,
    "station": str,
    "stream": str,
    "time": str,
}
INTENT = {
    "covers",
    "covers_hash",
    "language",
    "meaning",
    "name",
    "nonce",
    "sentence",
    "shown",
    "time",
    "zone",
}
SORTS = {"identity": "identity", "foreign": "identity", "file": "file"}


def canon(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def parse(text):
    value = json.loads(text, parse_float=int, parse_constant=int)  # refuses fractions
    assert canon(value) == text, "not canonical"
    return value


def tagged(*parts):
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def signed(public, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(
            bytes.fromhex(signature), message.encode()
        )
    except (ValueError, InvalidSignature):
        return False
    return True


def lines(name, items):
    return '"' + name + '":[\n' + ",\n".join(items) + "\n]"


def write(r):
    chains = [
        '{"stream":' + canon(c["stream"]) + "," + lines("entries", map(canon, c["entries"])) + "}"
        for c in r["chains"]
    ]
    keyed = {
        "detached": lambda d: d["commitment"],
        "withheld": lambda w: w["commitment"],
        "checkpoints": lambda c: c["number"],
        "files": lambda f: (f["name"], f["sha256"]),
    }
    parts = [
        '"format":' + canon(r["format"]),
        '"site":' + canon(r["site"]),
        lines("keys", map(canon, r["keys"])),
        lines("chains", chains),
    ]
    parts += [lines(name, map(canon, sorted(r[name], key=key))) for name, key in keyed.items()]
    return ("{" + ",\n".join(parts) + "}\n").encode()


def read_chain(stream, pairs):
    entries, previous, time = [], "0" * 64, ""
    for seq, (body, stored) in enumerate(pairs, 1):
        assert tagged("lims/entry/1", previous, body) == stored, f"hash of {stream} {seq}"
        e = parse(body)
        assert set(e) == set(ENVELOPE) and all(isinstance(e[name], sort) for name, sort in ENVELOPE.items())
        assert (e["seq"], e["stream"]) == (seq, stream) and e["time"] >= time, f"place of {stream} {seq}"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", e["time"])
        entries.append(e | {"hash": stored})
        previous, time = stored, e["time"]
    return entries


def read_keys(entries):
    site, people = {}, {}

    def attested(f, holder, purpose):
        return "lims/attestation/1\n" + canon(
            {"holder": holder, "kid": f["kid"], "name": f["name"], "public": f["public"], "purpose": purpose}
        )

    for e in entries:
        f, kind = e["fact"], e["kind"]
        if kind in ("site_key_founded.1", "person_key_enrolled.1"):
            assert (
                f["kid"] == tagged("lims/key/1", f["public"])[:32]
                and f["kid"] not in site
                and f["kid"] not in people
            ), "kid"
        if kind == "site_key_founded.1":
            assert (f["purpose"] == "root") == (not site) == (e["seq"] == 1), "root"
            site.setdefault("root", f)
            assert signed(site["root"]["public"], f["attestation"], attested(f, "site", f["purpose"])), (
                "attestation"
            )
            site[f["kid"]] = f | {"since": e["time"]}
        elif kind == "person_key_enrolled.1":
            assert signed(f["public"], f["proof"], attested(f, f["person"], "person")), "proof"
            people[f["kid"]] = f | {"by": set(), "from": "~", "until": "~"}
        elif kind == "person_key_attested.1":
            key, by = people[f["kid"]], people.get(f["by_kid"], site["root"])
            assert (
                by["kid"] == f["by_kid"]
                and all(f[x] == key[x] for x in ("public", "person", "name"))
                and key["until"] == "~"
            )
            if by is not site["root"]:
                assert (
                    by["from"] <= e["time"] < by["until"] and e["person"] == by["person"] != key["person"]
                ), "voucher"
            assert signed(by["public"], f["signature"], attested(f, f["person"], "person")), (
                "voucher's signature"
            )
            key["by"].add(by.get("person", "site"))
            if "site" in key["by"] or len(key["by"]) > 1:
                key["from"] = min(key["from"], e["time"])
        elif kind == "person_key_revoked.1":
            assert people[f["kid"]]["person"] == f["person"], "revoked"
            people[f["kid"]]["until"] = min(people[f["kid"]]["until"], e["time"])
    return site, people


def signatures(streams, people):
    covered, nonces = set(), set()
    for stream, entries in streams.items():
        for e in entries:
            if e["kind"] != "signature_made.1":
                continue
            f, i = e["fact"], parse(e["fact"]["intent"])
            key, (where, seq) = people[f["kid"]], i["covers"]
            assert set(i) == INTENT and i["nonce"] not in nonces, "intent"
            assert signed(key["public"], f["signature"], "lims/signature/1\n" + f["intent"]), "signature"
            assert (e["person"], i["name"], i["time"]) == (key["person"], key["name"], e["time"]), "person"
            assert key["from"] <= e["time"] < key["until"] and where == stream and 1 <= seq < e["seq"], (
                "valid"
            )
            c = entries[seq - 1]
            assert (c["hash"], c["person"], c["request"]) == (i["covers_hash"], e["person"], e["request"]), (
                "covers"
            )
            nonces.add(i["nonce"])
            covered.add((stream, seq))
    return covered


def commitments(value):
    if isinstance(value, dict) and set(value) == {"commitment", "size", "sort"}:
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from commitments(item)


def disclosure(r, entries, covered):
    known = {c["commitment"]: c for e in entries for c in commitments(e["fact"])}
    assert sorted(x["commitment"] for x in r["detached"] + r["withheld"]) == sorted(known), "detached"
    gone, at = {}, {(e["stream"], e["seq"]): e for e in entries}
    for e in entries:
        if e["kind"] == "value_redacted.1":
            p = at[e["stream"], e["fact"]["proposed_seq"]]
            assert (
                p["kind"] == "redaction_proposed.1" and p["seq"] < e["seq"] and p["person"] != e["person"]
            ), "redaction"
            assert (
                p["fact"]["commitment"] == e["fact"]["commitment"]
                and {(x["stream"], x["seq"]) for x in (p, e)} <= covered
            )
            gone[e["fact"]["commitment"]] = [e["stream"], e["seq"]]
    for d in r["detached"]:
        assert (
            tagged("lims/detached/1", d["salt"], d["value"]) == d["commitment"]
            and d["commitment"] not in gone
        ), "value"
        assert known[d["commitment"]]["size"] == len(d["value"].encode()), "size"
    for w in r["withheld"]:
        sort = known[w["commitment"]]["sort"]
        assert (
            gone.get(w["commitment"]) == w["entry"]
            if w["why"] == "redacted" and w["entry"]
            else SORTS[w["why"]] == sort and w["entry"] is None
        ), "withheld"
    due = [parse(d["value"]) for d in r["detached"] if known[d["commitment"]]["sort"] == "file"]
    assert sorted((f["name"], f["sha256"], f["size"]) for f in due) == [
        (f["name"], f["sha256"], f["size"]) for f in r["files"]
    ], "files"


def checkpoints(points, streams, site):
    pinned, before = {}, None
    for p in points:
        text = canon({x: p[x] for x in ("number", "previous_root", "root", "size", "time")})
        key = site[p["kid"]]
        assert key["purpose"] == "checkpoint" and key["since"] <= p["time"] and p["proofs"], "checkpoint key"
        assert signed(key["public"], p["signature"], "lims/checkpoint/1\n" + text), "checkpoint"
        if before:
            assert p["number"] > before["number"] and p["time"] >= before["time"]
            assert p["number"] > before["number"] + 1 or p["previous_root"] == before["root"]
        for proof in p["proofs"]:
            (stream, seq, head), path, at, width = (
                proof["leaf"],
                list(proof["path"]),
                proof["index"],
                p["size"],
            )
            node = hashlib.sha256(b"\0" + canon(proof["leaf"]).encode()).digest()
            assert 0 <= at < width and head == streams[stream][seq - 1]["hash"] and seq > 0, "leaf"
            assert streams[stream][seq - 1]["time"] <= p["time"]
            while width > 1:
                if at ^ 1 < width:
                    step = path.pop(0)
                    assert step[0] == "RL"[at % 2]
                    pair = (bytes.fromhex(step[1:]), node) if at % 2 else (node, bytes.fromhex(step[1:]))
                    node = hashlib.sha256(b"\1" + pair[0] + pair[1]).digest()
                at, width = at // 2, (width + 1) // 2
            assert node.hex() == p["root"] and not path, "path"
            pinned[stream] = max(pinned.get(stream, 0), seq)
        before = p
    return pinned


def site_code(public):
    bits = int(tagged("lims/site-code/1", public)[:25], 16)
    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[bits >> s & 31] for s in range(95, -1, -5))


def check(content, typed):
    r = json.loads(content.decode())
    assert write(r) == content and r["format"] == "lims/record/1", "layout"
    assert set(r["site"]) == {"founding", "kind", "name", "root_kid", "zone"} and r["keys"]
    main, refused = (c["stream"] for c in r["chains"])
    assert refused == main + "!refusals" and r["chains"][0]["entries"], "streams"
    founding = read_chain("system", [r["site"]["founding"]])[0]
    streams = {"keys": read_chain("keys", r["keys"])} | {
        c["stream"]: read_chain(c["stream"], c["entries"]) for c in r["chains"]
    }
    site, people = read_keys(streams["keys"])
    told = tuple(founding["fact"][x] for x in ("instance_kind", "site", "zone", "root_kid"))
    assert founding["kind"] == "instance_founded.1"
    assert (
        told == tuple(r["site"][x] for x in ("kind", "name", "zone", "root_kid"))
        and told[3] == site["root"]["kid"]
    ), "site"
    entries = [founding, *(e for chain in streams.values() for e in chain)]
    at = {(e["stream"], e["seq"]): e["hash"] for e in entries}
    for e in entries:
        for stream, seq, head in e["relied_on"]:
            if stream in streams or (stream, seq) == ("system", 1):
                assert at[stream, seq] == head and (stream != e["stream"] or seq < e["seq"]), "relied on"
    covered = signatures(streams, people)
    disclosure(r, entries, covered)
    pinned = checkpoints(r["checkpoints"], streams, site)
    closes = [e for e in streams[main] if e["kind"] == "record_closed.1"]
    assert not closes or closes[-1]["fact"]["count"] == closes[-1]["seq"] - 1, "close"
    code = re.sub(r"[\s-]", "", typed or "").upper().translate(str.maketrans("ILO", "110"))
    assert len(code) != 20 or code == site_code(site["root"]["public"]), "code"
    fixed = {s: max([pinned.get(s, 0), *(n for t, n in covered if t == s)]) for s in streams}
    sure = (
        all(fixed[s] >= len(streams[s]) for s in streams)
        and ["system", 1, founding["hash"]] in streams["keys"][0]["relied_on"]
    )
    return "intact, origin confirmed" if sure and len(code) == 20 else "consistent, origin not confirmed"


def verdict(content, typed):
    """One of the three verdicts on record.json."""
    try:
        return check(content, typed)
    except (AssertionError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return "NOT INTACT"
