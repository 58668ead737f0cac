#!/bin/busybox sh
# The guest's first process: mounts, modules, the message bus, bluetoothd, then the check $CHECK, and power off.
# It writes only what lasts to /out, the folder that the host sees; the kernel's own words go to another line.
PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
b=/bin/busybox
$b mount -t proc none /proc
$b mount -t sysfs none /sys
$b mount -t devtmpfs none /dev
$b mkdir -p /dev/pts /dev/shm
$b mount -t devpts none /dev/pts
for folder in /dev/shm /run /tmp; do $b mount -t tmpfs -o mode=1777 none $folder; done
exec </dev/null >/dev/ttyS1 2>&1
$b stty -F /dev/ttyS1 -onlcr

up() { $b cut -d ' ' -f 1 /proc/uptime; }
say() { echo "[$(up)] $*"; }
over() {
  echo "$1" >/out/exit_code
  $b dmesg >/out/dmesg.log
  $b cp /run/bluetoothd.log /out/
  $b sync
  say "over: $1"
  $b poweroff -f
}

while read -r module; do $b insmod "/modules/$module.ko" || say "module $module: not loaded"; done </modules/order
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 out /out || { say "no /out"; $b poweroff -f; }
$b ip link set lo up
$b chmod 666 /dev/vhci
$b mkdir -p /run/dbus /home/tester
$b chmod 755 /run /run/dbus
$b chown tester:tester /home/tester

dbus-daemon --system || over 5
# As on a desktop: a bluetoothd that died is started again as soon as it is missed. A check may have it die.
# Its log is kept here until the end: while somebody waits for the host's folder, the guest's time may run ahead.
while :; do
  /usr/libexec/bluetooth/bluetoothd -n >>/run/bluetoothd.log 2>&1 &
  echo $! >/run/bluetoothd.pid
  wait $!
  say "bluetoothd ended with $?"
  $b rm /run/asked 2>/dev/null || : >/run/crashed
  $b sleep 3
done &
$b mkfifo -m 622 /run/bluetoothd-dies
while read -r word; do
  : >/run/asked && kill -9 "$($b cat /run/bluetoothd.pid)"
done <>/run/bluetoothd-dies &
say "kernel $($b uname -r), bluetoothd $(/usr/libexec/bluetooth/bluetoothd --version), $(python3 --version)"

say "check $CHECK"
code=0
check="/treadctl/tests/$CHECK"
$b timeout -s KILL 800 $b su -s /bin/sh tester -c "cd /home/tester && exec env HOME=/home/tester PYTHONPATH=/treadctl $check" || code=5
[ ! -e /run/crashed ] || { say "bluetoothd ended by itself"; code=5; }
over $code
