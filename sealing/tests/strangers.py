"""Has sealed PDFs judged by programs that know nothing of this crate: pyHanko, and pdfsig if it is installed.

    cargo run -p esign-sealing --example specimen -- DIR
    python3 sealing/tests/strangers.py DIR            (needs: pip install pyhanko)

DIR holds root.pem and the sealed *.pdf (the *.base.pdf beside them are not sealed and are left out). The exit status
is 0 only if every file passes every check, and every file with one changed byte fails.
"""

import io
import logging
import pathlib
import shutil
import subprocess
import sys

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

logging.disable(logging.CRITICAL)


def pyhanko_problems(data: bytes, root) -> list[str]:
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    signatures = reader.embedded_signatures
    if len(signatures) != 1:
        return [f"{len(signatures)} signatures"]
    status = validate_pdf_signature(signatures[0], ValidationContext(trust_roots=[root], allow_fetching=False))
    checks = {
        "bottom line": status.bottom_line,
        "intact": status.intact,
        "valid": status.valid,
        "trusted": status.trusted,
        "covers the file": status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        "document rights": status.docmdp_ok,
    }
    return [f"pyHanko: not {name}" for name, passed in checks.items() if not passed]


def pdfsig_problems(path: pathlib.Path) -> list[str]:
    if not shutil.which("pdfsig"):
        return []
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False).stdout
    wanted = ["Signature is Valid.", "Total document signed", "ETSI.CAdES.detached"]
    return [f"pdfsig: no '{line}'" for line in wanted if line not in said]


def accepts_change(data: bytes, root) -> bool:
    changed = bytearray(data)
    changed[len(data) // 3] ^= 1
    try:
        return not pyhanko_problems(bytes(changed), root)
    except Exception:  # noqa: BLE001 - unreadable is as good as refused
        return False


def main(directory: str) -> int:
    folder = pathlib.Path(directory)
    root = load_cert_from_pemder(folder / "root.pem")
    files = sorted(path for path in folder.glob("*.pdf") if not path.name.endswith(".base.pdf"))
    failed = not files
    for path in files:
        data = path.read_bytes()
        problems = pyhanko_problems(data, root) + pdfsig_problems(path)
        if accepts_change(data, root):
            problems.append("pyHanko accepts a changed byte")
        failed |= bool(problems)
        print(f"{path.name}: {'; '.join(problems) or 'valid'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
