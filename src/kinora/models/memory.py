"""How a process that runs networks keeps its memory."""

import ctypes


def keep_memory() -> None:
    """Tell glibc to keep freed memory: returning large tensors to the kernel costs up to half the time."""
    most_mappings, trim_threshold, never = -4, -1, 2**31 - 1
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(most_mappings, 0)
        libc.mallopt(trim_threshold, never)
    except OSError:
        pass  # another system's allocator has its own ways
