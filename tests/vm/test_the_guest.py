"""What the guest is made of, as far as it can be made without Debian's packages."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from tests.vm import archive, kernel
from tests.vm.building import ROOT, entries_for, needed_by
from treadctl.model.program import Walk, expand

LOCK = (
    "# Made by hand\n"
    "typing-extensions==4.1 ; python_version < '3.13' \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
    "ruff==0.1 \\\n    --hash=sha256:cc\n"
    "bumble==0.0.236 \\\n    --hash=sha256:dd\n"
)


def test_an_archive_begins_with_the_octets_that_a_kernel_expects() -> None:
    packed = b"".join(archive.pack([archive.file("init", b"abc", 0o755)]))
    fields = ["00000001", "000081ED", "00000000", "00000000", "00000001", "00000000", "00000003", *["00000000"] * 4]
    head = "070701" + "".join(fields) + "00000005" + "00000000" + "init\0"
    assert packed.startswith(head.encode() + b"\0" + b"abc\0")
    assert len(packed) % archive.ALIGN == 0
    assert b"TRAILER!!!\0" in packed


@pytest.mark.needs("cpio")
def test_another_program_reads_the_archives_one_after_the_other(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "a").mkdir(parents=True)
    (tree / "a/file").write_bytes(b"12345")
    (tree / "link").symlink_to("a/file")
    archive.write(tmp_path / "one", archive.of_tree(tree, "under"))
    listed = subprocess.run(["cpio", "-itv"], input=(tmp_path / "one").read_bytes(), capture_output=True, check=True)
    lines = listed.stdout.decode().splitlines()
    assert [line.split(maxsplit=8)[-1] for line in lines] == ["under/a", "under/a/file", "under/link -> a/file"]
    assert all(line.split()[2:4] == ["root", "root"] for line in lines)


def test_parents_come_before_what_lies_in_them(tmp_path: Path) -> None:
    (tmp_path / "b/c").mkdir(parents=True)
    (tmp_path / "b/c/d").touch(0o640)
    (tmp_path / "a").symlink_to("/nowhere")
    found = list(archive.of_tree(tmp_path))
    assert [entry.name for entry in found] == ["a", "b", "b/c", "b/c/d"]
    assert stat.S_ISLNK(found[0].mode) and found[0].data == b"/nowhere"
    assert stat.S_IMODE(found[3].mode) == 0o640


def packed_kernel(body: bytes) -> bytes:
    """A packed kernel with one setup sector, by the boot protocol: the payload 16 octets into the rest."""
    setup = bytearray(2 * kernel.SECTOR)
    setup[0x1F1] = 1
    setup[0x202:0x206] = b"HdrS"
    setup[0x248:0x24C] = (16).to_bytes(4, "little")
    setup[0x24C:0x250] = len(body).to_bytes(4, "little")
    return bytes(setup) + b"-" * 16 + body + b"what follows"


def test_the_compressed_kernel_is_found_where_the_header_says() -> None:
    assert kernel.payload(packed_kernel(b"body")) == b"body"
    with pytest.raises(kernel.Unreadable, match="no boot header"):
        kernel.payload(b"\0" * 2048)


def test_a_kernel_is_unpacked_to_its_elf_file() -> None:
    import gzip
    import lzma

    for pack in (gzip.compress, lzma.compress):
        assert kernel.plain_kernel(packed_kernel(pack(b"\x7fELF and more") + b"size")) == b"\x7fELF and more"
    with pytest.raises(kernel.Unreadable, match="does not hold an ELF file"):
        kernel.plain_kernel(packed_kernel(b"something else and its size"))


def test_a_module_names_what_it_needs() -> None:
    assert kernel.needs(b"..\0license=GPL\0depends=bluetooth,9pnet\0name=x\0") == ("bluetooth", "9pnet")
    assert kernel.needs(b"\0depends=\0") == ()


def test_a_module_is_loaded_after_what_it_needs() -> None:
    needs = {"vhci": ["bluetooth"], "bluetooth": ["rfkill", "ecdh"], "ecdh": ["ecc"], "rfkill": [], "ecc": [], "9p": []}
    assert kernel.in_order(["vhci", "9p", "ecc"], needs.__getitem__) == [
        "rfkill", "ecc", "ecdh", "bluetooth", "vhci", "9p"
    ]


def test_modules_are_taken_with_all_they_need_and_without_what_the_kernel_has(tmp_path: Path) -> None:
    (tmp_path / "modules.builtin").write_text("kernel/crypto/built-in.ko\n")
    (tmp_path / "hci-vhci.ko").write_bytes(b"\0depends=bluetooth,built_in\0")
    (tmp_path / "bluetooth.ko").write_bytes(b"\0depends=\0")
    modules = kernel.Modules(tmp_path)
    assert [name for name, _ in modules.closure(["hci_vhci", "built-in"])] == ["bluetooth", "hci_vhci"]
    with pytest.raises(kernel.Unreadable, match="no module 9p"):
        modules.closure(["9p"])


def test_of_a_lock_only_the_wanted_entries_are_taken_with_their_hashes() -> None:
    assert entries_for({"typing-extensions", "bumble"}, LOCK) == (
        "typing-extensions==4.1 ; python_version < '3.13' \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "bumble==0.0.236 \\\n    --hash=sha256:dd\n"
    )


def test_what_a_package_needs_counts_with_all_that_those_need() -> None:
    assert {"bleak", "dbus-fast"} <= needed_by("bleak")
    assert needed_by("no-such-package") == {"no-such-package"}


def test_the_machines_profile_is_right_and_warns_of_nothing() -> None:
    from treadctl.files.profile import check_profile

    program, warnings = check_profile(ROOT / "tests/vm/short.yaml")
    assert not warnings
    assert sum(segment.seconds for segment in expand(program) if isinstance(segment, Walk)) < 60
