"""Films as they come from telephones, screens and editors, held against what ffprobe and ffmpeg make of the same file.

The system's ffmpeg is another build of other code than the one inside the package. KINORA_FOOTAGE may name a folder of
further films to hold against it in the same way.
"""

import json
import os
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kinora.media.decode import MediaError, probe, read_clip

pytestmark = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="needs ffmpeg")

PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=1.2"]
SOUND = ["-f", "lavfi", "-i", "aevalsrc='0.5*sin(2*PI*(300+300*t)*t)':s=48000:d=1.2"]
SURROUND = ["-f", "lavfi", "-i", "aevalsrc='0.4*sin(880*t)|0|0.3*sin(2000*t)|0|0|0.2*sin(1500*t)':s=48000:d=1.2:c=5.1"]
HIGH = ["-f", "lavfi", "-i", "aevalsrc='0.5*sin(6000*t)':s=352800:d=1.2"]
H264 = ["-c:v", "libx264", "-preset", "veryfast"]
HDR = ["-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-color_trc"]
X265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:pools=1"]
LONG_END = "setts=duration='if(eq(N,7),20000,DURATION)'"

FILMS = {
    "h264_aac.mp4": [*PICTURE, *SOUND, *H264, "-c:a", "aac"],
    "hevc_10_bit.mp4": [*PICTURE, *X265, "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1"],
    "hevc_pq.mp4": [*PICTURE, *X265, "-pix_fmt", "yuv420p10le", *HDR, "smpte2084"],
    "hevc_hlg.mov": [*PICTURE, *X265, "-pix_fmt", "yuv420p10le", *HDR, "arib-std-b67"],
    "av1.mkv": [*PICTURE, "-c:v", "libaom-av1", "-cpu-used", "8"],
    "vp9_opus.webm": [*PICTURE, *SOUND, "-c:v", "libvpx-vp9", "-cpu-used", "8", "-c:a", "libopus"],
    "vp8_vorbis.webm": [*PICTURE, *SOUND, "-c:v", "libvpx", "-c:a", "libvorbis"],
    "mpeg4_mp3.mp4": [*PICTURE, *SOUND, "-c:v", "mpeg4", "-c:a", "libmp3lame"],
    "pcm.mov": [*PICTURE, *SOUND, *H264, "-c:a", "pcm_s16le"],
    "alac.mov": [*PICTURE, *SOUND, *H264, "-c:a", "alac"],
    "flac.mkv": [*PICTURE, *SOUND, *H264, "-c:a", "flac"],
    "fragmented.mp4": [*PICTURE, *SOUND, *H264, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"],
    "ntsc.mp4": [*PICTURE, *H264, "-r", "30000/1001"],
    "uneven.mkv": [*PICTURE, *H264, "-vf", "select='not(mod(n,3))+lt(n,6)'", "-fps_mode", "vfr"],
    "uneven.webm": [*PICTURE, "-c:v", "libvpx", "-vf", "select='not(mod(n,4))+gt(n,20)'", "-fps_mode", "vfr"],
    "gap.mp4": [*PICTURE, *SOUND, *H264, "-vf", "setpts='PTS+gte(N,10)*1.5/TB'", "-fps_mode", "vfr"],
    "held_end.mp4": [*PICTURE, *H264, "-bf", "0", "-frames:v", "8", "-bsf:v", LONG_END],
    "late_sound.mkv": [*PICTURE, "-itsoffset", "0.31", *SOUND, *H264, "-c:a", "pcm_s16le"],
    "late_sound.mp4": [*PICTURE, "-itsoffset", "0.5", *SOUND, *H264, "-c:a", "aac"],
    "early_sound.mkv": ["-itsoffset", "0.4", *PICTURE, *SOUND, *H264, "-c:a", "pcm_s16le"],
    "gap_in_sound.mkv": [*PICTURE, *SOUND, *H264, "-af", "aselect='lt(t,0.3)+gt(t,0.8)'", "-c:a", "pcm_s16le"],
    "interlaced.mp4": [*PICTURE, *H264, "-vf", "tinterlace=interleave_top", "-flags", "+ilme+ildct"],
    "surround.mkv": [*PICTURE, *SURROUND, *H264, "-c:a", "ac3"],
    "high_rate.mkv": [*PICTURE, *HIGH, *H264, "-c:a", "flac", "-sample_fmt", "s32"],
    "odd_size.mkv": [*PICTURE, *H264, "-vf", "scale=97:65", "-pix_fmt", "yuv444p"],
    "starts_late.mp4": [*PICTURE, *SOUND, *H264, "-c:a", "aac", "-output_ts_offset", "3"],
    "starts_early.mkv": [*PICTURE, *SOUND, *H264, "-c:a", "aac", "-output_ts_offset", "-0.5"],
}
COPIES = {
    "sideways.mp4": ["-metadata:s:v:0", "rotate=90"],
    "upside_down.mov": ["-metadata:s:v:0", "rotate=180"],
    "cut.mp4": [],
}


def ffmpeg(*arguments):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments]
    return subprocess.run(command, capture_output=True, check=True, timeout=300).stdout


def ffprobe(path, kind, *fields):
    """The values of the chosen kind of frame, as ffprobe shows them."""
    told = subprocess.run(
        [*["ffprobe", "-v", "error", "-of", "json", "-select_streams", kind], "-show_entries", *fields, str(path)],
        capture_output=True,
        check=True,
    )
    return json.loads(told.stdout)


def times(path, kind):
    """When each frame begins, in seconds, and when the last one ends."""
    frames = ffprobe(path, kind, "frame=pts_time,pkt_duration_time")["frames"]
    begins = [Fraction(frame["pts_time"]) for frame in frames]
    return begins, begins[-1] + Fraction(frames[-1].get("pkt_duration_time", 0))


def chosen(path):
    """The number of the largest picture, which is the one players show."""
    streams = ffprobe(path, "v", "stream=index,width,height")["streams"]
    return max(streams, key=lambda stream: stream["width"] * stream["height"])["index"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("films")


def film(folder, name):
    """The film of this name, made once."""
    path = folder / name
    if path.exists():
        return path
    if name in FILMS:
        ffmpeg(*FILMS[name], str(path))
    else:
        seek = ["-ss", "0.5"] if name == "cut.mp4" else []
        ffmpeg(*seek, "-i", str(film(folder, "h264_aac.mp4")), "-c", "copy", *COPIES[name], str(path))
    return path


def coarse(frames_THWC):
    """Brightness of 4x4 pixels, and the colour of the whole: builds differ in where two pixels' one colour sits."""
    num, height, width, _ = frames_THWC.shape
    light = frames_THWC[:, : height // 4 * 4, : width // 4 * 4] @ np.array([0.299, 0.587, 0.114])
    return light.reshape(num, height // 4, 4, width // 4, 4).mean(axis=(2, 4)), frames_THWC.mean(axis=(1, 2))


def check_picture(path, clip):
    """Every frame of the grid is the newest of ffmpeg's frames that has begun."""
    stream = chosen(path)
    begins, _ = times(path, str(stream))
    size = (clip.height, clip.width, 3)
    as_rgb = ["-sws_flags", "bicubic+accurate_rnd+full_chroma_int", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    # ffmpeg takes the old matrix for every film that does not name one; players take the new one for large films.
    matrix = ["-vf", "scale=in_color_matrix=bt709"] if clip.height >= 720 else []
    raw = ffmpeg("-i", str(path), "-map", f"0:{stream}", "-fps_mode", "passthrough", *matrix, *as_rgb)
    theirs = np.frombuffer(raw, np.uint8).reshape(-1, *size)
    assert len(theirs) == len(begins)
    places = [round((begin - begins[0]) * clip.fps) for begin in begins]
    assert clip.num_frames > places[-1]
    at = 0
    for block in clip.frames():
        shown = [max(i for i, place in enumerate(places) if place <= at + k) for k in range(len(block))]
        (light, colour), (their_light, their_colour) = coarse(block), coarse(theirs[shown])
        assert np.abs(colour - their_colour).max() < 3
        error = np.abs(light - their_light).mean(axis=(1, 2))
        assert error.max() < 2, f"frame {at + int(error.argmax())} differs by {error.max():.1f} steps"
        at += len(block)
    assert at == clip.num_frames


def check_sound(path, clip):
    """The sound is ffmpeg's, moved by what lies between the first instants of sound and picture."""
    rates = [int(stream["sample_rate"]) for stream in ffprobe(path, "a", "stream=sample_rate")["streams"]]
    sound = f"a:{rates.index(clip.sample_rate_hz) if clip.sample_rate_hz in rates else 0}"
    heard_from = times(path, sound)[0][0] - times(path, str(chosen(path)))[0][0]
    rate = str(clip.sample_rate_hz)
    layout = ["-ac", str(len(clip.sound)), "-ar", rate, "-af", "aresample=async=1:min_hard_comp=0.1"]
    raw = ffmpeg("-i", str(path), "-map", f"0:{sound}", *layout, "-f", "f32le", "-")
    theirs = np.frombuffer(raw, "<f4").reshape(-1, len(clip.sound)).T
    skip = round(heard_from * clip.sample_rate_hz)
    expected = np.zeros_like(clip.sound)
    theirs = theirs[:, max(0, -skip) :][:, : max(0, expected.shape[1] - max(0, skip))]
    expected[:, max(0, skip) :][:, : theirs.shape[1]] = theirs
    assert clip.sound.shape == (len(clip.sound), round(clip.duration_s * clip.sample_rate_hz))
    assert np.abs(expected).max() > 0.05
    # Edges apart, where filters ring, no sample may be out of place.
    wrong = np.abs(clip.sound - np.clip(expected, -1, 1)) > 0.02
    assert wrong.mean() < 0.01, f"{wrong.mean():.3f} of the samples differ"


@pytest.mark.parametrize("name", [*FILMS, *COPIES])
def test_a_film_is_what_ffmpeg_says_it_is(folder, name):
    path = film(folder, name)
    clip = read_clip(path)
    has_sound = bool(ffprobe(path, "a", "stream=index")["streams"])
    assert (clip.sound is not None) == has_sound
    check_picture(path, clip)
    if has_sound:
        check_sound(path, clip)


@pytest.mark.parametrize(
    "name", ["h264_aac.mp4", "ntsc.mp4", "vp9_opus.webm", "av1.mkv", "hevc_10_bit.mp4", "odd_size.mkv"]
)
def test_an_even_film_has_its_own_rate_and_every_frame_once(folder, name):
    path = film(folder, name)
    stream = ffprobe(path, "v:0", "stream=r_frame_rate,width,height,codec_name")["streams"][0]
    facts = probe(path)
    assert (facts.width, facts.height, facts.picture_codec) == (stream["width"], stream["height"], stream["codec_name"])
    assert facts.fps == Fraction(stream["r_frame_rate"])
    assert facts.num_frames == len(times(path, "v:0")[0])


def test_sound_alone_is_no_film(folder):
    for name in ("a.m4a", "a.mka", "a.mp3", "a.wav", "a.ogg"):
        ffmpeg(*SOUND, *(["-c:a", "libvorbis"] if name == "a.ogg" else []), str(folder / name))
        with pytest.raises(MediaError, match="holds no picture; give a video or an image"):
            probe(folder / name)


def test_a_record_with_a_cover_is_no_film(folder):
    cover = ["-f", "lavfi", "-i", "color=red:size=64x64:rate=1:duration=1", "-c:v", "png"]
    ffmpeg(*SOUND, *cover, "-map", "0", "-map", "1", "-disposition:v:0", "attached_pic", str(folder / "cover.m4a"))
    with pytest.raises(MediaError, match="holds no picture"):
        read_clip(folder / "cover.m4a")


@pytest.mark.parametrize(
    "path", sorted(Path(os.environ.get("KINORA_FOOTAGE", os.devnull)).glob("*.m[pko][4kv]")), ids=str
)
def test_footage_is_what_ffmpeg_says_it_is(path):
    clip = read_clip(path)
    check_picture(path, clip)
    if clip.sound is not None:
        check_sound(path, clip)
