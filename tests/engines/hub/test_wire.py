"""What a line breaks with is tried again; what a disk breaks with is not; nothing is asked of another host."""

import errno
import http.client
import resource
import ssl

import pytest
from small_hub import NEEDED

from kinora.engines.hub.pull import pull
from kinora.engines.hub.shelf import folder_of, is_complete
from kinora.engines.hub.wire import PAUSES_S

LARGEST = "transformer/diffusion_pytorch_model.safetensors"
BREAKS = (
    OSError(errno.EHOSTUNREACH, "No route to host"),
    OSError(errno.ENETUNREACH, "Network is unreachable"),
    ssl.SSLError(1, "[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC] decryption failed or bad record mac"),
    TimeoutError("timed out"),
)
UNREACHABLE = (errno.EHOSTUNREACH, errno.ENETUNREACH)


def silent(_):
    pass


@pytest.fixture
def broken(monkeypatch):
    """A function that makes a method of every answer raise an error, at its second call or at all from that on."""

    def breaks(method, error, *, stays):
        true, calls = getattr(http.client.HTTPResponse, method), []

        def reads(response, *arguments):
            calls.append(None)
            if len(calls) == 2 or (stays and len(calls) > 2):
                raise error
            return true(response, *arguments)

        monkeypatch.setattr(http.client.HTTPResponse, method, reads)
        return calls

    return breaks


@pytest.mark.parametrize("method", ["begin", "read1"])
@pytest.mark.parametrize("error", BREAKS, ids=str)
def test_a_line_that_breaks_is_taken_up_again(entry, wire, broken, method, error):
    calls = broken(method, error, stays=False)
    if method == "begin" and error.errno in UNREACHABLE:
        # Without a way to its list nothing was begun: that is said at once.
        with pytest.raises(ConnectionError, match="check the network"):
            pull(entry, wire=wire, say=silent)
    folder = pull(entry, wire=wire, say=silent)
    assert len(calls) > 2
    assert {path: (folder / path).read_bytes() for path in NEEDED} == NEEDED


@pytest.mark.parametrize("method", ["begin", "read", "read1"])
def test_a_line_that_stays_broken_is_one_line(entry, wire, broken, method):
    calls = broken(method, BREAKS[2], stays=True)
    with pytest.raises(ConnectionError, match="what has come is kept") as raised:
        pull(entry, wire=wire, say=silent)
    assert "\n" not in str(raised.value)
    # What breaks behind the last byte of a file is no loss.
    assert len(calls) - len(PAUSES_S) in (2, 3)


def test_a_disk_that_takes_no_more_is_one_line_and_no_other_try(entry, hub, wire):
    """The system itself refuses to let a file grow, in the middle of the largest."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(NEEDED[LARGEST]) // 2, hard))
    try:
        with pytest.raises(ValueError, match=r"takes no more .*what has come is kept"):
            pull(entry, wire=wire, say=silent)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sum(path.endswith(LARGEST) for path, _ in hub.asked) == 1
    assert not is_complete(folder_of("tiny"))
    pull(entry, wire=wire, say=silent)
    assert is_complete(folder_of("tiny"))


@pytest.mark.parametrize("link", [".other.example/list", "@other.example/list", ":9/list", "list", "?", "//", "////x"])
def test_a_list_goes_on_at_a_path_only(entry, hub, wire, link):
    hub.page, hub.next_page = 3, link
    with pytest.raises(ValueError, match="refused"):
        pull(entry, wire=wire, say=silent)
    assert sum("/tree/" in path for path, _ in hub.asked) == 1
