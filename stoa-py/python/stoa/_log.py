"""A log file that several processes append to: locked, on the disk before it counts, healed after a crash."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_TIMEOUT = 60.0
"""Seconds after which a lock that somebody else holds is given up."""


class LogFile:
    """The bytes of one log; every method that takes a descriptor expects the lock to be held."""

    def __init__(self, path: str | os.PathLike[str], *, read_only: bool = False) -> None:
        """Makes the file when it is missing, unless it may only be read."""
        self.path = Path(path)
        self.read_only = read_only
        if not read_only:
            self._create()

    def _create(self) -> None:
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
        except FileExistsError:
            return
        os.fsync(descriptor)
        os.close(descriptor)
        sync_folder(self.path.parent)

    @contextmanager
    def locked(self, *, shared: bool = False) -> Iterator[int]:
        """The file, locked: alone, or together with other readers."""
        reading = shared or self.read_only
        flags = (os.O_RDONLY if reading else os.O_RDWR | os.O_APPEND) | _BINARY
        descriptor = self._open_locked(flags, shared=reading)
        try:
            yield descriptor
        finally:
            _unlock(descriptor)
            os.close(descriptor)

    def _open_locked(self, flags: int, *, shared: bool) -> int:
        deadline = time.monotonic() + LOCK_TIMEOUT
        pause = 0.0002
        while True:
            descriptor = os.open(self.path, flags)
            while not _try_lock(descriptor, shared=shared):
                if time.monotonic() > deadline:
                    os.close(descriptor)
                    raise TimeoutError(f"another process has held the lock for {LOCK_TIMEOUT:.0f} s: {self.path}")
                time.sleep(pause)
                pause = min(2 * pause, 0.02)
            # A file that was replaced while this one waited is another file.
            if os.path.samestat(os.fstat(descriptor), self.path.stat()):
                return descriptor
            _unlock(descriptor)
            os.close(descriptor)

    @staticmethod
    def read(descriptor: int, offset: int, size: int | None = None) -> bytes:
        """Bytes from an offset to the end, or so many."""
        os.lseek(descriptor, offset, os.SEEK_SET)
        parts = []
        while size is None or size > 0:
            part = os.read(descriptor, 1 << 20 if size is None else size)
            if not part:
                break
            parts.append(part)
            size = None if size is None else size - len(part)
        return b"".join(parts)

    @staticmethod
    def append(descriptor: int, line: bytes) -> None:
        """Writes a line at the end and waits for the disk; when that fails, the file is as it was before."""
        before = os.fstat(descriptor).st_size
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        except BaseException:
            os.ftruncate(descriptor, before)
            raise

    def set_aside(self, descriptor: int, offset: int) -> Path:
        """Moves what stands after an offset into a file of its own beside the log."""
        torn = self.read(descriptor, offset)
        beside, number = self.path.with_name(f"{self.path.name}.torn-{offset}"), 1
        while beside.exists():
            number += 1
            beside = self.path.with_name(f"{self.path.name}.torn-{offset}-{number}")
        with beside.open("xb") as kept:
            kept.write(torn)
            kept.flush()
            os.fsync(kept.fileno())
        sync_folder(self.path.parent)
        os.ftruncate(descriptor, offset)
        os.fsync(descriptor)
        return beside


_BINARY = getattr(os, "O_BINARY", 0)

if sys.platform == "win32":
    import msvcrt

    # Windows locks bytes against reading too, so the one locked lies where no log reaches.
    _FAR = 1 << 40

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

    def sync_folder(folder: Path) -> None:
        """Windows has no descriptor of a folder to flush."""

else:
    import fcntl

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    def sync_folder(folder: Path) -> None:
        """Waits until the disk has the folder's list of files."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
