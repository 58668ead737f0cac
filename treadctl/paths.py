"""Where things lie: socket, state, records, sessions. One place decides, so that no two parts look in different ones.

It knows names and permissions of folders, never what is in the files, and imports nothing of treadctl but errors. A
simulated treadmill gets folders and a socket of its own: a demo never touches the real person's locks and records. All
sockets of a user lie in one runtime folder, so that a stop finds every guardian.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from treadctl.model.errors import Refused, unusable

SOCKET_SUFFIX = ".sock"
SIMULATED_PREFIX = "sim-"
"""Sockets of simulated guardians: their machine dies with the process, so nothing is left to rescue."""
PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders and the name of one guardian; everything else follows from them."""

    runtime: Path
    state: Path
    data: Path
    config: Path
    name: str = "guardian"

    @property
    def socket(self) -> Path:
        return self.runtime / (self.name + SOCKET_SUFFIX)

    @property
    def holder(self) -> Path:
        """Locked by the guardian of this socket for as long as it lives."""
        return self.runtime / (self.name + ".lock")

    @property
    def sessions(self) -> Path:
        return self.data / "sessions"

    @property
    def captures(self) -> Path:
        """Beside the sessions: a person looks for these files and sends them away."""
        return self.data / "captures"

    @property
    def traces(self) -> Path:
        return self.state / "traces"

    @property
    def locks(self) -> Path:
        return self.state / "locks.json"

    @property
    def day(self) -> Path:
        return self.state / "day.json"

    @property
    def rehearsed(self) -> Path:
        return self.state / "rehearsed.json"

    @property
    def strap(self) -> Path:
        return self.state / "strap.json"

    @property
    def person(self) -> Path:
        return self.config / "person.json"

    @property
    def machines(self) -> Path:
        return self.state / "machines"

    @property
    def log(self) -> Path:
        return self.state / "guardian.log"

    @property
    def last_address(self) -> Path:
        """Address of a link that was opened and not yet closed with the belt still: what a rescue looks for."""
        return self.state / "last-address"


def real_paths() -> Paths:
    """The user's own folders. Raises Refused when the runtime folder belongs to somebody else."""
    from platformdirs import PlatformDirs  # noqa: PLC0415  (16 ms that `treadctl stop` does without)

    folders = PlatformDirs("treadctl", appauthor=False)
    return Paths(
        runtime_folder(), Path(folders.user_state_dir), Path(folders.user_data_dir), Path(folders.user_config_dir)
    )


def downloads_folder() -> Path:
    """Where a person's browser and mail put files. It may not be there."""
    from platformdirs import user_downloads_path  # noqa: PLC0415  (as above)

    return user_downloads_path()


def simulated_paths(state: Path | None = None, socket: Path | None = None) -> Paths:
    """Folders of one simulated guardian: `state` for all files (a new one when None), a random socket unless given."""
    runtime = runtime_folder() if socket is None else socket.parent
    name = SIMULATED_PREFIX + os.urandom(4).hex() if socket is None else socket.name.removesuffix(SOCKET_SUFFIX)
    home = runtime / name if state is None else state.absolute()  # a guardian's own working folder is another one
    private_folder(home)
    return Paths(runtime, home, home, home, name)


def runtime_folder() -> Path:
    """The folder of all sockets of this user, made if missing. Raises Refused when it is not private."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(base) / "treadctl" if base else _temporary_folder() / f"treadctl-{os.getuid()}"
    private_folder(folder)
    folder.chmod(PRIVATE)  # whoever can enter it can ask for a stop, and more
    return folder


def _temporary_folder() -> Path:
    from tempfile import gettempdir  # noqa: PLC0415  (it loads much, and a session of a desktop does without)

    return Path(gettempdir())


def private_folder(folder: Path) -> None:
    """Make `folder` with mode 0700. Raises Refused when it cannot be made, is a link or belongs to somebody else.

    One that is there keeps its mode: a person may have named it, and what is written into it is private by itself.
    """
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise unusable(error) from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise Refused(f"{folder} does not belong to this user; remove it or set XDG_RUNTIME_DIR.")


def sockets() -> list[Path]:
    """The sockets of all guardians of this user, real ones first; some may be left over from a crash."""
    found = sorted(runtime_folder().glob("*" + SOCKET_SUFFIX))
    return sorted(found, key=is_simulated)


def is_simulated(socket: Path) -> bool:
    """Whether this socket belongs to a simulated treadmill."""
    return socket.name.startswith(SIMULATED_PREFIX)
