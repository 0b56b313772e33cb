"""Inside the disposable process: pictures. Loading this module loads all that Pillow may need later."""

from typing import Any, BinaryIO

# Pillow loads these when it meets a picture that needs them, which the walls would not let it do.
from PIL import Image, ImageOps, ImagePalette, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin

from kinora.media.decode_messages import check_budget, send, send_facts

Image.preinit()
# Our own budget is lower and is checked first; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None
STILLS = ("PNG", "JPEG", "WEBP")
NEEDED_LATER = (ImagePalette, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin)


def answer_still(file: BinaryIO, request: dict[str, Any]) -> None:
    """Answer for a picture (the first, where it moves): one frame at one frame a second, upright, on white."""
    with Image.open(file, formats=STILLS) as opened:
        # From the header alone, before anything is decoded.
        check_budget(opened.width, opened.height, 1, request)
        name = (opened.format or "").lower()
        picture = to_rgb(ImageOps.exif_transpose(opened))
    facts = {"container": name, "picture_codec": name, "width": picture.width, "height": picture.height}
    send_facts({**facts, "fps": [1, 1], "num_frames": 1})
    if request["want"] == "frames":
        send(b"F", picture.tobytes())


def to_rgb(picture: Image.Image) -> Image.Image:
    """Eight bits of red, green and blue; transparency lies on white. Colour profiles are not applied."""
    if picture.mode.startswith("I;16"):
        # Pillow would clip sixteen bits of grey instead of scaling them; the upper eight are what it takes of RGB.
        picture = Image.frombytes("L", picture.size, picture.tobytes()[1::2])
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
