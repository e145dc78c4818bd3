"""Finish a wheel: ``bill.py WHEEL``.  Its licences, its software bill, the same bytes each time, and what it must not hold.

Of a source distribution, ``bill.py NAME.tar.gz``, it is the bytes only.

Run after a repair tool (auditwheel, delocate) has copied libraries into the wheel.  Each such library is a row of
`BUNDLED`, or the wheel is refused.  Then

- the wheel's License-Expression names their licences, whose texts are in its licenses/ already (pyproject.toml);
- ``sboms/cypool.cdx.json`` (PEP 770, CycloneDX) tells of every component: what it is, its version where the repair tool's
  own bill knows it, its licence, and the hashes of its files;
- files are sorted, and dated by SOURCE_DATE_EPOCH: two builds of one tree give the same bytes;
- the table printed is that of docs/install.md.
"""

import base64
import gzip
import hashlib
import io
import json
import os
import re
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from typing import NamedTuple

MOST_BYTES = 4_000_000
OWN_LICENCE = "BSD-3-Clause"


class Library(NamedTuple):
    """What may be bundled."""

    name: str
    pattern: str
    licence: str
    text: str


BUNDLED = (
    Library("libgomp", r"\.libs/libgomp-[0-9a-f]+\.so\.", "GPL-3.0-or-later WITH GCC-exception-3.1", "libgomp.txt"),
    Library("libomp", r"\.dylibs/libomp\.dylib$", "Apache-2.0 WITH LLVM-exception", "libomp.txt"),
)
OWN = r"cypool/.*\.(py|pyi|pxd|h|c|cu|json|so|pyd)$|cypool/py\.typed$"
REFUSED = (rb"/\.pyenv/", rb"/site-packages", rb"/tmp/", rb"/home/")
"""Traces of the machine that built the wheel, which compiled modules must not hold."""


def library_of(name):
    """The row of a file in the wheel, None for the project's own."""
    found = [row for row in BUNDLED if re.search(row.pattern, name)]
    if not found and not re.fullmatch(OWN, name):
        raise SystemExit(f"bill: {name} is neither cypool's nor a library that .ci/bill.py knows")
    return found[0] if found else None


def component(name, version, licence, files):
    """One component of the bill."""
    hashes = [
        {"type": "file", "name": file, "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(data).hexdigest()}]}
        for file, data in files
    ]
    known = {"version": version} if version else {}
    return {
        "type": "library",
        "bom-ref": name,
        "name": name,
        **known,
        "licenses": [{"expression": licence}],
        "components": hashes,
    }


def bill(version, files, versions):
    """The CycloneDX document."""
    by_row = {}
    for name, data in files:
        by_row.setdefault(library_of(name), []).append((name, data))
    own = component("cypool", version, OWN_LICENCE, by_row.pop(None))
    own["purl"] = f"pkg:pypi/cypool@{version}"
    others = [component(row.name, versions.get(row.name), row.licence, found) for row, found in by_row.items()]
    return list(by_row), {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": own},
        "components": others,
        "dependencies": [{"ref": "cypool", "dependsOn": [other["bom-ref"] for other in others]}],
    }


def versions_in(content):
    """The bundled libraries' versions, from the repair tool's bill."""
    found = {}
    for name, data in content.items():
        if re.search(r"/sboms/auditwheel\.cdx\.json$", name):
            for part in json.loads(data)["components"]:
                found[re.sub(r"(?<=[a-z])\d+$", "", part["name"])] = part["version"]
    return found


def date_seconds():
    """The date of all files."""
    return int(os.environ.get("SOURCE_DATE_EPOCH", 315532800))


def finish_sources(path):
    """The same source distribution, its files sorted, dated and nobody's."""
    whole = io.BytesIO()
    with tarfile.open(path) as before, tarfile.open(fileobj=whole, mode="w", format=tarfile.PAX_FORMAT) as after:
        for member in sorted(before.getmembers(), key=lambda member: member.name):
            clean = tarfile.TarInfo(member.name)
            clean.size, clean.type, clean.mtime = member.size, member.type, date_seconds()
            clean.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            after.addfile(clean, before.extractfile(member) if member.isfile() else None)
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=date_seconds()) as packed:
        packed.write(whole.getvalue())
    print(f"{path.name}: {path.stat().st_size} bytes, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}")


def record(content, name):
    """The wheel's RECORD."""
    rows = []
    for file, data in content.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{file},sha256={digest},{len(data)}\n")
    return ("".join(rows) + f"{name},,\n").encode()


def write(path, content, modes):
    """The wheel with this content, its metadata last, as tools expect."""
    date = time.gmtime(date_seconds())[:6]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for name, data in content.items():
            info = zipfile.ZipInfo(name, date)
            info.external_attr, info.create_system, info.compress_type = modes.get(name, 0o100644) << 16, 3, 8
            wheel.writestr(info, data)


def finish_wheel(path):
    """Finish one wheel."""
    with zipfile.ZipFile(path) as wheel:
        entries = [entry for entry in wheel.infolist() if not entry.is_dir()]
        content = {entry.filename: wheel.read(entry) for entry in entries}
        modes = {entry.filename: entry.external_attr >> 16 for entry in entries}
    before = path.stat().st_size
    (metadata,) = [name for name in content if re.fullmatch(r"cypool-[^/]*\.dist-info/METADATA", name)]
    info = metadata.rpartition("/")[0]
    files = sorted((name, data) for name, data in content.items() if not name.startswith(info))
    for name, data in files:
        for trace in REFUSED:
            if name.endswith((".so", ".pyd")) and re.search(trace, data):
                raise SystemExit(f"bill: {name} holds a path of the machine that built it: {trace.decode()}")

    text = content[metadata].decode("utf-8")
    libraries, document = bill(re.search(r"(?m)^Version: (.*)$", text)[1], files, versions_in(content))
    for row in libraries:
        if f"{info}/licenses/LICENSES/{row.text}" not in content:
            raise SystemExit(f"bill: the wheel carries {row.name}, but not its licence {row.text}")
    licence = " AND ".join([OWN_LICENCE, *(row.licence for row in libraries)])
    text, replaced = re.subn(r"(?m)^License-Expression: .*$", f"License-Expression: {licence}", text, count=1)
    if replaced != 1:
        raise SystemExit("bill: no License-Expression")
    content[metadata] = text.encode("utf-8")
    content[f"{info}/sboms/cypool.cdx.json"] = (json.dumps(document, indent=1) + "\n").encode()

    del content[f"{info}/RECORD"]
    content = dict(sorted(content.items(), key=lambda item: (item[0].startswith(info), item[0])))
    content[f"{info}/RECORD"] = record(content, f"{info}/RECORD")
    write(path, content, modes)

    size = path.stat().st_size
    print(f"{path.name}: {size} bytes ({before} before), sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}")
    for part in [document["metadata"]["component"], *document["components"]]:
        total = sum(len(content[file["name"]]) for file in part["components"])
        count = len(part["components"])
        print(f"| {part['name']} {part.get('version', '')} | {part['licenses'][0]['expression']} | {count} | {total} |")
    if size > MOST_BYTES:
        raise SystemExit(f"bill: the wheel has {size} bytes, more than {MOST_BYTES}")


for argument in sys.argv[1:]:
    (finish_sources if argument.endswith(".tar.gz") else finish_wheel)(Path(argument))
