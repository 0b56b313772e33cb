"""What holds the decoding process in: limits on what it may use, and a filter on what it may ask of the kernel.

The filter is Linux's seccomp (Documentation/userspace-api/seccomp_filter.rst), on x86-64 and ARM64, and needs no root.
It lets a process compute, read and write what is already open, and start threads; files, sockets, other processes and
its own limits are out of reach. Elsewhere (macOS, kernels built without it) the limits alone hold.
"""

import ctypes
import platform
import resource
import struct
import sys

MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""What the kernel calls a machine, and its column in the table of calls."""

CLONE = (56, 220)
CALLS = {
    **{"read": (0, 63), "write": (1, 64), "writev": (20, 66), "pread64": (17, 67), "lseek": (8, 62)},
    **{"close": (3, 57), "fstat": (5, 80), "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215)},
    **{"mremap": (25, 216), "madvise": (28, 233), "brk": (12, 214), "futex": (202, 98)},
    **{"rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132)},
    **{"sched_yield": (24, 124), "sched_getaffinity": (204, 123), "getcpu": (309, 168), "sysinfo": (99, 179)},
    **{"clock_gettime": (228, 113), "clock_nanosleep": (230, 115), "nanosleep": (35, 101), "getrandom": (318, 278)},
    **{"getpid": (39, 172), "gettid": (186, 178), "set_robust_list": (273, 99), "rseq": (334, 293)},
    **{"membarrier": (324, 283), "exit": (60, 93), "exit_group": (231, 94)},
}
"""The calls that are let through, by number; a thread may be started, a process not. All others do not exist."""

LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
NUMBER_AT, MACHINE_AT, FIRST_ARGUMENT_AT = 0, 4, 16
ALLOW, KILL, NOT_THERE = (
    0x7FFF0000,
    0x80000000,
    0x00050026,
)  # the last: ENOSYS, which the C library knows to work around
CLONE_THREAD = 0x10000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2


def limit(*, memory_bytes: int, cpu_s: int) -> None:
    """Give up memory and processor time beyond these, writing to files, and open files beyond what one decode needs."""
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        # The processor's soft limit comes first, because its signal tells the parent why.
        resource.setrlimit(what, (most, most + (what == resource.RLIMIT_CPU)))


def shut() -> bool:
    """Put the filter over this thread and all it will start, for good; whether it holds."""
    if sys.platform != "linux" or platform.machine() not in MACHINES or sys.maxsize < 2**32:
        return False
    steps = _program(*MACHINES[platform.machine()])
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    held = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    return held and prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program), 0, 0) == 0


def _program(machine: int, column: int) -> list[tuple[int, int, int, int]]:
    """The filter's steps: (operation, steps to skip if so, if not, value)."""
    steps = [
        (LOAD, 0, 0, MACHINE_AT),
        (EQUAL, 1, 0, machine),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER_AT),
        (EQUAL, 0, 4, CLONE[column]),
        (LOAD, 0, 0, FIRST_ARGUMENT_AT),
        (ANY_BIT, 0, 1, CLONE_THREAD),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, NOT_THERE),
    ]
    for numbers in CALLS.values():
        steps += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, ALLOW)]
    return [*steps, (RETURN, 0, 0, NOT_THERE)]
