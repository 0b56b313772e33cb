import errno
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import av
import c2pa
import pytest
from PIL import Image

from kinora.media.encode import write_mp4
from kinora.provenance.credentials import Record, Report, prompt_sha256, read, sign

SECOND_READER = Path(__file__).parent / "c2pa_ts"
has_second_reader = pytest.mark.skipif(
    not (SECOND_READER / "node_modules").is_dir() or shutil.which("node") is None,
    reason="the second reader is not installed: npm install --prefix tests/provenance/c2pa_ts",
)


@pytest.fixture
def signed(clip, record, tmp_path):
    write_mp4(clip, tmp_path / "plain.mp4")
    sign(tmp_path / "plain.mp4", tmp_path / "signed.mp4", record)
    return tmp_path / "signed.mp4"


def test_a_disk_that_is_full_is_no_fault_of_the_signer(signed, record, tmp_path, monkeypatch):
    def full(*_):
        raise c2pa.C2paError.Io("Io: No space left on device (os error 28)")

    monkeypatch.setattr(c2pa.Builder, "sign", full)
    there = sorted(tmp_path.iterdir())
    with pytest.raises(OSError) as caught:
        sign(tmp_path / "plain.mp4", tmp_path / "other.mp4", record)
    assert caught.value.errno == errno.ENOSPC and sorted(tmp_path.iterdir()) == there


def second_reading(*paths):
    """(state, codes) of each file, by a reader that shares no code with c2pa-rs."""
    command = ["node", str(SECOND_READER / "verify.mjs"), *map(str, paths)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [(line["state"], line["codes"]) for line in map(json.loads, told.splitlines())]


def flipped(path, place, name):
    """A copy of a file with one bit changed."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    copy = path.with_name(name)
    copy.write_bytes(data)
    return copy


def remuxed(path, name):
    """A copy of the same packets in a new container."""
    copy = path.with_name(name)
    with av.open(str(path)) as source, av.open(str(copy), "w") as target:
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream_index]
                target.mux(packet)
    return copy


def changed_files(signed):
    """Copies with a byte changed in the picture, in the claim about the model, and with the manifest stripped."""
    data = signed.read_bytes()
    return (
        flipped(signed, data.index(b"mdat") + 500, "picture.mp4"),
        flipped(signed, data.index(b"kinora-storybook"), "claim.mp4"),
        remuxed(signed, "remuxed.mp4"),
    )


def manifest(path):
    with path.open("rb") as file, c2pa.Reader("video/mp4", file) as reader:
        return json.loads(reader.detailed_json())


def test_a_signed_file_is_valid_but_untrusted(signed, record):
    report = read(signed)
    assert (report.state, report.ai_made, report.record) == ("valid", True, record)
    assert report.problems == ("signingCredential.untrusted",)
    assert report.signer == "Kinora local signer (Kinora)" and report.generator.startswith("Kinora ")


def test_it_is_trusted_where_the_root_is(signed, home, monkeypatch):
    monkeypatch.setenv("KINORA_TRUST_ANCHORS", str(home / "signer" / "root.pem"))
    assert read(signed) == replace(read(signed), state="trusted", problems=())
    monkeypatch.setenv("KINORA_TRUST_ANCHORS", str(home / "none.pem"))
    with pytest.raises(ValueError, match="KINORA_TRUST_ANCHORS"):
        read(signed)


def test_the_claim_is_what_the_conformance_rubric_asks_for(signed):
    store = manifest(signed)
    active = store["manifests"][store["active_manifest"]]
    claim, assertions = active["claim"], active["assertion_store"]
    labels = [item["url"].split("/")[-1] for item in claim["created_assertions"]]
    assert claim["claim_version"] == 2
    assert labels == ["c2pa.actions.v2", "org.kinora.generation", "c2pa.hash.bmff.v3"]
    actions = assertions["c2pa.actions.v2"]
    assert actions["allActionsIncluded"] is True
    assert [action["action"] for action in actions["actions"]] == ["c2pa.created"]
    assert actions["actions"][0]["digitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert actions["actions"][0]["softwareAgent"]["name"] == "Kinora"
    assert claim["claim_generator_info"]["name"] == "Kinora" and claim["claim_generator_info"]["specVersion"]


def test_the_prompt_is_not_in_the_file(clip, tmp_path, record):
    prompt = "a very particular fox"
    write_mp4(clip, tmp_path / "plain.mp4")
    sign(tmp_path / "plain.mp4", tmp_path / "a.mp4", replace(record, prompt_sha256=prompt_sha256(prompt)))
    assert prompt.encode() not in (tmp_path / "a.mp4").read_bytes()
    with pytest.raises(ValueError, match="64 hexadecimal"):
        Record(prompt_sha256=prompt, model="m", model_version="1", seed=0)


def test_every_change_is_noticed(signed):
    picture, claim, stripped = changed_files(signed)
    assert read(picture).state == "invalid" and "assertion.bmffHash.mismatch" in read(picture).problems
    assert read(claim).state == "invalid" and "assertion.hashedURI.mismatch" in read(claim).problems
    assert read(stripped) == Report(state="none")


@has_second_reader
def test_the_second_reader_agrees(signed):
    states = second_reading(signed, *changed_files(signed))
    assert [state for state, _ in states] == ["valid", "invalid", "invalid", "none"]
    assert "assertion.bmffHash.mismatch" in states[1][1]
    assert "assertion.hashedURI.mismatch" in states[2][1]


def test_a_bit_flipped_anywhere_never_passes(signed):
    """Except where the standard says so: the hash leaves out the file's type box and free space."""
    data = signed.read_bytes()
    start = int.from_bytes(data[:4])
    for place in range(start, len(data), len(data) // 60):
        bad = flipped(signed, place, "bad.mp4")
        assert read(bad).state != "valid", place


def test_a_manifest_moved_to_another_file_does_not_fit(signed, clip, record, tmp_path):
    other = tmp_path / "other.mp4"
    write_mp4(replace(clip, sound=clip.sound / 2), other)
    sign(other, tmp_path / "other-signed.mp4", record)
    mine, theirs = signed.read_bytes(), (tmp_path / "other-signed.mp4").read_bytes()
    cut = [data.index(b"uuid") - 4 for data in (mine, theirs)]
    size = [int.from_bytes(data[at : at + 4]) for data, at in zip((mine, theirs), cut, strict=True)]
    moved = theirs[: cut[1]] + mine[cut[0] : cut[0] + size[0]] + theirs[cut[1] + size[1] :]
    (tmp_path / "moved.mp4").write_bytes(moved)
    assert read(tmp_path / "moved.mp4").state == "invalid"


def test_a_changed_source_is_opened_and_named(signed, record, tmp_path):
    edited = tmp_path / "edited.mp4"
    sign(tmp_path / "plain.mp4", edited, replace(record, seed=8), sources=[signed])
    report = read(edited)
    assert report.state == "valid" and report.ai_made and report.record.seed == 8
    store = manifest(edited)
    assert len(store["manifests"]) == 2
    actions = store["manifests"][store["active_manifest"]]["assertion_store"]["c2pa.actions.v2"]["actions"]
    assert [action["action"] for action in actions] == ["c2pa.opened", "c2pa.edited"]
    assert "digitalSourceType" not in actions[0]
    assert actions[1]["digitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")


def test_every_source_is_named_the_first_as_opened_the_others_as_placed(signed, record, tmp_path):
    joined, second = tmp_path / "joined.mp4", tmp_path / "second.mp4"
    sign(tmp_path / "plain.mp4", second, replace(record, seed=9))
    sign(tmp_path / "plain.mp4", joined, record, sources=[signed, second])
    assert read(joined).state == "valid"
    store = manifest(joined)
    active = store["manifests"][store["active_manifest"]]["assertion_store"]
    actions = [action["action"] for action in active["c2pa.actions.v2"]["actions"]]
    assert actions == ["c2pa.opened", "c2pa.placed", "c2pa.edited"]
    relations = [data["relationship"] for label, data in active.items() if label.startswith("c2pa.ingredient")]
    assert sorted(relations) == ["componentOf", "parentOf"] and len(store["manifests"]) == 3


def test_a_picture_may_be_the_source_and_so_may_a_kind_credentials_cannot_point_at(signed, record, tmp_path):
    Image.new("RGB", (32, 32)).save(tmp_path / "a.png")
    (tmp_path / "a.webm").write_bytes(b"\x1aE\xdf\xa3" + bytes(100))
    for name in ("a.png", "a.webm"):
        sign(tmp_path / "plain.mp4", tmp_path / "edited.mp4", record, sources=[tmp_path / name])
        report = read(tmp_path / "edited.mp4")
        assert report.state == "valid" and report.ai_made, name


@pytest.mark.parametrize("content", [b"", b"text", b"\x1aE\xdf\xa3" + bytes(50), b"\x89PNG\r\n\x1a\n"])
def test_other_files_have_no_credentials(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    assert read(tmp_path / "a").state in ("none", "invalid")


def test_what_a_manifest_says_cannot_reach_the_terminal(signed, record, tmp_path):
    sign(tmp_path / "plain.mp4", tmp_path / "a.mp4", replace(record, model="\x1b[31mred\n" + "x" * 1000))
    model = read(tmp_path / "a.mp4").record.model
    assert model.isprintable() and len(model) <= 200


def test_a_key_that_does_not_fit_the_certificate_is_refused(signed, record, tmp_path, home, monkeypatch):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(key)
    monkeypatch.setenv("KINORA_SIGNER_CERTS", str(home / "signer" / "chain.pem"))
    monkeypatch.setenv("KINORA_SIGNER_KEY", str(tmp_path / "key.pem"))
    with pytest.raises(ValueError, match="KINORA_SIGNER_CERTS"):
        sign(tmp_path / "plain.mp4", tmp_path / "a.mp4", record)
    assert not (tmp_path / "a.mp4").exists()
