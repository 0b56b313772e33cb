"""Flags win over the file, the file over what stands in the code; what can't work is refused in one line."""

import pytest

from kinora.serving.config import load_config
from kinora.serving.tasks import LANDED, NOT_YET

SHA256 = "ab" * 32
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def loaded(tmp_path):
    """Loads a TOML text, with flags."""

    def load(text="", **flags):
        (tmp_path / "config.toml").write_text(text)
        return load_config({"data": tmp_path, **flags})

    return load


def test_nothing_needs_to_be_configured(tmp_path):
    config = load_config({"data": tmp_path / "new" / "folder", "host": None})
    assert config.data.is_dir()
    assert (config.host, config.port, config.keys) == ("127.0.0.1", 8000, ())
    assert config.database == f"sqlite:///{config.data}/ledger.sqlite"
    assert config.steps == f"sqlite:///{config.data}/steps.sqlite"
    assert config.store == f"file://{config.data}/store"


def test_flags_win_over_the_file(loaded):
    assert loaded("port = 9000\nworkers = 3").port == 9000
    both = loaded("port = 9000\nworkers = 3", port=1)
    assert (both.port, both.workers) == (1, 3)


def test_steps_lie_in_the_same_postgresql_unless_said_otherwise(loaded):
    url = "postgresql://kinora@host/kinora"
    assert loaded(f'database = "{url}"').steps == url
    assert loaded(database=url).steps == url
    assert loaded(f'database = "{url}"\nsteps = "sqlite:////tmp/steps.sqlite"').steps == "sqlite:////tmp/steps.sqlite"


def test_any_model_name_stands_for_an_engine(loaded):
    config = loaded('[models]\n"sora-2-pro" = "wan2.2-5b"')
    assert [config.engine_of(name) for name in ("sora-2-pro", "sora-2", "any")] == [
        "wan2.2-5b",
        "storybook",
        "storybook",
    ]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", ""])
def test_an_open_host_needs_keys(loaded, host):
    with pytest.raises(ValueError, match="no keys"):
        loaded(host=host)
    assert loaded(f'[keys.ci]\nsha256 = "{SHA256}"\nmost_queued = 5', host=host).keys[0].most_queued == 5


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_loopback_needs_none(loaded, host):
    assert loaded(host=host).keys == ()


def test_webhooks_and_keys_are_read(loaded):
    config = loaded(
        f'[[webhooks]]\nurl = "https://example.org/hook"\nsecret = "{SECRET}"\n[keys.a]\nsha256 = "{SHA256}"'
    )
    assert [(hook.url, hook.secret) for hook in config.webhooks] == [("https://example.org/hook", SECRET)]
    assert [(key.id, key.sha256) for key in config.keys] == [("a", SHA256)]


@pytest.mark.parametrize(
    "text",
    [
        "port = 70000",
        'port = "8000"',
        "port = true",
        "ports = 1",
        'data = "elsewhere"',
        "lease_s = 1",
        "retention_s = 0",
        "host = 5",
        "keys = 5",
        "webhooks = 5",
        "models = 5",
        '[models]\n"sora-2" = "nobody"',
        '[models]\n"sora-2" = "/nowhere"',
        "not toml",
        '[keys.a]\nsha256 = "short"',
        '[keys.""]\nsha256 = "' + SHA256 + '"',
        '[keys.a]\nsecret = "x"',
        '[[webhooks]]\nurl = "ftp://example.org"\nsecret = "' + SECRET + '"',
        '[[webhooks]]\nurl = "https://example.org"\nsecret = "plain"',
        '[[webhooks]]\nurl = "https://example.org"\nsecret = "whsec_c2hvcnQ="',
    ],
)
def test_what_can_not_work_is_one_line(loaded, text):
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z"):
        loaded(text)


def test_a_file_that_was_named_must_be_there(tmp_path):
    with pytest.raises(ValueError, match="nowhere"):
        load_config({"data": tmp_path}, tmp_path / "nowhere.toml")


def test_a_task_has_landed_or_says_that_it_has_not():
    assert LANDED.isdisjoint(NOT_YET)
