"""The only door for generated video files: mastered, encoded, signed, and visible only when all three are done."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from kinora.media.clip import Clip, fit_sound
from kinora.media.encode import STANDARD, Quality, check_even, write_mp4
from kinora.media.files import flush
from kinora.media.sound import master
from kinora.provenance.credentials import Record, read, sign
from kinora.provenance.signer import find_signer

__all__ = ["Quality", "Record", "release"]


def release(clip: Clip, path: Path, record: Record, *, source: Path | None = None, quality: Quality = STANDARD) -> Path:
    """Write `clip` to `path` (MP4) at -16 LUFS, signed as made by a model, or given `source` as that file changed.

    Nothing appears at `path`, and nothing is left beside it, on any failure or on Ctrl-C. Returns `path`.
    Raises ValueError, before anything is encoded, for a wrong name, an odd size or an unusable signer.
    """
    if path.suffix.lower() != ".mp4":
        raise ValueError(f"{path.name} must end in .mp4")
    if not path.parent.is_dir():
        raise ValueError(f"folder {path.parent} does not exist; make it first")
    check_even(clip.height, clip.width)
    signer = find_signer()
    if clip.sound is not None:
        # Cut to the picture first: loudness is that of what is heard.
        clip = replace(clip, sound=master(fit_sound(clip.sound, clip.num_samples), clip.sample_rate_hz))
    with TemporaryDirectory(dir=path.parent, prefix=".kinora-") as folder:
        unsigned, signed = Path(folder, "unsigned.mp4"), Path(folder, "signed.mp4")
        write_mp4(clip, unsigned, quality=quality)
        sign(unsigned, signed, record, source=source, signer=signer)
        report = read(signed)
        if report.state not in ("valid", "trusted") or report.record is None:
            raise ValueError(f"the signed file does not verify ({', '.join(report.problems)}); check the signer")
        signed.replace(path)
        flush(path.parent)
    return path
