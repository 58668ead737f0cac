"""Debian's part of the guest: packages unpacked into one archive, and a kernel with the few modules it needs.

apt is told that nothing is installed, so it fetches everything the packages need; no maintainer script ever runs, and
what they would have made (users, a machine's number) is written here by hand. Needs no root and changes nothing on the
machine that builds.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.vm import archive, kernel

PACKAGES = ("busybox-static", "dbus", "bluez", "python3")
KERNEL = "linux-image-6.12-amd64"
"""Not Debian 12's usual 6.1: that one crashes when a connection to a machine that stays silent is given up."""
MODULES = (
    "virtio_pci", "9pnet_virtio", "9p", "hci_vhci",
    # what Bluetooth asks for by an algorithm's name, which a kernel without modprobe cannot find by itself
    "ecb", "cbc", "ccm", "cmac", "aes_generic", "ecdh_generic",
)
NOT_UNPACKED = ("perl", "libperl", "linux-image")
"""Packages whose names begin so: bluetoothd's own needs lead to Perl by way of maintainer scripts."""
LEFT_OUT = (
    "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/lib/udev", "usr/lib/systemd",
    "usr/lib/x86_64-linux-gnu/gconv", "usr/share/dbus-1/system-services",
)
"""What no check looks at. Without the last one a bluetoothd that died stays dead, and says so."""
MERGED = ("bin", "sbin", "lib", "lib64")
"""Links into /usr. Packages of Debian 12 still have files behind either name."""
FOLDERS = ("proc", "sys", "dev", "run", "tmp", "out", "root", "home", "etc", "modules", "var/lib/bluetooth")
APPLETS = ("sh", "cat", "sleep", "mkdir", "chmod", "ls", "ps", "env", "timeout", "unshare")
"""What checks and stand-ins call by name."""
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n"
    "messagebus:x:100:100::/nonexistent:/bin/false\n"
    "tester:x:1000:1000::/home/tester:/bin/sh\n",
    "etc/group": "root:x:0:\nmessagebus:x:100:\nbluetooth:x:101:tester\nnetdev:x:102:\ntester:x:1000:\n",
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
}
DEBIAN_CPIO, MODULES_CPIO, VMLINUX, VERSIONS = "debian.cpio", "modules.cpio", "vmlinux", "versions"

Say = Callable[[str], None]


class CannotBuild(Exception):
    """The guest cannot be made here; `str()` says what to do."""


def build(base: Path, say: Say) -> None:
    """Fill this folder: two archives, the kernel, and what versions they are. Raises CannotBuild."""
    shutil.rmtree(base, ignore_errors=True)
    base.mkdir()
    say("fetching Debian's packages")
    packages = _fetched(base / "apt", say)
    [image] = [path for path in packages if path.name.startswith("linux-image")]
    say(f"unpacking {len(packages)} packages")
    with tempfile.TemporaryDirectory(prefix="treadctl-vm-") as folder:
        _system(Path(folder), [package for package in packages if not package.name.startswith(NOT_UNPACKED)])
        archive.write(base / DEBIAN_CPIO, [_console(), *archive.of_tree(Path(folder))])
    say("unpacking the kernel")
    with tempfile.TemporaryDirectory(prefix="treadctl-vm-") as folder:
        _unpack(image, Path(folder))
        _kernel(Path(folder), base)
    shutil.rmtree(base / "apt")
    told = {name: version.replace("%3a", ":") for name, version, _ in (path.name.split("_") for path in packages)}
    told["kernel"] = image.name.split("_")[1]
    wanted = [name for name in (*PACKAGES, "kernel") if name in told]
    (base / VERSIONS).write_text("".join(f"{name} {told[name]}\n" for name in wanted), encoding="utf-8")


def versions(base: Path) -> dict[str, str]:
    """The version of each package that was asked for, and of the `kernel`; empty if `base` was never filled."""
    if not (base / VERSIONS).exists():
        return {}
    lines = (base / VERSIONS).read_text(encoding="utf-8").splitlines()
    return {name: version for name, _, version in (line.partition(" ") for line in lines)}


def byte_code(root: Path, python: str, *folders: str) -> None:
    """Compile these folders of `root` for the guest, which would take minutes. Another Python's code is of no use."""
    if python != "{}.{}".format(*sys.version_info[:2]):
        return
    words = ["-q", "-j", "0", "-s", str(root), "-p", "/", "--invalidation-mode", "unchecked-hash"]
    command = [sys.executable, "-m", "compileall", *words, *(str(root / folder) for folder in folders)]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)  # a package may hold files for a newer Python


# --- packages ---------------------------------------------------------------------------------------------------------


def _fetched(folder: Path, say: Say) -> list[Path]:
    """The packages and all that they need. Where they come from is the machine's own affair."""
    for name in ("archives/partial", "lists/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    options = [f"Dir::State::status={folder}/status", f"Dir::Cache={folder}", "Debug::NoLocking=true"]
    options += ["APT::Install-Recommends=false", "APT::Sandbox::User=root", "APT::Get::Assume-Yes=true"]
    try:
        _download(options, folder)
    except CannotBuild:
        say("refreshing the list of Debian's packages, in a folder of our own")
        options.append(f"Dir::State::lists={folder}/lists")
        _apt("apt-get", options, "update", "-qq")
        _download(options, folder)
    return sorted((folder / "archives").glob("*.deb"))


def _download(options: list[str], folder: Path) -> None:
    depends = _apt("apt-cache", options, "depends", KERNEL)
    image = next((line.split()[-1] for line in depends.splitlines() if "Depends: linux-image" in line), None)
    if image is None:
        raise CannotBuild(f"apt knows no package {KERNEL}; the virtual machine needs Debian 12.")
    _apt("apt-get", options, "install", "-qq", "--download-only", *PACKAGES)
    _apt("apt-get", options, "download", "-qq", image, cwd=folder / "archives")


def _apt(program: str, options: list[str], *words: str, cwd: Path | None = None) -> str:
    command = [program, *(part for option in options for part in ("-o", option)), *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise CannotBuild(f"{program} {words[0]} failed ({last}); it needs Debian's packages and the network.")
    return done.stdout


def _unpack(package: Path, tree: Path) -> None:
    """Its files only. A link to a folder stays one, or /lib would become a folder beside /usr/lib."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as reading:
        words = ["--extract", "--keep-directory-symlink", "--no-same-owner", "--directory", str(tree)]
        subprocess.run(["tar", *words], stdin=reading.stdout, check=True)


def _system(tree: Path, packages: list[Path]) -> None:
    for name in MERGED:
        (tree / "usr" / name).mkdir(parents=True)
        (tree / name).symlink_to(f"usr/{name}")
    (tree / "var").mkdir()
    (tree / "var/run").symlink_to("/run")
    for package in packages:
        _unpack(package, tree)
    for name in LEFT_OUT:
        shutil.rmtree(tree / name, ignore_errors=True)
    for name in FOLDERS:
        (tree / name).mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (tree / name).write_text(text, encoding="utf-8")
    for name in APPLETS:
        if not (tree / "bin" / name).is_symlink() and not (tree / "bin" / name).exists():
            (tree / "bin" / name).symlink_to("busybox")
    [library] = (tree / "usr/lib").glob("python3.*")
    byte_code(tree, library.name.removeprefix("python"), str(library.relative_to(tree)))


def _console() -> archive.Entry:
    """The kernel opens it for the first process, before that one could make it."""
    return archive.device("dev/console", 5, 1)


# --- the kernel -------------------------------------------------------------------------------------------------------


def _kernel(tree: Path, base: Path) -> None:
    [packed] = (tree / "boot").glob("vmlinuz-*")
    try:
        (base / VMLINUX).write_bytes(kernel.plain_kernel(packed.read_bytes()))
        modules = kernel.Modules(tree).closure(MODULES)
    except kernel.Unreadable as error:
        raise CannotBuild(f"The kernel package is not as expected: {error}.") from error
    entries = [archive.file(f"modules/{name}.ko", data) for name, data in modules]
    order = "".join(f"{name}\n" for name, _ in modules)
    archive.write(base / MODULES_CPIO, [*entries, archive.file("modules/order", order.encode())])
