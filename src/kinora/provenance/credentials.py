"""Content Credentials (C2PA): what a file says about how it was made, signed, and read back."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import c2pa

from kinora.media.files import whole_file
from kinora.provenance.signer import Signer, find_signer
from kinora.provenance.version import VERSION

GENERATION = "org.kinora.generation"
"""The label of our own assertion."""

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MADE_BY_MODEL = SOURCE_TYPES + "trainedAlgorithmicMedia"
CHANGED_BY_MODEL = SOURCE_TYPES + "compositeWithTrainedAlgorithmicMedia"

SPEC_VERSION = "2.4.0"

PURPOSES = ("1.3.6.1.4.1.62558.2.1", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36")
"""Key purposes a trusted certificate may have: claim signing, e-mail protection, document signing."""

State = Literal["none", "invalid", "valid", "trusted"]


@dataclass(frozen=True, kw_only=True)
class Record:
    """How a video was made. The prompt itself never leaves: only its SHA-256, which its owner can compare."""

    prompt_sha256: str
    model: str
    model_version: str
    seed: int

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9a-f]{64}", self.prompt_sha256):
            raise ValueError("prompt_sha256 must be 64 hexadecimal digits; use prompt_sha256(prompt)")
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"seed must lie between 0 and 2**63 - 1; it is {self.seed}")


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a file's credentials say, and whether to believe it; fields stay empty where they are missing or broken.

    `state`: "none"; "invalid" (the file or its credentials were changed); "valid" (unchanged, signer unknown);
    "trusted" (unchanged, signer known). `problems` are the C2PA's failure codes.
    """

    state: State
    ai_made: bool = False
    generator: str = ""
    signer: str = ""
    record: Record | None = None
    problems: tuple[str, ...] = ()


def prompt_sha256(prompt: str) -> str:
    """SHA-256 of the prompt, in hexadecimal. Short prompts can be found again by trying, so it is no secret."""
    return hashlib.sha256(prompt.encode()).hexdigest()


def sign(src: Path, dst: Path, record: Record, *, sources: Sequence[Path] = (), signer: Signer | None = None) -> None:
    """Write `src` (MP4) to `dst` with credentials that say a model made it, or, given `sources`, changed the first of
    them and placed the others in it.

    Signing comes last: any later change, even a change of container, breaks or strips the credentials. `dst` appears
    whole or not at all. Raises ValueError where the signer is refused, OSError where `dst` can't be written.
    """
    chosen = signer or find_signer()
    # A source of a kind that credentials cannot point at (WebM) is still named in the source type.
    typed = [(source, kind) for source in sources for kind in [_media_type(source)] if kind]
    try:
        native = c2pa.Signer.from_info(
            c2pa.C2paSignerInfo(chosen.algorithm.encode(), chosen.chain_pem, chosen.key_pem, None)
        )
        builder = c2pa.Builder.from_json(json.dumps(_manifest(record, bool(sources), len(typed))), _context())
        for number, (source, kind) in enumerate(typed):
            relation = "componentOf" if number else "parentOf"
            ingredient = {"relationship": relation, "instance_id": _named(number), "label": _named(number)}
            with source.open("rb") as original:
                builder.add_ingredient(json.dumps(ingredient), kind, original)
        with whole_file(dst) as temporary, src.open("rb") as unsigned, temporary.open("wb+") as signed:
            builder.sign(native, "video/mp4", unsigned, signed)
    except c2pa.C2paError as error:
        if refused := re.search(r"\(os error (\d+)\)", str(error)):
            number = int(refused[1])
            raise OSError(number, os.strerror(number), str(dst)) from None
        raise ValueError(
            f"the file could not be signed ({_plain(str(error))}); check the certificates in KINORA_SIGNER_CERTS"
        ) from None


def read(path: Path) -> Report:
    """Read the credentials of a video or picture. Anything that is not a readable manifest is "none" or "invalid"."""
    media_type = _media_type(path)
    if media_type is None:
        return Report(state="none")
    try:
        with path.open("rb") as file, c2pa.Reader(media_type, file, context=_context()) as reader:
            state = reader.get_validation_state()
            store = json.loads(reader.json())
    except (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported):
        return Report(state="none")
    except c2pa.C2paError as error:
        return Report(state="invalid", problems=(_plain(str(error)),))
    try:
        return _report(str(state), store)
    except (AttributeError, KeyError, TypeError):
        return Report(state="invalid", problems=("the manifest is not of the expected shape",))


def _report(state: str, store: dict[str, Any]) -> Report:
    """A report from the reader's JSON. Raises AttributeError, KeyError or TypeError where it has another shape."""
    states: dict[str, State] = {"Valid": "valid", "Trusted": "trusted"}
    problems = tuple(_plain(item.get("code", "")) for item in store.get("validation_status") or [])
    active = store.get("manifests", {}).get(store.get("active_manifest"), {})
    assertions = {item["label"]: item.get("data") for item in active.get("assertions", [])}
    generators = [
        f"{item.get('name', '')} {item.get('version', '')}" for item in active.get("claim_generator_info", [])
    ]
    signature = active.get("signature_info", {})
    return Report(
        state=states.get(state, "invalid"),
        ai_made=any(kind in (MADE_BY_MODEL, CHANGED_BY_MODEL) for kind in _source_types(assertions)),
        generator=_plain(", ".join(generators)),
        signer=_plain(f"{signature.get('common_name', '')} ({signature.get('issuer', '')})") if signature else "",
        record=_record(assertions.get(GENERATION)),
        problems=problems,
    )


def _source_types(assertions: Mapping[str, Any]) -> Iterator[str]:
    """The digital source types of all actions in a manifest."""
    for label, data in assertions.items():
        if label.startswith("c2pa.actions") and isinstance(data, dict):
            for action in data.get("actions", []):
                yield str(action.get("digitalSourceType", ""))


def _record(data: Any) -> Record | None:  # noqa: ANN401
    """Our own assertion, or None where it is missing or not what we write."""
    try:
        return Record(
            prompt_sha256=str(data["prompt_sha256"]),
            model=_plain(data["model"]),
            model_version=_plain(data["model_version"]),
            seed=int(data["seed"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _named(number: int) -> str:
    """The name of an ingredient in the claim."""
    return f"source {number + 1}" if number else "source"


def _manifest(record: Record, changed: bool, num_sources: int) -> dict[str, Any]:
    """The claim: version 2, whose first assertion says what was done and begins with how the file came to be."""
    agent = {"name": "Kinora", "version": VERSION}
    change = {"softwareAgent": agent, "digitalSourceType": CHANGED_BY_MODEL if changed else MADE_BY_MODEL}
    taken = [
        {"action": "c2pa.placed" if number else "c2pa.opened", "parameters": {"ingredientIds": [_named(number)]}}
        for number in range(num_sources)
    ]
    actions = [*taken, {"action": "c2pa.edited" if taken else "c2pa.created", **change}]
    return {
        "claim_version": 2,
        "claim_generator_info": [{**agent, "specVersion": SPEC_VERSION}],
        "format": "video/mp4",
        "assertions": [
            {"label": "c2pa.actions.v2", "created": True, "data": {"actions": actions, "allActionsIncluded": True}},
            {"label": GENERATION, "created": True, "data": asdict(record)},
        ],
    }


def _context() -> c2pa.Context:
    """Validation without the network; KINORA_TRUST_ANCHORS may name a PEM file of roots that count as known."""
    settings: dict[str, Any] = {"verify": {"verify_trust": True, "remote_manifest_fetch": False}}
    if anchors := os.environ.get("KINORA_TRUST_ANCHORS"):
        try:
            pem = Path(anchors).read_text()
        except OSError:
            raise ValueError(f"KINORA_TRUST_ANCHORS names {anchors}, which cannot be read") from None
        settings["trust"] = {"trust_anchors": pem, "trust_config": "\n".join([*PURPOSES, ""])}
    return c2pa.Context.from_dict(settings)


def _media_type(path: Path) -> str | None:
    """The media type by the file's first bytes, where credentials can live in it."""
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if (head[:4], head[8:]) == (b"RIFF", b"WEBP"):
        return "image/webp"
    return {b"\x89PN": "image/png", b"\xff\xd8\xff": "image/jpeg"}.get(head[:3])


def _plain(text: str) -> str:
    """At most 200 printable characters, so that a manifest cannot write to a terminal."""
    return "".join(letter for letter in str(text)[:200] if letter.isprintable()).strip()
