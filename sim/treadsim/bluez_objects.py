"""What org.bluez shows on the bus: its objects, their properties, the signals of a change, and the words of its errors.

The tree knows D-Bus and nothing of Bluetooth or time. Names and texts are those of BlueZ 5.66 as bleak reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dbus_fast import DBusError, Message, Variant

from treadctl.files.quirks import Quirk
from treadctl.ftms import uuids

from .manners import Manners

SERVICE = "org.bluez"
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"
ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
GATT_SERVICE, CHARACTERISTIC = "org.bluez.GattService1", "org.bluez.GattCharacteristic1"
UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject"
ADAPTER_PATH = "/org/bluez/hci0"
ADAPTER_ADDRESS = "02:00:00:00:00:01"
"""Locally administered, so it can be nobody's adapter."""
RSSI = -60
MTU = 517
"""What BlueZ offers and a virtual peer accepted (measured); FTMS needs 23."""

UNLIKELY_ERROR = 0x0E
"""What an operation in flight gets when the link drops (measured on bluetoothd)."""
_ATT_WORDS = {
    0x02: ("NotPermitted", "Read not permitted"),
    0x03: ("NotPermitted", "Write not permitted"),
    0x05: ("NotPermitted", "Not paired"),
    0x06: ("NotSupported", "Operation is not supported"),
    0x07: ("InvalidArguments", "Invalid offset"),
    0x08: ("NotAuthorized", "Operation Not Authorized"),
    0x0C: ("NotPermitted", "Not paired"),
    0x0D: ("InvalidArguments", "Invalid Length"),
    0x0F: ("NotPermitted", "Not paired"),
    0xFD: ("ImproperlyConfigured", "Improperly Configured"),
}
"""ATT error -> D-Bus error; every other code is told as a number."""

Interfaces = Mapping[str, Mapping[str, Variant]]


def failure(name: str, text: str) -> DBusError:
    """An error of BlueZ's own, to be raised."""
    return DBusError(f"{SERVICE}.Error.{name}", text)


def att_failure(code: int) -> DBusError:
    """This ATT error as BlueZ words it."""
    name, text = _ATT_WORDS.get(code, ("Failed", f"Operation failed with ATT error: 0x{code:02x}"))
    return failure(name, text)


class Tree:
    """The objects on the bus. Every change goes out as a signal by itself."""

    def __init__(self, send: Callable[[Message], object]) -> None:
        self._send = send
        self._objects: dict[str, dict[str, dict[str, Variant]]] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._objects

    def add(self, path: str, interfaces: Interfaces) -> None:
        self._objects[path] = {name: dict(values) for name, values in interfaces.items()}
        self._signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [path, self._objects[path]])

    def remove(self, path: str) -> None:
        gone = self._objects.pop(path)
        self._signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", [path, list(gone)])

    def change(self, path: str, interface: str, dropped: tuple[str, ...] = (), **values: Variant) -> None:
        """Set properties, and take `dropped` ones away."""
        properties = self._objects[path][interface]
        properties.update(values)
        for name in dropped:
            properties.pop(name, None)
        self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, values, list(dropped)])

    def value(self, path: str, interface: str, name: str) -> Any:
        return self._objects[path][interface][name].value

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        self._send(Message.new_signal(path, interface, member, signature, body))

    # --- what anybody may ask ----------------------------------------------------------------------------------------

    def managed(self, message: Message) -> Message:
        """GetManagedObjects."""
        return Message.new_method_return(message, "a{oa{sa{sv}}}", [self._objects])

    def get(self, message: Message) -> Message:
        """Properties.Get."""
        path, (interface, name) = message.path or "", message.body
        found = self._objects.get(path, {}).get(interface, {}).get(name)
        if found is None:
            raise DBusError("org.freedesktop.DBus.Error.InvalidArgs", f"No such property '{name}'")
        return Message.new_method_return(message, "v", [found])

    def set_trusted(self, message: Message) -> Message:
        """Properties.Set, of the one property that bleak sets: before it pairs."""
        path, (interface, name, value) = message.path or "", message.body
        if (interface, name) != (DEVICE, "Trusted"):
            raise DBusError("org.freedesktop.DBus.Error.PropertyReadOnly", f"{name} cannot be set here")
        self.change(path, interface, Trusted=value)
        return Message.new_method_return(message)

    def get_all(self, message: Message) -> Message:
        """Properties.GetAll."""
        found = self._objects.get(message.path or "", {}).get(message.body[0], {})
        return Message.new_method_return(message, "a{sv}", [found])


def device_path(address: str) -> str:
    return f"{ADAPTER_PATH}/dev_{address.replace(':', '_')}"


def adapter() -> Interfaces:
    """A powered adapter that can be a central."""
    name = Variant("s", "treadsim")
    return {
        ADAPTER: {
            "Address": Variant("s", ADAPTER_ADDRESS), "AddressType": Variant("s", "public"),
            "Name": name, "Alias": name, "Class": Variant("u", 0), "Powered": Variant("b", True),
            "Discoverable": Variant("b", False), "Pairable": Variant("b", False), "Discovering": Variant("b", False),
            "UUIDs": Variant("as", []), "Roles": Variant("as", ["central"]),
        }
    }


def device(address: str, name: str, manners: Manners) -> Interfaces:
    """The treadmill as its first advertisement shows it."""
    return bare_device(address, name if manners.named else "", manners.advertised, manners.service_data)


def bare_device(address: str, name: str, advertised: Sequence[str], told: Mapping[str, bytes]) -> Interfaces:
    """Any device: its name may be empty, `told` are its service data."""
    data = {uuid: Variant("ay", octets) for uuid, octets in told.items()}
    named = {"Name": Variant("s", name)} if name else {}
    alias = name or address.replace(":", "-")
    return {
        DEVICE: {
            **named,
            "Address": Variant("s", address), "AddressType": Variant("s", "random"),
            "Alias": Variant("s", alias), "Adapter": Variant("o", ADAPTER_PATH),
            "Paired": Variant("b", False), "Bonded": Variant("b", False), "Trusted": Variant("b", False),
            "Blocked": Variant("b", False), "LegacyPairing": Variant("b", False), "Connected": Variant("b", False),
            "ServicesResolved": Variant("b", False), "UUIDs": Variant("as", list(advertised)),
            "ServiceData": Variant("a{sv}", data), "RSSI": Variant("n", RSSI),
        }
    }


def gatt(address: str, quirk: Quirk, manners: Manners) -> tuple[dict[str, Interfaces], dict[str, str]]:
    """The objects of the machine's GATT table by path, and the UUID of each characteristic's path."""
    objects: dict[str, Interfaces] = {}
    found: dict[str, str] = {}
    handle = 1
    for _ in range(1 + manners.twice):
        services: dict[str, str] = {}
        for row in manners.table(quirk):
            if row.service not in services:
                services[row.service] = path = f"{device_path(address)}/service{handle:04x}"
                objects[path] = {GATT_SERVICE: _service(row.service, address)}
                handle += 1
            path = f"{services[row.service]}/char{handle:04x}"
            objects[path] = {CHARACTERISTIC: _characteristic(row.uuid, services[row.service], row.properties)}
            found[path] = row.uuid
            handle += 3  # declaration, value, CCCD
    return objects, found


def strap_gatt(address: str) -> dict[str, Interfaces]:
    """The objects of a strap's GATT table by path."""
    service = f"{device_path(address)}/service0001"
    told = _characteristic(uuids.HEART_RATE_MEASUREMENT, service, ("notify",))
    return {
        service: {GATT_SERVICE: _service(uuids.HEART_RATE, address)}, f"{service}/char0002": {CHARACTERISTIC: told},
    }


def _service(uuid: str, address: str) -> Mapping[str, Variant]:
    return {
        "UUID": Variant("s", uuid), "Device": Variant("o", device_path(address)), "Primary": Variant("b", True),
        "Includes": Variant("ao", []),
    }


def _characteristic(uuid: str, service: str, properties: tuple[str, ...]) -> Mapping[str, Variant]:
    values = {
        "UUID": Variant("s", uuid), "Service": Variant("o", service), "Value": Variant("ay", b""),
        "Flags": Variant("as", list(properties)), "MTU": Variant("q", MTU),
    }
    if {"notify", "indicate"} & set(properties):
        values["Notifying"] = Variant("b", False)
    return values
