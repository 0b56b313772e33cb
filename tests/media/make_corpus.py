"""Make the files in `corpus/` that mutations begin from: `python tests/media/make_corpus.py`. Needs ffmpeg.

The files are kept, because every build of ffmpeg would make others, and with them other mutations.
"""

import subprocess
from pathlib import Path

from PIL import Image, PngImagePlugin

CORPUS = Path(__file__).with_name("corpus")
PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=12:duration=0.5"]
SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=8000:duration=0.5"]
H264 = ["-c:v", "libx264", "-bf", "1"]
HEVC = [
    "-c:v",
    "libx265",
    "-preset",
    "ultrafast",
    "-x265-params",
    "log-level=none:pools=1",
    "-pix_fmt",
    "yuv420p10le",
    "-tag:v",
    "hvc1",
]
FRAGMENTS = ["-movflags", "frag_keyframe+empty_moov"]
FILMS = {
    "h264_aac.mp4": [*PICTURE, *SOUND, *H264, "-c:a", "aac", "-metadata", "comment=a film"],
    "fragments.mp4": [*PICTURE, *SOUND, *H264, "-c:a", "aac", *FRAGMENTS],
    "hevc_10_bit.mp4": [*PICTURE, *HEVC],
    "pcm.mov": [*PICTURE, *SOUND, "-c:v", "mpeg4", "-c:a", "pcm_s16le"],
    "av1_flac.mkv": [*PICTURE, *SOUND, "-c:v", "libaom-av1", "-cpu-used", "8", "-c:a", "flac"],
    "h264_ac3.mkv": [*PICTURE, "-itsoffset", "0.1", *SOUND, *H264, "-c:a", "ac3", "-ar", "48000"],
    "vp9_opus.webm": [*PICTURE, *SOUND, "-c:v", "libvpx-vp9", "-c:a", "libopus", "-b:a", "16k"],
    "vp8_vorbis.webm": [*PICTURE, *SOUND, "-c:v", "libvpx", "-c:a", "libvorbis", "-ar", "16000"],
}


def main() -> None:
    """Write the corpus."""
    CORPUS.mkdir(exist_ok=True)
    for name, arguments in FILMS.items():
        exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
        subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments, *exact, str(CORPUS / name)], check=True)
    drawn = Image.radial_gradient("L").resize((40, 30))
    colour = Image.merge("RGB", (drawn, drawn.rotate(90), drawn.rotate(180)))
    exif = Image.Exif()
    exif[0x0112] = 6
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "a picture " * 20, zip=True)
    colour.save(CORPUS / "rgb.png", pnginfo=text)
    colour.quantize(16).save(CORPUS / "palette.png", transparency=3, exif=exif)
    drawn.convert("I").point(lambda grey: grey * 256).convert("I;16").save(CORPUS / "grey_16_bit.png")
    colour.save(CORPUS / "turned.jpg", exif=exif)
    colour.convert("CMYK").save(CORPUS / "cmyk.jpg", progressive=True)
    layered = Image.merge("RGBA", (*colour.split(), drawn))
    layered.save(CORPUS / "alpha.webp", exif=exif)
    layered.save(CORPUS / "moving.webp", save_all=True, append_images=[layered.rotate(90)], lossless=True)


if __name__ == "__main__":
    main()
