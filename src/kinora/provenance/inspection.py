"""What a video file holds and what its credentials say, in plain lines."""

from pathlib import Path

from kinora.media.decode import Facts, probe
from kinora.provenance.credentials import Report, read

STATES = {
    "none": "no credentials",
    "invalid": "INVALID: the file or its credentials were changed after signing",
    "valid": "valid, untrusted: unchanged since signing, by a signer nobody vouches for",
    "trusted": "trusted: unchanged since signing, by a known signer",
}


def inspect(path: Path) -> str:
    """The lines that describe `path`. Raises ValueError, with the remedy, where it cannot be opened."""
    facts = _media(probe(path)) + _credentials(read(path))
    return "\n".join(f"{name}:".ljust(13) + value for name, value in facts)


def _media(facts: Facts) -> list[tuple[str, str]]:
    """Name and value of each fact about the media."""
    seconds = float(facts.duration_s)
    sound = f"{facts.sound_codec}, {facts.sample_rate_hz} Hz, {facts.num_channels} channel(s)"
    lines = [
        ("picture", f"{facts.picture_codec}, {facts.width}x{facts.height}"),
        ("time", f"{facts.num_frames} frames at {float(facts.fps):g} fps, {seconds:.3f} s"),
        ("sound", sound if facts.num_channels else "none"),
        ("container", facts.container),
    ]
    return [*lines, ("comment", facts.comment)] if facts.comment else lines


def _credentials(report: Report) -> list[tuple[str, str]]:
    """Name and value of each fact about the credentials."""
    lines = [("credentials", STATES[report.state])]
    if report.state == "none":
        return lines
    lines.append(("AI-made", "yes" if report.ai_made else "not stated"))
    lines += [(name, value) for name, value in (("made with", report.generator), ("signed by", report.signer)) if value]
    if record := report.record:
        lines += [
            ("model", record.model),
            ("version", record.model_version),
            ("prompt hash", record.prompt_sha256),
            ("seed", str(record.seed)),
        ]
    # That the signer is unknown has been said in words.
    return lines + [("problem", problem) for problem in report.problems if problem != "signingCredential.untrusted"]
