"""The only door for generated video files: mastered, encoded, signed, and visible only when all three are done."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from kinora.media.clip import Clip, fit_sound
from kinora.media.encode import FAITHFUL, STANDARD, Quality, check_even, not_copyable, write_mp4
from kinora.media.files import flush
from kinora.media.packets import Copied
from kinora.media.sound import limit, master
from kinora.provenance.credentials import Record, read, sign
from kinora.provenance.signer import find_signer

__all__ = ["FAITHFUL", "STANDARD", "Quality", "Record", "not_copyable", "release"]


def release(
    clip: Clip,
    path: Path,
    record: Record,
    *,
    sources: Sequence[Path] = (),
    quality: Quality = STANDARD,
    copied: Copied | None = None,
) -> Path:
    """Write `clip` to `path` (MP4) at -16 LUFS, signed as made by a model, or given `sources` as those changed.

    Where `copied` says what of a film is there already, be it nothing (`write_mp4` joins them), sound keeps its
    neighbours' level: only its peaks are kept under -1 dBTP. Under a copied picture it may all be new.
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
        level = master if copied is None or (copied.picture and not copied.new) else limit
        clip = replace(clip, sound=level(fit_sound(clip.sound, clip.num_samples), clip.sample_rate_hz))
    with TemporaryDirectory(dir=path.parent, prefix=".kinora-") as folder:
        unsigned, signed = Path(folder, "unsigned.mp4"), Path(folder, "signed.mp4")
        write_mp4(clip, unsigned, quality=quality, copied=copied or Copied())
        sign(unsigned, signed, record, sources=sources, signer=signer)
        report = read(signed)
        if report.state not in ("valid", "trusted") or report.record is None:
            raise ValueError(f"the signed file does not verify ({', '.join(report.problems)}); check the signer")
        signed.replace(path)
        flush(path.parent)
    return path
