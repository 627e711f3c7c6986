#!/usr/bin/env python3
"""Check that an order was in the book of a clearing: python3 check-proof.py PROOF.json [ROOT]

PROOF.json is what the page of an order lets its owner download; ROOT is the root as it stands on
the public page of the run. Nothing but SHA-256 is used, and nothing of Gufei. Ends with 1 if an
order does not lead to the root.
"""

import hashlib
import json
import sys
from pathlib import Path


def leads_to(proof):
    order, salt = proof["order"].encode(), bytes.fromhex(proof["salt"])
    digest = hashlib.sha256(b"\x00" + salt + order).digest()
    for step in proof["path"]:
        other = bytes.fromhex(step["sha256"])
        pair = other + digest if step["side"] == "left" else digest + other
        digest = hashlib.sha256(b"\x01" + pair).digest()
    return digest.hex()


def main():
    document = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    root = sys.argv[2].lower() if len(sys.argv) > 2 else document["root"]
    proofs = document["orders"]
    wrong = [proof for proof in proofs if leads_to(proof) != root]
    for proof in proofs:
        print("WRONG" if proof in wrong else "ok", proof["order"])
    print("root", root)
    return 1 if wrong or not proofs else 0


if __name__ == "__main__":
    sys.exit(main())
