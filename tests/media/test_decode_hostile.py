"""One test for each kind of hole that was found in programs like this one, named after it; and who may open media."""

import ast
import io
import shutil
import socket
import struct
import subprocess
import sys
import threading
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from kinora.media.decode import Limits, MediaError, probe, read_clip
from kinora.media.encode import write_mp4

SOURCES = sorted((Path(__file__).parents[2] / "src").rglob("*.py"))
CORPUS = Path(__file__).with_name("corpus")


def refusal(path, **limits):
    with pytest.raises(MediaError) as error:
        read_clip(path, limits=Limits(**limits)).array()
    assert str(error.value).isprintable() and len(str(error.value)) <= 200
    return str(error.value)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, *chunks, depth=8, colour=2):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


# Bombs (a 602 kB PNG of 814 MB; Pillow only warns).


def test_a_png_of_814_megabytes_is_refused_by_its_header(tmp_path):
    squeezed = zlib.compress(bytes(1 << 20)) * 300
    (tmp_path / "a.png").write_bytes(png(16_000, 16_960, chunk(b"IDAT", squeezed)))
    assert "too large" in refusal(tmp_path / "a.png", memory_bytes=1 << 28)


@pytest.mark.parametrize("name", [b"zTXt", b"iCCP"])
def test_text_and_profiles_that_swell_are_not_unpacked_without_end(tmp_path, name):
    swollen = name * 2 + b"\0\0" + zlib.compress(bytes(200_000_000))
    pixels = chunk(b"IDAT", zlib.compress(bytes(4 * 13)))
    (tmp_path / "a.png").write_bytes(png(4, 4, chunk(name, swollen), pixels))
    try:
        assert read_clip(tmp_path / "a.png", limits=Limits(memory_bytes=1 << 28)).array().shape == (1, 4, 4, 3)
    except MediaError as error:
        assert "damaged" in str(error)


def test_a_picture_that_moves_is_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (8, 8), (10 * i, 0, 0)) for i in range(20)]
    for name in ("a.webp", "a.png"):
        frames[3].save(tmp_path / name, save_all=True, append_images=frames[4:], lossless=True)
        clip = read_clip(tmp_path / name)
        assert clip.num_frames == 1 and clip.array()[0, 0, 0].tolist() == [30, 0, 0]


def test_a_film_that_promises_more_than_it_holds_is_refused_by_its_budget(bouncing, tmp_path):
    write_mp4(bouncing(num_frames=12), tmp_path / "a.mp4")
    whole = (tmp_path / "a.mp4").read_bytes()
    at = whole.index(b"stts") + 8
    for count, delta in ((12, 0x7FFFFFFF), (0x7FFFFFFF, 1)):
        bad = bytearray(whole)
        bad[at + 4 : at + 12] = struct.pack(">II", count, delta)
        (tmp_path / "a.mp4").write_bytes(bad)
        assert "too long" in refusal(tmp_path / "a.mp4") or "damaged" in refusal(tmp_path / "a.mp4")


# vLLM CVE-2026-22778 (an address leaked in an error's text; JPEG 2000; a URL fetched), Gradio (forged requests).


def test_cve_2026_22778_no_words_of_a_decoder_reach_the_caller(tmp_path):
    for number, seed in enumerate(sorted(CORPUS.iterdir())):
        bad = bytearray(seed.read_bytes())
        bad[len(bad) // 3 : len(bad) // 3 + 64] = bytes(range(64))
        path = tmp_path / f"{number}.bin"
        path.write_bytes(bad)
        try:
            read_clip(path).array()
        except MediaError as error:
            assert error.__cause__ is None and str(error).startswith(path.name)
            assert not any(word in str(error) for word in ("0x", "Error", "object at", "<", "av.", "PIL"))


@pytest.mark.parametrize("head", [b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  \r\n\x87\n", b"SIMPLE  =", b"%PDF-1.7", b"8BPS"])
def test_cve_2026_22778_jpeg_2000_fits_pdf_and_psd_are_not_opened(tmp_path, head):
    (tmp_path / "a.jpg").write_bytes(head + bytes(400))
    assert "is not an MP4" in refusal(tmp_path / "a.jpg")


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="needs ffmpeg")
@pytest.mark.parametrize("codec", ["jpeg2000", "mjpeg", "ffv1", "png", "huffyuv", "prores", "libtheora"])
def test_cve_2026_22778_a_decoder_off_the_list_never_starts(tmp_path, codec):
    film = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=5:duration=0.4", "-c:v", codec, str(tmp_path / "a.mkv")]
    subprocess.run(["ffmpeg", "-v", "error", *film], check=True, timeout=100)
    assert "convert it to H.264" in refusal(tmp_path / "a.mkv")


def with_reference(film, entry):
    """A film whose samples are said to lie elsewhere, by this entry of its data references."""
    at = film.index(b"dref") - 4
    dref = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    grown = len(dref) - struct.unpack_from(">I", film, at)[0]
    bad = bytearray(film[:at] + dref + film[at + len(dref) - grown :])
    # The boxes around it grow with it; the samples lie before them and stay where they are.
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        place = bad.rindex(name, 0, at) - 4
        bad[place : place + 4] = struct.pack(">I", struct.unpack_from(">I", bad, place)[0] + grown)
    return bytes(bad)


def address(target):
    """A reference by address."""
    return struct.pack(">I4sI", 12 + len(target), b"url ", 0) + target


def alias(target):
    """A reference in the way of old Macintoshes, the kind FFmpeg follows where it is let; the path is of kind 2."""
    record = bytes(10) + b"\1" + bytes(27 + 12) + b"\1" + bytes(63 + 16) + struct.pack(">HH", 0, 0) + bytes(16)
    record += struct.pack(">HH", 2, len(target)) + target + bytes(len(target) % 2) + b"\xff\xff\0\0"
    return struct.pack(">I4sI", 12 + len(record), b"alis", 0) + record


def test_a_film_that_refers_elsewhere_reads_neither_files_nor_addresses(tmp_path):
    seed = (CORPUS / "hevc_10_bit.mp4").read_bytes()
    assert seed.index(b"mdat") < seed.index(b"moov") and seed.count(b"trak") == 1
    (tmp_path / "other.mp4").write_bytes(seed)
    path = tmp_path / "a.mp4"
    with socket.create_server(("127.0.0.1", 0)) as server:
        called = threading.Event()
        port = server.getsockname()[1]
        threading.Thread(target=lambda: (server.accept(), called.set()), daemon=True).start()
        for target in (f"{tmp_path}/other.mp4", "other.mp4", "/etc/passwd", f"http://127.0.0.1:{port}/a.mp4"):
            path.write_bytes(with_reference(seed, alias(target.encode())))
            assert "damaged" in refusal(path)
            # FFmpeg takes an address that it does not follow for the film itself.
            path.write_bytes(with_reference(seed, address(target.encode() + b"\0")))
            assert probe(path).num_frames == 6
        assert not called.is_set()


def test_the_film_that_refers_elsewhere_is_one_that_would_be_followed(tmp_path):
    """Without the decoder's options, so that the test above is known to test something."""
    seed = (CORPUS / "hevc_10_bit.mp4").read_bytes()
    (tmp_path / "other.mp4").write_bytes(seed)
    (tmp_path / "a.mp4").write_bytes(with_reference(seed, alias(f"{tmp_path}/other.mp4".encode())))
    options = {"enable_drefs": "1", "use_absolute_path": "1"}
    with av.open(str(tmp_path / "a.mp4"), options=options) as container:
        assert len(list(container.decode(video=0))) == 6


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXTINF:1,\n{target}\n",
        "ffconcat version 1.0\nfile {target}\n",
        "file '{target}'\n",
        "<MPD><BaseURL>{target}</BaseURL></MPD>",
        "<svg><image href='{target}'/></svg>",
        "v=0\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    ],
)
def test_lists_of_other_files_are_not_opened(tmp_path, playlist):
    for name in ("a.mp4", "a.m3u8", "concat:a"):
        (tmp_path / name).write_text(playlist.format(target=CORPUS / "h264_aac.mp4"))
        assert "is not an MP4" in refusal(tmp_path / name)


# FFmpeg's 21 zero-days: whatever a decoder does, it does it in a process that is lost without harm.


def test_a_stream_that_grows_in_the_middle_stays_within_its_budget(tmp_path):
    packets = []
    for side in (64, 1024):
        encoder = av.CodecContext.create("libvpx", "w")
        encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = side, side, "yuv420p", Fraction(1, 5)
        for i in range(3):
            frame = av.VideoFrame.from_ndarray(np.full((side, side, 3), side % 255, np.uint8), format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, 5)
            packets += encoder.encode(frame)
        packets += encoder.encode(None)
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("libvpx", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for i, packet in enumerate(packets):
            packet.stream, packet.time_base, packet.pts, packet.dts = stream, Fraction(1, 5), i, i
            container.mux(packet)
    frames = read_clip(tmp_path / "a.mkv").array()
    assert frames.shape == (6, 64, 64, 3) and abs(int(frames[0].mean()) - 64) < 9 and frames[5].mean() < 20
    assert "damaged" in refusal(tmp_path / "a.mkv", pixels=64 * 64)


# Pillow: sixteen bits, four inks, odd modes; none may wrap round, clip or crash.


def test_pictures_of_every_depth_look_as_they_should(tmp_path):
    ramp = np.linspace(0, 255, 64).astype(np.uint8)[None].repeat(4, 0)
    deep = ramp.astype(np.uint16) * 257
    grey = Image.fromarray(ramp)
    pictures = {
        "grey.png": grey,
        "grey_16_bit.png": Image.fromarray(deep),
        "grey_alpha.png": Image.merge("LA", (grey, Image.new("L", grey.size, 255))),
        "palette.png": grey.convert("P"),
        "cmyk.jpg": Image.merge("RGB", [grey] * 3).convert("CMYK"),
        "grey.jpg": grey,
        "alpha.webp": Image.merge("RGBA", [grey] * 3 + [Image.new("L", grey.size, 255)]),
    }
    for name, picture in pictures.items():
        picture.save(tmp_path / name, quality=100)
        seen = read_clip(tmp_path / name).array()[0].astype(int)
        assert np.abs(seen - ramp[..., None]).max() <= 4, name
    rows = b"".join(b"\0" + b"".join(struct.pack(">HHHH", v, v, v, 0xFFFF) for v in row.tolist()) for row in deep)
    (tmp_path / "deep.png").write_bytes(png(64, 4, chunk(b"IDAT", zlib.compress(rows)), depth=16, colour=6))
    assert np.abs(read_clip(tmp_path / "deep.png").array()[0].astype(int) - ramp[..., None]).max() <= 1


@pytest.mark.parametrize("turn", range(1, 9))
def test_every_way_of_holding_a_camera_is_put_right(tmp_path, turn):
    picture = Image.fromarray(np.random.default_rng(turn).integers(0, 255, (6, 9, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = turn
    picture.save(tmp_path / "a.png", exif=exif)
    facts = probe(tmp_path / "a.png")
    upright = read_clip(tmp_path / "a.png").array()[0]
    assert (facts.width, facts.height) == ((9, 6) if turn <= 4 else (6, 9)) and upright.shape[:2] == (
        facts.height,
        facts.width,
    )
    # The stored first pixel ends in the corner that the note names.
    corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}[turn]
    assert upright[corner].tolist() == list(picture.getpixel((0, 0)))


# pickle (SGLang CVE-2026-3059, PyTorch CVE-2025-32434): what passes between the processes is bytes and JSON.


def test_cve_2026_3059_nothing_from_the_child_is_unpickled():
    for path in SOURCES:
        if path.parent.name == "media":
            words = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
            assert words.isdisjoint({"pickle", "marshal", "shelve", "eval", "exec"}), path


# Who opens media.

OPENERS = {
    "av.open": {"media/decode_film.py", "media/encode.py"},
    "Image.open": {"media/decode_still.py", "evaluation/trials/page.py", "evaluation/trials/trial.py"},
}
"""The encoder opens files to write them; the evaluation opens sheets that it drew itself."""

NEVER = (
    "VideoCapture",
    "imread",
    "imreadmulti",
    "read_video",
    "VideoReader",
    "wavfile.read",
    "sf.read",
    "torchaudio.load",
)


def calls(path):
    """The dotted names of what is called in a file."""
    return {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}


def test_nothing_else_opens_media():
    for path in SOURCES:
        name = str(path).partition("/kinora/")[2]
        for call in calls(path):
            assert not call.endswith(NEVER), f"{name} calls {call}"
            for opener, allowed in OPENERS.items():
                assert not call.endswith(opener) or name in allowed, f"{name} calls {call}; use kinora.media.decode"


def test_the_libraries_that_open_media_are_loaded_by_the_child_alone():
    source = str(SOURCES[0]).partition("/kinora/")[0]
    code = f"import sys; sys.path.append({source!r}); import kinora.media.decode; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert {"av", "PIL", "kinora.media.decode_film"}.isdisjoint(told.stdout.split())


def test_a_busy_server_with_more_than_1024_open_handles_still_reads():
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2_000:
        pytest.skip("too few handles allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (2_000, hard))
    held = [io.FileIO("/dev/null") for _ in range(1_100)]
    try:
        assert probe(CORPUS / "h264_aac.mp4").num_frames == 6
    finally:
        for file in held:
            file.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
