"""Every engine by its name: what it is, what it can do, and where its weights are published. Data, without torch.

Where figures are from, all read in November 2026. Revisions: public code that pins these repositories, each found in
two projects or more. Parameters: counted from the classes of diffusers 0.42.1 and transformers 5.23 with the published
configurations. Steps, guidance, frames, sizes: defaults and examples of diffusers 0.42.1 and of the authors' READMEs.
Bytes alive: see `Network`. Downloads: said at each; None is not known, and `kinora engines pull` says it beforehand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kinora.engines.abilities import Ability
from kinora.request import Canvas

NATIVE = "storybook"

Family = Literal["storybook", "wan", "wan-image", "wan-vace", "ltx2"]


@dataclass(frozen=True, kw_only=True)
class Network:
    """What the memory beside the weights is reckoned from. A token covers `pixels` x `pixels` x `frames`; `width` and
    `depth` are those of the transformer, blocks beside the trunk counted as well.

    `token_bytes` are alive for each token at the widest moment of one evaluation, `pixel_bytes` for each pixel of
    a picture while the autoencoder decodes a piece of a film. Both are counted, operation by operation, on tensors
    without contents; what a graphics card's own libraries take beside is in `hub.memory.MARGIN`, and not measured.
    """

    width: int
    depth: int
    pixels: int
    frames: int
    token_bytes: int
    pixel_bytes: int


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An engine as it is published. `window_frames` are drawn at once; longer shots are windows that overlap.

    `parts` counts the parameters of each component. None is not known.
    """

    name: str
    family: Family
    title: str
    licence: str
    can: frozenset[Ability]
    canvas: Canvas
    window_frames: int
    steps: int
    guidance: float
    repository: str = ""
    revision: str = ""
    download_bytes: int | None = None
    parts: Mapping[str, int] = field(default_factory=dict)
    network: Network | None = None
    terms: Sequence[str] = ()
    """What has to be accepted before it is used, a line each; none where the licence is free."""

    @property
    def parameters(self) -> int | None:
        """All of its parameters; None where they are not known."""
        return sum(self.parts.values()) or None


GIVEN_FRAMES: frozenset[Ability] = frozenset(
    {"text", "first frame", "last frame", "both ends", "keyframes", "prefix", "suffix", "range"}
)

# Umt5 writes to every Wan; the picture encoder is OpenCLIP's ViT-H.
UMT5 = {"text_encoder": 5_680_910_336}
CLIP = {"image_encoder": 630_766_080}
WAN_VAE = {"vae": 126_892_531}

# 480 x 832 is the authors' own; the others have about as many pixels, on the grid of tokens.
WAN_SMALL_SIZES = ((480, 832), (624, 624), (544, 720), (416, 960))
WAN_SMALL = Canvas(fps=16, block_frames=1, grid=16, shortest=256, longest=832, sizes=WAN_SMALL_SIZES)
# 720 x 1280 too is one of its authors' sizes, but takes several times as long: only for who asks for it.
WAN_WIDE = Canvas(fps=16, block_frames=1, grid=16, shortest=256, longest=1280, sizes=WAN_SMALL_SIZES)
WAN_LARGE = Canvas(
    fps=16,
    block_frames=1,
    grid=16,
    shortest=256,
    longest=1280,
    sizes=((720, 1280), (960, 960), (832, 1104), (624, 1456)),
)
WAN22 = Canvas(
    fps=24,
    block_frames=1,
    grid=32,
    shortest=256,
    longest=1280,
    sizes=((704, 1280), (960, 960), (800, 1056), (608, 1440)),
)
# 512 x 768 is the default of its pipeline; 576 x 1024 is exactly 16:9.
LTX2 = Canvas(
    fps=24,
    block_frames=1,
    grid=32,
    shortest=256,
    longest=1280,
    sizes=((576, 1024), (512, 768), (768, 768), (576, 768), (512, 1184)),
)

LTX2_TERMS = (
    "LTX-2 Community License Agreement, by Lightricks: https://github.com/Lightricks/LTX-2/blob/main/LICENSE",
    "This is a summary; the agreement counts. Without a licence of another kind from Lightricks:",
    "- whoever earns $10 million a year or more has to pay for a commercial licence;",
    "- not for a product that directly competes with Lightricks' commercial products;",
    "- commercially, not to train other models;",
    "- a model trained on what it makes counts as derived from it, and the agreement holds for that model too;",
    "- what it puts in to show where a film is from (provenance, watermark) may not be switched off.",
    "Its text encoder is Google's Gemma 3, for which the Gemma Terms of Use hold: https://ai.google.dev/gemma/terms",
)


def _wan_network(width: int, depth: int, token_bytes: int) -> Network:
    return Network(width=width, depth=depth, pixels=16, frames=4, token_bytes=token_bytes, pixel_bytes=20_500)


CATALOG: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            name=NATIVE,
            family="storybook",
            title="Kinora's own drawn world, with sound; in the package",
            licence="Apache-2.0",
            can=GIVEN_FRAMES | {"sound", "given sound", "soundtrack"},
            canvas=Canvas(),
            window_frames=48,
            steps=6,
            guidance=2.0,
            download_bytes=0,
        ),
        Entry(
            name="wan2.1-1.3b",
            family="wan",
            title="Wan 2.1, text to video, small",
            licence="Apache-2.0",
            can=frozenset({"text"}),
            canvas=WAN_SMALL,
            window_frames=81,
            steps=50,
            guidance=5.0,
            repository="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
            revision="0fad780a534b6463e45facd96134c9f345acfa5b",
            download_bytes=28_928_887_859,  # a public manifest of the 19 files at this revision; float32
            parts={"transformer": 1_418_996_800, **UMT5, **WAN_VAE},
            network=_wan_network(1536, 30, 49_500),
        ),
        Entry(
            name="vace-1.3b",
            family="wan-vace",
            title="Wan 2.1 VACE, any frames given, references, small",
            licence="Apache-2.0",
            can=GIVEN_FRAMES | {"references"},
            canvas=WAN_SMALL,
            window_frames=81,
            steps=30,
            guidance=5.0,
            repository="Wan-AI/Wan2.1-VACE-1.3B-diffusers",
            revision="ec4d2cb062b548996b179d493fdd05340de702a1",
            download_bytes=19_040_000_000,  # a public catalogue: 19.04 GB at this revision
            parts={"transformer": 2_153_972_032, **UMT5, **WAN_VAE},
            network=_wan_network(1536, 45, 98_700),
        ),
        Entry(
            name="vace-14b",
            family="wan-vace",
            title="Wan 2.1 VACE, any frames given, references, large",
            licence="Apache-2.0",
            can=GIVEN_FRAMES | {"references"},
            canvas=WAN_WIDE,
            window_frames=81,
            steps=30,
            guidance=5.0,
            repository="Wan-AI/Wan2.1-VACE-14B-diffusers",
            revision="db79b90c60bbb45ceec9e41b9d5a4df934538ac4",
            parts={"transformer": 17_337_592_896, **UMT5, **WAN_VAE},
            network=_wan_network(5120, 48, 207_000),
        ),
        Entry(
            name="flf2v-14b",
            family="wan-image",
            title="Wan 2.1, first and last frame to video, large",
            licence="Apache-2.0",
            can=frozenset({"both ends"}),
            canvas=WAN_LARGE,
            window_frames=81,
            steps=50,
            guidance=5.5,
            repository="Wan-AI/Wan2.1-FLF2V-14B-720P-diffusers",
            revision="17c30769b1e0b5dcaa1799b117bf20a9c31f59d7",
            parts={"transformer": 16_395_536_704, **UMT5, **CLIP, **WAN_VAE},
            network=_wan_network(5120, 40, 115_600),
        ),
        Entry(
            name="wan2.2-5b",
            family="wan-image",
            title="Wan 2.2, text and first frame to video",
            licence="Apache-2.0",
            can=frozenset({"text", "first frame"}),
            canvas=WAN22,
            window_frames=121,
            steps=50,
            guidance=5.0,
            repository="Wan-AI/Wan2.2-TI2V-5B-Diffusers",
            revision="b8fff7315c768468a5333511427288870b2e9635",
            download_bytes=34_200_000_000,  # the hub's page (text encoder 11.4 GB) and two public notes: 20 and 2.8 GB
            parts={"transformer": 4_999_787_712, **UMT5, "vae": 704_688_668},
            network=Network(width=3072, depth=30, pixels=32, frames=4, token_bytes=200_500, pixel_bytes=23_000),
        ),
        Entry(
            name="ltx2",
            family="ltx2",
            title="LTX-2, picture and sound together",
            licence="LTX-2 Community",
            can=frozenset({"text", "first frame", "last frame", "both ends", "keyframes", "sound"}),
            canvas=LTX2,
            window_frames=121,
            steps=30,
            guidance=3.0,
            repository="Lightricks/LTX-2",
            revision="47da56e2ad66ce4125a9922b4a8826bf407f9d0a",
            parts={
                "transformer": 18_876_174_592,
                "text_encoder": 12_202_563_392,
                "connectors": 1_431_475_200,
                "vae": 1_222_479_601,
                "audio_vae": 53_248_146,
                "vocoder": 55_592_802,
            },
            network=Network(width=4096, depth=48, pixels=32, frames=8, token_bytes=736_000, pixel_bytes=10_700),
            terms=LTX2_TERMS,
        ),
    )
}


def entry_of(name: str) -> Entry:
    """Return an engine by its name. Raises ValueError with the names there are."""
    if name not in CATALOG:
        raise ValueError(f"there is no engine {name}: choose from {', '.join(CATALOG)}")
    return CATALOG[name]
