# Makes the file system a program sees, in mount and process namespaces of its own, and runs it there.
# $1 an empty folder; $2 folders of the interpreter, one a line; $3 bytes of the working folder; then the command.
set -e
root=$1; own=$2; space=$3
shift 3
visible() {
  mkdir -p "$root$1"
  mount --bind "$1" "$root$1"
  mount -o remount,bind,ro,nosuid,nodev "$root$1"
}
mount --make-rprivate /
mount -t tmpfs -o "size=1m,mode=755,nosuid,nodev" none "$root"
for d in /usr /bin /sbin /lib /lib32 /lib64; do
  if [ -L "$d" ]; then ln -s "$(readlink "$d")" "$root$d"; elif [ -d "$d" ]; then visible "$d"; fi
done
printf '%s\n' "$own" | while IFS= read -r d; do
  if [ -n "$d" ]; then visible "$d"; fi
done
mkdir "$root/dev" "$root/work" "$root/old" "$root/proc"
for f in null zero urandom; do
  : > "$root/dev/$f"
  mount --bind "/dev/$f" "$root/dev/$f"
done
mount -t tmpfs -o "size=$space,mode=777,nosuid,nodev" none "$root/work"
# Only for umount below, which looks there for what is mounted.
mount -t proc -o nosuid,nodev,noexec none "$root/proc"
mount -o remount,ro,nosuid,nodev "$root"
cd "$root"
pivot_root . old
cd /work
umount -l /old
umount /proc
exec "$@"
