"""How a machine behaves on the air beside what the standard asks for: what no belt, and no fault of a link, is about.

All of it is well-meant and seen on real machines. Both faces that a bleak client meets play it; a test or a command
changes it while the machine is there, and what a link has shown once it shows to its end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from treadctl.files.habits import Habit
from treadctl.files.quirks import Quirk
from treadctl.ftms import uuids
from treadctl.ftms.codec import ServiceData, encode_service_data

from .peripheral import Characteristic, characteristics

TREADMILL = encode_service_data(ServiceData(flags=1, types=1))


@dataclass(slots=True)
class Manners:
    """`named`, `service` and `data`: its name, the Fitness Machine Service and its data (None: no data) in the
    advertisement.

    `commands`: the Control Point takes writes without a response only. `twice`: every service is there a second time.
    `pairing`: the Control Point wants a paired client, which it is once `paired`; `shy`: it refuses to pair. `flood`:
    so many Treadmill Data a second.
    """

    named: bool = True
    service: bool = True
    data: bytes | None = TREADMILL
    commands: bool = False
    twice: bool = False
    pairing: bool = False
    paired: bool = False
    shy: bool = False
    flood: int = 0

    @property
    def advertised(self) -> list[str]:
        return [uuids.FTMS] if self.service else []

    @property
    def service_data(self) -> dict[str, bytes]:
        return {} if self.data is None else {uuids.FTMS: self.data}

    def locks(self, uuid: str) -> bool:
        """Whether this is refused to a client that is not paired."""
        return self.pairing and not self.paired and uuid == uuids.CONTROL_POINT

    def table(self, quirk: Quirk) -> tuple[Characteristic, ...]:
        """The server's characteristics as these manners show them."""
        return tuple(self._shown(row) for row in characteristics(quirk))

    def _shown(self, row: Characteristic) -> Characteristic:
        if row.uuid != uuids.CONTROL_POINT or not self.commands:
            return row
        return replace(row, properties=("write-without-response", *row.properties[1:]))


def manners(quirk: Quirk) -> Manners:
    """Those of a machine of this personality."""
    data = None if quirk.has(Habit.NO_SERVICE_DATA, Habit.NO_SERVICE) else TREADMILL
    return Manners(named=not quirk.has(Habit.NAMELESS), service=not quirk.has(Habit.NO_SERVICE), data=data)
